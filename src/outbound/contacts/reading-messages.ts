import type { ErrorCode } from '../../kernel/errors.js';
import type { AttributeType } from '../../store/contact-filter.js';
import type { FoundFile } from './read-file.js';
import type { ReadingOrder, SettledRow } from './reading.js';

/** To the process that reads. */
export type ReadingRequest =
  | { readonly type: 'read'; readonly order: ReadingOrder }
  /** The answer to each `want`; undefined: the file is over. */
  | { readonly type: 'chunk'; readonly bytes: Uint8Array | undefined }
  /** The answer to `found`. */
  | { readonly type: 'go' };

/** From it. */
export type ReadingReply =
  | { readonly type: 'want' }
  | { readonly type: 'found'; readonly found: FoundFile; readonly attributes: readonly (readonly [string, AttributeType])[] }
  | { readonly type: 'rows'; readonly rows: readonly SettledRow[] }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly params: Readonly<Record<string, string | number>>; readonly field: string | undefined };
