import { CsvReader } from './csv.js';

const candidates = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof candidates)[number];

/** Rows that are looked at. */
const ROWS = 50;

/**
 * The delimiter by which the first lines fall into the most even rows; a comma if there is
 * one column only.
 */
export function sniffDelimiter(head: string): Delimiter {
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of candidates) {
    const widths: number[] = [];
    for (const row of new CsvReader(delimiter).push(`${head}\n`)) {
      if (row.problem === undefined) widths.push(row.cells.length);
      if (widths.length >= ROWS) break;
    }
    const header = widths[0] ?? 0;
    if (header < 2) continue;
    // The header tells the width; a line cut by the end of the sample is one row of many.
    const even = widths.filter((width) => width === header).length / widths.length;
    const score = even * 100 + Math.min(header, 50);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}
