import pg from 'pg';
import { sql } from 'kysely';
import type { Clock, Timer } from '../../kernel/clock.js';
import { newId } from '../../kernel/ids.js';
import type { Logger } from '../../kernel/log.js';
import type { Random } from '../../kernel/random.js';
import type { Duty, StoreChange } from '../nodes.js';
import type { Db } from '../sql/db.js';
import type { Session } from '../sql/session.js';
import { clientOptions } from './connection.js';
import type { PostgresConnection } from './connection.js';
import { sqlState } from './errors.js';

const CHANNEL = 'trunkline';
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** A connection that nobody uses is asked this often whether it still stands, ms; a cut network says nothing by itself. */
const LOOK_EVERY_MS = 15_000;

/**
 * One connection for what belongs to a connection: advisory locks of duties, and
 * notifications. It is made when first wanted; one that broke is made again as long as
 * somebody watches, and its duties are lost.
 */
export class PostgresSession implements Session {
  readonly #options: PostgresConnection;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Tells our own notifications from those of others. */
  readonly #self: string;
  readonly #listeners = new Set<(change: StoreChange) => void>();
  readonly #duties = new Set<string>();
  #client: Promise<pg.Client> | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  #closed = false;

  constructor(options: PostgresConnection, parts: { clock: Clock; random: Random; log: Logger }) {
    this.#options = options;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#self = newId('node', parts.clock, parts.random);
  }

  watch(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    this.#connected().catch(() => undefined);
    return () => void this.#listeners.delete(listener);
  }

  async notify(trx: Db, change: StoreChange): Promise<void> {
    await sql`select pg_notify(${CHANNEL}, ${`${change} ${this.#self}`})`.execute(trx);
  }

  async takeDuty(name: string): Promise<Duty | undefined> {
    // The lock of a connection may be taken twice by it; a duty may not.
    if (this.#duties.has(name)) return undefined;
    this.#duties.add(name);
    let client: pg.Client;
    try {
      client = await this.#connected();
      const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 1)) as taken', [name]);
      if (rows[0]?.taken !== true) throw new NotTaken();
    } catch (error) {
      this.#duties.delete(name);
      if (error instanceof NotTaken) return undefined;
      throw error;
    }
    const own = this.#client;
    const standing = (): boolean => this.#client === own && this.#duties.has(name);
    return {
      held: async () => standing() && (await client.query('select 1').then(standing, () => false)),
      release: async () => {
        if (!standing()) return;
        await client.query('select pg_advisory_unlock(hashtextextended($1, 1))', [name]).catch(() => this.#lost(own, undefined));
        this.#duties.delete(name);
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#listeners.clear();
    const client = this.#client;
    this.#client = undefined;
    await client?.then((each) => each.end()).catch(() => undefined);
  }

  #connected(): Promise<pg.Client> {
    if (this.#client !== undefined) return this.#client;
    const client = this.#connect();
    this.#client = client;
    client.then(
      (each) => {
        this.#failures = 0;
        each.on('error', (error) => this.#lost(client, error));
        each.on('end', () => this.#lost(client, undefined));
        this.#look(client, each);
      },
      (error: unknown) => this.#lost(client, error),
    );
    return client;
  }

  async #connect(): Promise<pg.Client> {
    // An answer that does not come is an end as well.
    const client = new pg.Client({ ...clientOptions(this.#options), query_timeout: LOOK_EVERY_MS });
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => this.#notified(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    // What happened before it listened, or while there was no connection.
    for (const change of ['events', 'tasks'] as const) this.#tell(change);
    return client;
  }

  #notified(payload: string): void {
    const [change, from] = payload.split(' ');
    if (from !== this.#self && (change === 'events' || change === 'tasks')) this.#tell(change);
  }

  #tell(change: StoreChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  #look(own: Promise<pg.Client>, client: pg.Client): void {
    this.#timer?.cancel();
    if (this.#client !== own) return;
    this.#timer = this.#clock.after(
      LOOK_EVERY_MS,
      () => {
        client.query('select 1').then(
          () => this.#look(own, client),
          (error: unknown) => this.#lost(own, error),
        );
      },
      { keepAlive: false },
    );
  }

  #lost(own: Promise<pg.Client> | undefined, error: unknown): void {
    if (this.#client !== own || own === undefined) return;
    this.#client = undefined;
    this.#duties.clear();
    this.#timer?.cancel();
    own.then((client) => client.end()).catch(() => undefined);
    if (this.#closed) return;
    this.#log.warn({ code: 'TRK_STORE_AWAY', sqlstate: sqlState(error) }, 'the connection for notifications of PostgreSQL broke');
    if (this.#listeners.size === 0) return;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#failures++, 10), LONGEST_PAUSE_MS);
    this.#timer = this.#clock.after(pause, () => void this.#connected().catch(() => undefined), { keepAlive: false });
  }
}

class NotTaken extends Error {}
