import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Comparison, ContactFilter, FilterField, FilterValue } from '../contact-filter.js';
import type { ContactAttributeRow } from '../contact-tables.js';
import type { Dialect } from './dialect.js';

type Slots = ReadonlyMap<string, Pick<ContactAttributeRow, 'type' | 'slot'>>;

export interface CompiledFilter {
  readonly where: RawBuilder<boolean>;
  /** It asks for something in `contact_bodies`. */
  readonly needsBody: boolean;
}

/**
 * A filter as a condition on `contacts` (and `contact_bodies`); values are bound parameters.
 *
 * What is missing is null and makes a comparison null, which neither `and` nor `or` turn
 * into true; `not` is written `is not true`. So null is false everywhere.
 */
export function compileFilter(dialect: Dialect, slots: Slots, filter: ContactFilter, now: number): CompiledFilter {
  const compiler = new Compiler(dialect, slots, now);
  return { where: compiler.filter(filter), needsBody: compiler.needsBody };
}

const operators: Readonly<Record<Comparison, RawBuilder<unknown>>> = { '=': sql`=`, '!=': sql`<>`, '<': sql`<`, '<=': sql`<=`, '>': sql`>`, '>=': sql`>=` };

class Compiler {
  needsBody = false;
  readonly #dialect: Dialect;
  readonly #slots: Slots;
  readonly #now: number;

  constructor(dialect: Dialect, slots: Slots, now: number) {
    this.#dialect = dialect;
    this.#slots = slots;
    this.#now = now;
  }

  filter(filter: ContactFilter): RawBuilder<boolean> {
    switch (filter.kind) {
      case 'all':
        return sql<boolean>`1 = 1`;
      case 'and':
      case 'or':
        return sql<boolean>`(${sql.join(filter.parts.map((part) => this.filter(part)), filter.kind === 'and' ? sql` and ` : sql` or `)})`;
      case 'not':
        return sql<boolean>`((${this.filter(filter.part)}) is not true)`;
      case 'compare':
        return sql<boolean>`${this.#field(filter.field, filter.value)} ${operators[filter.op]} ${this.#value(filter.field, filter.value)}`;
      case 'in':
        return sql<boolean>`${this.#field(filter.field, filter.values[0] ?? '')} in (${sql.join(filter.values.map((value) => this.#value(filter.field, value)))})`;
      case 'contains':
        return this.#contains(this.#field(filter.field, ''), filter.text);
      case 'starts':
        return sql<boolean>`substr(${this.#field(filter.field, '')}, 1, length(${this.#text(filter.text)})) = ${this.#text(filter.text)}`;
      case 'missing':
        return sql<boolean>`${this.#field(filter.field, '')} is null`;
      case 'tag':
        return this.#contains(sql`contacts.tags`, `|${filter.tag}|`);
      case 'consent':
        return sql<boolean>`(${this.#contains(sql`contacts.consents`, `|${filter.purpose}|`)} or (${this.#contains(sql`contacts.consents`, `|${filter.purpose}?|`)} and exists (
          select 1 from contact_consents where contact_seq = contacts.seq and purpose = ${this.#text(filter.purpose)} and granted = 1 and expires_at > ${this.#now})))`;
    }
  }

  /** `instr` and `position` have different names; `replace` is the same on both. */
  #contains(field: RawBuilder<unknown>, text: string): RawBuilder<boolean> {
    return sql<boolean>`replace(${field}, ${this.#text(text)}, '') <> ${field}`;
  }

  #text(text: string): RawBuilder<unknown> {
    return sql`cast(${text} as text)`;
  }

  #value(field: FilterField, value: FilterValue): RawBuilder<unknown> {
    if (typeof value === 'object') return sql`${Math.trunc(this.#now - value.agoMs)}`;
    if (typeof value === 'number') return sql`cast(${value} as ${sql.raw(this.#dialect.ddl.real)})`;
    if (typeof value === 'boolean') return field.kind === 'attribute' && this.#slots.get(field.name)?.slot != null ? sql`${value ? 1 : 0}` : this.#text(String(value));
    return this.#text(value);
  }

  #field(field: FilterField, value: FilterValue): RawBuilder<unknown> {
    if (field.kind === 'slot') {
      this.needsBody = true;
      const column = sql<string>`contact_bodies.slots`;
      return typeof value === 'number' ? this.#dialect.jsonNumber(column, field.name) : this.#dialect.jsonText(column, field.name);
    }
    if (field.kind === 'attribute') {
      const slot = this.#slots.get(field.name)?.slot;
      if (slot != null) return sql`${sql.ref(`contacts.${slot}`)}`;
      this.needsBody = true;
      const column = sql<string>`contact_bodies.attributes`;
      return typeof value === 'number' ? this.#dialect.jsonNumber(column, field.name) : this.#dialect.jsonText(column, field.name);
    }
    if (field.name === 'name' || field.name === 'email') {
      this.needsBody = true;
      return sql.ref(`contact_bodies.${field.name}`);
    }
    const renamed = { last_call: 'last_call_at', created: 'created_at' } as const;
    return sql.ref(`contacts.${field.name === 'last_call' || field.name === 'created' ? renamed[field.name] : field.name}`);
  }
}
