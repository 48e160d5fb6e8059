import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { Audience, Contact, ContactImport } from '../store/contacts.js';
import type { FoundFile } from '../outbound/contacts/read-file.js';
import type { ImportSettings } from '../outbound/contacts/importer.js';
import { zonesOfContact } from '../outbound/contacts/zones.js';
import { oneOf, strict } from './schemas.js';
import { timeOf } from './wire.js';

const AttributeName = '^[\\p{L}_][\\p{L}\\p{N}_]{0,63}$';
const Value = Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'], maxLength: 1_000 });
const Attributes = Type.Unsafe<Record<string, string | number | boolean>>({ type: 'object', maxProperties: 200, propertyNames: { type: 'string', pattern: AttributeName }, additionalProperties: Value, description: 'What audiences are chosen by and flows are told. An attribute keeps the type of its first value, or the one declared.' });
const Time = Type.String({ format: 'date-time' });
export const Country = Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1, e.g. `CN`: of numbers without a country code.' });
const Purpose = Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$' });
const numberKinds = ['mobile', 'fixed', 'fixed_or_mobile', 'voip', 'toll_free', 'premium', 'other'] as const;

const Address = strict({
  country: Type.Optional(Type.String({ maxLength: 100, description: 'ISO 3166-1 code, or a name in English or Chinese.' })),
  region: Type.Optional(Type.String({ maxLength: 100, description: 'State or province.' })),
  city: Type.Optional(Type.String({ maxLength: 100 })),
  postalCode: Type.Optional(Type.String({ maxLength: 20 })),
  street: Type.Optional(Type.String({ maxLength: 300 })),
});

export const NewContactBody = strict({
  externalId: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Id in your system: the same one again changes the contact.' })),
  numbers: Type.Array(Type.Unsafe<string | { number: string; label?: string }>({ type: ['string', 'object'], maxLength: 60, properties: { number: { type: 'string', maxLength: 60 }, label: { type: 'string', maxLength: 40 } }, required: ['number'], additionalProperties: false }), { minItems: 1, maxItems: 10, description: 'The first is dialled first.' }),
  name: Type.Optional(Type.String({ maxLength: 200 })),
  email: Type.Optional(Type.String({ maxLength: 254 })),
  language: Type.Optional(Type.String({ maxLength: 35, description: 'BCP 47, e.g. `zh-CN`.' })),
  timeZones: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: 10, description: 'IANA zones, beside what address and number tell; default: those alone.' })),
  address: Type.Optional(Address),
  attributes: Type.Optional(Attributes),
  tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 100 })),
  consents: Type.Optional(
    Type.Array(strict({ purpose: Purpose, granted: Type.Boolean(), at: Type.Optional(Time), expiresAt: Type.Optional(Time), source: Type.Optional(Type.String({ maxLength: 64 })), evidence: Type.Optional(Type.String({ maxLength: 500, description: 'What proves it.' })) }), { maxItems: 20 }),
  ),
});
export type NewContactBody = Static<typeof NewContactBody>;

export const ContactItem = strict({
  id: Type.String({ description: '`con_...`' }),
  externalId: Type.Optional(Type.String()),
  numbers: Type.Array(strict({ number: Type.String({ description: 'E.164.' }), kind: oneOf(numberKinds), country: Type.Optional(Type.String()), label: Type.Optional(Type.String()) })),
  name: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  language: Type.Optional(Type.String()),
  timeZones: Type.Array(Type.String(), { description: 'All in which the person may be; calling hours must hold in each.' }),
  address: Address,
  attributes: Attributes,
  tags: Type.Array(Type.String()),
  consents: Type.Array(strict({ purpose: Purpose, granted: Type.Boolean(), at: Time, expiresAt: Type.Optional(Time), source: Type.String(), evidence: Type.Optional(Type.String()) })),
  history: strict({ calls: Type.Integer(), lastCallAt: Type.Optional(Time), lastDisposition: Type.Optional(Type.String()), lastVerdict: Type.Optional(Type.String()), slots: Type.Unsafe<Record<string, string | number | boolean>>({ type: 'object', additionalProperties: Value }) }),
  createdAt: Time,
  updatedAt: Time,
});

