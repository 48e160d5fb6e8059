import type { ContactFilter, FilterField, FilterValue } from '../../store/contact-filter.js';
import type { Contact } from '../../store/contacts.js';

/** Whether a filter takes this contact; the same as the store says of it. */
export function matches(filter: ContactFilter, contact: Contact, now: number): boolean {
  switch (filter.kind) {
    case 'all':
      return true;
    case 'and':
      return filter.parts.every((part) => matches(part, contact, now));
    case 'or':
      return filter.parts.some((part) => matches(part, contact, now));
    case 'not':
      return !matches(filter.part, contact, now);
    case 'compare': {
      const order = compare(valueOf(filter.field, contact), resolved(filter.value, now), filter.field);
      if (order === undefined) return false;
      return { '=': order === 0, '!=': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[filter.op];
    }
    case 'in':
      return filter.values.some((value) => compare(valueOf(filter.field, contact), value, filter.field) === 0);
    case 'contains':
      return textOf(valueOf(filter.field, contact))?.includes(filter.text) ?? false;
    case 'starts':
      return textOf(valueOf(filter.field, contact))?.startsWith(filter.text) ?? false;
    case 'missing':
      return valueOf(filter.field, contact) === undefined;
    case 'tag':
      return contact.tags.includes(filter.tag);
    case 'consent':
      return contact.consents.some(({ purpose, granted, expiresAt }) => purpose === filter.purpose && granted && (expiresAt === undefined || expiresAt > now));
  }
}

type Value = string | number | boolean;

const resolved = (value: FilterValue, now: number): Value => (typeof value === 'object' ? Math.trunc(now - value.agoMs) : value);

const textOf = (value: Value | undefined): string | undefined => (value === undefined ? undefined : String(value));

/** Undefined if they cannot be compared; a slot of another kind is compared as text, as the store does. */
function compare(found: Value | undefined, asked: Value, field: FilterField): number | undefined {
  if (found === undefined) return undefined;
  if (typeof asked === 'number') return typeof found === 'number' ? found - asked : undefined;
  if (typeof asked === 'boolean' && field.kind === 'attribute') return typeof found === 'boolean' ? Number(found) - Number(asked) : undefined;
  const [a, b] = [String(found), String(asked)];
  // By bytes, as databases do: not the order of UTF-16.
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function valueOf(field: FilterField, contact: Contact): Value | undefined {
  if (field.kind === 'attribute') return contact.attributes[field.name];
  if (field.kind === 'slot') return contact.history.slots[field.name];
  switch (field.name) {
    case 'id':
      return contact.id;
    case 'external_id':
      return contact.externalId;
    case 'name':
      return contact.name;
    case 'email':
      return contact.email;
    case 'language':
      return contact.language;
    case 'country':
      return contact.address.country ?? contact.numbers[0]?.country;
    case 'region':
      return contact.address.region;
    case 'city':
      return contact.address.city;
    case 'calls':
      return contact.history.calls;
    case 'last_call':
      return contact.history.lastCallAt;
    case 'last_disposition':
      return contact.history.lastDisposition;
    case 'last_verdict':
      return contact.history.lastVerdict;
    case 'created':
      return contact.createdAt;
  }
}
