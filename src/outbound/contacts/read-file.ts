import { TrunklineError } from '../../kernel/errors.js';
import { cut, storable } from '../../kernel/text.js';
import type { AttributeType } from '../../store/contact-filter.js';
import { planColumns } from './columns.js';
import type { Column } from './columns.js';
import { CsvReader, csvLimits } from './csv.js';
import type { CsvRow } from './csv.js';
import { sniffDelimiter } from './delimiter.js';
import { Draft } from './draft.js';
import type { DraftContext } from './draft.js';
import { asBytes, decodeRow, findEncoding, streamDecoder } from './encoding.js';
import type { FileEncoding } from './encoding.js';
import { draftOf, keyReader } from './objects.js';
import { inferType } from './values.js';

export interface ReadSettings {
  readonly format: 'csv' | 'ndjson';
  readonly encoding: string | undefined;
  readonly delimiter: string | undefined;
  /** By header: `number`, `attribute:score:number`, ...; see `parseTarget`. */
  readonly map: Readonly<Record<string, string>>;
}

/** What was found out about a file; shown to whoever imports it. */
export interface FoundFile {
  readonly encoding: string;
  readonly delimiter?: string | undefined;
  /** What each column becomes, in the words of `map`. */
  readonly columns?: readonly { readonly header: string; readonly becomes: string }[] | undefined;
}

/** A row that was read, right or wrong. */
export interface ReadRow {
  readonly line: number;
  readonly draft: Draft | undefined;
  /** The whole row cannot be read. */
  readonly refusal?: { readonly code: RowRefusal; readonly reason: string };
}

export type RowRefusal = 'quote_not_closed' | 'row_too_long' | 'too_many_cells' | 'cells_left_over' | 'json_invalid' | 'encoding';

const rowReasons: Readonly<Record<NonNullable<CsvRow['problem']>, string>> = {
  quote_not_closed: `a quote that opens on this line is not closed within ${csvLimits.cellLines} lines`,
  row_too_long: `the row is longer than ${csvLimits.rowBytes} bytes`,
  too_many_cells: `the row has more than ${csvLimits.cells} cells`,
};

/** As much of the file is looked at before a decision on encoding, delimiter and types. */
const HEAD_BYTES = 256 * 1024;
/** Rows that types are inferred from. */
const SAMPLE_ROWS = 1_000;

export interface ReadContext extends Omit<DraftContext, 'evidence' | 'typeOf'> {
  readonly evidenceOf: (line: number) => string;
  readonly attributes: ReadonlyMap<string, AttributeType>;
  /** Types of columns were settled: declared, known or inferred. */
  readonly onFound: (found: FoundFile, attributes: ReadonlyMap<string, AttributeType>) => Promise<void>;
}

/**
 * Rows of a file, in bounded memory whatever its size.
 *
 * TRK_IMPORT_INVALID if it cannot be read at all: empty, no header that names numbers.
 */
export async function* readFile(source: AsyncIterable<Buffer>, settings: ReadSettings, context: ReadContext): AsyncGenerator<readonly ReadRow[]> {
  const { head, rest } = await takeHead(source);
  if (head.length === 0) throw invalid('the file is empty');
  const encoding = findEncoding(head, settings.encoding);
  const chunks = decoded(head, rest, encoding);
  yield* settings.format === 'ndjson' ? readObjects(chunks, encoding, settings, context) : readCsv(chunks, encoding, settings, context);
}

function invalid(reason: string, field = 'file'): TrunklineError {
  return new TrunklineError('TRK_IMPORT_INVALID', { params: { reason }, field });
}

