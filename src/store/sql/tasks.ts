import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { TaskOrigin } from '../campaigns.js';
import type { NewEvent } from '../event-payloads.js';
import type { NewTask, Page, Task, TaskState } from '../store.js';
import { nextTaskState } from '../task-states.js';
import { INSERT_BATCH, insertMany } from './bulk.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { tell } from './events.js';
import { decodeCursor, pageOf } from './cursors.js';
import { cancelled, endUncalled } from './results.js';
import type { EndingReason } from './results.js';
import { taskOf } from './rows.js';
import { isHeld, mayExpire, moveTask } from './task-moves.js';

/** An Idempotency-Key is remembered this long, ms: 7 days. */
const IDEMPOTENCY_KEPT_MS = 7 * 24 * 3_600_000;
/** Rows moved by one maintenance transaction, so that none holds the event loop for long. */
const MAINTENANCE_BATCH = 1_000;

/** A point of priority is worth a minute of waiting, ms. */
export const PRIORITY_MS = 60_000;

export async function createTasks(
  context: StoreContext,
  tasks: readonly NewTask[],
  idempotency: { key: string; requestHash: string } | undefined,
): Promise<{ tasks: readonly Task[]; replayed: boolean }> {
  return await context.db.transaction().execute(async (trx) => {
    const now = context.clock.now();
    if (idempotency === undefined) {
      const created = await insertTasks(context, trx, tasks, now, null);
      await tell(context, trx, ...created.map(createdEvent));
      return { tasks: created, replayed: false };
    }
    await context.dialect.lock(trx, `idempotency:${idempotency.key}`);
    await trx.deleteFrom('idempotency').where('created_at', '<', now - IDEMPOTENCY_KEPT_MS).execute();
    const before = await findReplay(trx, idempotency);
    if (before !== undefined) return { tasks: before, replayed: true };
    if (tasks.length === 0) return { tasks: [], replayed: false };
    const requestId = newId('req', context.clock, context.random);
    const created = await insertTasks(context, trx, tasks, now, requestId);
    await trx.insertInto('idempotency').values({ key: idempotency.key, request_hash: idempotency.requestHash, request_id: requestId, created_at: now }).execute();
    await tell(context, trx, ...created.map(createdEvent));
    return { tasks: created, replayed: false };
  });
}

function createdEvent({ id: taskId, flow, flowVersion, priority, state }: Task): NewEvent {
  return { type: 'task.created', data: { taskId, flow, flowVersion, priority, state } };
}

async function findReplay(trx: Db, idempotency: { key: string; requestHash: string }): Promise<readonly Task[] | undefined> {
  const before = await trx.selectFrom('idempotency').selectAll().where('key', '=', idempotency.key).executeTakeFirst();
  if (before === undefined) return undefined;
  if (before.request_hash !== idempotency.requestHash) throw new TrunklineError('TRK_IDEMPOTENCY_MISMATCH', { field: 'Idempotency-Key' });
  const rows = await trx.selectFrom('tasks').selectAll().where('request_id', '=', before.request_id).orderBy('seq').execute();
  return rows.map(taskOf);
}

/** Rows cross to the database as JSON, some hundred at a time; in between the event loop turns, as audio and signalling come first. */
export async function insertTasks(context: StoreContext, trx: Db, tasks: readonly NewTask[], now: number, requestId: string | null): Promise<Task[]> {
  const made: Task[] = [];
  for (let start = 0; start < tasks.length; start += INSERT_BATCH) {
    if (start > 0) await nextTurn();
    const batch = tasks.slice(start, start + INSERT_BATCH).map((task): Task => ({
      ...task,
      ...originOf(task),
      id: newId('task', context.clock, context.random),
      attempts: 0,
      blockedBy: undefined,
      blockedUntil: undefined,
      state: task.notBefore > now ? 'scheduled' : 'queued',
      createdAt: now,
      updatedAt: now,
    }));
    await insertBatch(context, trx, batch, requestId);
    made.push(...batch);
  }
  if (made.length > 0) await context.session.notify(trx, 'tasks');
  return made;
}

