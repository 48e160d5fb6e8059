import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import type { BackupSummary } from '../store.js';
import type { Tables } from '../tables.js';
import { INSERT_BATCH } from './bulk.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import type { Scalar } from './dialect.js';
import { currentVersion, migrate } from './migrate.js';
import { migrations } from './migrations/index.js';

/**
 * A backup is lines of JSON, the same from both databases, so that it also moves from
 * one to the other: what it is, then for each table its name with its columns and one
 * line a row, at last the number of rows and the sha256 of all lines before.
 */
const FORMAT = 1;

type TableName = keyof Tables;

/** Rows read at once. */
const PAGE = 500;

/** Ours, in the order in which migrations made them: what a table refers to comes before it. */
export function tablesOf(context: Pick<StoreContext, 'dialect'>, version: number): readonly TableName[] {
  const names: string[] = [];
  for (const migration of migrations.slice(0, version)) {
    for (const [, made, dropped] of migration.sql(context.dialect.ddl).matchAll(/^\s*(?:create table (\w+)|drop table (\w+))/gm)) {
      if (made !== undefined) names.push(made);
      else if (dropped !== undefined) names.splice(names.indexOf(dropped), 1);
    }
  }
  return names as TableName[];
}

/** Writes the store as it is at one moment; a server may be working on it. */
export async function backup(context: StoreContext, write: (lines: string) => Promise<void>): Promise<BackupSummary> {
  const { dialect, clock } = context;
  return await context.db.connection().execute(async (connection) => {
    await sql.raw(dialect.beginSnapshot).execute(connection);
    try {
      const schema = await currentVersion(connection);
      const hash = createHash('sha256');
      const put = async (values: readonly unknown[]): Promise<void> => {
        const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
        hash.update(text);
        await write(text);
      };
      await put([{ trunkline_backup: FORMAT, schema, database: dialect.name, at: new Date(clock.now()).toISOString() }]);
      const tables = tablesOf(context, schema);
      let rows = 0;
      for (const table of tables) {
        let columns: readonly string[] | undefined;
        for await (const page of dialect.pages(connection, table, PAGE)) {
          if (columns === undefined) {
            columns = Object.keys(page[0] ?? {});
            await put([{ table, columns }]);
          }
          const names = columns;
          await put(page.map((row) => names.map((name) => row[name])));
          rows += page.length;
        }
      }
      await write(`${JSON.stringify({ end: { rows, sha256: hash.digest('hex') } })}\n`);
      return { schema, tables: tables.length, rows };
    } finally {
      await sql.raw('commit').execute(connection);
    }
  });
}

const invalid = (line: number, reason: string): TrunklineError => new TrunklineError('TRK_BACKUP_INVALID', { params: { reason: `line ${line}: ${reason}` } });

/**
 * Reads a backup into a store that holds nothing, in one transaction. One of an older
 * version is read as what it is and migrated then.
 */
export async function restore(context: StoreContext, lines: AsyncIterable<string>): Promise<BackupSummary> {
  const reader = new BackupReader(lines);
  try {
    const schema = await reader.head(migrations.length);
    await makeRoom(context);
    await migrate(context, migrations.slice(0, schema));
    const tables = tablesOf(context, schema);
    const rows = await context.db.transaction().execute(async (trx) => {
      // A migration may have put in what the backup brings along.
      for (const table of [...tables].reverse()) await trx.deleteFrom(table).execute();
      for await (const { table, columns, rows, line } of reader.batches(tables)) await insert(context, trx, table, columns, rows, line);
      for (const table of tables) await context.dialect.resetSerial(trx, table);
      return reader.rows;
    });
    await migrate(context);
    return { schema, tables: tables.length, rows };
  } finally {
    await reader.close();
  }
}

/** Two stores are never mixed: TRK_CONFLICT. Empty tables go, as they may be newer than the backup. */
async function makeRoom(context: StoreContext): Promise<void> {
  const version = await currentVersion(context.db).catch(() => 0);
  if (version === 0) return;
  if (version > migrations.length) throw new TrunklineError('TRK_STORE_VERSION', { params: { reason: `it is at version ${version}, this program knows ${migrations.length}` } });
  const tables = tablesOf(context, version);
  await context.db.transaction().execute(async (trx) => {
    for (const table of tables) {
      const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(trx);
      if (rows.length > 0) throw new TrunklineError('TRK_CONFLICT', { params: { reason: `The store is not empty: table ${table} has rows. A backup is restored into a new one.` } });
    }
    for (const table of [...tables].reverse()) await sql`drop table ${sql.table(table)}`.execute(trx);
    await sql`delete from schema_migrations`.execute(trx);
  });
}

