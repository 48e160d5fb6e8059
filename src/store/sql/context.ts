import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { Random } from '../../kernel/random.js';
import type { DialRules } from '../rules.js';
import type { Subjects } from '../subjects.js';
import type { Db } from './db.js';
import type { Dialect } from './dialect.js';
import type { Session } from './session.js';

/** The list of events, as this process knows it. */
export interface News {
  /** Newest events kept. */
  readonly kept: number;
  /** Events since old ones were dropped. */
  sinceTrim: number;
  /** Events that this process has told, whether or not their transactions have committed yet. */
  told: number;
}

/** What every part of the store works with. */
export interface StoreContext {
  readonly db: Db;
  /** What is not the same on SQLite and PostgreSQL; read its head before writing a query. */
  readonly dialect: Dialect;
  /** Duties of one node at a time, and news between nodes. */
  readonly session: Session;
  readonly news: News;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** How numbers are remembered where they must not stand. */
  readonly subjects: Subjects;
  /** Asked before each dial; undefined: everything is allowed, for programs that do not dial. */
  readonly rules?: DialRules | undefined;
}