/** Every key, so that a task looks the same when it is read again. */
function originOf(task: NewTask): TaskOrigin {
  const { campaignId, campaignRound, contactId, category, purpose, timeZones = [], hours, hoursZone, retry } = task;
  return { campaignId, campaignRound, contactId, category, purpose, timeZones, hours, hoursZone, retry };
}

async function insertBatch(context: StoreContext, trx: Db, batch: readonly Task[], requestId: string | null): Promise<void> {
  await insertMany(context, trx, {
    table: 'tasks',
    columns: ['id', 'destination', 'caller', 'flow', 'flow_version', 'priority', 'variables', 'metadata', 'not_before', 'expires_at', 'state', 'request_id', 'created_at', 'updated_at',
      'campaign_id', 'campaign_round', 'contact_id', 'category', 'purpose', 'time_zones', 'hours', 'hours_zone', 'retry', 'rank', 'subject'],
    rows: batch.map((task) => [
      task.id, task.to, task.from ?? null, task.flow, task.flowVersion, task.priority, JSON.stringify(task.variables), JSON.stringify(task.metadata),
      Math.trunc(task.notBefore), task.expiresAt === undefined ? null : Math.trunc(task.expiresAt), task.state, requestId, task.createdAt, task.updatedAt,
      task.campaignId ?? '', task.campaignRound ?? null, task.contactId ?? null, task.category ?? null, task.purpose ?? null, task.timeZones.length === 0 ? null : JSON.stringify(task.timeZones),
      jsonOrNull(task.hours), task.hoursZone ?? null, jsonOrNull(task.retry), Math.trunc(Math.max(task.notBefore, task.createdAt)) - task.priority * PRIORITY_MS, context.subjects.number(task.to),
    ]),
  });
}

const jsonOrNull = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value));

/**
 * State of a task that is found by its key. SQLite keeps no statistics, and of two
 * conditions it would rather walk an index of all tasks in that state, of which there may
 * be a million; no index serves this expression.
 */
export const stateOfFound = sql<TaskState>`coalesce(tasks.state, '')`;

export async function getTask(context: StoreContext, id: string): Promise<Task | undefined> {
  const row = await context.db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirst();
  return row && taskOf(row);
}

export async function getTasks({ db, dialect }: StoreContext, ids: readonly string[]): Promise<readonly Task[]> {
  if (ids.length === 0) return [];
  return (await db.selectFrom('tasks').selectAll().where(dialect.isIn(sql.ref('id'), ids)).execute()).map(taskOf);
}

export async function listTasks(context: StoreContext, query: { state?: TaskState; campaignId?: string; cursor?: string; limit: number }): Promise<Page<Task>> {
  const after = decodeCursor('tasks', query.cursor);
  let select = context.db.selectFrom('tasks').selectAll().where('seq', '>', after).orderBy('seq').limit(query.limit + 1);
  if (query.state !== undefined) select = select.where('state', '=', query.state);
  if (query.campaignId !== undefined) select = select.where('campaign_id', '=', query.campaignId);
  return pageOf('tasks', await select.execute(), query.limit, taskOf);
}

export async function dueTasks(context: StoreContext, limit: number): Promise<readonly Task[]> {
  await queueWhatIsDue(context);
  const now = context.clock.now();
  const rows = await context.db
    .selectFrom('tasks')
    .selectAll()
    .where('state', '=', 'queued')
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .where((where) => where.or([where('campaign_id', '=', ''), where('campaign_id', 'in', where.selectFrom('campaigns').select('id').where('state', '=', 'running'))]))
    .orderBy('rank')
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(taskOf);
}

/** A task is in its index as long as it is held, and no longer: this is asked every second. */
export const heldUntil = (db: Db, now: number) => db.selectFrom('tasks').select('seq').where(isHeld).where('blocked_until', '<=', now).orderBy('blocked_until').limit(MAINTENANCE_BATCH);

