import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { strategyOf } from '../campaigns.js';
import type { CampaignSettings } from '../campaigns.js';
import { ERASED_DESTINATION } from '../contacts.js';
import type { Consent } from '../contacts.js';
import type { DialFacts, DialJudgement, NumberHistory, Suppression } from '../rules.js';
import type { CallResult } from '../store.js';
import type { TaskRow } from '../tables.js';
import { appendCompliance, lockRules } from './compliance.js';
import { dialledBodyOf } from './contact-rows.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { saveOptOut, suppressionOf } from './suppressions.js';

const DAY_MS = 86_400_000;
/** Attempts are counted over a month; who was abandoned or refused may be left alone for a year. */
const COUNTED_MS = 31 * DAY_MS;
const REMEMBERED_MS = 366 * DAY_MS;
const MOST_ATTEMPTS = 100;
/** Dials of a task that brings no policy of its own. */
const MOST_OF_A_TASK = 20;

/** What a task of a campaign brings besides; JSON where it is more than a word. */
interface Origin {
  readonly purpose: string | null;
  readonly time_zones: string | null;
  readonly hours: string | null;
  readonly hours_zone: string | null;
  readonly retry: string | null;
  readonly attempts: number;
  /** Dials that an operator has granted besides the policy's. */
  readonly granted: number;
  readonly campaign_id: string;
  readonly contact_id: string | null;
  readonly category: string | null;
}

export type DialTask = Pick<Selectable<TaskRow>, 'id' | 'destination' | 'caller' | 'not_before' | 'expires_at'> & Partial<Origin>;

export interface DialDecision {
  readonly task: DialTask;
  readonly subject: string;
  readonly judgement: DialJudgement;
}

/**
 * Asks the rules about tasks that are about to be dialled, with what is true at this
 * instant: five queries for all of them together, each by an index, however many tasks
 * there are. The transaction must hold `lockRules`. `dialled` says which of those that are
 * allowed are dialled: of two tasks to one number the second one knows of the first.
 */
export async function decideDials(context: StoreContext, trx: Db, tasks: readonly DialTask[], dialled: 'each' | 'none'): Promise<readonly DialDecision[]> {
  const { rules, subjects, clock } = context;
  const withSubject = tasks.map((task) => {
    const readings = subjects.readings(task.destination);
    return { task, subject: readings[0], readings };
  });
  if (rules === undefined) return withSubject.map(({ task, subject }) => ({ task, subject, judgement: { allowed: true, because: {} } }));
  const now = clock.now();
  const facts = await gather(context, trx, withSubject, now);
  return withSubject.map(({ task, subject, readings }) => {
    const judgement = rules.judge(facts(task, readings));
    if (judgement.allowed && dialled === 'each') facts.dialled(subject);
    return { task, subject, judgement };
  });
}

/** `Subjects.readings` of where a task calls. */
type Readings = readonly [own: string, ...others: string[]];

interface Gathered {
  (task: DialTask, readings: Readings): DialFacts;
  /** One more attempt of this number, made in the same transaction. */
  dialled(subject: string): void;
}

