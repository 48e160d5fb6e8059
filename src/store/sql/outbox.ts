import { sql } from 'kysely';
import type { Expression, Selectable } from 'kysely';
import { newId } from '../../kernel/ids.js';
import type { NewOutboxEntry, OutboxChannel, OutboxEnd, OutboxEntry, OutboxState } from '../outbox.js';
import type { Page } from '../store.js';
import type { OutboxRow } from '../tables.js';
import { INSERT_BATCH, insertMany } from './bulk.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import type { Db } from './db.js';

/*
 * Of the entries of one receiver with one order key only the first that is not over is
 * looked at when something is claimed; those behind it have `behind` set, and are let go
 * one by one as the one before them ends. Whoever adds to such a line or ends its head
 * holds the lock of the receiver, so that neither misses what the other does.
 */

/** What is new is due whatever the clock says: after a jump back by an hour nothing waits for an hour. */
const AT_ONCE = 0;
const BEHIND = 1;

export async function fanOutCursor({ db }: StoreContext, reader: string): Promise<number> {
  return (await db.selectFrom('fan_out').select('cursor').where('reader', '=', reader).executeTakeFirst())?.cursor ?? 0;
}

export async function beginFanOut({ db }: StoreContext, reader: string): Promise<void> {
  await sql`insert into fan_out (reader, cursor) select cast(${reader} as text), coalesce(max(cursor), 0) from events where 1 = 1 on conflict (reader) do nothing`.execute(db);
}

export async function fanOut(context: StoreContext, reader: string, from: number, to: number, entries: readonly NewOutboxEntry[]): Promise<boolean> {
  return await context.db.transaction().execute(async (trx) => {
    await context.dialect.lock(trx, `fan_out:${reader}`);
    const row = await trx.selectFrom('fan_out').select('cursor').where('reader', '=', reader).executeTakeFirst();
    if ((row?.cursor ?? 0) !== from) return false;
    await insertEntries(context, trx, entries);
    await trx.insertInto('fan_out').values({ reader, cursor: to }).onConflict((conflict) => conflict.column('reader').doUpdateSet({ cursor: to })).execute();
    return true;
  });
}

export async function addOutbox(context: StoreContext, entries: readonly NewOutboxEntry[]): Promise<number> {
  return await context.db.transaction().execute((trx) => insertEntries(context, trx, entries));
}

async function insertEntries(context: StoreContext, trx: Db, entries: readonly NewOutboxEntry[]): Promise<number> {
  await lockLines(context, trx, entries);
  const now = context.clock.now();
  let made = 0;
  for (let start = 0; start < entries.length; start += INSERT_BATCH) {
    const inserted = await insertMany(context, trx, {
      table: 'outbox',
      columns: ['id', 'channel', 'target', 'order_key', 'dedupe_key', 'type', 'payload', 'state', 'tries', 'next_at', 'behind', 'created_at'],
      rows: entries.slice(start, start + INSERT_BATCH).map((entry) => [
        newId('obx', context.clock, context.random), entry.channel, entry.target, entry.orderKey ?? null, entry.dedupeKey, entry.type, entry.payload, 'pending', 0, AT_ONCE, entry.orderKey === undefined ? null : BEHIND, now,
      ]),
      onConflict: sql`(dedupe_key) do nothing`,
      returning: ['id'],
    });
    made += inserted.length;
    const ids = inserted.map(({ id }) => id);
    await trx.updateTable('outbox').set({ behind: null }).where(context.dialect.isIn(sql.ref('id'), ids)).where('behind', 'is not', null).where('seq', '=', firstOf()).execute();
  }
  return made;
}

/** In the order of their names, as two that want several must. */
async function lockLines({ dialect }: StoreContext, trx: Db, entries: readonly Pick<OutboxEntry, 'target' | 'orderKey'>[]): Promise<void> {
  const targets = new Set(entries.flatMap(({ target, orderKey }) => (orderKey === undefined ? [] : [target])));
  for (const target of [...targets].sort()) await dialect.lock(trx, `outbox:${target}`);
}

/** The first of one line; of each row's own, where no line is named. */
function firstOf(line?: { target: string; orderKey: string }): Expression<number> {
  const target = line === undefined ? sql.ref('outbox.target') : sql.val(line.target);
  const orderKey = line === undefined ? sql.ref('outbox.order_key') : sql.val(line.orderKey);
  return sql<number>`(select min(line.seq) from outbox as line where line.target = ${target} and line.order_key = ${orderKey} and line.done_at is null)`;
}

export async function claimOutbox(context: StoreContext, query: { channel: OutboxChannel; target?: string; limit: number; leaseMs: number }): Promise<readonly OutboxEntry[]> {
  return await context.db.transaction().execute(async (trx) => {
    const now = context.clock.now();
    const free = (await dueOutbox(trx, { ...query, now }).forUpdate().skipLocked().execute()).map((row) => row.seq);
    if (free.length === 0) return [];
    const claimed = await trx
      .updateTable('outbox')
      .set((set) => ({ state: 'running', tries: set('tries', '+', 1), next_at: now + query.leaseMs }))
      .where(context.dialect.isIn(sql.ref('seq'), free))
      .returningAll()
      .execute();
    return claimed.sort((a, b) => a.seq - b.seq).map(entryOf);
  });
}

