import { Type } from '@sinclair/typebox';
import type { Static, TProperties, TSchema } from '@sinclair/typebox';

/** What goes over the wire. Names are those of the code; times are RFC 3339 in UTC, durations ms. */
export const strict = <T extends TProperties>(properties: T, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description === undefined ? {} : { description }) });

export const oneOf = <const T extends string>(values: readonly T[], description?: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...(description === undefined ? {} : { description }) });

const Time = (description: string) => Type.String({ format: 'date-time', description });
const Id = (description: string) => Type.String({ minLength: 1, maxLength: 300, description });
const Value = Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'], maxLength: 1_000 });
export const FlowId = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$', description: 'Flow id.' });

export const taskStateNames = ['scheduled', 'queued', 'dialing', 'in_call', 'retry_wait', 'done', 'blocked', 'cancelled', 'expired', 'unknown'] as const;
export const dispositionNames = [
  'answered_human', 'answered_machine', 'answered_screening', 'busy', 'no_answer', 'rejected',
  'invalid_number', 'unreachable', 'congestion', 'failed', 'cancelled', 'unknown',
] as const;

export const ErrorBody = strict({
  error: strict({
    code: Type.String({ description: 'Never changes its meaning; docs/errors.md lists all.' }),
    message: Type.String(),
    field: Type.Optional(Type.String({ description: 'Path of the input that is wrong.' })),
    docs: Type.String({ description: 'Where the error is explained.' }),
  }),
});

const named = <T extends TSchema>(value: T, maxProperties: number, description?: string) =>
  Type.Unsafe<Record<string, Static<T>>>({ ...(description === undefined ? {} : { description }), type: 'object', maxProperties, propertyNames: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$' }, additionalProperties: value });

const Spans = Type.Optional(Type.Array(strict({ from: Type.String({ maxLength: 5, description: '`HH:MM`.' }), to: Type.String({ maxLength: 5, description: '`HH:MM`, not itself inside; `24:00` is the end of the day.' }) }), { maxItems: 12 }));
export const Hours = strict({ mon: Spans, tue: Spans, wed: Spans, thu: Spans, fri: Spans, sat: Spans, sun: Spans }, 'Hours of the week in which calls may be made; a day that is absent has none.');

const DELAY_LIMIT_MS = 30 * 86_400_000;
const Delays = Type.Array(Type.Integer({ minimum: 0, maximum: DELAY_LIMIT_MS }), { minItems: 1, maxItems: 20, description: 'Ms before the second dial, the third, ...; the last is used again.' });
export const Retry = strict(
  {
    maxAttempts: Type.Integer({ minimum: 1, maximum: 20, description: 'Dials of one task in all.' }),
    delays: strict(Object.fromEntries(dispositionNames.map((name) => [name, Type.Optional(Delays)])), 'By disposition; one that is absent ends the task.'),
    varyDayPart: Type.Boolean({ default: true, description: 'Try other parts of the day first: morning, afternoon, evening.' }),
  },
  'When a task is dialled again.',
);

export const NewTaskBody = strict({
  to: Type.String({ minLength: 1, maxLength: 256, description: 'Phone number in E.164 (`+14155550100`) or `sip:` URI.' }),
  from: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+_.-]{1,64}$', description: 'Caller shown to the callee; default is `sip.caller`.' })),
  flow: FlowId,
  flowVersion: Type.Optional(Type.Integer({ minimum: 1, description: 'Default: the newest.' })),
  priority: Type.Integer({ minimum: 0, maximum: 100, default: 50, description: 'Higher goes first.' }),
  variables: Type.Optional(named(Value, 100, 'Variables of the flow.')),
  notBefore: Type.Optional(Time('Not dialled before; default now.')),
  expiresAt: Type.Optional(Time('Not dialled after.')),
  metadata: Type.Optional(named(Type.String({ maxLength: 1_000 }), 50, 'Given back with the task, otherwise not looked at.')),
  contactId: Type.Optional(Type.String({ pattern: '^con_[0-9A-HJKMNP-TV-Z]{26}$', description: 'Who is called: suppressions and consents of this contact hold.' })),
  purpose: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$', description: 'What consents are asked for.' })),
  category: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Of customer; for figures.' })),
  timeZones: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 16, description: 'IANA zones in which the callee may be, beside those of the contact; default: taken from number and address.' })),
  hours: Type.Optional(Hours),
  hoursZone: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'IANA zone in which `hours` are meant; default is that of the callee.' })),
  retry: Type.Optional(Retry),
});
export type NewTaskBody = Static<typeof NewTaskBody>;

