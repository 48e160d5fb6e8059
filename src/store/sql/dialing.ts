import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { roundEnd } from '../campaigns.js';
import type { CampaignSettings } from '../campaigns.js';
import { ERASED_DESTINATION } from '../contacts.js';
import type { AttemptOrder, AttemptRecord, BeginOutcome, DueParty, DuePlace, DueTask, ScreenOutcome } from '../dialing.js';
import type { NewEvent } from '../event-payloads.js';
import type { DialRule, NewComplianceEntry } from '../rules.js';
import type { Attempt, Task } from '../store.js';
import type { AttemptRow, TaskRow } from '../tables.js';
import { nextTaskState } from '../task-states.js';
import { insertMany } from './bulk.js';
import { appendCompliance, lockRules } from './compliance.js';
import type { StoreContext } from './context.js';
import { decideDials, recordDials } from './dial-facts.js';
import type { DialDecision } from './dial-facts.js';
import type { Db } from './db.js';
import { tell } from './events.js';
import { assertNotFenced } from './nodes.js';
import { takeBackResult } from './outcomes.js';
import { endUncalled } from './results.js';
import { attemptOf, taskOf } from './rows.js';
import { moveTask } from './task-moves.js';
import { PRIORITY_MS, queueWhatIsDue, stateOfFound } from './tasks.js';

const MINUTE_MS = 60_000;

export async function dueParties(context: StoreContext): Promise<readonly DueParty[]> {
  await queueWhatIsDue(context);
  const { db } = context;
  const alone = await db.selectFrom('tasks').select('seq').where('campaign_id', '=', '').where('state', '=', 'queued').limit(1).executeTakeFirst();
  const running = await db
    .selectFrom('campaigns')
    .select(['id', 'settings', 'next_round_at'])
    .where('state', '=', 'running')
    .where((where) => where.exists(where.selectFrom('tasks').select('tasks.seq').whereRef('tasks.campaign_id', '=', 'campaigns.id').where('tasks.state', '=', 'queued')))
    .orderBy('seq')
    .execute();
  const now = context.clock.now();
  const campaigns = running.flatMap(({ id, settings, next_round_at }) => {
    const { pacing, endsAt } = JSON.parse(settings) as CampaignSettings;
    // What is left of a round that is over only waits to be ended, and there may be a million of it.
    const over = (roundEnd({ endsAt, nextRoundAt: next_round_at ?? undefined }) ?? Infinity) <= now;
    return over ? [] : [{ campaignId: id, pacing }];
  });
  return alone === undefined ? campaigns : [{ campaignId: '', pacing: undefined }, ...campaigns];
}

export async function dueTasksOf({ db, clock }: StoreContext, campaignId: string, limit: number, after?: DuePlace): Promise<readonly DueTask[]> {
  const now = clock.now();
  let due = db
    .selectFrom('tasks')
    .selectAll()
    .where('campaign_id', '=', campaignId)
    .where('state', '=', 'queued')
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', now)]))
    .orderBy('rank')
    .orderBy('seq')
    .limit(limit);
  // As a row, which both databases look up in the index of their order.
  if (after !== undefined) due = due.where(sql<boolean>`(rank, seq) > (${after.rank}, ${after.seq})`);
  return (await due.execute()).map((row) => ({ ...taskOf(row), place: { rank: row.rank, seq: row.seq } }));
}

type Row = Selectable<TaskRow>;