/** What may be sent now; its indices (migration 17) hold nothing else, in this order. */
export function dueOutbox(db: Db, { channel, target, limit, now }: { channel: OutboxChannel; target?: string; limit: number; now: number }) {
  const due = db.selectFrom('outbox').select('seq').where('channel', '=', channel).where('done_at', 'is', null).where('behind', 'is', null).where('next_at', '<=', now);
  return (target === undefined ? due : due.where('target', '=', target)).orderBy('next_at').orderBy('seq').limit(limit);
}

export async function finishOutbox(context: StoreContext, entry: Pick<OutboxEntry, 'id' | 'tries' | 'target' | 'orderKey'>, end: OutboxEnd): Promise<boolean> {
  return await context.db.transaction().execute(async (trx) => {
    const over = end.state !== 'retry_wait';
    if (over) await lockLines(context, trx, [entry]);
    const changed = await trx
      .updateTable('outbox')
      .set({ state: end.state, last_error: end.state === 'succeeded' ? null : end.error, ...(over ? { done_at: context.clock.now() } : { next_at: Math.trunc(end.nextAt) }) })
      .where('id', '=', entry.id)
      .where('state', '=', 'running')
      .where('tries', '=', entry.tries)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return false;
    if (over && entry.orderKey !== undefined) await letFirstGo(trx, { target: entry.target, orderKey: entry.orderKey });
    return true;
  });
}

/** The first of a line need not wait any longer. */
async function letFirstGo(trx: Db, line: { target: string; orderKey: string }): Promise<void> {
  await trx.updateTable('outbox').set({ behind: null }).where('seq', '=', firstOf(line)).where('behind', 'is not', null).execute();
}

export async function nextOutboxAt({ db }: StoreContext, channel: OutboxChannel): Promise<number | undefined> {
  const row = await db.selectFrom('outbox').select('next_at').where('channel', '=', channel).where('done_at', 'is', null).where('behind', 'is', null).orderBy('next_at').limit(1).executeTakeFirst();
  return row?.next_at;
}

export async function getOutbox({ db }: StoreContext, id: string): Promise<OutboxEntry | undefined> {
  const row = await db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirst();
  return row && entryOf(row);
}

export async function listOutbox({ db }: StoreContext, query: { channel: OutboxChannel; target?: string; state?: OutboxState; cursor?: string; limit: number }): Promise<Page<OutboxEntry>> {
  let select = db.selectFrom('outbox').selectAll().where('channel', '=', query.channel).where('seq', '>', decodeCursor('outbox', query.cursor)).orderBy('seq').limit(query.limit + 1);
  if (query.target !== undefined) select = select.where('target', '=', query.target);
  if (query.state !== undefined) select = select.where('state', '=', query.state);
  return pageOf('outbox', await select.execute(), query.limit, entryOf);
}

export async function requeueOutbox(context: StoreContext, id: string): Promise<boolean> {
  return await context.db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('outbox').select(['target', 'order_key']).where('id', '=', id).executeTakeFirst();
    if (row === undefined) return false;
    const { target, order_key: orderKey } = row;
    await lockLines(context, trx, [{ target, orderKey: orderKey ?? undefined }]);
    const changed = await trx
      .updateTable('outbox')
      .set({ state: 'pending', tries: 0, next_at: AT_ONCE, behind: orderKey === null ? null : BEHIND, done_at: null })
      .where('id', '=', id)
      .where('done_at', 'is not', null)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return false;
    if (orderKey !== null) {
      // It may come before the one that was the first of its line meanwhile.
      await trx.updateTable('outbox').set({ behind: BEHIND }).where('target', '=', target).where('order_key', '=', orderKey).where('done_at', 'is', null).where('behind', 'is', null).execute();
      await letFirstGo(trx, { target, orderKey });
    }
    return true;
  });
}

/** Everything with these order keys, whether it was sent or not. */
export async function forgetOutbox(context: StoreContext, trx: Db, orderKeys: readonly string[]): Promise<void> {
  const { dialect } = context;
  const rows = await trx.selectFrom('outbox').select('target').distinct().where(dialect.isIn(sql.ref('order_key'), orderKeys)).execute();
  await lockLines(context, trx, rows.map(({ target }) => ({ target, orderKey: '' })));
  await trx.deleteFrom('outbox').where(dialect.isIn(sql.ref('order_key'), orderKeys)).execute();
}

export async function sweepOutbox({ db }: StoreContext, before: number, limit: number): Promise<number> {
  const gone = await db
    .deleteFrom('outbox')
    .where('seq', 'in', (from) => from.selectFrom('outbox').select('seq').where('done_at', '<', before).orderBy('done_at').limit(limit))
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}

function entryOf(row: Selectable<OutboxRow>): OutboxEntry {
  return {
    id: row.id,
    channel: row.channel,
    target: row.target,
    orderKey: row.order_key ?? undefined,
    dedupeKey: row.dedupe_key,
    type: row.type,
    payload: row.payload,
    state: row.state,
    tries: row.tries,
    nextAt: row.next_at,
    lastError: row.last_error ?? undefined,
    createdAt: row.created_at,
    doneAt: row.done_at ?? undefined,
  };
}
