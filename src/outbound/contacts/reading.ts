import type { AttributeType } from '../../store/contact-filter.js';
import type { ImportRefusal, NewContact } from '../../store/contacts.js';
import { readFile } from './read-file.js';
import type { FoundFile, ReadRow, ReadSettings } from './read-file.js';

/** What reading an import needs to know; it survives the way to another process. */
export interface ReadingOrder {
  readonly settings: ReadSettings;
  readonly defaultCountry: string | undefined;
  /** Given to every contact. */
  readonly tags: readonly string[];
  /** Now, ms since the epoch. */
  readonly now: number;
  /** In the evidence of consents, before the line. */
  readonly importId: string;
  readonly attributes: readonly (readonly [name: string, type: AttributeType])[];
}

/** A row that was read: a contact, or why there is none. */
export interface SettledRow {
  readonly line: number;
  readonly contact: NewContact | undefined;
  readonly refusals: readonly ImportRefusal[];
}

/** Types of the columns are settled; reading goes on when it resolves. */
export type OnFound = (found: FoundFile, attributes: ReadonlyMap<string, AttributeType>) => Promise<void>;

/** Rows of a file, some hundred at a time. TRK_IMPORT_INVALID if it cannot be read at all. */
export async function* readRows(source: AsyncIterable<Buffer>, order: ReadingOrder, onFound: OnFound): AsyncGenerator<readonly SettledRow[]> {
  const context = {
    defaultCountry: order.defaultCountry,
    now: order.now,
    source: 'import',
    evidenceOf: (line: number) => `${order.importId}:${line}`,
    attributes: new Map(order.attributes),
    onFound,
  };
  for await (const rows of readFile(source, order.settings, context)) yield rows.map((row) => settled(row, order.tags));
}

function settled({ line, draft, refusal }: ReadRow, tags: readonly string[]): SettledRow {
  for (const tag of tags) draft?.tag('tags', tag);
  const contact = draft?.finish();
  if (contact !== undefined) return { line, contact, refusals: [] };
  const refusals: ImportRefusal[] = refusal === undefined ? [] : [{ row: line, column: undefined, ...refusal }];
  return { line, contact: undefined, refusals: [...refusals, ...(draft?.problems ?? []).map((problem) => ({ row: line, ...problem }))] };
}
