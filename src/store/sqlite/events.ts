import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { StoredEvent } from '../store.js';
import type { StoreContext } from './context.js';
import { asStoreError } from './errors.js';
import { eventOf } from './rows.js';

/** Events appended by one transaction at most. */
const BATCH = 500;
/** Events that may wait to be appended; a batch of 10,000 tasks fits. */
const WAITING = 50_000;
/** Old events are dropped once in this many appended ones. */
const TRIM_EVERY = 1_000;

interface Waiting {
  readonly event: Omit<StoredEvent, 'cursor'>;
  readonly resolve: (stored: StoredEvent) => void;
  readonly reject: (error: Error) => void;
}

/** The newest `kept` events; what is appended in the same moment shares one transaction and so one disk flush. */
export class EventTable {
  readonly #context: StoreContext;
  readonly #kept: number;
  readonly #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #sinceTrim = TRIM_EVERY;

  constructor(context: StoreContext, kept: number) {
    this.#context = context;
    this.#kept = kept;
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
        const last = await this.#insert(batch);
        batch.forEach((waiting, index) => waiting.resolve({ cursor: last - batch.length + 1 + index, ...waiting.event }));
      } catch (error) {
        for (const waiting of batch) waiting.reject(asStoreError(error));
      }
      // Audio and signalling come first: a long list lets the event loop turn.
      if (this.#waiting.length > 0) await nextTurn();
    }
  }

  /** The cursor of the last one; those before it are without gaps. */
  async #insert(batch: readonly Waiting[]): Promise<number> {
    const rows = batch.map(({ event }) => [event.id, event.type, event.at, JSON.stringify(event.data ?? null)]);
    return await this.#context.db.transaction().execute(async (trx) => {
      await sql`insert into events (id, type, at, data)
        select value->>0, value->>1, value->>2, value->>3 from json_each(${JSON.stringify(rows)}) order by key`.execute(trx);
      const { rows: inserted } = await sql<{ cursor: number }>`select last_insert_rowid() as cursor`.execute(trx);
      const last = inserted[0]?.cursor ?? 0;
      this.#sinceTrim += batch.length;
      if (this.#sinceTrim >= TRIM_EVERY) {
        await trx.deleteFrom('events').where('cursor', '<=', last - this.#kept).execute();
        this.#sinceTrim = 0;
      }
      return last;
    });
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