async function gather(context: StoreContext, trx: Db, tasks: readonly { readonly task: DialTask; readonly readings: Readings }[], now: number): Promise<Gathered> {
  const contactIds = [...new Set(tasks.flatMap(({ task }) => task.contact_id ?? []))];
  const campaignIds = [...new Set(tasks.flatMap(({ task }) => task.campaign_id ?? []).filter((id) => id !== ''))];
  const numbers = [...new Set(tasks.map(({ readings }) => readings[0]))];
  const suppressed = await suppressionsOf(context, trx, [...new Set(tasks.flatMap(({ readings }) => readings)), ...contactIds.map((id) => context.subjects.contact(id))]);
  const histories = await historiesOf(context, trx, numbers, now);
  const contacts = await contactsOf(context, trx, contactIds);
  const campaigns = await campaignsOf(context, trx, campaignIds);
  const gathered = (task: DialTask, readings: Readings): DialFacts => {
    const [subject] = readings;
    const contact = contacts.get(task.contact_id ?? '');
    const campaign = campaigns.get(task.campaign_id ?? '');
    // What a task of a campaign does not say itself is its category's, or the campaign's.
    const strategy = campaign === undefined ? undefined : strategyOf(campaign.settings, task.category ?? undefined);
    const retry = task.retry == null ? strategy?.retry : (JSON.parse(task.retry) as { maxAttempts: number });
    return {
      now,
      to: task.destination,
      from: task.caller ?? undefined,
      purpose: task.purpose ?? undefined,
      timeZones: toldZones(task, contact),
      address: contact?.address ?? {},
      hours: task.hours == null ? strategy?.hours : (JSON.parse(task.hours) as DialFacts['hours']),
      hoursZone: task.hours == null ? strategy?.hoursZone : (task.hours_zone ?? undefined),
      holidays: campaign?.holidays ?? [],
      task: { id: task.id, attempts: task.attempts ?? 0, maxAttempts: (retry?.maxAttempts ?? MOST_OF_A_TASK) + (task.granted ?? 0), notBefore: task.not_before, expiresAt: earlier(task.expires_at ?? undefined, campaign?.settings.endsAt) },
      campaign: campaign?.facts,
      suppressions: [...readings.flatMap((one) => suppressed.get(one) ?? []), ...(task.contact_id == null ? [] : (suppressed.get(context.subjects.contact(task.contact_id)) ?? []))],
      consents: contact?.consents ?? [],
      history: histories.get(subject) ?? NOTHING_YET,
    };
  };
  return Object.assign(gathered, {
    dialled: (subject: string): void => {
      const before = histories.get(subject) ?? NOTHING_YET;
      histories.set(subject, { ...before, attemptsAt: [now, ...before.attemptsAt], inCall: true });
    },
  });
}

/** A task was given the end of its campaign; the campaign may have another one since. */
function earlier(own: number | undefined, endsAt: number | undefined): number | undefined {
  return own === undefined || endsAt === undefined ? (own ?? endsAt) : Math.min(own, endsAt);
}

/** Of the contact as it is now. A task of a campaign was made with what was told of it then: that counts where there is no contact any more. */
function toldZones(task: DialTask, contact: ContactFacts | undefined): readonly string[] {
  const own = task.time_zones == null ? [] : (JSON.parse(task.time_zones) as string[]);
  if (contact === undefined) return own;
  return (task.campaign_id ?? '') === '' ? [...new Set([...own, ...contact.timeZones])] : contact.timeZones;
}

export const NOTHING_YET: NumberHistory = { attemptsAt: [], inCall: false, lastAbandonedAt: undefined, lastRefusedAt: undefined };

export async function suppressionsOf({ dialect }: StoreContext, trx: Db, subjects: readonly string[]): Promise<ReadonlyMap<string, readonly Suppression[]>> {
  const rows = await trx.selectFrom('suppressions').selectAll().where(dialect.isIn(sql.ref('subject'), subjects)).execute();
  const all = new Map<string, Suppression[]>();
  for (const row of rows) {
    const list = all.get(row.subject);
    if (list === undefined) all.set(row.subject, [suppressionOf(row)]);
    else list.push(suppressionOf(row));
  }
  return all;
}

export async function historiesOf({ dialect }: StoreContext, trx: Db, subjects: readonly string[], now: number): Promise<Map<string, NumberHistory>> {
  const rows = await trx
    .selectFrom('dials')
    .select(['subject', 'at', 'ended_as'])
    .where(dialect.isIn(sql.ref('subject'), subjects))
    .where('at', '>', now - REMEMBERED_MS)
    .orderBy('at', 'desc')
    .execute();
  // By index whichever of the two is looked through: a number has few dials, and a server few calls that are open.
  const open = await trx
    .selectFrom('dials')
    .innerJoin('attempts', 'attempts.id', 'dials.attempt_id')
    .select('dials.subject')
    .where('attempts.ended_at', 'is', null)
    .where(dialect.isIn(sql.ref('dials.subject'), subjects))
    .execute();
  const inCall = new Set(open.map(({ subject }) => subject));
  const histories = new Map<string, { attemptsAt: number[]; inCall: boolean; lastAbandonedAt: number | undefined; lastRefusedAt: number | undefined }>();
  for (const { subject, at, ended_as: endedAs } of rows) {
    let history = histories.get(subject);
    if (history === undefined) histories.set(subject, (history = { attemptsAt: [], inCall: inCall.has(subject), lastAbandonedAt: undefined, lastRefusedAt: undefined }));
    if (at > now - COUNTED_MS && history.attemptsAt.length < MOST_ATTEMPTS) history.attemptsAt.push(at);
    if (endedAs === 'abandoned') history.lastAbandonedAt ??= at;
    if (endedAs === 'refused') history.lastRefusedAt ??= at;
  }
  return histories;
}

