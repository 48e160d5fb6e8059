import { TrunklineError } from '../../kernel/errors.js';

/** The name that SQLite gives its error, e.g. `SQLITE_FULL`; undefined for anything else. */
export function sqliteCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Whatever a query threw, as a coded error; coded ones pass through. */
export function asStoreError(thrown: unknown): TrunklineError {
  if (thrown instanceof TrunklineError) return thrown;
  const code = sqliteCode(thrown);
  if (code === 'SQLITE_FULL') return new TrunklineError('TRK_STORE_FULL', { cause: thrown });
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new TrunklineError('TRK_STORE', { params: { reason: code === undefined ? reason : `${code}, ${reason}` }, cause: thrown });
}
