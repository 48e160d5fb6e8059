import { join } from 'node:path';
import type { DemoCustomer } from './customers.js';

/** The part of `GET /v1/results/{id}` that the demo shows. */
export interface DemoResult {
  readonly id: string;
  readonly disposition: string;
  readonly verdict: { readonly kind: string; readonly at?: string; readonly template?: string; readonly queue?: string; readonly reason?: string };
  readonly slots: Readonly<Record<string, unknown>>;
  readonly recording?: string;
  readonly media?: { readonly mos?: number };
}

interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
}

/** One table for the eye, from the results and from what the telephone measured. */
export function report(results: readonly DemoResult[], customers: readonly DemoCustomer[], summary: Readonly<Record<string, unknown>>, phoneLines: readonly Record<string, unknown>[], directory: string): string {
  const head = ['customer', 'temper', 'disposition', 'verdict', 'slots', 'reply p50/p95', 'MOS'];
  const rows = results.map((result, index) => {
    const customer = customers[index];
    return [
      customer?.name ?? '?',
      customer?.temper ?? '?',
      result.disposition,
      verdictText(result.verdict),
      Object.entries(result.slots).map(([key, value]) => `${key}=${String(value)}`).join(' ') || '-',
      replies(phoneLines, customer?.user ?? ''),
      result.media?.mos?.toFixed(2) ?? '-',
    ];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => width(row[column] ?? ''))));
  const line = (cells: readonly string[]): string => `  ${cells.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell)))).join('  ').trimEnd()}`;
  const greeting = summary['greeting'] as Distribution | undefined;
  const all = replyTimes(phoneLines);
  return [
    '',
    line(head),
    `  ${widths.map((columns) => '-'.repeat(columns)).join('  ')}`,
    ...rows.map(line),
    '',
    `  Reply after the customer's last word, measured from RTP at the telephone: p50 ${at(all, 50)} ms, p95 ${at(all, 95)} ms (${all.length} turns).`,
    ...(greeting ? [`  Greeting after the ACK: p50 ${greeting.p50} ms, p95 ${greeting.p95} ms.`] : []),
    `  Stereo recordings  ${join(directory, 'data', 'recordings')}`,
    `  Results as JSON    ${join(directory, 'results.json')}`,
  ].join('\n');
}

/** Columns on a terminal: Chinese letters and their marks take two. */
function width(text: string): number {
  return [...text].reduce((sum, letter) => sum + (/[\u2e80-\u9fff\uff00-\uff60\u3000-\u303f]/.test(letter) ? 2 : 1), 0);
}

function verdictText(verdict: DemoResult['verdict']): string {
  const detail = verdict.at ?? verdict.template ?? verdict.queue ?? verdict.reason;
  return detail === undefined ? verdict.kind : `${verdict.kind} (${detail})`;
}

function replyTimes(lines: readonly Record<string, unknown>[], script?: string): number[] {
  return lines.flatMap((line) => (line['event'] === 'reply' && typeof line['ms'] === 'number' && (script === undefined || line['script'] === script) ? [line['ms']] : [])).sort((left, right) => left - right);
}

function replies(lines: readonly Record<string, unknown>[], script: string): string {
  const times = replyTimes(lines, script);
  return times.length === 0 ? '-' : `${at(times, 50)}/${at(times, 95)} ms`;
}

/** Nearest rank of sorted values, whole ms. */
function at(sorted: readonly number[], percent: number): string {
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  return value === undefined ? '-' : String(Math.round(value));
}
