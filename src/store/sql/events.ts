import { setImmediate as nextTurn } from 'node:timers/promises';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { NewEvent } from '../event-payloads.js';
import type { StoredEvent } from '../store.js';
import { insertMany } from './bulk.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { eventOf } from './rows.js';

/** Events appended by one transaction at most. */
const BATCH = 500;
/** Events that may wait to be appended; a batch of 10,000 tasks fits. */
const WAITING = 50_000;
/** Old events are dropped once in this many appended ones. */
export const TRIM_EVERY = 1_000;

/** A reader that turns events into webhooks or mail may be this many times `kept` behind before it loses some. */
const READERS_MAY_LAG = 10;

interface Waiting {
  readonly event: Omit<StoredEvent, 'cursor'>;
  readonly resolve: (stored: StoredEvent) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Tells what a transaction makes true, in that transaction: who reads events misses none
 * of them, and none tells what did not come about. The last thing that it does, as
 * nobody else's events are saved until it commits.
 */
export async function tell(context: StoreContext, trx: Db, ...events: readonly NewEvent[]): Promise<void> {
  const { clock, random } = context;
  for (let start = 0; start < events.length; start += BATCH) {
    if (start > 0) await nextTurn();
    await insertEvents(context, trx, events.slice(start, start + BATCH).map(({ type, data }) => ({ id: newId('evt', clock, random), type, at: clock.now(), data })));
  }
}

/** The cursors, in order. */
async function insertEvents(context: StoreContext, trx: Db, events: readonly Omit<StoredEvent, 'cursor'>[]): Promise<readonly number[]> {
  const { dialect, session, news } = context;
  // Committed in the order of their cursors: whoever reads on from the newest one misses none.
  await dialect.lock(trx, 'events');
  const inserted = await insertMany(context, trx, {
    table: 'events',
    columns: ['id', 'type', 'at', 'data'],
    rows: events.map(({ id, type, at, data }) => [id, type, at, JSON.stringify(data ?? null)]),
    returning: ['cursor'],
  });
  const cursors = inserted.map((row) => row.cursor).sort((a, b) => a - b);
  await session.notify(trx, 'events');
  news.told += events.length;
  news.sinceTrim += events.length;
  if (news.sinceTrim >= TRIM_EVERY) {
    await trim(trx, news.kept, cursors.at(-1) ?? 0);
    news.sinceTrim = 0;
  }
  return cursors;
}

/** What webhooks and mail are still to be made of stays, within reason. */
async function trim(trx: Db, kept: number, last: number): Promise<void> {
  const { slowest } = await trx.selectFrom('fan_out').select((select) => select.fn.min<number | null>('cursor').as('slowest')).executeTakeFirstOrThrow();
  await trx.deleteFrom('events').where('cursor', '<=', Math.min(last - kept, Math.max(slowest ?? last, last - READERS_MAY_LAG * kept))).execute();
}

/** The newest events; what is appended in the same moment shares one transaction and so one disk flush. */
export class EventTable {
  readonly #context: StoreContext;
  readonly #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  append(type: string, data: unknown): Promise<StoredEvent> {
    if (this.#waiting.length >= WAITING) {
      return Promise.reject(new TrunklineError('TRK_STORE', { params: { reason: 'too many events wait to be saved' } }));
    }
    const { clock, random } = this.#context;
    const event = { id: newId('evt', clock, random), type, at: clock.now(), data };
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, resolve, reject });
      this.#draining ??= this.#drain().finally(() => (this.#draining = undefined));
    });
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining;
  }

  async #drain(): Promise<void> {
    // Lets everything that is appended in this turn of the event loop come along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      try {
        const cursors = await this.#insert(batch);
        batch.forEach((waiting, index) => waiting.resolve({ cursor: cursors[index] ?? 0, ...waiting.event }));
      } catch (error) {
        for (const waiting of batch) waiting.reject(this.#context.dialect.asStoreError(error));
      }
      // Audio and signalling come first: a long list lets the event loop turn.
      if (this.#waiting.length > 0) await nextTurn();
    }
  }

  /** Their cursors, in order. */
  async #insert(batch: readonly Waiting[]): Promise<readonly number[]> {
    return await this.#context.db.transaction().execute((trx) => insertEvents(this.#context, trx, batch.map(({ event }) => event)));
  }

  async read(after: number, limit: number): Promise<readonly StoredEvent[]> {
    const { db } = this.#context;
    const edges = await db
      .selectFrom('events')
      .select((select) => [select.fn.min<number | null>('cursor').as('first'), select.fn.max<number | null>('cursor').as('last')])
      .executeTakeFirst();
    // A cursor after the end comes from another store; events between it and ours can never be told.
    if (after > (edges?.last ?? 0) || after < (edges?.first ?? 1) - 1) throw new TrunklineError('TRK_CURSOR_INVALID', { field: 'cursor' });
    const rows = await db.selectFrom('events').selectAll().where('cursor', '>', after).orderBy('cursor').limit(limit).execute();
    return rows.map(eventOf);
  }

  async lastCursor(): Promise<number> {
    const row = await this.#context.db.selectFrom('events').select((select) => select.fn.max<number | null>('cursor').as('last')).executeTakeFirst();
    return row?.last ?? 0;
  }
}
