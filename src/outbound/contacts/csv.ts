/**
 * CSV (RFC 4180) as it comes: cells cut out of chunks, bounded, and never lost to one wrong
 * quote. Libraries read an unclosed quote to the end of the file; here a quoted cell that
 * is not closed within its bound costs the line on which it opens, and reading goes on with
 * the next one. Strings hold a byte a character (`asBytes`).
 */
export interface CsvRow {
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly problem?: 'quote_not_closed' | 'row_too_long' | 'too_many_cells';
}

export interface CsvLimits {
  /** Bytes of a row. */
  readonly rowBytes: number;
  /** Lines over which a quoted cell may go. */
  readonly cellLines: number;
  readonly cells: number;
}

export const csvLimits: CsvLimits = { rowBytes: 65_536, cellLines: 50, cells: 500 };

export class CsvReader {
  readonly #delimiter: string;
  readonly #limits: CsvLimits;
  #rest = '';
  #line = 1;
  /** In a line that is too long: its end is looked for, nothing is kept. */
  #skipping = false;

  constructor(delimiter: string, limits: CsvLimits = csvLimits) {
    this.#delimiter = delimiter;
    this.#limits = limits;
  }

  /** Whole rows out of this chunk and what was left of the last. */
  *push(chunk: string): Generator<CsvRow> {
    yield* this.#read(this.#rest + chunk, false);
  }

  /** What is left; the last line needs no end. */
  *end(): Generator<CsvRow> {
    yield* this.#read(this.#rest, true);
  }

  *#read(text: string, last: boolean): Generator<CsvRow> {
    let at = 0;
    let quote = text.indexOf('"');
    while (at < text.length) {
      const end = lineEnd(text, at);
      if (end.at < 0 && !last) break;
      const stop = end.at < 0 ? text.length : end.at;
      // A `\r` at the end of a chunk may be half of `\r\n`.
      if (!last && end.next >= text.length && text[stop] === '\r') break;
      if (this.#skipping) {
        this.#skipping = false;
        at = this.#next(end.at < 0 ? text.length : end.next);
        continue;
      }
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at);
      const found = quote >= 0 && quote < stop ? this.#quoted(text, at, last) : this.#plain(text, at, stop, end);
      if (found === undefined) break;
      at = found.next;
      if (found.row !== undefined) yield found.row;
      this.#line += found.lines;
    }
    this.#rest = text.slice(at);
    if (this.#rest.length > this.#limits.rowBytes && lineEnd(this.#rest, 0).at < 0) {
      if (!this.#skipping) yield { line: this.#line, cells: [], problem: 'row_too_long' };
      this.#skipping = true;
      this.#rest = '';
    }
  }

  #next(at: number): number {
    this.#line += 1;
    return at;
  }

  #plain(text: string, at: number, stop: number, end: { at: number; next: number }): Found {
    const next = end.at < 0 ? text.length : end.next;
    if (stop === at) return { next, lines: 1, row: undefined };
    if (stop - at > this.#limits.rowBytes) return { next, lines: 1, row: { line: this.#line, cells: [], problem: 'row_too_long' } };
    return { next, lines: 1, row: this.#row(text.slice(at, stop).split(this.#delimiter)) };
  }

  #row(cells: readonly string[]): CsvRow {
    return cells.length > this.#limits.cells ? { line: this.#line, cells: [], problem: 'too_many_cells' } : { line: this.#line, cells };
  }

  /** A row with a quote in it; undefined if more text is needed. */
  #quoted(text: string, from: number, last: boolean): Found | undefined {
    const cells: string[] = [];
    let at = from;
    let lines = 1;
    for (;;) {
      if (text[at] === '"') {
        const closed = this.#closing(text, at + 1);
        if (closed === undefined) {
          const far = text.length - from > this.#limits.rowBytes || linesIn(text, from) > this.#limits.cellLines;
          return !last && !far ? undefined : this.#givenUp(text, from);
        }
        lines += closed.lines;
        if (lines > this.#limits.cellLines || closed.at - from > this.#limits.rowBytes) return this.#givenUp(text, from);
        at = closed.at;
        // Text after the closing quote is kept, as spreadsheets do.
        const tail = cellEnd(text, at, this.#delimiter);
        if (tail < 0 && !last) return undefined;
        cells.push(closed.text + text.slice(at, tail < 0 ? text.length : tail));
        at = tail < 0 ? text.length : tail;
      } else {
        const stop = cellEnd(text, at, this.#delimiter);
        if (stop < 0 && !last) return undefined;
        cells.push(text.slice(at, stop < 0 ? text.length : stop));
        at = stop < 0 ? text.length : stop;
      }
      if (at < text.length && text[at] === this.#delimiter) {
        at += 1;
        continue;
      }
      // A `\r` at the end may be half of `\r\n`.
      if (!last && at >= text.length - 1 && text[at] === '\r') return undefined;
      const next = text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : Math.min(at + 1, text.length);
      return { next, lines, row: this.#row(cells) };
    }
  }

  /** The quote was none: this line is refused, the next one is read as if nothing had been. */
  #givenUp(text: string, from: number): Found {
    const end = lineEnd(text, from);
    return { next: end.at < 0 ? text.length : end.next, lines: 1, row: { line: this.#line, cells: [], problem: 'quote_not_closed' } };
  }

  #closing(text: string, from: number): { readonly at: number; readonly text: string; readonly lines: number } | undefined {
    let at = from;
    for (;;) {
      const quote = text.indexOf('"', at);
      if (quote < 0) return undefined;
      if (text[quote + 1] === '"') {
        at = quote + 2;
        continue;
      }
      // At the end of a chunk it may be the first of two.
      const inner = text.slice(from, quote);
      return { at: quote + 1, text: inner.includes('"') ? inner.replaceAll('""', '"') : inner, lines: linesIn(inner, 0) };
    }
  }
}

interface Found {
  readonly next: number;
  readonly lines: number;
  readonly row: CsvRow | undefined;
}

/** End of the line that begins at `from`, and where the next begins; `\n`, `\r\n` or the `\r` of old Macs. */
function lineEnd(text: string, from: number): { at: number; next: number } {
  const feed = text.indexOf('\n', from);
  const line = feed < 0 ? text.length : feed;
  const back = text.slice(from, line).indexOf('\r');
  if (back >= 0) {
    const at = from + back;
    return { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 };
  }
  return feed < 0 ? { at: -1, next: -1 } : { at: feed, next: feed + 1 };
}

function linesIn(text: string, from: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function cellEnd(text: string, from: number, delimiter: string): number {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === delimiter || char === '\n' || char === '\r') return at;
  }
  return -1;
}
