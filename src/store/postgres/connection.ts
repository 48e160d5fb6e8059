import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../../kernel/log.js';
import type { Tables } from '../tables.js';
import type { Db } from '../sql/db.js';
import { sqlState } from './errors.js';

/** OIDs of what comes back as a number: int8 and numeric (`sum` of int8). Ours stay far below 2^53. */
const NUMBERS: ReadonlySet<number> = new Set([20, 1700]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary'): unknown =>
    NUMBERS.has(oid) ? Number : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/** The longest that one statement may take, and a transaction be left lying, ms. */
const STATEMENT_TIMEOUT_MS = 60_000;

export interface PostgresConnection {
  /** `postgres://user@host:5432/database`; a password in it is used, `password` wins. */
  url: string;
  password?: string | undefined;
  /** Connections at once. */
  poolSize: number;
  /** How long a query may wait for a connection, ms. */
  connectTimeoutMs: number;
  log: Logger;
}

export function clientOptions(options: PostgresConnection): pg.ClientConfig {
  return {
    connectionString: options.url,
    ...(options.password === undefined ? {} : { password: options.password }),
    connectionTimeoutMillis: options.connectTimeoutMs,
    application_name: 'trunkline',
    keepAlive: true,
    // What is committed survives a power cut, and no connection holds its locks for ever.
    options: '-c synchronous_commit=on -c timezone=UTC',
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    types,
  };
}

/**
 * A pool that outlives the server's restarts: a connection that broke is left out of it,
 * and the next query makes a new one.
 */
export function openPool(options: PostgresConnection): pg.Pool {
  const pool = new pg.Pool({ ...clientOptions(options), max: options.poolSize });
  // Without a listener an error of an idle connection, and of one in use, would end the process.
  const onError = (error: Error): void => options.log.warn({ code: 'TRK_STORE_AWAY', sqlstate: sqlState(error) }, 'connection to PostgreSQL broke');
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

export function openConnection(pool: pg.Pool): Db {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}