export async function beginAttempts(context: StoreContext, taskIds: readonly string[], order: AttemptOrder): Promise<readonly BeginOutcome[]> {
  if (taskIds.length === 0) return [];
  return await context.db.transaction().execute(async (trx) => {
    const now = context.clock.now();
    await lockRules(context, trx);
    await assertNotFenced(trx, order.nodeId);
    const found = await freeTasks(context, trx, taskIds, now, order.claimedBy);
    const over = await overTheirCampaigns(context, trx, found);
    const free = found.filter(({ id }) => !over.has(id));
    const decisions = await decideDials(context, trx, free, 'each');
    const refused = refusalsOf(decisions);
    const begun = new Map(free.filter(({ id }) => !refused.has(id)).map((row) => [row.id, attemptFor(context, row, order, now)]));
    await saveIntents(context, trx, [...begun.values()], now);
    const news = await keepBack(context, trx, free, refused, now);
    await recordDials(context, trx, decisions, new Map([...begun].map(([taskId, row]) => [taskId, attemptOf(row)])));
    await tell(context, trx, ...news);
    return taskIds.map((taskId): BeginOutcome => {
      const row = begun.get(taskId);
      if (row !== undefined) return { taskId, kind: 'begun', attempt: attemptOf(row) };
      const campaignId = over.get(taskId);
      if (campaignId !== undefined) return { taskId, kind: 'full', campaignId };
      return refused.get(taskId) ?? { taskId, kind: 'gone' };
    });
  });
}

export async function screenTasks(context: StoreContext, taskIds: readonly string[]): Promise<readonly ScreenOutcome[]> {
  if (taskIds.length === 0) return [];
  return await context.db.transaction().execute(async (trx) => {
    const now = context.clock.now();
    await lockRules(context, trx);
    const free = await freeTasks(context, trx, taskIds, now, undefined);
    const decisions = await decideDials(context, trx, free, 'none');
    const refused = refusalsOf(decisions);
    const news = await keepBack(context, trx, free, refused, now);
    await recordDials(context, trx, decisions.filter(({ judgement }) => !judgement.allowed), new Map());
    await tell(context, trx, ...news);
    const allowed = new Set(free.map(({ id }) => id));
    return taskIds.map((taskId): ScreenOutcome => refused.get(taskId) ?? { taskId, kind: allowed.has(taskId) ? 'allowed' : 'gone' });
  });
}

type Blocked = Extract<BeginOutcome, { kind: 'blocked' }>;

function refusalsOf(decisions: readonly DialDecision[]): ReadonlyMap<string, Blocked> {
  return new Map(decisions.flatMap(({ task: { id: taskId }, judgement }) => (judgement.allowed ? [] : [[taskId, { taskId, kind: 'blocked', rule: judgement.rule, until: judgement.until }] as const])));
}

/** What rules refuse waits until then, or is over, and then that is its result. The answer is what to tell of it. Of many that wait for the same, all at once: when hours end there may be a million. */
async function keepBack(context: StoreContext, trx: Db, rows: readonly Row[], refused: ReadonlyMap<string, Blocked>, now: number): Promise<readonly NewEvent[]> {
  const alike = new Map<string, { readonly rule: DialRule; readonly until: number | null; readonly ids: string[] }>();
  for (const { taskId, rule, until } of refused.values()) {
    const blockedUntil = until === undefined ? null : Math.ceil(until);
    const key = `${rule} ${blockedUntil}`;
    const those = alike.get(key) ?? { rule, until: blockedUntil, ids: [] };
    alike.set(key, those);
    those.ids.push(taskId);
  }
  for (const { rule, until, ids } of alike.values()) {
    await trx
      .updateTable('tasks')
      .set({ state: nextTaskState('queued', 'block') ?? 'blocked', blocked_by: rule, blocked_until: until, ...(until === null ? {} : { not_before: until }), updated_at: now })
      .where(context.dialect.isIn(sql.ref('id'), ids))
      .execute();
  }
  const news: NewEvent[] = [];
  for (const row of rows) {
    const refusal = refused.get(row.id);
    if (refusal === undefined) continue;
    const { taskId, rule, until } = refusal;
    if (until !== undefined) {
      news.push({ type: 'task.blocked', data: { taskId, rule, until: new Date(until).toISOString() } });
      continue;
    }
    const result = await endUncalled(context, trx, row, 'blocked', { undialled: `Not dialled, by the rule ${rule}.`, waiting: `Not dialled again, by the rule ${rule}.` });
    news.push({ type: 'task.blocked', data: { taskId, rule, resultId: result.id } });
  }
  return news;
}

