import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { TrunklineError } from '../../kernel/errors.js';
import { sqliteCode } from './errors.js';

export interface WriterLock {
  release(): void;
}

/**
 * Makes sure that one server at most works on a data directory: two dialers on one
 * store would each take the other's open calls for lost ones.
 *
 * The lock is a transaction held open on a small file beside the store, so the
 * system frees it when the process dies, whichever way. The store itself stays
 * open to short-lived programs such as `api-key create`.
 *
 * Throws TRK_CONFLICT if another process holds it.
 */
export function takeWriterLock(path: string): WriterLock {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new Database(path);
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if (sqliteCode(error) !== 'SQLITE_BUSY') throw error;
    throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'Another server already works on this data directory.' }, field: 'data_dir', cause: error });
  }
  return { release: () => database.close() };
}
