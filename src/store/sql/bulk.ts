import { sql } from 'kysely';
import type { RawBuilder, Selectable } from 'kysely';
import type { Tables } from '../tables.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import type { Scalar } from './dialect.js';

/** Rows sent at once: few enough that the event loop turns in between. */
export const INSERT_BATCH = 500;

type ColumnOf<T extends keyof Tables> = keyof Selectable<Tables[T]> & string;

interface InsertMany<T extends keyof Tables, R extends ColumnOf<T>> {
  readonly table: T;
  readonly columns: readonly ColumnOf<T>[];
  /** Values in the order of `columns`. */
  readonly rows: readonly (readonly Scalar[])[];
  /** What follows `on conflict`, e.g. sql`(id) do nothing`. */
  readonly onConflict?: RawBuilder<unknown>;
  readonly returning?: readonly R[];
}

/** Inserts the rows in their order; at most some hundred, `INSERT_BATCH`. What is returned has no order. */
export async function insertMany<T extends keyof Tables, R extends ColumnOf<T> = never>(
  { dialect }: Pick<StoreContext, 'dialect'>,
  trx: Db,
  { table, columns, rows, onConflict, returning }: InsertMany<T, R>,
): Promise<readonly Pick<Selectable<Tables[T]>, R>[]> {
  if (rows.length === 0) return [];
  const conflict = onConflict === undefined ? sql`` : sql` on conflict ${onConflict}`;
  const back = returning === undefined ? sql`` : sql` returning ${sql.join(returning.map((column) => sql.ref(column)))}`;
  return await dialect.insertRows(trx, table, columns, rows, sql<Pick<Selectable<Tables[T]>, R>>`${conflict}${back}`);
}