/** Those that may be dialled, kept from others to the end of the transaction. Not an error: someone else was first, or one was cancelled or ran out meanwhile. */
async function freeTasks({ dialect }: StoreContext, trx: Db, taskIds: readonly string[], now: number, claimedBy: string | undefined): Promise<readonly Row[]> {
  let free = trx
    .selectFrom('tasks')
    .selectAll()
    .where(dialect.isIn(sql.ref('id'), taskIds))
    .where(stateOfFound, '=', 'queued')
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .orderBy('seq')
    .forUpdate()
    .skipLocked();
  if (claimedBy !== undefined) free = free.where('claimed_by', '=', claimedBy).where('claimed_until', '>', now);
  const rows = await free.execute();
  const campaigns = [...new Set(rows.map(({ campaign_id }) => campaign_id))].filter((id) => id !== '').sort();
  if (campaigns.length === 0) return rows;
  // Read under a lock that a pause has to wait for, so that nothing is dialled after it was granted.
  const running = await trx.selectFrom('campaigns').select('id').where('id', 'in', campaigns).where('state', '=', 'running').orderBy('seq').forShare().execute();
  const open = new Set(['', ...running.map(({ id }) => id)]);
  return rows.filter(({ campaign_id }) => open.has(campaign_id));
}

const NOBODY: ReadonlyMap<string, string> = new Map();

/** Tasks, with their campaigns, for which there is no room within the calls that their campaign may have at once: each server counts its own, only here are all of them known. */
async function overTheirCampaigns({ dialect }: StoreContext, trx: Db, tasks: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(tasks.map(({ campaign_id }) => campaign_id))].filter((id) => id !== '');
  if (ids.length === 0) return NOBODY;
  const campaigns = await trx.selectFrom('campaigns').select(['id', 'settings']).where('id', 'in', ids).execute();
  const room = new Map(campaigns.flatMap(({ id, settings }) => {
    const { maxCalls } = (JSON.parse(settings) as CampaignSettings).pacing;
    return maxCalls === undefined ? [] : [[id, maxCalls] as const];
  }));
  if (room.size === 0) return NOBODY;
  const open = await trx
    .selectFrom('attempts')
    .select((select) => ['campaign_id', select.fn.countAll<number>().as('calls')])
    .where('ended_at', 'is', null)
    .where(dialect.isIn(sql.ref('campaign_id'), [...room.keys()]))
    .groupBy('campaign_id')
    .execute();
  for (const { campaign_id, calls } of open) room.set(campaign_id, (room.get(campaign_id) ?? 0) - Number(calls));
  const over = new Map<string, string>();
  for (const { id, campaign_id } of tasks) {
    const left = room.get(campaign_id);
    if (left === undefined) continue;
    if (left <= 0) over.set(id, campaign_id);
    room.set(campaign_id, left - 1);
  }
  return over;
}

type NewAttempt = Selectable<AttemptRow>;

function attemptFor({ clock, random }: StoreContext, task: Row, order: AttemptOrder, now: number): NewAttempt {
  const id = newId('att', clock, random);
  return {
    id, task_id: task.id, caller: task.caller, number: task.attempts + 1, sip_call_id: order.sipCallIdOf(id), call_id: newId('call', clock, random), node_id: order.nodeId, started_at: now,
    answered_at: null, ended_at: null, campaign_id: task.campaign_id, disposition: null, sip_status: null, reason: null, verdict: null, result_id: null, abandoned: 0,
  };
}

