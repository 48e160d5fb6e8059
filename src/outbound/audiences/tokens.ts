import { TrunklineError } from '../../kernel/errors.js';

export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'date' | 'sign' | 'end';
  /** Names as written; texts without their quotes. */
  readonly text: string;
  /** From 0. */
  readonly at: number;
}

/** An expression longer than this is no expression. */
const MAX_FILTER = 4_000;

/** Signs of Chinese keyboards mean what they look like. */
const signs: Readonly<Record<string, string>> = { '（': '(', '）': ')', '，': ',', '＝': '=', '≥': '>=', '≤': '<=', '≠': '!=', '＞': '>', '＜': '<', '！': '!', '==': '=', '<>': '!=' };
const quotes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '‘': '’', '「': '」' };

const NAME = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*/uy;
const DATE = /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})?)?(?![\p{L}\p{N}])/uy;
const NUMBER = /[+-]?\d+(?:\.\d+)?(?![\p{L}\p{N}.])/uy;
const SIGN = /==|<>|>=|<=|!=|[()=<>,（），＝≥≤≠＞＜]/uy;

/** TRK_FILTER_INVALID, with the character at which it goes wrong. */
export function wrong(at: number, reason: string, field: string): TrunklineError {
  return new TrunklineError('TRK_FILTER_INVALID', { params: { position: at + 1, reason }, field });
}

export function tokensOf(filter: string, field: string): readonly Token[] {
  if (filter.length > MAX_FILTER) throw wrong(MAX_FILTER, `it is longer than ${MAX_FILTER} characters`, field);
  const tokens: Token[] = [];
  let at = 0;
  const take = (kind: Token['kind'], pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(filter)?.[0];
    if (found === undefined) return false;
    tokens.push({ kind, text: kind === 'sign' ? (signs[found] ?? found) : found, at });
    at += found.length;
    return true;
  };
  for (;;) {
    while (at < filter.length && /\s/u.test(filter[at]!)) at += 1;
    if (at >= filter.length) break;
    const close = quotes[filter[at]!];
    if (close !== undefined) {
      const { text, next } = quoted(filter, at, close, field);
      tokens.push({ kind: 'text', text, at });
      at = next;
      continue;
    }
    if (take('name', NAME) || take('date', DATE) || take('number', NUMBER) || take('sign', SIGN)) continue;
    throw wrong(at, `${JSON.stringify(String.fromCodePoint(filter.codePointAt(at)!))} has no meaning here`, field);
  }
  return [...tokens, { kind: 'end', text: '', at: filter.length }];
}

/** Text up to its closing quote; a backslash keeps the next character. */
function quoted(filter: string, from: number, close: string, field: string): { readonly text: string; readonly next: number } {
  let text = '';
  for (let at = from + 1; at < filter.length; at += 1) {
    const char = filter[at]!;
    if (char === close) return { text, next: at + 1 };
    if (char === '\\' && at + 1 < filter.length) at += 1;
    text += filter[at]!;
  }
  throw wrong(from, 'this quote is not closed', field);
}