interface ContactFacts {
  readonly address: DialFacts['address'];
  readonly timeZones: readonly string[];
  readonly consents: readonly Consent[];
}

async function contactsOf({ dialect }: StoreContext, trx: Db, ids: readonly string[]): Promise<ReadonlyMap<string, ContactFacts>> {
  const contacts = new Map<string, ContactFacts & { readonly consents: Consent[] }>();
  if (ids.length === 0) return contacts;
  const rows = await trx
    .selectFrom('contacts')
    .innerJoin('contact_bodies', 'contact_bodies.contact_seq', 'contacts.seq')
    .leftJoin('contact_consents', 'contact_consents.contact_seq', 'contacts.seq')
    .select(['contacts.id', 'contact_bodies.body', 'purpose', 'granted', 'at', 'expires_at', 'source', 'evidence'])
    .where(dialect.isIn(sql.ref('contacts.id'), ids))
    .execute();
  for (const { id, body, purpose, granted, at, expires_at: expiresAt, source, evidence } of rows) {
    let contact = contacts.get(id);
    if (contact === undefined) contacts.set(id, (contact = { ...dialledBodyOf(body), consents: [] }));
    if (purpose !== null) contact.consents.push({ purpose, granted: granted === 1, at: at ?? 0, expiresAt: expiresAt ?? undefined, source: source ?? '', evidence: evidence ?? undefined });
  }
  return contacts;
}

interface CampaignFacts {
  readonly facts: NonNullable<DialFacts['campaign']>;
  readonly holidays: readonly string[];
  readonly settings: CampaignSettings;
}

async function campaignsOf({ dialect }: StoreContext, trx: Db, ids: readonly string[]): Promise<ReadonlyMap<string, CampaignFacts>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; state: string; settings: string; talked_ms: number | null }>`
    select campaigns.id, campaigns.state, campaigns.settings, campaign_talk.talked_ms
    from campaigns left join campaign_talk on campaign_talk.campaign_id = campaigns.id
    where ${dialect.isIn(sql.ref('campaigns.id'), ids)}`.execute(trx);
  return new Map(
    rows.map(({ id, state, settings, talked_ms: talkedMs }) => {
      const read = JSON.parse(settings) as CampaignSettings;
      const { spendCap, holidays } = read;
      // A category may show a number of its own.
      const callerNumbers = read.callerNumbers.length === 0 ? [] : [...read.callerNumbers, ...read.categories.flatMap(({ callerNumber }) => callerNumber ?? [])];
      return [id, { settings: read, facts: { id, running: state === 'running', callerNumbers, talkedMs: talkedMs ?? 0, spendCap }, holidays }];
    }),
  );
}

/** What was decided, in the transaction of the decision: `attempts` by task, of those that are dialled. */
export async function recordDials(context: StoreContext, trx: Db, decisions: readonly DialDecision[], attempts: ReadonlyMap<string, { readonly id: string; readonly callId: string; readonly startedAt: number }>): Promise<void> {
  const dialled = decisions.flatMap(({ task, subject }) => {
    const attempt = attempts.get(task.id);
    return attempt === undefined ? [] : [{ subject, at: attempt.startedAt, attempt_id: attempt.id, ended_as: null }];
  });
  if (dialled.length > 0) await trx.insertInto('dials').values(dialled).execute();
  await appendCompliance(
    context,
    trx,
    decisions.map(({ task, subject, judgement }) => {
      const attempt = attempts.get(task.id);
      return {
        kind: judgement.allowed ? ('allowed' as const) : ('refused' as const),
        taskId: task.id,
        attemptId: attempt?.id,
        callId: attempt?.callId,
        subject,
        body: judgement.allowed ? judgement.because : { rule: judgement.rule, detail: judgement.detail, until: judgement.until },
      };
    }),
  );
}

