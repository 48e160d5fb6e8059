import { sql } from 'kysely';
import { asStoreError, sqliteCode } from './errors.js';
import type { Dialect } from '../sql/dialect.js';

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

  // `where true`: without it SQLite takes the `on` of `on conflict` for that of a join.
  selectRows: (_table, columns, rows) =>
    sql`select ${sql.join(columns.map((_, index) => sql`value->>${sql.lit(index)}`))} from json_each(${JSON.stringify(rows)}) where true order by key`,
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
