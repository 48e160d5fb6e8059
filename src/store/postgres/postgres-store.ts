import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { Random } from '../../kernel/random.js';
import { SqlStore } from '../sql/sql-store.js';
import type { Store } from '../store.js';
import type { DialRules } from '../rules.js';
import { createSubjects } from '../subjects.js';
import type { Subjects } from '../subjects.js';
import { openConnection, openPool } from './connection.js';
import { postgresDialect } from './dialect.js';
import { asStoreError } from './errors.js';
import { PostgresSession } from './session.js';

export interface PostgresStoreOptions {
  /** `postgres://user@host:5432/database`. */
  url: string;
  /** Wins over one in the URL. */
  password?: string;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Keyed hashes of numbers; a server has a key of its own, programs that look nobody up need none. */
  subjects?: Subjects | undefined;
  /** What may be dialled; undefined: everything. */
  rules?: DialRules | undefined;
  /** Connections at once. Default 8. */
  poolSize?: number;
  /** How long a query may wait for a connection, ms. Default 5000. */
  connectTimeoutMs?: number;
  /** Newest events kept for resuming. Default 100,000. */
  eventsKept?: number;
}

/** Opens the store; `migrate()` must run before anything else, and is the first to connect. Errors: TRK_STORE, TRK_STORE_AWAY. */
export function openPostgresStore(options: PostgresStoreOptions): Store {
  try {
    const { clock, random, log } = options;
    const connection = { url: options.url, password: options.password, poolSize: options.poolSize ?? 8, connectTimeoutMs: options.connectTimeoutMs ?? 5_000, log };
    const db = openConnection(openPool(connection));
    const session = new PostgresSession(connection, { clock, random, log });
    return new SqlStore({ db, dialect: postgresDialect, session, clock, random, log, subjects: options.subjects ?? createSubjects(new Uint8Array(32)), rules: options.rules }, { eventsKept: options.eventsKept ?? 100_000 });
  } catch (error) {
    throw asStoreError(error);
  }
}
