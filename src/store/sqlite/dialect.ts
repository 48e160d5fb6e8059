import { CompiledQuery, sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Db } from '../sql/db.js';
import type { Dialect, Scalar } from '../sql/dialect.js';
import type { Tables } from '../tables.js';
import { asStoreError, sqliteCode } from './errors.js';

/** Rows of one `insert`: more are hardly faster. */
const ROWS_AT_ONCE = 25;

/** A key as SQLite's JSON path wants it; JSON's quoting is also that of paths. */
const path = (key: string): string => `$.${JSON.stringify(key)}`;

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  manyNodes: false,
  ddl: {
    int: 'integer',
    text: 'text',
    real: 'real',
    serial: 'integer primary key autoincrement',
    // STRICT: a wrong type is an error, never a silent conversion.
    table: 'strict',
    keyed: 'strict, without rowid',
    setJsonText: (column, key, expression) => `json_set(${column}, '$.${key}', ${expression})`,
  },

  lock: () => Promise.resolve(),

  // Statements of two lengths only, which stay prepared: half the time that one for all rows takes, whose values come as JSON.
  async insertRows<R>(trx: Db, table: keyof Tables, columns: readonly string[], rows: readonly (readonly Scalar[])[], after: RawBuilder<R>) {
    const names = columns.map((column) => `"${column}"`).join(', ');
    const row = `(${columns.map(() => '?').join(', ')})`;
    const rest = after.compile(trx).sql;
    const text = (count: number): string => `insert into "${table}" (${names}) values ${Array.from({ length: count }, () => row).join(', ')} ${rest}`;
    const texts = [text(1), text(ROWS_AT_ONCE)] as const;
    const inserted: R[] = [];
    for (let at = 0; at < rows.length; ) {
      const many = rows.length - at >= ROWS_AT_ONCE;
      const end = at + (many ? ROWS_AT_ONCE : 1);
      const values: Scalar[] = [];
      for (; at < end; at++) for (const value of rows[at]!) values.push(value);
      inserted.push(...(await trx.executeQuery<R>(CompiledQuery.raw(texts[many ? 1 : 0], values))).rows);
    }
    return inserted;
  },
  isIn: (column, values) => sql<boolean>`${column} in (select value from json_each(${JSON.stringify(values)}))`,

  jsonText: (column, key) =>
    sql<string | null>`case json_type(${column}, ${path(key)}) when 'true' then 'true' when 'false' then 'false' else cast(json_extract(${column}, ${path(key)}) as text) end`,
  jsonNumber: (column, key) =>
    sql<number | null>`case when json_type(${column}, ${path(key)}) in ('integer', 'real') then json_extract(${column}, ${path(key)}) end`,

  // With the write-ahead log a reader stays at its moment while others write.
  beginSnapshot: 'begin deferred',
  async *pages(connection, table, size) {
    let page: Readonly<Record<string, unknown>>[] = [];
    for await (const row of connection.selectFrom(table as 'flows').selectAll().stream()) {
      page.push(row);
      if (page.length < size) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  },
  // AUTOINCREMENT counts on after the highest that was ever there.
  resetSerial: () => Promise.resolve(),

  isUniqueViolation: (thrown) => ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_ROWID'].includes(sqliteCode(thrown) ?? ''),
  isCollision: () => false,
  asStoreError,
};
