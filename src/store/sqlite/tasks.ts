import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { NewTask, Page, Task, TaskState } from '../store.js';
import { statesThatTake } from '../task-states.js';
import type { Db } from './connection.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import { insertResult, undialledResult } from './results.js';
import { taskOf } from './rows.js';
import { moveTask } from './task-moves.js';

/** An Idempotency-Key is remembered this long, ms: 7 days. */
export const IDEMPOTENCY_KEPT_MS = 7 * 24 * 3_600_000;
/** Rows moved by one maintenance transaction, so that none holds the event loop for long. */
const MAINTENANCE_BATCH = 1_000;
/** Tasks inserted by one statement. */
const INSERT_BATCH = 500;

export async function createTasks(
  context: StoreContext,
  tasks: readonly NewTask[],
  idempotency: { key: string; requestHash: string } | undefined,
): Promise<{ tasks: readonly Task[]; replayed: boolean }> {
  return await context.db.transaction().execute(async (trx) => {
    const now = context.clock.now();
    if (idempotency !== undefined) {
      await trx.deleteFrom('idempotency').where('created_at', '<', now - IDEMPOTENCY_KEPT_MS).execute();
      const before = await findReplay(trx, idempotency);
      if (before !== undefined) return { tasks: before, replayed: true };
    }
    const created = await insertTasks(context, trx, tasks, now);
    const first = created[0];
    if (idempotency !== undefined && first !== undefined) {
      await trx
        .insertInto('idempotency')
        .values({ key: idempotency.key, request_hash: idempotency.requestHash, first_seq: first.seq, last_seq: first.seq + created.length - 1, created_at: now })
        .execute();
    }
    return { tasks: created.map((entry) => entry.task), replayed: false };
  });
}

async function findReplay(trx: Db, idempotency: { key: string; requestHash: string }): Promise<readonly Task[] | undefined> {
  const before = await trx.selectFrom('idempotency').selectAll().where('key', '=', idempotency.key).executeTakeFirst();
  if (before === undefined) return undefined;
  if (before.request_hash !== idempotency.requestHash) throw new TrunklineError('TRK_IDEMPOTENCY_MISMATCH', { field: 'Idempotency-Key' });
  const rows = await trx.selectFrom('tasks').selectAll().where('seq', '>=', before.first_seq).where('seq', '<=', before.last_seq).orderBy('seq').execute();
  return rows.map(taskOf);
}

/** Rows cross to SQLite as JSON, some hundred at a time; in between the event loop turns, as audio and signalling come first. */
async function insertTasks(context: StoreContext, trx: Db, tasks: readonly NewTask[], now: number): Promise<{ seq: number; task: Task }[]> {
  const made: Task[] = [];
  let lastSeq = 0;
  for (let start = 0; start < tasks.length; start += INSERT_BATCH) {
    if (start > 0) await nextTurn();
    const batch = tasks.slice(start, start + INSERT_BATCH).map((task): Task => ({
      ...task,
      id: newId('task', context.clock, context.random),
      state: task.notBefore > now ? 'scheduled' : 'queued',
      createdAt: now,
      updatedAt: now,
    }));
    lastSeq = await insertBatch(trx, batch, now);
    made.push(...batch);
  }
  // AUTOINCREMENT inside one write transaction counts without gaps.
  return made.map((task, index) => ({ seq: lastSeq - made.length + 1 + index, task }));
}

/** The `seq` of the last one. */
async function insertBatch(trx: Db, batch: readonly Task[], now: number): Promise<number> {
  const rows = batch.map((task) => [
    task.id, task.to, task.from ?? null, task.flow, task.flowVersion, task.priority, JSON.stringify(task.variables),
    JSON.stringify(task.metadata), Math.trunc(task.notBefore), task.expiresAt === undefined ? null : Math.trunc(task.expiresAt), task.state,
  ]);
  await sql`insert into tasks (id, destination, caller, flow, flow_version, priority, variables, metadata, not_before, expires_at, state, created_at, updated_at)
    select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9, value->>10, ${now}, ${now}
    from json_each(${JSON.stringify(rows)}) order by key`.execute(trx);
  const last = await sql<{ seq: number }>`select last_insert_rowid() as seq`.execute(trx);
  return last.rows[0]?.seq ?? 0;
}

export async function getTask(context: StoreContext, id: string): Promise<Task | undefined> {
  const row = await context.db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirst();
  return row && taskOf(row);
}

export async function listTasks(context: StoreContext, query: { state?: TaskState; cursor?: string; limit: number }): Promise<Page<Task>> {
  const after = decodeCursor('tasks', query.cursor);
  let select = context.db.selectFrom('tasks').selectAll().where('seq', '>', after).orderBy('seq').limit(query.limit + 1);
  if (query.state !== undefined) select = select.where('state', '=', query.state);
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
    .orderBy('priority', 'desc')
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(taskOf);
}

/** Scheduled tasks whose time has come are queued, so that looking for due ones never walks over those that are not. */
async function queueWhatIsDue(context: StoreContext): Promise<void> {
  const now = context.clock.now();
  const due = await context.db
    .selectFrom('tasks')
    .select('seq')
    .where('state', 'in', ['scheduled', 'retry_wait'])
    .where('not_before', '<=', now)
    .limit(MAINTENANCE_BATCH)
    .execute();
  if (due.length === 0) return;
  await context.db
    .updateTable('tasks')
    .set({ state: 'queued', updated_at: now })
    .where('seq', 'in', due.map((row) => row.seq))
    .where('state', 'in', ['scheduled', 'retry_wait'])
    .execute();
}

export async function cancelTask(context: StoreContext, id: string): Promise<boolean> {
  return await context.db.transaction().execute(async (trx) => {
    const row = await moveTask(context, trx, id, 'cancel');
    if (row === undefined) return false;
    await insertResult(trx, undialledResult(context, taskOf(row), 'cancelled'));
    return true;
  });
}

/** At most 1,000 a call; the next call takes the next ones. */
export async function expireTasks(context: StoreContext): Promise<readonly string[]> {
  const rows = await context.db
    .selectFrom('tasks')
    .select('id')
    .where('state', 'in', [...statesThatTake('expire')])
    .where('expires_at', '<=', context.clock.now())
    .limit(MAINTENANCE_BATCH)
    .execute();
  if (rows.length === 0) return [];
  return await context.db.transaction().execute(async (trx) => {
    const expired: string[] = [];
    for (const { id } of rows) {
      const row = await moveTask(context, trx, id, 'expire');
      if (row === undefined) continue;
      await insertResult(trx, undialledResult(context, taskOf(row), 'expired'));
      expired.push(id);
    }
    return expired;
  });
}
