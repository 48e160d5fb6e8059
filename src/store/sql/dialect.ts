import type { Expression, RawBuilder } from 'kysely';
import type { TrunklineError } from '../../kernel/errors.js';
import type { Tables } from '../tables.js';
import type { Db } from './db.js';

/**
 * One code for SQLite and PostgreSQL: everything in this folder runs on both, and
 * `sqlite/` and `postgres/` only open connections. How to write a query here:
 *
 * - **Kysely first.** What its builder says means the same on both. Raw `sql` only
 *   within the common subset: `on conflict`, `returning`, `update ... from`,
 *   `coalesce`, `case`, window functions, `with`. Not `ifnull`, `glob`, `ilike`,
 *   `json_*`, `now()`, `insert or ignore`, `limit -1`. What differs is a method below.
 * - **Types.** Times, counters and flags are `d.int` columns and come back as numbers
 *   (a flag is 0 or 1, never `true`); JSON lies in `d.text` columns and is parsed by
 *   `rows.ts`. A comparison in a `select` list is a number on one and a boolean on the
 *   other: write `case when ... then 1 else 0 end`. `sum()` and `count()` are numbers on both.
 *   Text sorts by its bytes on both, as `d.text` says.
 * - **One method, one transaction**: `context.db.transaction().execute(...)`. The store
 *   runs the whole method again if PostgreSQL says that it collided with another
 *   (40001, 40P01), so it must have no effect outside the database before it commits.
 * - **Isolation.** SQLite lets one writer in at a time (`begin immediate`). PostgreSQL runs
 *   them at once, each statement seeing what was committed before it (READ COMMITTED).
 *   So a row that is read to decide on its change is read `.forUpdate()`; several rows
 *   that any node may take, `.forUpdate().skipLocked()`. SQLite's compiler leaves both
 *   out, as there the whole file is locked. Where there is no row yet to lock (a key
 *   looked up before it is inserted, the newest version of something, a rule that must
 *   hold over a set), call `dialect.lock(trx, 'name:' + id)` first, as the first
 *   statement that matters; `shared` where readers may go together and only writers
 *   must be kept out. Lock in one order everywhere: named locks before rows.
 * - **Sequences.** A `d.serial` column rises in the order of insertion on SQLite. On
 *   PostgreSQL it has gaps and rows become visible in the order of commit: never work
 *   out a row's `seq` from its neighbour's, and link rows by a column of their own. A
 *   list that is paged by `seq` is fine; a feed that nobody may miss a row of (events)
 *   is appended to under a lock.
 * - **Many rows**: `insertMany` (`bulk.ts`) sends some hundred at a time, to PostgreSQL
 *   as one JSON parameter, to SQLite some by each prepared statement; `isIn` takes a list of any length. PostgreSQL counts parameters
 *   to 65,535 and SQLite to 32,766.
 * - **Unique violations** abort the transaction on PostgreSQL: let them leave the
 *   transaction (`isUniqueViolation` tells them), or write `on conflict`.
 * - **News**: what other nodes should look at is told by `session.notify` in the transaction;
 *   what became of a task or campaign by `tell` (`events.ts`), as its last step.
 *   Whoever begins something in a node's name asks `assertNotFenced` in that transaction.
 * - **Migrations** (`migrations/`) are written once, with the words of `Ddl`.
 */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  readonly ddl: Ddl;
  /** Several servers may work on one database; otherwise every other node is a dead one. */
  readonly manyNodes: boolean;

  /**
   * Waits until nobody else holds the lock of this name, and holds it to the end of the
   * transaction. Nothing on SQLite, whose transactions are one at a time.
   */
  lock(trx: Db, name: string, mode?: 'exclusive' | 'shared'): Promise<void>;

  /** Inserts these rows in their order, see `insertMany`. `after` follows them and has no parameters: `on conflict`, `returning`. */
  insertRows<R>(trx: Db, table: keyof Tables, columns: readonly string[], rows: readonly (readonly Scalar[])[], after: RawBuilder<R>): Promise<readonly R[]>;
  /** `column in (...)` for a list of any length, as one parameter. */
  isIn(column: Expression<unknown>, values: readonly string[] | readonly number[]): RawBuilder<boolean>;

  /** Text of a key of a JSON object in a text column; a number or boolean as JSON writes it; null if there is none. */
  jsonText(column: Expression<string>, key: string): RawBuilder<string | null>;
  /** The number under a key of a JSON object in a text column; null if it is none. */
  jsonNumber(column: Expression<string>, key: string): RawBuilder<number | null>;

  /** Begins a transaction that sees one moment throughout, and keeps nobody from writing. */
  readonly beginSnapshot: string;
  /** Every row of a table, some at a time. */
  pages(connection: Db, table: keyof Tables, size: number): AsyncIterable<readonly Readonly<Record<string, unknown>>[]>;
  /** Lets the `serial` of a table go on after its highest row, where rows came with their own. */
  resetSerial(trx: Db, table: keyof Tables): Promise<void>;

  isUniqueViolation(thrown: unknown): boolean;
  /** The transaction was undone only because of another one that ran at the same time. */
  isCollision(thrown: unknown): boolean;
  /** Whatever a query threw, as a coded error; coded ones pass through. */
  asStoreError(thrown: unknown): TrunklineError;
}

export type Scalar = string | number | null;

/** Words that differ in a `create table`. */
export interface Ddl {
  /** Whole number of 64 bits, e.g. ms since the epoch; comes back as a number. */
  readonly int: string;
  readonly text: string;
  readonly real: string;
  /** Primary key that counts up: `seq ${d.serial}`. */
  readonly serial: string;
  /** Ends a table with a `serial` key: `) ${d.table};`. */
  readonly table: string;
  /** Ends a table with a key of its own. */
  readonly keyed: string;
  /** JSON in a text column with `key` set to the text of `expression`. */
  setJsonText(column: string, key: string, expression: string): string;
}
