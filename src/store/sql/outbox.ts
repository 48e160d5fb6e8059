import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { newId } from '../../kernel/ids.js';
import type { NewOutboxEntry, OutboxChannel, OutboxEnd, OutboxEntry, OutboxState } from '../outbox.js';
import type { Page } from '../store.js';
import type { OutboxRow } from '../tables.js';
import { INSERT_BATCH, insertMany } from './bulk.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import type { Db } from './db.js';

/** What is new is due whatever the clock says: after a jump back by an hour nothing waits for an hour. */
const AT_ONCE = 0;

export async function fanOutCursor({ db }: StoreContext, reader: string): Promise<number> {
  return (await db.selectFrom('fan_out').select('cursor').where('reader', '=', reader).executeTakeFirst())?.cursor ?? 0;
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
  const now = context.clock.now();
  let made = 0;
  for (let start = 0; start < entries.length; start += INSERT_BATCH) {
    const inserted = await insertMany(context, trx, {
      table: 'outbox',
      columns: ['id', 'channel', 'target', 'order_key', 'dedupe_key', 'type', 'payload', 'state', 'tries', 'next_at', 'created_at'],
      rows: entries.slice(start, start + INSERT_BATCH).map((entry) => [
        newId('obx', context.clock, context.random), entry.channel, entry.target, entry.orderKey ?? null, entry.dedupeKey, entry.type, entry.payload, 'pending', 0, AT_ONCE, now,
      ]),
      onConflict: sql`(dedupe_key) do nothing`,
      returning: ['id'],
    });
    made += inserted.length;
  }
  return made;
}

export async function claimOutbox(context: StoreContext, query: { channel: OutboxChannel; target?: string; limit: number; leaseMs: number }): Promise<readonly OutboxEntry[]> {
  return await context.db.transaction().execute(async (trx) => {
    const now = context.clock.now();
    let due = trx
      .selectFrom('outbox')
      .select('seq')
      .where('channel', '=', query.channel)
      .where('done_at', 'is', null)
      .where('next_at', '<=', now)
      // In order: whatever came before it for the same receiver and the same task is over.
      .where((where) =>
        where.or([
          where('order_key', 'is', null),
          where.not(
            where.exists(
              where
                .selectFrom('outbox as earlier')
                .select('earlier.seq')
                .whereRef('earlier.target', '=', 'outbox.target')
                .whereRef('earlier.order_key', '=', 'outbox.order_key')
                .whereRef('earlier.seq', '<', 'outbox.seq')
                .where('earlier.done_at', 'is', null),
            ),
          ),
        ]),
      )
      .orderBy('next_at')
      .orderBy('seq')
      .limit(query.limit)
      .forUpdate()
      .skipLocked();
    if (query.target !== undefined) due = due.where('target', '=', query.target);
    const free = (await due.execute()).map((row) => row.seq);
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

export async function finishOutbox({ db, clock }: StoreContext, entry: Pick<OutboxEntry, 'id' | 'tries'>, end: OutboxEnd): Promise<boolean> {
  const done = end.state === 'retry_wait' ? null : clock.now();
  const changed = await db
    .updateTable('outbox')
    .set({ state: end.state, last_error: end.state === 'succeeded' ? null : end.error, done_at: done, ...(end.state === 'retry_wait' ? { next_at: Math.trunc(end.nextAt) } : {}) })
    .where('id', '=', entry.id)
    .where('state', '=', 'running')
    .where('tries', '=', entry.tries)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

export async function nextOutboxAt({ db }: StoreContext, channel: OutboxChannel): Promise<number | undefined> {
  const row = await db.selectFrom('outbox').select('next_at').where('channel', '=', channel).where('done_at', 'is', null).orderBy('next_at').limit(1).executeTakeFirst();
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

export async function requeueOutbox({ db }: StoreContext, id: string): Promise<boolean> {
  const changed = await db.updateTable('outbox').set({ state: 'pending', tries: 0, next_at: AT_ONCE, done_at: null }).where('id', '=', id).where('done_at', 'is not', null).executeTakeFirst();
  return changed.numUpdatedRows > 0n;
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
