import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { Random } from '../../kernel/random.js';
import { LocalSession } from '../sql/session.js';
import { SqlStore } from '../sql/sql-store.js';
import type { Store } from '../store.js';
import type { DialRules } from '../rules.js';
import { createSubjects } from '../subjects.js';
import type { Subjects } from '../subjects.js';
import { openConnection } from './connection.js';
import { sqliteDialect } from './dialect.js';
import { asStoreError } from './errors.js';
import { takeWriterLock } from './writer-lock.js';
import type { WriterLock } from './writer-lock.js';

export interface SqliteStoreOptions {
  /** Database file, e.g. `<data_dir>/trunkline.db`. */
  path: string;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Keyed hashes of numbers; a server has a key of its own, programs that look nobody up need none. */
  subjects?: Subjects | undefined;
  /** What may be dialled; undefined: everything. */
  rules?: DialRules | undefined;
  /**
   * Be the only server on this file (TRK_CONFLICT if there is one already). Default
   * true; short-lived programs that only add a record say false.
   */
  exclusive?: boolean;
  /** How long a write waits for another process, ms. Default 5000. */
  busyTimeoutMs?: number;
  /** Newest events kept for resuming. Default 100,000. */
  eventsKept?: number;
  /** Hard limit of the file, in pages of 4096 bytes; for tests of a full disk. */
  maxPages?: number;
}

/** Opens the store; `migrate()` must run before anything else. Errors: TRK_CONFLICT, TRK_STORE. */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  let lock: WriterLock | undefined;
  try {
    if (options.exclusive ?? true) lock = takeWriterLock(`${options.path}.lock`);
    const db = openConnection({
      path: options.path,
      busyTimeoutMs: options.busyTimeoutMs ?? 5_000,
      ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
    });
    const held = lock;
    return new SqlStore(
      { db, dialect: sqliteDialect, session: new LocalSession(), clock: options.clock, random: options.random, log: options.log, subjects: options.subjects ?? createSubjects(new Uint8Array(32)), rules: options.rules },
      { eventsKept: options.eventsKept ?? 100_000, onClosed: () => held?.release() },
    );
  } catch (error) {
    lock?.release();
    throw asStoreError(error);
  }
}