/** Tasks that a rule kept back for a while are free again, at most 1,000 a call; the rule is asked again when they are dialled. */
async function freeBlocked(context: StoreContext): Promise<void> {
  const now = context.clock.now();
  const over = await heldUntil(context.db, now).execute();
  if (over.length === 0) return;
  await context.db.transaction().execute(async (trx) => {
    const free = await trx.selectFrom('tasks').select('seq').where(context.dialect.isIn(sql.ref('seq'), over.map((row) => row.seq))).where(stateOfFound, '=', 'blocked').where(sql`coalesce(blocked_until, ${now + 1})`, '<=', now).forUpdate().skipLocked().execute();
    await trx
      .updateTable('tasks')
      .set({ state: nextTaskState('blocked', 'unblock') ?? 'queued', blocked_by: null, blocked_until: null, updated_at: now })
      .where(context.dialect.isIn(sql.ref('seq'), free.map((row) => row.seq)))
      .execute();
  });
}

/** Scheduled tasks whose time has come are queued, so that looking for due ones never walks over those that are not. */
export async function queueWhatIsDue(context: StoreContext): Promise<void> {
  await freeBlocked(context);
  const now = context.clock.now();
  const due = await context.db
    .selectFrom('tasks')
    .select('seq')
    .where('state', 'in', ['scheduled', 'retry_wait'])
    .where('not_before', '<=', now)
    .limit(MAINTENANCE_BATCH)
    .execute();
  if (due.length === 0) return;
  await context.db.transaction().execute(async (trx) => {
    // Asked again inside, as another node may be at the same ones.
    const free = await trx
      .selectFrom('tasks')
      .select('seq')
      .where(context.dialect.isIn(sql.ref('seq'), due.map((row) => row.seq)))
      .where(stateOfFound, 'in', ['scheduled', 'retry_wait'])
      .forUpdate()
      .skipLocked()
      .execute();
    await trx.updateTable('tasks').set({ state: 'queued', updated_at: now }).where(context.dialect.isIn(sql.ref('seq'), free.map((row) => row.seq))).execute();
  });
}

export async function cancelTask(context: StoreContext, id: string): Promise<boolean> {
  return await context.db.transaction().execute(async (trx) => {
    const row = await moveTask(context, trx, id, 'cancel');
    if (row === undefined) return false;
    const result = await endUncalled(context, trx, row, 'cancelled', cancelled);
    await tell(context, trx, { type: 'task.cancelled', data: { taskId: id, resultId: result.id } });
    return true;
  });
}

/** As `heldUntil`. */
export const expired = (db: Db, now: number) => db.selectFrom('tasks').select('id').where(mayExpire).where('expires_at', '<=', now).orderBy('expires_at').limit(MAINTENANCE_BATCH);

const ranOut: EndingReason = { undialled: 'Expired before it was dialled.', waiting: 'Expired while it waited for its next dial.' };

/** At most 1,000 a call; the next call takes the next ones. */
export async function expireTasks(context: StoreContext): Promise<readonly string[]> {
  const rows = await expired(context.db, context.clock.now()).execute();
  if (rows.length === 0) return [];
  return await context.db.transaction().execute(async (trx) => {
    const ended: { taskId: string; resultId: string }[] = [];
    // Asked again inside, as their campaign may have been prolonged; those that somebody is changing at this moment are left to the next call.
    const over = await trx
      .selectFrom('tasks')
      .select('id')
      .where(context.dialect.isIn(sql.ref('id'), rows.map((row) => row.id)))
      .where(sql`coalesce(expires_at, ${context.clock.now() + 1})`, '<=', context.clock.now())
      .orderBy('seq')
      .forUpdate()
      .skipLocked()
      .execute();
    for (const { id } of over) {
      const row = await moveTask(context, trx, id, 'expire');
      if (row === undefined) continue;
      const result = await endUncalled(context, trx, row, 'expired', ranOut);
      ended.push({ taskId: id, resultId: result.id });
    }
    await tell(context, trx, ...ended.map((data): NewEvent => ({ type: 'task.expired', data })));
    return ended.map(({ taskId }) => taskId);
  });
}
