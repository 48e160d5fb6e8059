import type { VariableSource } from '../../store/campaigns.js';
import type { AttributeValue, Contact } from '../../store/contacts.js';

/** What a contact has besides its attributes; an attribute of the same name goes before. */
const fields: Readonly<Record<string, (contact: Contact) => string | undefined>> = {
  name: (contact) => contact.name,
  email: (contact) => contact.email,
  language: (contact) => contact.language,
  externalId: (contact) => contact.externalId,
  number: (contact) => contact.numbers[0]?.number,
  country: (contact) => contact.address.country ?? contact.numbers[0]?.country,
  region: (contact) => contact.address.region,
  city: (contact) => contact.address.city,
  postalCode: (contact) => contact.address.postalCode,
  street: (contact) => contact.address.street,
};

/** Own properties only: an attribute may be called `constructor`. */
export function attributeOf(contact: Contact, name: string): AttributeValue | undefined {
  if (Object.hasOwn(contact.attributes, name)) return contact.attributes[name];
  return Object.hasOwn(fields, name) ? fields[name]?.(contact) : undefined;
}

export type MappedVariables =
  | { readonly ok: true; readonly variables: Readonly<Record<string, AttributeValue>> }
  /** The contact has no attribute for this variable, which the flow needs. */
  | { readonly ok: false; readonly missing: string };

/** What the flow is told about this contact. A variable that the flow does not need is left out where the contact has none. */
export function mapVariables(sources: Readonly<Record<string, VariableSource>>, required: readonly string[], contact: Contact): MappedVariables {
  const variables: Record<string, AttributeValue> = {};
  for (const [name, source] of Object.entries(sources)) {
    const value = 'value' in source ? source.value : (attributeOf(contact, source.attribute) ?? source.otherwise);
    if (value !== undefined) variables[name] = value;
  }
  const missing = required.find((name) => !Object.hasOwn(variables, name));
  return missing === undefined ? { ok: true, variables } : { ok: false, missing };
}
