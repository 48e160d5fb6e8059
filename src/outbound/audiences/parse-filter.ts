import { ownFields } from '../../store/contact-filter.js';
import type { AttributeType, Comparison, ContactFilter, FilterField, FilterValue } from '../../store/contact-filter.js';
import type { AttributeValue } from '../../store/contacts.js';
import { nearest } from './nearest.js';
import { tokensOf, wrong } from './tokens.js';
import type { Token } from './tokens.js';

/** What an expression may speak of besides the facts of every contact. */
export type Attributes = ReadonlyMap<string, AttributeType>;

type FieldType = AttributeType | 'time' | 'any';

const MAX_DEPTH = 50;
const MAX_PARTS = 500;
const MAX_LIST = 1_000;

const aliases: Readonly<Record<string, keyof typeof ownFields>> = { 'calls.count': 'calls', 'last_call.disposition': 'last_disposition', 'last_call.verdict': 'last_verdict', last_call_at: 'last_call', created_at: 'created' };
const units: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000, year: 365 * 86_400_000 };
const comparisons: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);
const relations = ['in', 'not', 'contains', 'starts', 'is', 'before', 'after', 'has'] as const;

/**
 * `credit_score >= 720 and city = "Shanghai"` as a tree; docs/contacts.md has the language.
 * Everybody is in an empty one.
 *
 * TRK_FILTER_INVALID with the character at which it goes wrong, and what was likely meant.
 */
