import { DatabaseError } from 'pg';
import { TrunklineError } from '../../kernel/errors.js';

/** SQLSTATE of an error of the server, e.g. `23505`; undefined for anything else. */
export function sqlState(thrown: unknown): string | undefined {
  return thrown instanceof DatabaseError ? thrown.code : undefined;
}

/** The transaction was undone because of another one: serialization failure, deadlock. */
export function isCollision(thrown: unknown): boolean {
  const state = sqlState(thrown);
  return state === '40001' || state === '40P01';
}

/**
 * The server is not there, or has sent us away: connection refused or lost (08),
 * shutting down or starting (57P0x), no room for one more connection (53300).
 * What the driver itself throws has no SQLSTATE.
 */
function isAway(thrown: unknown): boolean {
  const state = sqlState(thrown);
  if (state !== undefined) return state.startsWith('08') || state.startsWith('57P') || state === '53300';
  if (!(thrown instanceof Error)) return false;
  if ('code' in thrown && typeof thrown.code === 'string' && /^(?:ECONN|EPIPE|ENOENT|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/.test(thrown.code)) return true;
  return /connection terminated|timeout exceeded when trying to connect|not queryable|connection error|timeout expired/i.test(thrown.message);
}

/** Whatever a query threw, as a coded error; coded ones pass through. */
export function asStoreError(thrown: unknown): TrunklineError {
  if (thrown instanceof TrunklineError) return thrown;
  const state = sqlState(thrown);
  if (state === '53100') return new TrunklineError('TRK_STORE_FULL', { cause: thrown });
  if (isAway(thrown)) return new TrunklineError('TRK_STORE_AWAY', { params: { reason: reasonOf(thrown) }, cause: thrown });
  return new TrunklineError('TRK_STORE', { params: { reason: reasonOf(thrown) }, ...(quotesData(thrown) ? {} : { cause: thrown }) });
}

/** Data exceptions and constraint violations quote the value that they refuse, which may be somebody's number. */
function quotesData(thrown: unknown): thrown is DatabaseError {
  return thrown instanceof DatabaseError && /^2[23]/.test(thrown.code ?? '');
}

function reasonOf(thrown: unknown): string {
  if (quotesData(thrown)) {
    const where = [thrown.table, thrown.constraint ?? thrown.column].filter((part) => part !== undefined).join('.');
    return `SQLSTATE ${thrown.code ?? ''}${where === '' ? '' : `, ${where}`}`;
  }
  // Several addresses of one name were tried, each with its error.
  if (thrown instanceof AggregateError) return thrown.errors.map((error: unknown) => reasonOf(error)).join(', ');
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const state = sqlState(thrown);
  return state === undefined ? message : `SQLSTATE ${state}, ${message}`;
}
