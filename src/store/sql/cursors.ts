import { TrunklineError } from '../../kernel/errors.js';
import type { Page } from '../store.js';

/** A cursor is opaque to clients; it names its list, so that one list's cursor is not taken for another's. */
function encodeCursor(list: string, seq: number): string {
  return Buffer.from(`${list}:${seq}`).toString('base64url');
}

/** The `seq` to go on after; 0 is the start. TRK_CURSOR_INVALID. */
export function decodeCursor(list: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [name, seq] = Buffer.from(cursor, 'base64url').toString('latin1').split(':');
  if (name !== list || seq === undefined || !/^\d{1,15}$/.test(seq)) {
    throw new TrunklineError('TRK_CURSOR_INVALID', { field: 'cursor' });
  }
  return Number(seq);
}

/** Cuts `limit + 1` rows into a page; the extra row only says that there are more. */
export function pageOf<R extends { seq: number }, T>(list: string, rows: readonly R[], limit: number, itemOf: (row: R) => T): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(itemOf), next: rows.length > limit && last ? encodeCursor(list, last.seq) : undefined };
}
