import { asTrunklineError } from '../kernel/errors.js';

/** Exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Where a command writes. Results go to `out`, everything for the eye only to `note`. */
export interface Output {
  readonly json: boolean;
  out(text: string): void;
  /** Progress and explanations, on standard error; silent with --json. */
  note(text: string): void;
  /** One line that is overwritten by the next, on a terminal; at most a line per tenth elsewhere. */
  progress(label: string, fraction: number): void;
}

const BAR_WIDTH = 30;

export function createOutput(json: boolean): Output {
  const terminal = process.stderr.isTTY === true;
  let shown = '';
  return {
    json,
    out: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => {
      if (!json) process.stderr.write(`${text}\n`);
    },
    progress(label, fraction) {
      if (json) return;
      const tenths = Math.floor(Math.min(1, Math.max(0, fraction)) * 10);
      const filled = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_WIDTH);
      const line = `  ${label} [${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${Math.round(fraction * 100)}%`;
      const key = terminal ? line : `${label}${tenths}`;
      if (key === shown) return;
      shown = key;
      process.stderr.write(terminal ? `\r${line}${fraction >= 1 ? '\n' : ''}` : `${line}\n`);
    },
  };
}

/** Prints what was thrown, coded, and gives the exit code. */
export function reportError(output: Output, thrown: unknown): number {
  const error = asTrunklineError(thrown);
  if (output.json) output.out(JSON.stringify({ error: error.toJSON() }));
  else process.stderr.write(`${error.code}: ${error.message}${error.field === undefined ? '' : ` (${error.field})`}\n`);
  return error.code === 'TRK_USAGE' ? EXIT.usage : EXIT.failed;
}

/** Rows as a table with aligned columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
