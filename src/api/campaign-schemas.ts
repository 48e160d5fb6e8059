import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { Campaign as StoredCampaign, CampaignSettings, RetryPolicy, WeekHours } from '../store/campaigns.js';
import { dialRules } from '../store/rules.js';
import { FlowId, Hours, Retry, dispositionNames, oneOf, strict, taskStateNames } from './schemas.js';
import { timeOf } from './wire.js';

/** Campaigns on the wire, and in a campaign file: the same form. Times are RFC 3339 in UTC, durations ms. */
const Text = (maxLength: number, description?: string) => Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) });
const Moment = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));
const Value = Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'], maxLength: 1_000 });
const VARIABLE = '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$';
const Caller = Type.String({ pattern: '^[A-Za-z0-9+_.-]{1,64}$', description: 'Caller shown to the callee.' });
const Priority = { minimum: 0, maximum: 100, description: 'Higher goes first; a waiting task gains a point a minute.' };

const Source = Type.Unsafe<CampaignSettings['variables'][string]>({
  type: 'object',
  if: { properties: { value: {} }, required: ['value'] },
  then: strict({ value: Value }),
  else: strict({ attribute: Text(200), otherwise: Type.Optional(Value) }),
});
const Variables = Type.Unsafe<CampaignSettings['variables']>({
  type: 'object',
  maxProperties: 100,
  propertyNames: { type: 'string', pattern: VARIABLE },
  additionalProperties: Source,
  description: 'Variables of the flow: `{value: ...}`, or `{attribute: name, otherwise: ...}` of the contact.',
});

const Category = strict({
  name: Text(100),
  filter: Text(4_000, 'Expression over the contact, as of audiences; the first category that fits is taken.'),
  flow: Type.Optional(FlowId),
  hours: Type.Optional(Hours),
  retry: Type.Optional(Retry),
  priority: Type.Optional(Type.Integer(Priority)),
  callerNumber: Type.Optional(Caller),
  variables: Type.Optional(Variables),
});

const Pacing = strict({
  mode: oneOf(['ai', 'fixed', 'preview'], '`ai`: as many at once as can be served now; `fixed`: at most `maxCalls`; `preview`: a person starts each call.'),
  maxCalls: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  callsPerSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1_000 })),
  weight: Type.Integer({ minimum: 1, maximum: 100, default: 10, description: 'Share among running campaigns where they compete.' }),
});

const Recurrence = strict({
  every: oneOf(['day', 'week', 'month']),
  on: Type.Optional(Type.Array(Type.Unsafe<number | string>({ type: ['integer', 'string'], maxLength: 4 }), { minItems: 1, maxItems: 31, description: 'Of a week `mon` ... `sun`; of a month 1 to 31, `last`.' })),
  at: Type.String({ maxLength: 5, description: '`HH:MM` in `timeZone`.' }),
});

const workdays: WeekHours = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [{ from: '09:00', to: '20:00' }]]));
const HOUR_MS = 3_600_000;
const retryDefault: RetryPolicy = {
  maxAttempts: 3,
  delays: { busy: [15 * 60_000, HOUR_MS], no_answer: [3 * HOUR_MS, 24 * HOUR_MS], answered_machine: [4 * HOUR_MS, 24 * HOUR_MS], unreachable: [HOUR_MS, 6 * HOUR_MS], congestion: [5 * 60_000, 30 * 60_000], failed: [5 * 60_000, HOUR_MS] },
  varyDayPart: true,
};

const properties = {
  name: Text(200),
  audiences: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 50, description: 'Ids of audiences; who is in several is called once.' }),
  flow: FlowId,
  flowVersion: Type.Optional(Type.Integer({ minimum: 1, description: 'Default: the newest when the campaign is started.' })),
  purpose: Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$', default: 'marketing', description: 'What consents are asked for.' }),
  variables: Type.Unsafe<CampaignSettings['variables']>({ ...Variables, default: {} }),
  categories: Type.Array(Category, { maxItems: 50, default: [] }),
  startsAt: Moment('No call before.'),
  endsAt: Moment('No call after.'),
  timeZone: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "IANA zone of the campaign; default is the server's." })),
  hoursIn: oneOf(['campaign', 'callee'], 'In whose zone `hours` are meant.'),
  hours: Hours,
  recurrence: Type.Optional(Recurrence),
  holidays: Type.Array(Type.String({ minLength: 2, maxLength: 16 }), { maxItems: 50, default: ['callee'], description: 'No calls on public holidays there: `CN`, `US-CA`; `callee` is the country of the number.' }),
  priority: Type.Integer({ ...Priority, default: 50 }),
  retry: Retry,
  pacing: Pacing,
  callerNumbers: Type.Array(Caller, { maxItems: 1_000, default: [], description: 'Each contact always sees the same of them.' }),
  ownerTeam: Type.Optional(Text(64, 'Name of the team whose people are mailed.')),
  spendCap: Type.Optional(Type.Number({ minimum: 0, description: 'What calls may cost in all, in the units of `rules.cost_per_minute`, which must be set.' })),
};