/** What the end of a call means for later ones, in the transaction of its end. */
export async function recordDialEnd(context: StoreContext, trx: Db, attempt: { readonly id: string; readonly task_id: string; readonly campaign_id?: string }, result: CallResult, abandoned: boolean): Promise<void> {
  const refused = context.rules?.refused(result) ?? false;
  if (abandoned || refused) await trx.updateTable('dials').set({ ended_as: abandoned ? 'abandoned' : 'refused' }).where('attempt_id', '=', attempt.id).execute();
  const { do_not_call: never, wrong_number: wrong } = result.slots;
  const told = result.disclosedMs !== undefined || result.optOutOfferedMs !== undefined;
  if (abandoned || told || never === true || wrong === true) await recordWord(context, trx, attempt, result, abandoned);
  const talkedMs = result.answeredAt === undefined ? 0 : Math.max(0, Math.trunc(result.endedAt - result.answeredAt));
  if ((attempt.campaign_id ?? '') === '' || talkedMs === 0) return;
  await sql`insert into campaign_talk (campaign_id, talked_ms) values (${attempt.campaign_id}, ${talkedMs})
    on conflict (campaign_id) do update set talked_ms = campaign_talk.talked_ms + excluded.talked_ms`.execute(trx);
}

/** What was said of it. A no was saved while the call went on, unless the store was away then; an abandoned call is proof against ourselves. */
async function recordWord(context: StoreContext, trx: Db, attempt: { readonly id: string; readonly task_id: string }, result: CallResult, abandoned: boolean): Promise<void> {
  await lockRules(context, trx);
  const task = await trx.selectFrom('tasks').selectAll().where('id', '=', attempt.task_id).executeTakeFirstOrThrow();
  // Of a call that is told late the number may be forgotten by now; its dial has the hash.
  const forgotten = task.destination === '' || task.destination === ERASED_DESTINATION;
  const dial = forgotten ? await trx.selectFrom('dials').select('subject').where('attempt_id', '=', attempt.id).executeTakeFirst() : undefined;
  const subject = dial?.subject ?? context.subjects.number(task.destination);
  const common = { taskId: attempt.task_id, attemptId: attempt.id, callId: result.callId };
  const flow = { flow: result.flow, flowVersion: result.flowVersion };
  await appendCompliance(context, trx, [
    ...(result.disclosedMs === undefined ? [] : [{ kind: 'disclosed' as const, ...common, subject, body: { ...flow, afterMs: result.disclosedMs } }]),
    ...(result.optOutOfferedMs === undefined ? [] : [{ kind: 'opt_out_offered' as const, ...common, subject, body: { ...flow, afterMs: result.optOutOfferedMs } }]),
    ...(abandoned ? [{ kind: 'abandoned' as const, ...common, subject, body: {} }] : []),
  ]);
  const reason = result.slots['do_not_call'] === true ? 'do_not_call' : result.slots['wrong_number'] === true ? 'wrong_number' : undefined;
  if (reason === undefined) return;
  const known = await trx.selectFrom('suppressions').select('id').where('subject', '=', subject).where('scope', '=', 'all').where('expires_at', 'is', null).executeTakeFirst();
  if (known !== undefined) return;
  const contactId = reason === 'wrong_number' || task.destination === ERASED_DESTINATION ? undefined : ((task as Partial<Origin>).contact_id ?? undefined);
  await saveOptOut(context, trx, { number: forgotten ? undefined : task.destination, subject, contactId, reason, scope: 'all', source: 'call', ...common });
}