const optionalTime = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : timeOf(ms));

export function wireContact(contact: Contact) {
  return {
    ...contact,
    timeZones: zonesOfContact(contact),
    consents: contact.consents.map((consent) => ({ ...consent, at: timeOf(consent.at), expiresAt: optionalTime(consent.expiresAt) })),
    history: { ...contact.history, lastCallAt: optionalTime(contact.history.lastCallAt) },
    createdAt: timeOf(contact.createdAt),
    updatedAt: timeOf(contact.updatedAt),
  };
}

const mergeRules = ['update', 'keep', 'refuse'] as const;
export const Merge = oneOf(mergeRules, 'What becomes of a row about somebody who is known, by external id or, without one, by number: `update` writes over what is there, `keep` leaves it, `refuse` refuses the row.');

export const NewImportBody = strict({
  format: oneOf(['csv', 'ndjson'] as const),
  encoding: Type.Optional(Type.String({ maxLength: 30, description: 'Default: found out.' })),
  delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1, description: 'Default: found out.' })),
  map: Type.Optional(Type.Unsafe<Record<string, string>>({ type: 'object', maxProperties: 500, additionalProperties: { type: 'string', maxLength: 150 }, description: 'By header of a column: `number`, `number:home`, `attribute:score:number`, `consent:marketing`, `ignore`, or another field. Default: by what the header says; others become attributes.' })),
  defaultCountry: Type.Optional(Country),
  merge: Type.Optional(Merge),
  dryRun: Type.Optional(Type.Boolean({ description: 'The same report, and nothing is saved.' })),
  tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64, pattern: '^[^|]+$' }), { maxItems: 20, description: 'Given to every contact.' })),
});
export type NewImportBody = Static<typeof NewImportBody>;

export const ImportItem = strict({
  id: Type.String({ description: '`imp_...`' }),
  state: oneOf(['waiting', 'running', 'done', 'failed', 'interrupted'], '`interrupted`: what it counts is saved; the same file again goes on.'),
  settings: NewImportBody,
  found: Type.Optional(strict({ encoding: Type.String(), delimiter: Type.Optional(Type.String()), columns: Type.Optional(Type.Array(strict({ header: Type.String(), becomes: Type.String() }))) }, 'What the file turned out to be.')),
  bytes: Type.Integer({ description: 'Read so far.' }),
  rows: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  kept: Type.Integer(),
  refused: Type.Integer({ description: 'Rows; the report names each with its columns.' }),
  error: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  createdAt: Time,
  updatedAt: Time,
});

export function wireImport(found: ContactImport) {
  return {
    ...found,
    settings: JSON.parse(found.settings) as ImportSettings,
    found: found.found === undefined ? undefined : (JSON.parse(found.found) as FoundFile),
    createdAt: timeOf(found.createdAt),
    updatedAt: timeOf(found.updatedAt),
  };
}

export const AudienceBody = strict({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  filter: Type.String({ maxLength: 4_000, description: 'E.g. `credit_score >= 720 and city = "Shanghai"`; see contacts.md. Empty: everybody.' }),
});
export const AudienceItem = strict({
  id: Type.String({ description: '`aud_...`' }),
  ...AudienceBody.properties,
  kind: oneOf(['live', 'frozen'], '`live`: asked when it is used; `frozen`: who was in it at `frozenAt`.'),
  frozenAt: Type.Optional(Time),
  createdAt: Time,
  updatedAt: Time,
});

export function wireAudience(audience: Audience) {
  return { ...audience, frozenAt: optionalTime(audience.frozenAt), createdAt: timeOf(audience.createdAt), updatedAt: timeOf(audience.updatedAt) };
}
