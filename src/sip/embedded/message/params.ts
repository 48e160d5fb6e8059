import { isSpace, quotedEnd, trimSpace, unquote } from './grammar.js';
import { SipParseError } from './parse-error.js';

interface Param {
  /** Lower case, escapes of URI parameters decoded: what `get` compares. */
  readonly key: string;
  readonly name: string;
  readonly value: string | undefined;
}

const UNQUOTED_VALUE = /^[^\s;,"<>]+$/;
const NAME = /^[^\s;,"<>=]+$/;

/**
 * `;name=value` parameters of a header or URI, in order. Names compare without
 * regard to case; a parameter without `=` has the value `undefined`. Where a name
 * stands twice the first one counts.
 */
export class Params {
  #list: Param[];

  constructor(list: Iterable<readonly [name: string, value: string | undefined]> = []) {
    this.#list = Array.from(list, ([name, value]) => ({ key: name.toLowerCase(), name, value }));
  }

  /** Raw value (a quoted string keeps its quotes); undefined if absent or without value: see `has`. */
  get(name: string): string | undefined {
    const key = name.toLowerCase();
    for (const param of this.#list) if (param.key === key) return param.value;
    return undefined;
  }

  /** Value with the quotes taken off. */
  text(name: string): string | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : unquote(value);
  }

  has(name: string): boolean {
    const key = name.toLowerCase();
    return this.#list.some((param) => param.key === key);
  }

  /** Replaces in place, or appends. */
  set(name: string, value?: string): this {
    const key = name.toLowerCase();
    const at = this.#list.findIndex((param) => param.key === key);
    if (at < 0) this.#list.push({ key, name, value });
    else this.#list[at] = { key, name: this.#list[at]!.name, value };
    return this;
  }

  delete(name: string): this {
    const key = name.toLowerCase();
    this.#list = this.#list.filter((param) => param.key !== key);
    return this;
  }

  get size(): number {
    return this.#list.length;
  }

  *[Symbol.iterator](): Generator<[name: string, value: string | undefined]> {
    for (const { key, value } of this.#list) yield [key, value];
  }

  clone(): Params {
    const copy = new Params();
    copy.#list = this.#list.slice();
    return copy;
  }

  /** With the leading semicolon; empty without parameters. */
  toString(): string {
    let text = '';
    for (const { name, value } of this.#list) text += value === undefined ? `;${name}` : `;${name}=${value}`;
    return text;
  }

  /** For parsers: `key` is the decoded name. */
  append(key: string, name: string, value: string | undefined): void {
    this.#list.push({ key, name, value });
  }
}

/**
 * Parses header parameters from `start` (the first semicolon, or the end) to the
 * end of `text`. generic-param = token [ EQUAL gen-value ], with white space
 * allowed around `;` and `=` (RFC 3261 25.1).
 */
export function parseHeaderParams(text: string, start: number): Params {
  const params = new Params();
  let at = skipSpace(text, start);
  while (at < text.length) {
    if (text.charCodeAt(at) !== 0x3b) throw new SipParseError('semicolon expected before a parameter');
    at = skipSpace(text, at + 1);
    let end = at;
    while (end < text.length && text.charCodeAt(end) !== 0x3b && text.charCodeAt(end) !== 0x3d) end++;
    const name = trimSpace(text.slice(at, end));
    // RFC 4475 3.1.2.1: an empty parameter is not one.
    if (!NAME.test(name)) throw new SipParseError('bad parameter name');
    let value: string | undefined;
    if (text.charCodeAt(end) === 0x3d) {
      at = skipSpace(text, end + 1);
      if (text.charCodeAt(at) === 0x22) {
        end = quotedEnd(text, at);
        if (end < 0) throw new SipParseError('quoted string without end');
        value = text.slice(at, end);
      } else {
        end = text.indexOf(';', at);
        if (end < 0) end = text.length;
        value = trimSpace(text.slice(at, end));
        if (!UNQUOTED_VALUE.test(value)) throw new SipParseError('bad parameter value');
      }
    }
    params.append(name.toLowerCase(), name, value);
    at = skipSpace(text, end);
  }
  return params;
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}
