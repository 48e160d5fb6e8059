import { TrunklineError, asTrunklineError } from '../../kernel/errors.js';
import { cut, storable } from '../../kernel/text.js';
import type { NewSuppression } from '../../store/rules.js';
import { reasons } from '../contacts/draft.js';
import { parseNumber } from '../contacts/phone.js';
import { parseDestination } from '../destination.js';

/** Saved in one transaction: few enough that a dial waits for some ms only. */
const BATCH = 500;
const REFUSALS_TOLD = 100;
const LONGEST_LINE = 2_000;
const LONGEST_REASON = 300;

export interface SuppressionImport {
  /** Lines with something on them, without the header. */
  read: number;
  saved: number;
  refused: number;
  /** The first of them; a line counts from 1. */
  readonly refusals: { line: number; code: string; reason: string }[];
}

interface Columns {
  readonly number: number;
  readonly reason: number | undefined;
}

const NUMBER_NAMES = /^(?:number|phone|phone[ _]?number|telephone|msisdn|e164|号码|电话|电话号码|手机|手机号|手机号码)$/i;
const REASON_NAMES = /^(?:reason|note|comment|原因|备注)$/i;

/**
 * A list of numbers as it streams in: one a line, or CSV with `,`, `;` or tab and a
 * header. What is saved stays saved when a later line is refused or the stream breaks;
 * the same list again does no harm. `defaultCountry` is that of numbers without a country
 * code, as in lists of a nation. TRK_IMPORT_INVALID if nobody was suppressed by it.
 */
export async function importSuppressions(
  body: AsyncIterable<Uint8Array>,
  common: { readonly scope: string; readonly source: string; readonly expiresAt: number | undefined },
  defaultCountry: string | undefined,
  save: (batch: readonly NewSuppression[]) => Promise<readonly unknown[]>,
): Promise<SuppressionImport> {
  const done: SuppressionImport = { read: 0, saved: 0, refused: 0, refusals: [] };
  let batch: NewSuppression[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await save(batch);
    done.saved += batch.length;
    batch = [];
  };
  let columns: Columns | undefined;
  let line = 0;
  for await (const text of bounded(body)) {
    line += 1;
    const fields = fieldsOf(line === 1 ? text.replace(/^\uFEFF/, '') : text);
    if (fields.every((field) => field === '')) continue;
    if (columns === undefined) {
      const header = headerOf(fields);
      columns = header ?? { number: 0, reason: undefined };
      if (header !== undefined) continue;
    }
    done.read += 1;
    const number = numberIn(fields[columns.number] ?? '', defaultCountry);
    if (typeof number === 'string') {
      const reason = columns.reason === undefined ? undefined : cut(storable(fields[columns.reason] ?? ''), LONGEST_REASON);
      batch.push({ number, contactId: undefined, evidence: undefined, reason: reason === '' ? undefined : reason, ...common });
    } else {
      done.refused += 1;
      if (done.refusals.length < REFUSALS_TOLD) done.refusals.push({ line, ...number });
    }
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  if (done.saved > 0) return done;
  const [first] = done.refusals;
  const reason = first === undefined ? 'no line holds a number' : `none of its ${done.read} lines could be taken; line ${first.line}: ${first.reason}`;
  throw new TrunklineError('TRK_IMPORT_INVALID', { params: { reason }, field: 'body' });
}

interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** As it would be dialled, so that it is found then; without a country code it is read as a contact's would be. */
function numberIn(text: string, defaultCountry: string | undefined): string | Refusal {
  if (!/^(?:\+|sips?:|tel:)/i.test(text)) {
    const parsed = parseNumber(text, defaultCountry);
    return typeof parsed === 'string' ? { code: 'TRK_NUMBER_INVALID', reason: reasons[parsed] } : parsed.number;
  }
  try {
    return parseDestination(text, 'number');
  } catch (error) {
    const { code, message } = asTrunklineError(error);
    return { code, reason: message };
  }
}

function headerOf(fields: readonly string[]): Columns | undefined {
  const number = fields.findIndex((field) => NUMBER_NAMES.test(field));
  const reason = fields.findIndex((field) => REASON_NAMES.test(field));
  return number < 0 ? undefined : { number, reason: reason < 0 ? undefined : reason };
}

/** Fields without quotes that hold a delimiter or a line: neither numbers nor short reasons do. */
function fieldsOf(line: string): readonly string[] {
  return line.split(/[,;\t]/).map((field) => field.trim().replace(/^"(.*)"$/, '$1').trim());
}

/** Lines, with a limit to each: a file that is no list must not fill the memory. */
async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE || lines.some((line) => line.length > LONGEST_LINE)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: `a line is longer than ${LONGEST_LINE} characters` }, field: 'body' });
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
