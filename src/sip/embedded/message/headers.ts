import { isToken, splitList, trimSpace } from './grammar.js';
import { canonicalName, headerKey, isListHeader } from './header-names.js';
import { SipParseError } from './parse-error.js';

interface Field {
  readonly key: string;
  /** As it goes on the wire: canonical if known. */
  readonly name: string;
  value: string;
}

/**
 * The header fields of a message in wire order. Names are found without regard to
 * case and in their compact forms; output has the canonical spelling. Headers that
 * are lists (Via, Route, Contact, Supported...) are seen one element at a time.
 *
 * Setting a name that is no token, or a value with CR or LF, throws
 * `SipParseError`: nothing that goes out can split a message.
 */
export class Headers {
  #fields: Field[] = [];
  #memo: Map<string, unknown> | undefined;

  /** First value (first element of a list header). */
  get(name: string): string | undefined {
    const key = headerKey(name);
    for (const field of this.#fields) {
      if (field.key === key) return isListHeader(key) ? splitList(field.value)[0] : field.value;
    }
    return undefined;
  }

  /** All values: one per field line, elements of list headers each on their own. */
  getAll(name: string): string[] {
    const key = headerKey(name);
    const list = isListHeader(key);
    const values: string[] = [];
    for (const field of this.#fields) {
      if (field.key !== key) continue;
      if (list) values.push(...splitList(field.value));
      else values.push(field.value);
    }
    return values;
  }

  /** Whether one of the elements of a list header equals `token`, without regard to case: `includes('Supported', '100rel')`. */
  includes(name: string, token: string): boolean {
    const wanted = token.toLowerCase();
    return this.getAll(name).some((value) => value.toLowerCase() === wanted);
  }

  /** How many field lines carry this name. */
  count(name: string): number {
    const key = headerKey(name);
    let count = 0;
    for (const field of this.#fields) if (field.key === key) count++;
    return count;
  }

  has(name: string): boolean {
    const key = headerKey(name);
    return this.#fields.some((field) => field.key === key);
  }

  /** Replaces all fields of this name; the first keeps its place in the order. */
  set(name: string, value: string | readonly string[]): this {
    const fresh = (typeof value === 'string' ? [value] : value).map((one) => newField(name, one));
    const key = headerKey(name);
    const at = this.#fields.findIndex((field) => field.key === key);
    if (at < 0) this.#fields.push(...fresh);
    else {
      this.#fields.splice(at, 1, ...fresh);
      const end = at + fresh.length;
      this.#fields = this.#fields.filter((field, index) => index < end || field.key !== key);
    }
    this.#memo = undefined;
    return this;
  }

  /** Appends a field; values of the same name stay together in order because order counts only within a name. */
  add(name: string, value: string): this {
    this.#fields.push(newField(name, value));
    this.#memo = undefined;
    return this;
  }

  /** Puts a field before all others, e.g. our Via on top. */
  prepend(name: string, value: string): this {
    this.#fields.unshift(newField(name, value));
    this.#memo = undefined;
    return this;
  }

  /** Replaces the first value only (the first element of a list header). */
  replaceFirst(name: string, value: string): this {
    const key = headerKey(name);
    const field = this.#fields.find((candidate) => candidate.key === key);
    if (!field) return this.add(name, value);
    const fresh = newField(name, value);
    field.value = isListHeader(key) ? [fresh.value, ...splitList(field.value).slice(1)].join(', ') : fresh.value;
    this.#memo = undefined;
    return this;
  }

  /** Takes off the first value and gives it back, e.g. the top Route. */
  removeFirst(name: string): string | undefined {
    const key = headerKey(name);
    const at = this.#fields.findIndex((field) => field.key === key);
    const field = this.#fields[at];
    if (!field) return undefined;
    this.#memo = undefined;
    const [first, ...rest] = isListHeader(key) ? splitList(field.value) : [field.value];
    if (rest.length > 0) field.value = rest.join(', ');
    else this.#fields.splice(at, 1);
    return first;
  }

  delete(name: string): this {
    const key = headerKey(name);
    this.#fields = this.#fields.filter((field) => field.key !== key);
    this.#memo = undefined;
    return this;
  }

  /** Field lines in wire order, combined lists as they stand. */
  *entries(): Generator<[name: string, value: string]> {
    for (const { name, value } of this.#fields) yield [name, value];
  }

  get size(): number {
    return this.#fields.length;
  }

  /** Characters of all names and values together, for accounting. */
  get characters(): number {
    let sum = 0;
    for (const { name, value } of this.#fields) sum += name.length + value.length;
    return sum;
  }

  clone(): Headers {
    const copy = new Headers();
    copy.#fields = this.#fields.map(({ key, name, value }) => ({ key, name, value }));
    return copy;
  }

  /** Adds what the parser read, without the checks of `add`. */
  addParsed(name: string, value: string): void {
    const known = canonicalName(name);
    this.#fields.push({ key: known === name ? headerKey(name) : known, name: known, value });
  }

  /** Lines of the message head, each with its CRLF; `except` is a canonical name to leave out. */
  lines(except: string): string {
    let text = '';
    for (const field of this.#fields) if (field.key !== except) text += `${field.name}: ${field.value}\r\n`;
    return text;
  }

  /**
   * Parses the first value of `name` once and keeps the result until the headers change.
   * The result is shared: clone it before changing it.
   */
  parsed<T extends object>(name: string, parse: (value: string) => T): T | undefined {
    const kept = this.#memo?.get(name);
    if (kept !== undefined) return kept as T;
    const value = this.get(name);
    if (value === undefined) return undefined;
    const result = parse(value);
    (this.#memo ??= new Map<string, unknown>()).set(name, result);
    return result;
  }
}

const UNSAFE = /[\r\n]/;

function newField(name: string, value: string): Field {
  if (!isToken(name)) throw new SipParseError('header name is not a token');
  const trimmed = trimSpace(value);
  if (UNSAFE.test(trimmed)) throw new SipParseError('header value holds a line break');
  return { key: headerKey(name), name: canonicalName(name), value: trimmed };
}