export const Task = strict({
  id: Id('`task_...`'),
  state: oneOf(taskStateNames),
  to: Type.String(),
  from: Type.Optional(Type.String()),
  flow: Type.String(),
  flowVersion: Type.Integer(),
  priority: Type.Integer(),
  variables: named(Value, 100),
  metadata: named(Type.String(), 50),
  campaignId: Type.Optional(Type.String({ description: 'Missing for a task of no campaign.' })),
  round: Type.Optional(Type.Integer({ description: 'Of the campaign.' })),
  contactId: Type.Optional(Type.String()),
  category: Type.Optional(Type.String({ description: 'Of the campaign.' })),
  purpose: Type.Optional(Type.String()),
  timeZones: Type.Optional(Type.Array(Type.String(), { description: 'In which the callee may be; missing: taken from the number.' })),
  hours: Type.Optional(Hours),
  hoursZone: Type.Optional(Type.String()),
  retry: Type.Optional(Retry),
  attempts: Type.Integer({ description: 'Dials so far.' }),
  blockedBy: Type.Optional(Type.String({ description: 'The rule that keeps it back.' })),
  blockedUntil: Type.Optional(Time('When the rule is asked again; missing: never by itself.')),
  notBefore: Time('Not dialled before.'),
  expiresAt: Type.Optional(Time('Not dialled after.')),
  createdAt: Time('Created.'),
  updatedAt: Time('Last change of state.'),
});
export type Task = Static<typeof Task>;

export const TranscriptLine = strict({
  speaker: oneOf(['caller', 'bot']),
  text: Type.String(),
  atMs: Type.Number({ description: 'Ms since the call was answered.' }),
});

export const Verdict = Type.Union(
  [
    strict({ kind: Type.Literal('continue') }),
    strict({ kind: Type.Literal('end'), reason: Type.String() }),
    strict({ kind: Type.Literal('redial_at'), at: Type.String(), reason: Type.String() }),
    strict({ kind: Type.Literal('follow_up'), channel: Type.String(), template: Type.String(), reason: Type.String() }),
    strict({ kind: Type.Literal('handoff'), queue: Type.String(), reason: Type.String() }),
  ],
  { description: 'The business judgement of the call.' },
);

const turnTime = Type.Optional(Type.Number({ description: 'Ms since the call was answered.' }));
export const TurnTimings = strict({
  turn: Type.Integer(),
  node: Type.String(),
  lastSpeechMs: turnTime,
  pauseSeenMs: turnTime,
  finalTextMs: turnTime,
  decisionMs: turnTime,
  audioHandedMs: turnTime,
  firstPacketMs: turnTime,
});

export const Transfer = strict(
  {
    mode: oneOf(['blind', 'attended'], '`attended`: somebody was on the line before.'),
    by: Type.Optional(oneOf(['refer', 'replaces', 'bridge', 'far_end'], 'How: the far end called there itself, both talk through us, or the far end sent us on. Missing if it failed.')),
    to: Type.String({ description: 'Number or URI.' }),
    outcome: oneOf(['completed', 'failed']),
    status: Type.Optional(Type.Integer({ description: 'Last SIP status of the target, as far as known.' })),
    code: Type.Optional(Type.String({ description: 'Why it failed.' })),
    ms: Type.Number({ description: 'From the order to the outcome.' }),
  },
  'One transfer.',
);

const Audio = strict(
  {
    codec: Type.String({ description: '`PCMA`, `PCMU`, `G722` or `OPUS`.' }),
    sampleRate: Type.Integer({ description: 'Of what is heard and recorded, Hz.' }),
    encrypted: Type.Boolean({ description: 'SRTP in both directions.' }),
  },
  'How the audio is carried.',
);

