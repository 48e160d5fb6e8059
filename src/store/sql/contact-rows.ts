import type { Selectable } from 'kysely';
import { whereaboutsOf } from '../contacts.js';
import type { AttributeValue, Consent, Contact, NewContact } from '../contacts.js';
import type { ContactBodyRow, ContactConsentRow, ContactRow } from '../contact-tables.js';
import type { Scalar } from './dialect.js';

/** What lies in `contact_bodies.body`. Without `told` it is of an older version, and `timeZones` holds also what followed from number and address then. */
type Body = Pick<NewContact, 'numbers' | 'timeZones' | 'address' | 'tags'> & { readonly told?: true };

export type FullRow = Selectable<Omit<ContactRow, `n${number}` | `t${number}`>> & Selectable<ContactBodyRow>;

/** Columns of a whole contact; slots repeat what `attributes` says. */
export const fullColumns = [
  'contacts.seq', 'contacts.id', 'contacts.external_id', 'contacts.language', 'contacts.country', 'contacts.region', 'contacts.city', 'contacts.tags', 'contacts.consents',
  'contacts.calls', 'contacts.last_call_at', 'contacts.last_disposition', 'contacts.last_verdict', 'contacts.created_at', 'contacts.updated_at',
  'contact_bodies.contact_seq', 'contact_bodies.name', 'contact_bodies.email', 'contact_bodies.attributes', 'contact_bodies.slots', 'contact_bodies.body',
] as const;

export function contactOf(row: FullRow, consents: readonly Selectable<ContactConsentRow>[]): Contact {
  const body = JSON.parse(row.body) as Body;
  return {
    id: row.id,
    externalId: row.external_id ?? undefined,
    // JSON leaves out what is undefined.
    numbers: body.numbers.map(({ number, kind, country, label }) => ({ number, kind, country, label })),
    name: row.name ?? undefined,
    email: row.email ?? undefined,
    language: row.language ?? undefined,
    timeZones: body.timeZones,
    address: body.address,
    attributes: JSON.parse(row.attributes) as Contact['attributes'],
    tags: body.tags,
    consents: consents.map(consentOf),
    history: {
      calls: row.calls,
      lastCallAt: row.last_call_at ?? undefined,
      lastDisposition: row.last_disposition ?? undefined,
      lastVerdict: row.last_verdict ?? undefined,
      slots: JSON.parse(row.slots) as Contact['history']['slots'],
    },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** What the rules ask about a contact, of its body alone. */
export function dialledBodyOf(text: string): { readonly timeZones: readonly string[]; readonly address: ReturnType<typeof whereaboutsOf> } {
  const body = JSON.parse(text) as Body;
  return { timeZones: body.timeZones, address: whereaboutsOf(body) };
}

/** Zones that were told, as far as one can know of an older version. */
export function toldZonesOf(row: Pick<FullRow, 'body'>): readonly string[] {
  const { told, timeZones } = JSON.parse(row.body) as Body;
  return told === true ? timeZones : [];
}

function consentOf(row: Selectable<ContactConsentRow>): Consent {
  return { purpose: row.purpose, granted: row.granted === 1, at: row.at, expiresAt: row.expires_at ?? undefined, source: row.source, evidence: row.evidence ?? undefined };
}

/** The country that filters see: of the address, else of the first number. */
export function countryOf(contact: Pick<NewContact, 'address' | 'numbers'>): string | undefined {
  return contact.address.country ?? contact.numbers[0]?.country;
}

const piped = (words: readonly string[]): string => (words.length === 0 ? '' : `|${words.join('|')}|`);

export const narrowColumns = ['external_id', 'language', 'country', 'region', 'city', 'tags', 'consents', 'updated_at'] as const;

/** Values of `narrowColumns`. */
export function narrowOf(contact: NewContact, now: number): readonly Scalar[] {
  const { region, city } = contact.address;
  const granted = contact.consents.filter((consent) => consent.granted).map(({ purpose, expiresAt }) => (expiresAt === undefined ? purpose : `${purpose}?`));
  return [contact.externalId ?? null, contact.language ?? null, countryOf(contact) ?? null, region ?? null, city ?? null, piped(contact.tags), piped(granted), now];
}

export function slotValue(value: AttributeValue | undefined): Scalar {
  return value === undefined ? null : typeof value === 'boolean' ? (value ? 1 : 0) : value;
}

export const bodyColumns = ['contact_seq', 'name', 'email', 'attributes', 'slots', 'body'] as const;

export function bodyOf(seq: number, contact: NewContact, slots = '{}'): readonly Scalar[] {
  const body: Body = { numbers: contact.numbers, timeZones: contact.timeZones, told: true, address: contact.address, tags: contact.tags };
  return [seq, contact.name ?? null, contact.email ?? null, JSON.stringify(contact.attributes), slots, JSON.stringify(body)];
}

/** What the new record says over what is there; what it does not say stays. */
export function mergeContact(old: NewContact, given: NewContact): NewContact {
  const consents = new Map(old.consents.map((consent) => [consent.purpose, consent]));
  for (const consent of given.consents) if ((consents.get(consent.purpose)?.at ?? 0) <= consent.at) consents.set(consent.purpose, consent);
  return {
    externalId: given.externalId ?? old.externalId,
    numbers: [...given.numbers, ...old.numbers].filter(({ number }, index, all) => all.findIndex((other) => other.number === number) === index),
    name: given.name ?? old.name,
    email: given.email ?? old.email,
    language: given.language ?? old.language,
    timeZones: given.timeZones.length > 0 ? given.timeZones : old.timeZones,
    address: { ...old.address, ...given.address },
    attributes: { ...old.attributes, ...given.attributes },
    tags: [...new Set([...old.tags, ...given.tags])],
    consents: [...consents.values()],
  };
}