export function parseFilter(filter: string, attributes: Attributes, field = 'filter'): ContactFilter {
  if (filter.trim() === '') return { kind: 'all' };
  return new Parser(tokensOf(filter, field), attributes, field).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #attributes: Attributes;
  readonly #field: string;
  #next = 0;
  #depth = 0;
  #parts = 0;

  constructor(tokens: readonly Token[], attributes: Attributes, field: string) {
    this.#tokens = tokens;
    this.#attributes = attributes;
    this.#field = field;
  }

  whole(): ContactFilter {
    const filter = this.#or();
    const rest = this.#peek();
    if (rest.kind !== 'end') throw this.#wrong(rest, rest.text === ')' ? 'there is no open parenthesis' : `expected "and", "or" or the end${this.#meant(rest, ['and', 'or'])}`);
    return filter;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  #word(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'name' || token.text.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  #sign(sign: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'sign' || token.text !== sign) return false;
    this.#next += 1;
    return true;
  }

  #wrong(token: Token, reason: string): Error {
    return wrong(token.at, reason, this.#field);
  }

  #meant(token: Token, among: Iterable<string>): string {
    const near = token.kind === 'name' ? nearest(token.text, among) : undefined;
    return near === undefined ? '' : `; did you mean "${near}"?`;
  }

  #or(): ContactFilter {
    return this.#joined('or', () => this.#joined('and', () => this.#not()));
  }

  #joined(kind: 'and' | 'or', part: () => ContactFilter): ContactFilter {
    const parts = [part()];
    while (this.#word(kind)) parts.push(part());
    return parts.length === 1 ? parts[0]! : { kind, parts };
  }

  #not(): ContactFilter {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#wrong(this.#peek(), 'parentheses and "not" go too deep');
    const filter = this.#word('not') ? ({ kind: 'not', part: this.#not() } as const) : this.#sign('(') ? this.#closed() : this.#predicate();
    this.#depth -= 1;
    return filter;
  }

  #closed(): ContactFilter {
    const open = this.#tokens[this.#next - 1]!;
    const inner = this.#or();
    if (!this.#sign(')')) throw this.#wrong(this.#peek().kind === 'end' ? open : this.#peek(), 'this parenthesis is not closed');
    return inner;
  }

  #predicate(): ContactFilter {
    this.#parts += 1;
    const name = this.#take();
    if (this.#parts > MAX_PARTS) throw this.#wrong(name, `it has more than ${MAX_PARTS} conditions`);
    if (name.kind !== 'name') throw this.#wrong(name, name.kind === 'end' ? 'a condition is missing' : 'expected the name of an attribute');
    const word = name.text.toLowerCase();
    if (word === 'tags' || word === 'tag') return this.#tags();
    if (word === 'consent' && this.#peek().text === '(') return this.#consent();
    const { field, type } = this.#fieldOf(name);
    const relation = this.#take();
    if (relation.kind === 'sign' && comparisons.has(relation.text)) return this.#compare(field, type, relation.text as Comparison, relation);
    switch (relation.kind === 'name' ? relation.text.toLowerCase() : '') {
      case 'is':
        return this.#is(field);
      case 'not':
        return { kind: 'not', part: this.#relation(field, type, this.#take()) };
      default:
        return this.#relation(field, type, relation);
    }
  }

  #relation(field: FilterField, type: FieldType, relation: Token): ContactFilter {
    switch (relation.kind === 'name' ? relation.text.toLowerCase() : '') {
      case 'in':
        return this.#in(field, type, relation);
      case 'contains':
        return { kind: 'contains', field, text: this.#part(type, relation) };
      case 'starts':
        if (!this.#word('with')) throw this.#wrong(this.#peek(), 'expected "with"');
        return { kind: 'starts', field, text: this.#part(type, relation) };
      case 'before':
        return this.#compare(field, type, '<', relation);
      case 'after':
        return this.#compare(field, type, '>', relation);
      default:
        throw this.#wrong(relation, `expected =, !=, <, <=, >, >=, in, contains, starts with, is missing, before or after${this.#meant(relation, relations)}`);
    }
  }

  #is(field: FilterField): ContactFilter {
    const not = this.#word('not');
    const missing = this.#take();
    if (missing.kind !== 'name' || missing.text.toLowerCase() !== 'missing') throw this.#wrong(missing, `expected "missing"${this.#meant(missing, ['missing', 'not'])}`);
    return not ? { kind: 'not', part: { kind: 'missing', field } } : { kind: 'missing', field };
  }

  #tags(): ContactFilter {
    const has = this.#take();
    const not = has.kind === 'name' && has.text.toLowerCase() === 'not';
    const verb = not ? this.#take() : has;
    if (verb.kind !== 'name' || !['has', 'have'].includes(verb.text.toLowerCase())) throw this.#wrong(verb, `expected "has"${this.#meant(verb, ['has', 'not'])}`);
    const tag = this.#text('a tag in quotes');
    return not ? { kind: 'not', part: { kind: 'tag', tag } } : { kind: 'tag', tag };
  }

  #consent(): ContactFilter {
    this.#take();
    const purpose = this.#take();
    if (purpose.kind !== 'text' && purpose.kind !== 'name') throw this.#wrong(purpose, 'expected a purpose, e.g. consent("marketing")');
    if (!this.#sign(')')) throw this.#wrong(this.#peek(), 'expected ")"');
    return { kind: 'consent', purpose: purpose.text };
  }

  #text(what: string): string {
    const token = this.#take();
    if (token.kind !== 'text' || token.text === '') throw this.#wrong(token, `expected ${what}`);
    return token.text;
  }

  /** A text to look for inside another. */
  #part(type: FieldType, relation: Token): string {
    if (type !== 'text' && type !== 'any') throw this.#wrong(relation, `this is a ${type}, not a text`);
    return this.#text('a text in quotes');
  }

  #fieldOf(token: Token): { readonly field: FilterField; readonly type: FieldType } {
    const { text } = token;
    const own = aliases[text.toLowerCase()] ?? (Object.hasOwn(ownFields, text) ? (text as keyof typeof ownFields) : undefined);
    if (own !== undefined) return { field: { kind: 'own', name: own }, type: ownFields[own] };
    const [head, ...rest] = text.split('.');
    const inner = rest.join('.');
    if (head === 'result' && inner !== '') return { field: { kind: 'slot', name: inner }, type: 'any' };
    const name = head === 'attribute' && inner !== '' ? inner : text;
    const type = this.#attributes.get(name);
    if (type !== undefined) return { field: { kind: 'attribute', name, type }, type };
    const known = [...this.#attributes.keys(), ...Object.keys(ownFields), 'tags', 'consent', ...Object.keys(aliases)];
    throw this.#wrong(token, `no contact has an attribute "${name}"${this.#meant({ ...token, text: name }, known)}`);
  }

  #in(field: FilterField, type: FieldType, relation: Token): ContactFilter {
    if (type === 'boolean' || type === 'time') throw this.#wrong(relation, `a ${type} cannot be looked up in a list`);
    if (!this.#sign('(')) throw this.#wrong(this.#peek(), 'expected "(" and a list of values');
    const values: (string | number)[] = [];
    do {
      const token = this.#peek();
      if (values.length >= MAX_LIST) throw this.#wrong(token, `a list has at most ${MAX_LIST} values`);
      const value = this.#value(type);
      if (typeof value === 'boolean' || typeof value === 'object') throw this.#wrong(token, 'expected a text or a number');
      if (values.length > 0 && typeof value !== typeof values[0]) throw this.#wrong(token, 'all values of a list must be of one kind');
      values.push(value);
    } while (this.#sign(','));
    if (!this.#sign(')')) throw this.#wrong(this.#peek(), 'expected "," or ")"');
    return { kind: 'in', field, values };
  }

  #compare(field: FilterField, type: FieldType, op: Comparison, relation: Token): ContactFilter {
    if (type === 'boolean' && op !== '=' && op !== '!=') throw this.#wrong(relation, 'yes and no have no order; use = or !=');
    if (type === 'time' && (op === '=' || op === '!=')) throw this.#wrong(relation, 'a time is before or after another, hardly ever equal');
    return { kind: 'compare', field, op, value: this.#value(type) };
  }

  #value(type: FieldType): FilterValue {
    const token = this.#take();
    const bad = (expected: string): Error => this.#wrong(token, `expected ${expected}${token.kind === 'name' && type !== 'number' ? '; texts stand in quotes' : ''}`);
    switch (type) {
      case 'time':
        return this.#time(token, bad);
      case 'number':
        if (token.kind !== 'number') throw bad('a number');
        return Number(token.text);
      case 'boolean':
        return boolOf(token) ?? throwing(bad('true or false'));
      case 'date':
        if ((token.kind !== 'date' && token.kind !== 'text') || !/^\d{4}-\d{2}-\d{2}$/.test(token.text)) throw bad('a day, e.g. 2026-01-31');
        return token.text;
      case 'text':
        if (token.kind !== 'text') throw bad('a text in quotes');
        return token.text;
      case 'any':
        if (token.kind === 'number') return Number(token.text);
        if (token.kind === 'text' || token.kind === 'date') return token.text;
        return boolOf(token) ?? throwing(bad('a text in quotes, a number, true or false'));
    }
  }

  /** `7 days ago`, a day, or a moment; of a day without a zone its start in UTC. */
  #time(token: Token, bad: (expected: string) => Error): FilterValue {
    if (token.kind === 'number') {
      const unit = this.#take();
      const ms = units[unit.text.toLowerCase().replace(/s$/, '')];
      if (unit.kind !== 'name' || ms === undefined) throw this.#wrong(unit, `expected minutes, hours, days, weeks, months or years${this.#meant(unit, Object.keys(units).map((name) => `${name}s`))}`);
      if (!this.#word('ago')) throw this.#wrong(this.#peek(), 'expected "ago"');
      const ago = Number(token.text) * ms;
      if (ago < 0 || ago > 100 * units['year']!) throw this.#wrong(token, 'this is too far away');
      return { agoMs: ago };
    }
    const at = token.kind === 'date' || token.kind === 'text' ? Date.parse(token.text.length > 10 && !/(?:Z|[+-]\d{2}:\d{2})$/.test(token.text) ? `${token.text}Z` : token.text) : Number.NaN;
    if (Number.isNaN(at)) throw bad('a time, e.g. 7 days ago, 2026-01-31 or 2026-01-31T09:00:00Z');
    return at;
  }
}

function boolOf(token: Token): AttributeValue | undefined {
  if (token.kind !== 'name') return undefined;
  const word = token.text.toLowerCase();
  return word === 'true' || word === 'yes' ? true : word === 'false' || word === 'no' ? false : undefined;
}

function throwing(error: Error): never {
  throw error;
}