/** A few statements for any number of them: what is paid is the flush to the disk, once. */
async function saveIntents(context: StoreContext, trx: Db, attempts: readonly NewAttempt[], now: number): Promise<void> {
  if (attempts.length === 0) return;
  await trx
    .updateTable('tasks')
    .set((eb) => ({ state: nextTaskState('queued', 'begin') ?? 'dialing', attempts: eb('attempts', '+', 1), claimed_by: null, claimed_until: null, updated_at: now }))
    .where(context.dialect.isIn(sql.ref('id'), attempts.map(({ task_id }) => task_id)))
    .execute();
  await insertMany(context, trx, {
    table: 'attempts',
    columns: ['id', 'task_id', 'number', 'sip_call_id', 'call_id', 'node_id', 'started_at', 'campaign_id', 'caller'],
    rows: attempts.map((row) => [row.id, row.task_id, row.number, row.sip_call_id, row.call_id, row.node_id, row.started_at, row.campaign_id, row.caller]),
  });
}

export async function claimTask(context: StoreContext, campaignId: string, claimedBy: string, leaseMs: number): Promise<Task | undefined> {
  await queueWhatIsDue(context);
  return await context.db.transaction().execute(async (trx) => {
    const now = context.clock.now();
    const campaign = await trx.selectFrom('campaigns').select('id').where('id', '=', campaignId).where('state', '=', 'running').forShare().executeTakeFirst();
    if (campaign === undefined) return undefined;
    const due = trx
      .selectFrom('tasks')
      .selectAll()
      .where('campaign_id', '=', campaignId)
      .where('state', '=', 'queued')
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
      .orderBy('rank')
      .orderBy('seq')
      .limit(1)
      .forUpdate()
      .skipLocked();
    const own = await due.where('claimed_by', '=', claimedBy).where('claimed_until', '>', now).executeTakeFirst();
    const row = own ?? (await due.where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', now)])).executeTakeFirst());
    if (row === undefined) return undefined;
    await trx.updateTable('tasks').set({ claimed_by: claimedBy, claimed_until: now + leaseMs }).where('id', '=', row.id).execute();
    return taskOf(row);
  });
}

export async function skipTask(context: StoreContext, taskId: string, claimedBy: string): Promise<boolean> {
  const now = context.clock.now();
  const { numUpdatedRows } = await context.db
    .updateTable('tasks')
    .set((eb) => ({ claimed_by: null, claimed_until: null, rank: eb(eb.val(now), '-', eb('priority', '*', PRIORITY_MS)) }))
    .where('id', '=', taskId)
    .where('state', '=', 'queued')
    .where('claimed_by', '=', claimedBy)
    .where('claimed_until', '>', now)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function beginAttempt(context: StoreContext, taskId: string, nodeId: string, sipCallIdOf: (attemptId: string) => string): Promise<Attempt | undefined> {
  const [outcome] = await beginAttempts(context, [taskId], { nodeId, sipCallIdOf });
  return outcome?.kind === 'begun' ? outcome.attempt : undefined;
}

/** The task waits for its next dial, in its order from then on. */
export async function waitForRetry(context: StoreContext, trx: Db, taskId: string, retryAt: number): Promise<void> {
  const task = await moveTask(context, trx, taskId, 'retry');
  if (task === undefined) return;
  await trx.updateTable('tasks').set({ not_before: Math.trunc(retryAt), rank: Math.trunc(retryAt) - task.priority * PRIORITY_MS }).where('id', '=', taskId).execute();
}

export async function listAttempts({ db }: StoreContext, taskId: string): Promise<readonly AttemptRecord[]> {
  const rows = await db.selectFrom('attempts').selectAll().where('task_id', '=', taskId).orderBy('number').execute();
  return rows.map((row) => ({
    ...attemptOf(row),
    answeredAt: row.answered_at ?? undefined,
    disposition: row.disposition ?? undefined,
    sipStatus: row.sip_status ?? undefined,
    reason: row.reason ?? undefined,
    verdict: row.verdict ?? undefined,
    abandoned: row.abandoned === 1,
  }));
}

export async function answeredSince({ db }: StoreContext, since: number): Promise<readonly { campaignId: string; minute: number; answered: number; abandoned: number }[]> {
  const minute = sql<number>`answered_at - answered_at % ${sql.lit(MINUTE_MS)}`;
  const rows = await db
    .selectFrom('attempts')
    .select((select) => ['campaign_id', minute.as('minute'), select.fn.countAll<number>().as('answered'), select.fn.sum<number>('abandoned').as('abandoned')])
    .where('answered_at', '>', since)
    .where('ended_at', 'is not', null)
    .groupBy(['campaign_id', minute])
    .orderBy('minute')
    .execute();
  return rows.map((row) => ({ campaignId: row.campaign_id, minute: row.minute, answered: row.answered, abandoned: row.abandoned }));
}

/**
 * Takes back intents of this node that never became calls: the answer of the store was
 * lost, so the node does not know of them, and no INVITE has left. `running`: those that did.
 */
export async function releaseAttempts(context: StoreContext, nodeId: string, running: readonly string[]): Promise<number> {
  return await context.db.transaction().execute(async (trx) => {
    // The commit whose answer was lost may still be on its way, and holds this until it is through.
    await lockRules(context, trx);
    const open = await trx.selectFrom('attempts').select(['id', 'task_id', 'call_id']).where('node_id', '=', nodeId).where('ended_at', 'is', null).forUpdate().execute();
    const known = new Set(running);
    const lost = open.filter(({ id }) => !known.has(id));
    const released: NewComplianceEntry[] = [];
    for (const { id, task_id, call_id } of lost) {
      await trx.deleteFrom('attempts').where('id', '=', id).execute();
      // It was no dial, and counts as none.
      await trx.deleteFrom('dials').where('attempt_id', '=', id).execute();
      const task = await moveTask(context, trx, task_id, 'release');
      if (task === undefined) continue;
      await trx.updateTable('tasks').set({ attempts: Math.max(0, task.attempts - 1) }).where('id', '=', task_id).execute();
      released.push({ kind: 'released', taskId: task_id, attemptId: id, callId: call_id ?? undefined, subject: context.subjects.number(task.destination), body: {} });
    }
    await appendCompliance(context, trx, released);
    return lost.length;
  });
}

export async function resolveTask(context: StoreContext, taskId: string, as: 'called' | 'redial'): Promise<boolean> {
  return await context.db.transaction().execute(async (trx) => {
    if (as === 'redial') await holdOpen(trx, taskId);
    const task = await moveTask(context, trx, taskId, as);
    if (task === undefined) return false;
    if (as === 'redial') {
      await takeBackResult(context, trx, taskId);
      // The operator's word is one dial more than the policy has.
      await trx.updateTable('tasks').set((eb) => ({ rank: context.clock.now() - task.priority * PRIORITY_MS, granted: eb('granted', '+', 1) })).where('id', '=', taskId).execute();
    }
    await tell(context, trx, { type: 'task.resolved', data: { taskId, as } });
    return true;
  });
}

/**
 * Nobody is called whose number was forgotten. Of a campaign that is over nothing is
 * dialled any more, and nobody would end a task that waited for it. Until this transaction
 * ends, the campaign does not.
 */
async function holdOpen(trx: Db, taskId: string): Promise<void> {
  const task = await trx.selectFrom('tasks').select(['campaign_id', 'destination']).where('id', '=', taskId).where('state', '=', 'unknown').executeTakeFirst();
  if (task === undefined) return;
  if (task.destination === '' || task.destination === ERASED_DESTINATION) throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'The number of this task was forgotten.' } });
  if (task.campaign_id === '') return;
  const campaign = await trx.selectFrom('campaigns').select('state').where('id', '=', task.campaign_id).forShare().executeTakeFirst();
  if (campaign === undefined || campaign.state === 'running' || campaign.state === 'paused') return;
  throw new TrunklineError('TRK_CONFLICT', { params: { reason: `The campaign of this task is ${campaign.state}; nothing of it is dialled again.` } });
}