async function insert(context: StoreContext, trx: Db, table: TableName, columns: readonly string[], rows: readonly (readonly Scalar[])[], line: number): Promise<void> {
  const { dialect } = context;
  try {
    await dialect.insertRows(trx, table, columns, rows, sql``);
  } catch (error) {
    const failed = dialect.asStoreError(error);
    // Room and connection are not the backup's fault.
    if (failed.code !== 'TRK_STORE') throw failed;
    throw new TrunklineError('TRK_BACKUP_INVALID', { params: { reason: `up to line ${line}: rows of ${table} are refused` }, cause: failed });
  }
}

interface Batch {
  readonly table: TableName;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Scalar[])[];
  /** Of the last one. */
  readonly line: number;
}

class BackupReader {
  readonly #lines: AsyncIterator<string>;
  readonly #hash = createHash('sha256');
  #line = 0;
  rows = 0;

  constructor(lines: AsyncIterable<string>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async close(): Promise<void> {
    await this.#lines.return?.();
  }

  /** The version of its tables. TRK_BACKUP_INVALID, TRK_STORE_VERSION. */
  async head(newest: number): Promise<number> {
    const head = await this.#next();
    const { trunkline_backup: format, schema } = (isRecord(head) ? head : {}) as { trunkline_backup?: unknown; schema?: unknown };
    if (format !== FORMAT || typeof schema !== 'number' || !Number.isInteger(schema) || schema < 1) throw invalid(1, 'this is no backup of trunkline, or of a newer one');
    if (schema > newest) throw new TrunklineError('TRK_STORE_VERSION', { params: { reason: `the backup is at version ${schema}, this program knows ${newest}` } });
    return schema;
  }

  async *batches(tables: readonly TableName[]): AsyncGenerator<Batch> {
    let table: { name: TableName; columns: readonly string[] } | undefined;
    let rows: (readonly Scalar[])[] = [];
    for (;;) {
      const before = this.#hash.copy();
      const value = await this.#next();
      if (Array.isArray(value)) {
        if (table === undefined) throw invalid(this.#line, 'a row of no table');
        rows.push(this.#row(value, table.columns.length));
        if (rows.length < INSERT_BATCH) continue;
      }
      if (table !== undefined && rows.length > 0) yield { table: table.name, columns: table.columns, rows, line: this.#line };
      this.rows += rows.length;
      rows = [];
      if (Array.isArray(value)) continue;
      if (isRecord(value) && 'end' in value) return this.#check(value['end'], before.digest('hex'));
      table = this.#table(value, tables);
    }
  }

  async #next(): Promise<unknown> {
    const next = await this.#lines.next();
    this.#line++;
    if (next.done === true) throw invalid(this.#line, 'it ends too early');
    const { value } = next;
    this.#hash.update(`${value}\n`);
    try {
      return JSON.parse(value) as unknown;
    } catch {
      throw invalid(this.#line, 'not JSON');
    }
  }

  #row(value: readonly unknown[], columns: number): readonly Scalar[] {
    const plain = value.every((each) => each === null || typeof each === 'string' || typeof each === 'number');
    if (!plain || value.length !== columns) throw invalid(this.#line, 'the row does not fit its table');
    return value;
  }

  #table(value: unknown, tables: readonly TableName[]): { name: TableName; columns: readonly string[] } {
    const { table, columns } = (isRecord(value) ? value : {}) as { table?: unknown; columns?: unknown };
    const name = tables.find((each) => each === table);
    if (name === undefined || !Array.isArray(columns) || columns.length === 0) throw invalid(this.#line, 'not a table of this version');
    if (!columns.every((column) => typeof column === 'string' && /^[a-z][a-z0-9_]{0,62}$/.test(column))) throw invalid(this.#line, 'not a list of columns');
    return { name, columns: columns as string[] };
  }

  async #check(end: unknown, sha256: string): Promise<void> {
    const { rows, sha256: written } = (isRecord(end) ? end : {}) as { rows?: unknown; sha256?: unknown };
    if (rows !== this.rows || written !== sha256) throw invalid(this.#line, 'it was changed, or lines are missing');
    if ((await this.#lines.next()).done !== true) throw invalid(this.#line + 1, 'more after its end');
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