async function takeHead(source: AsyncIterable<Buffer>): Promise<{ readonly head: Buffer; readonly rest: AsyncIterator<Buffer> }> {
  const rest = source[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  let size = 0;
  while (size < HEAD_BYTES) {
    const next = await rest.next();
    if (next.done === true) break;
    parts.push(next.value);
    size += next.value.length;
  }
  return { head: Buffer.concat(parts), rest };
}

/** The file as strings of one character a byte, in an encoding that keeps ASCII. */
async function* decoded(head: Buffer, rest: AsyncIterator<Buffer>, encoding: FileEncoding): AsyncGenerator<string> {
  const decoder = encoding.how === 'stream' ? streamDecoder(encoding) : undefined;
  const textOf = (bytes: Buffer): string => asBytes(decoder?.push(bytes) ?? bytes);
  try {
    yield textOf(head.subarray(encoding.skip));
    for (;;) {
      const next = await rest.next();
      if (next.done === true) break;
      yield textOf(next.value);
    }
    const last = decoder?.end();
    if (last !== undefined && last.length > 0) yield asBytes(last);
  } finally {
    await rest.return?.();
  }
}

/** After stream decoding cells are UTF-8. */
const cellEncoding = (encoding: FileEncoding): FileEncoding => (encoding.how === 'stream' ? { name: 'utf-8', how: 'cells', skip: 0 } : encoding);

async function* readCsv(chunks: AsyncGenerator<string>, encoding: FileEncoding, settings: ReadSettings, context: ReadContext): AsyncGenerator<readonly ReadRow[]> {
  const first = await chunks.next();
  const head = first.done === true ? '' : first.value;
  const delimiter = settings.delimiter ?? sniffDelimiter(head);
  const reader = new CsvReader(delimiter);
  const waiting = [...reader.push(head)];
  // A small file is all head: types shall be inferred from its last line too.
  if (head.length < HEAD_BYTES) {
    for await (const chunk of chunks) waiting.push(...reader.push(chunk));
    waiting.push(...reader.end());
  }
  const cells = cellEncoding(encoding);
  const header = waiting.shift();
  if (header === undefined || header.problem !== undefined) throw invalid('it has no header line');
  const names = decodeRow(header.cells, cells).map((name) => storable((name ?? '').trim()));
  const plan = planColumns(names, settings.map);
  if ('problem' in plan) throw invalid(plan.problem.column === '' ? plan.problem.reason : `column "${cut(plan.problem.column, 64)}": ${plan.problem.reason}`, plan.problem.column === '' ? 'header' : `header.${cut(plan.problem.column, 64)}`);

  const attributes = settleTypes(plan.columns, waiting.slice(0, SAMPLE_ROWS), cells, context.attributes);
  await context.onFound({ encoding: encoding.name, delimiter, columns: plan.columns.map(({ header: name, target }) => ({ header: name, becomes: wordsOf(target, attributes) })) }, attributes);

  const draftRow = rowReader(plan.columns, cells, attributes, context);
  // The head is not kept until the end of the file.
  yield waiting.splice(0).map(draftRow);
  for await (const chunk of chunks) {
    const rows = [...reader.push(chunk)].map(draftRow);
    if (rows.length > 0) yield rows;
  }
  const last = [...reader.end()].map(draftRow);
  if (last.length > 0) yield last;
}

/** Type of each attribute column: asked for, known from before, or that of its first values. */
function settleTypes(columns: readonly Column[], sample: readonly CsvRow[], encoding: FileEncoding, known: ReadonlyMap<string, AttributeType>): ReadonlyMap<string, AttributeType> {
  const rows = sample.filter(({ problem }) => problem === undefined).map((row) => decodeRow(row.cells, encoding));
  const types = new Map<string, AttributeType>();
  for (const [index, { header, target }] of columns.entries()) {
    if (target.to !== 'attribute') continue;
    const there = known.get(target.name);
    if (there !== undefined && target.type !== undefined && there !== target.type) {
      throw invalid(`column "${cut(header, 64)}": the attribute ${target.name} is ${there} already, not ${target.type}`, `header.${cut(header, 64)}`);
    }
    types.set(target.name, there ?? target.type ?? inferType(rows.map((row) => row[index] ?? '')));
  }
  return types;
}

function wordsOf(target: Column['target'], types: ReadonlyMap<string, AttributeType>): string {
  if (target.to === 'attribute') return `attribute:${target.name}:${types.get(target.name) ?? 'text'}`;
  if (target.to === 'consent') return `consent:${target.purpose}`;
  return target.to === 'number' && target.label !== undefined ? `number:${target.label}` : target.to;
}

function rowReader(columns: readonly Column[], encoding: FileEncoding, attributes: ReadonlyMap<string, AttributeType>, context: ReadContext): (row: CsvRow) => ReadRow {
  const typeOf = (name: string): AttributeType | undefined => attributes.get(name);
  return ({ line, cells, problem }) => {
    if (problem !== undefined) return { line, draft: undefined, refusal: { code: problem, reason: rowReasons[problem] } };
    if (cells.length > columns.length && cells.slice(columns.length).some((cell) => cell.trim() !== '')) {
      return { line, draft: undefined, refusal: { code: 'cells_left_over', reason: `it has ${cells.length} cells and the header ${columns.length}; is the delimiter inside a value that has no quotes?` } };
    }
    const draft = new Draft({ ...context, typeOf, evidence: context.evidenceOf(line) });
    const texts = decodeRow(cells, encoding);
    for (const [index, { header, target }] of columns.entries()) {
      if (index >= texts.length) break;
      const text = texts[index];
      if (text === undefined) draft.refuse(header, 'encoding', `it is not ${encoding.name}, as the rest of the file is`);
      else draft.set(target, header, text);
    }
    return { line, draft };
  };
}

async function* readObjects(chunks: AsyncGenerator<string>, encoding: FileEncoding, settings: ReadSettings, context: ReadContext): AsyncGenerator<readonly ReadRow[]> {
  await context.onFound({ encoding: encoding.name }, new Map());
  const cells = cellEncoding(encoding);
  const targetOf = keyReader(settings.map);
  const typeOf = (name: string): AttributeType | undefined => context.attributes.get(name);
  let rest = '';
  let line = 0;
  let skipping = false;
  const read = (text: string): ReadRow | undefined => {
    line += 1;
    if (skipping) {
      skipping = false;
      return undefined;
    }
    if (text.trim() === '') return undefined;
    if (text.length > csvLimits.rowBytes) return { line, draft: undefined, refusal: { code: 'row_too_long', reason: rowReasons.row_too_long } };
    const [plain] = decodeRow([text], cells);
    if (plain === undefined) return { line, draft: undefined, refusal: { code: 'encoding', reason: `it is not ${cells.name}, as the rest of the file is` } };
    const value = parsed(plain);
    if (value === undefined) return { line, draft: undefined, refusal: { code: 'json_invalid', reason: 'the line is no JSON object' } };
    return { line, draft: draftOf(value, { ...context, typeOf, evidence: context.evidenceOf(line) }, targetOf) };
  };
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    const rows = lines.flatMap((text) => read(text) ?? []);
    if (rest.length > csvLimits.rowBytes) {
      if (!skipping) rows.push({ line: line + 1, draft: undefined, refusal: { code: 'row_too_long', reason: rowReasons.row_too_long } });
      [rest, skipping] = ['', true];
    }
    if (rows.length > 0) yield rows;
  }
  const last = rest === '' ? undefined : read(rest);
  if (last !== undefined) yield [last];
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
