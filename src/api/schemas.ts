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

export const Result = strict({
  id: Id('`res_...`'),
  taskId: Type.Optional(Type.String({ description: 'Missing for an inbound call.' })),
  callId: Type.String({ description: 'Empty if nothing was dialled.' }),
  attemptId: Type.Optional(Type.String()),
  direction: oneOf(['outbound', 'inbound']),
  trunk: Type.Optional(Type.String({ description: 'Trunk that carried it, or was tried last.' })),
  flow: Type.String(),
  flowVersion: Type.Integer(),
  disposition: oneOf(dispositionNames),
  sipStatus: Type.Optional(Type.Integer()),
  reason: Type.String(),
  endedBy: oneOf(['caller', 'bot', 'system']),
  verdict: Verdict,
  slots: named(Value, 1_000),
  transcript: Type.Array(TranscriptLine),
  turns: Type.Array(TurnTimings),
  recording: Type.Optional(Type.String({ description: 'File name; `/v1/calls/{callId}/recording` has the audio.' })),
  media: Type.Optional(Type.Record(Type.String(), Type.Number(), { description: 'Statistics of the audio.' })),
  models: Type.Record(Type.String(), Type.String()),
  startedAt: Time('Dialled, or received.'),
  answeredAt: Type.Optional(Time('Answered.')),
  endedAt: Time('Ended.'),
});
export type Result = Static<typeof Result>;

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
