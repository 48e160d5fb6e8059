import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { Kysely, SqliteDialect, SqliteQueryCompiler } from 'kysely';
import type { SelectQueryNode, SqliteDatabase, SqliteStatement } from 'kysely';
import type { Db } from '../sql/db.js';
import type { Tables } from '../tables.js';

type Bindable = string | number | bigint | null | Uint8Array;

/**
 * The native binding aborts the whole process on a type that it does not know
 * (a boolean is enough), so nothing unchecked may reach it.
 */
function bindable(value: unknown): Bindable {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`cannot bind a ${typeof value}`);
}

type Prepared = ReturnType<InstanceType<typeof Database>['prepare']>;

const CHANGES_TABLES = /^\s*(?:create|alter|drop)\s/i;
/** More than the program has; a text with values in it must not crowd out the others for long. */
const MOST_PREPARED = 300;

/** Statements by their text: preparing one costs as much as running it. What failed is prepared anew. */
class PreparedStatements {
  readonly #database: InstanceType<typeof Database>;
  readonly #byText = new Map<string, Prepared>();

  constructor(database: InstanceType<typeof Database>) {
    this.#database = database;
  }

  /** Tables change: what was prepared for them may have other columns. */
  forget(): void {
    this.#byText.clear();
  }

  fresh(text: string): Prepared {
    return this.#database.prepare(text);
  }

  use<T>(text: string, run: (prepared: Prepared) => T): T {
    const prepared = this.#byText.get(text) ?? this.fresh(text);
    // Those used last stay.
    this.#byText.delete(text);
    const result = run(prepared);
    this.#byText.set(text, prepared);
    const [oldest] = this.#byText.keys();
    if (this.#byText.size > MOST_PREPARED && oldest !== undefined) this.#byText.delete(oldest);
    return result;
  }
}

class Statement implements SqliteStatement {
  readonly #statements: PreparedStatements;
  readonly #text: string;

  constructor(statements: PreparedStatements, text: string) {
    this.#statements = statements;
    this.#text = text;
  }

  get reader(): boolean {
    return this.#statements.use(this.#text, (prepared) => prepared.reader);
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.#statements.use(this.#text, (prepared) => prepared.all(parameters.map(bindable)));
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statements.use(this.#text, (prepared) => prepared.run(parameters.map(bindable)));
  }

  /** Its cursor stays open meanwhile, so that nobody else may use the statement. */
  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statements.fresh(this.#text).iterate(parameters.map(bindable));
  }
}

const nothing: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
};

/** One connection in the shape that Kysely expects. */
class Connection implements SqliteDatabase {
  readonly #database: InstanceType<typeof Database>;
  readonly #statements: PreparedStatements;

  constructor(database: InstanceType<typeof Database>) {
    this.#database = database;
    this.#statements = new PreparedStatements(database);
  }

  prepare(sql: string): SqliteStatement {
    // A transaction that reads first and writes later cannot wait for another
    // writer any more (SQLITE_BUSY_SNAPSHOT); taking the write lock first can.
    if (sql === 'begin') return new Statement(this.#statements, 'begin immediate');
    // SQLite has already rolled back after some errors, a full disk among them.
    if (sql === 'rollback' && !this.#database.inTransaction) return nothing;
    if (CHANGES_TABLES.test(sql)) this.#statements.forget();
    return new Statement(this.#statements, sql);
  }

  close(): void {
    // The file is let go when the last statement on it is.
    this.#statements.forget();
    this.#database.close();
  }
}

/** `for update` locks rows for PostgreSQL; here a transaction has the whole file to itself. */
class QueryCompiler extends SqliteQueryCompiler {
  protected override visitSelectQuery(node: SelectQueryNode): void {
    super.visitSelectQuery({ ...node, endModifiers: [] });
  }
}

class Dialect extends SqliteDialect {
  override createQueryCompiler(): QueryCompiler {
    return new QueryCompiler();
  }
}

export interface ConnectionOptions {
  /** File; its folder is made if missing. */
  path: string;
  /** How long a writer waits for another process, ms. */
  busyTimeoutMs: number;
  /** Hard limit of the file, in pages of 4096 bytes; for tests of a full disk. */
  maxPages?: number;
}

/** Opens the file with write-ahead log and full synchronisation: what was committed survives a power cut. */
export function openConnection(options: ConnectionOptions): Db {
  // Numbers and words of people lie in it: for the owner only.
  mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
  const database = new Database(options.path);
  try {
    chmodSync(options.path, 0o600);
    const pragmas = [
      `busy_timeout = ${Math.trunc(options.busyTimeoutMs)}`,
      'journal_mode = WAL',
      'synchronous = FULL',
      'foreign_keys = ON',
      'temp_store = MEMORY',
      'cache_size = -8000',
      ...(options.maxPages === undefined ? [] : [`max_page_count = ${Math.trunc(options.maxPages)}`]),
    ];
    for (const pragma of pragmas) database.prepare(`PRAGMA ${pragma}`).all();
  } catch (error) {
    database.close();
    throw error;
  }
  return new Kysely<Tables>({ dialect: new Dialect({ database: new Connection(database) }) });
}