/** A campaign file, and the body that makes or changes a campaign. */
export const CampaignBody = strict({
  ...properties,
  hoursIn: Type.Unsafe<'campaign' | 'callee'>({ ...properties.hoursIn, default: 'callee' }),
  hours: Type.Unsafe<Static<typeof Hours>>({ ...Hours, default: workdays }),
  retry: Type.Unsafe<Static<typeof Retry>>({ ...Retry, default: retryDefault }),
  pacing: Type.Unsafe<Static<typeof Pacing>>({ ...Pacing, default: { mode: 'ai', weight: 10 } }),
});
export type CampaignBody = Static<typeof CampaignBody>;

const counted = (names: readonly string[]) => strict(Object.fromEntries(names.map((name) => [name, Type.Optional(Type.Integer({ minimum: 0 }))])));
const verdictNames = ['continue', 'end', 'redial_at', 'follow_up', 'handoff'] as const;

const CampaignProgress = strict({
  tasks: counted(taskStateNames),
  blocked: counted(dialRules),
  refused: Type.Integer({ description: 'Blocked tasks that a rule refused for good: they are over, each with its result. The others are asked about again.' }),
  dispositions: counted(dispositionNames),
  verdicts: counted(verdictNames),
  skipped: Type.Integer({ description: 'Contacts that are not called because something is missing; `/skipped` lists them.' }),
  attempts: Type.Integer(),
  answered: Type.Integer(),
  answerRate: Type.Optional(Type.Number({ description: 'Answered dials, 0 to 1; missing before the first.' })),
  meanAttemptMs: Type.Optional(Type.Number({ description: 'Of the newest 1,000 dials that ended.' })),
  filling: Type.Boolean({ description: 'The audience is being turned into tasks.' }),
  expectedFinish: Type.Optional(Type.String({ format: 'date-time', description: 'From what is open, the capacity, and the calls so far; missing where that cannot be said.' })),
});

export const campaignStateNames = ['draft', 'running', 'paused', 'finished', 'stopped'] as const;

export const Campaign = strict({
  id: Type.String({ description: '`camp_...`' }),
  state: oneOf(campaignStateNames),
  revision: Type.Integer({ description: 'Counts changes; send it back as `If-Match` to change only what you have seen.' }),
  round: Type.Integer(),
  nextRoundAt: Type.Optional(Type.String({ format: 'date-time' })),
  flowVersions: Type.Record(Type.String(), Type.Integer(), { description: 'Pinned when the campaign was started.' }),
  ...properties,
  startedAt: Type.Optional(Type.String({ format: 'date-time' })),
  endedAt: Type.Optional(Type.String({ format: 'date-time' })),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
  progress: Type.Optional(CampaignProgress),
});

const timeIn = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));

/** What is absent becomes undefined, so that settings always have the same keys. */
export function settingsFrom(body: CampaignBody, timeZone: string): CampaignSettings {
  const { flowVersion, startsAt, endsAt, recurrence, ownerTeam, spendCap, pacing } = body;
  return {
    ...body,
    categories: body.categories,
    hours: body.hours,
    retry: body.retry,
    flowVersion,
    startsAt: timeIn(startsAt),
    endsAt: timeIn(endsAt),
    timeZone: body.timeZone ?? timeZone,
    recurrence: recurrence,
    pacing: { mode: pacing.mode, maxCalls: pacing.maxCalls, callsPerSecond: pacing.callsPerSecond, weight: pacing.weight },
    ownerTeam,
    spendCap,
  };
}

export function wireCampaign(campaign: StoredCampaign) {
  const { startsAt, endsAt, nextRoundAt, startedAt, endedAt, createdAt, updatedAt, ...plain } = campaign;
  const optional = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : timeOf(ms));
  return { ...plain, startsAt: optional(startsAt), endsAt: optional(endsAt), nextRoundAt: optional(nextRoundAt), startedAt: optional(startedAt), endedAt: optional(endedAt), createdAt: timeOf(createdAt), updatedAt: timeOf(updatedAt) };
}
