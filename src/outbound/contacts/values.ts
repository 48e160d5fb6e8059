import type { AttributeType } from '../../store/contact-filter.js';

const YES: ReadonlySet<string> = new Set(['true', 'yes', 'y', '是', '同意', '有', 't']);
const NO: ReadonlySet<string> = new Set(['false', 'no', 'n', '否', '不同意', '无', 'f']);

export function readBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (YES.has(word) || word === '1') return true;
  return NO.has(word) || word === '0' ? false : undefined;
}

const PLAIN = /^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/;

export function readNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (!PLAIN.test(trimmed)) return undefined;
  const value = Number(trimmed.replaceAll(',', ''));
  return Number.isFinite(value) ? value : undefined;
}

const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** `2026-01-31`, also from `2026/1/31` and `2026年1月31日`. The order of day and month elsewhere cannot be known. */
export function readDate(text: string): string | undefined {
  const found = DAY.exec(text.trim());
  if (found === null) return undefined;
  const [, year = '', month = '', day = ''] = found;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  return date.toISOString().slice(0, 10);
}

/**
 * The type that fits all values of a column. Digits that are names of something stay text:
 * a leading zero would be lost, and so would digits beyond the fifteenth.
 */
export function inferType(values: Iterable<string>): AttributeType {
  let [numbers, booleans, dates] = [true, true, true];
  let any = false;
  for (const value of values) {
    const text = value.trim();
    if (text === '') continue;
    any = true;
    numbers &&= readNumber(text) !== undefined && !/^[+-]?0\d/.test(text) && text.replace(/\D/g, '').length <= 15;
    // 0 and 1 alone are numbers.
    booleans &&= YES.has(text.toLowerCase()) || NO.has(text.toLowerCase());
    dates &&= readDate(text) !== undefined;
    if (!numbers && !booleans && !dates) break;
  }
  return !any ? 'text' : booleans ? 'boolean' : numbers ? 'number' : dates ? 'date' : 'text';
}