/** What one call came to. */
const Outcome = strict({
  id: Id('`res_...`'),
  taskId: Type.Optional(Type.String({ description: 'Missing for an inbound call.' })),
  callId: Type.String({ description: '`call_...`, as in events; empty if the task ended before it was dialled, or while it waited for its next dial.' }),
  sipCallId: Type.Optional(Type.String({ description: 'Call-ID of the last INVITE; missing if none was sent or came.' })),
  attemptId: Type.Optional(Type.String()),
  direction: oneOf(['outbound', 'inbound']),
  caller: Type.Optional(Type.String({ description: 'Inbound: who called, E.164 or SIP URI; missing if that was not shown, or was forgotten.' })),
  trunk: Type.Optional(Type.String({ description: 'Trunk that carried it, or was tried last.' })),
  flow: Type.String(),
  flowVersion: Type.Integer(),
  switchedTo: Type.Optional(strict({ flow: Type.String(), flowVersion: Type.Integer() }, 'The flow in which the call ended, if that is another one.')),
  disposition: oneOf(dispositionNames),
  sipStatus: Type.Optional(Type.Integer()),
  reason: Type.String(),
  endedBy: oneOf(['caller', 'bot', 'system']),
  verdict: Verdict,
  slots: named(Value, 1_000),
  transcript: Type.Array(TranscriptLine),
  turns: Type.Array(TurnTimings),
  recording: Type.Optional(Type.String({ description: 'File name; `/v1/calls/{callId}/recording` has the audio.' })),
  pddMs: Type.Optional(Type.Number({ description: 'Post-dial delay: from the last INVITE to its first 18x or 200, ms.' })),
  earlyMediaMs: Type.Optional(Type.Number({ description: 'How long there was early media, ms.' })),
  media: Type.Optional(Type.Record(Type.String(), Type.Number(), { description: 'Statistics of the audio.' })),
  audio: Type.Optional(Audio),
  transfer: Type.Optional(Transfer),
  mood: Type.Optional(strict({ label: Type.String({ description: 'neutral, pleased, annoyed, angry, worried or confused.' }), valence: Type.Number(), trend: Type.Number(), evidence: Type.Array(Type.String()) }, 'How the caller felt at the end, and what that rests on.')),
  cost: Type.Optional(Type.Number({ description: 'Of the talk, at `rules.cost_per_minute`, in the units of spend caps; missing where that is not set.' })),
  disclosedMs: Type.Optional(Type.Number({ description: "From the answer until the flow's disclosure had been spoken to its end, ms; missing if it was not." })),
  optOutOfferedMs: Type.Optional(Type.Number({ description: 'The same of how not to be called again.' })),
  models: Type.Record(Type.String(), Type.String()),
  startedAt: Time('Dialled, or received.'),
  answeredAt: Type.Optional(Time('Answered.')),
  endedAt: Time('Ended.'),
  retryAt: Type.Optional(Time('There where the task was dialled again, at the earliest then: this is what one attempt came to, and not the result of the task.')),
});
export const Result = strict({
  ...Outcome.properties,
  earlier: Type.Optional(Type.Array(Outcome, { description: 'What the attempts before came to, the first one first, and what was told late of one that was lost; missing if there was none of it.' })),
});
export type Result = Static<typeof Result>;

const verdictNames = ['continue', 'end', 'redial_at', 'follow_up', 'handoff'] as const;

export const Attempt = strict(
  {
    id: Id('`att_...`'),
    taskId: Type.String(),
    number: Type.Integer({ description: 'From 1.' }),
    callId: Type.String({ description: '`call_...`' }),
    sipCallId: Type.String({ description: 'Call-ID of its INVITE.' }),
    startedAt: Time('Dialled.'),
    answeredAt: Type.Optional(Time('Answered.')),
    endedAt: Type.Optional(Time('Ended; missing while it goes on.')),
    disposition: Type.Optional(oneOf(dispositionNames)),
    sipStatus: Type.Optional(Type.Integer()),
    reason: Type.Optional(Type.String()),
    verdict: Type.Optional(oneOf(verdictNames)),
    abandoned: Type.Boolean({ description: 'The callee answered and heard nothing.' }),
  },
  'One dial of a task; `/v1/results/{id}` with its id has what was heard.',
);

export const CallSummary = strict({
  id: Id('`call_...`'),
  direction: oneOf(['outbound', 'inbound']),
  taskId: Type.Optional(Type.String()),
  attemptId: Type.Optional(Type.String()),
  flow: Type.String(),
  trunk: Type.Optional(Type.String({ description: 'Trunk that carries it.' })),
  state: oneOf(['dialing', 'ringing', 'in_call', 'ending', 'ended']),
  startedAt: Time('Dialled, or received.'),
  answeredAt: Type.Optional(Time('Answered.')),
});

export const LiveCall = strict({
  ...CallSummary.properties,
  sipCallId: Type.Optional(Type.String({ description: 'Call-ID of the present INVITE.' })),
  pddMs: Type.Optional(Type.Number({ description: 'Post-dial delay, ms.' })),
  mos: Type.Optional(Type.Number({ description: 'E-model of the audio so far, 1 to 4.5.' })),
  audio: Type.Optional(Audio),
  node: Type.Optional(Type.String({ description: 'Node of the flow that the call is at.' })),
  transcript: Type.Array(TranscriptLine),
});
export type LiveCall = Static<typeof LiveCall>;

export const FlowVersion = strict({
  id: FlowId,
  version: Type.Integer({ minimum: 1 }),
  source: Type.String({ description: 'YAML or JSON as it was given.' }),
  createdAt: Time('Saved.'),
});

export const pageOf = <T extends TSchema>(item: T) =>
  strict({ items: Type.Array(item), next: Type.Optional(Type.String({ description: 'Cursor of the next page; missing at the end.' })) });

export const pageQuery = {
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before.' })),
  limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
};

export const IdParams = strict({ id: Id('Id.') });

/** The answers that every route may give besides its own. */
export const problems = { '4xx': ErrorBody, '5xx': ErrorBody };
