import { TrunklineError } from '../../kernel/errors.js';
import type { AttributeType } from '../contact-filter.js';
import { SLOTS } from '../contact-tables.js';
import type { ContactAttributeRow } from '../contact-tables.js';
import type { ContactAttribute } from '../contacts.js';
import { insertMany } from './bulk.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';

/** Attributes in all: a file with a header in each row must not make a million. */
const MAX_ATTRIBUTES = 500;

export const slotsOf = async (db: Db): Promise<ReadonlyMap<string, ContactAttributeRow>> =>
  new Map((await db.selectFrom('contact_attributes').selectAll().execute()).map((row) => [row.name, row]));

const attributeOf = (row: ContactAttributeRow): ContactAttribute => ({ name: row.name, type: row.type, indexed: row.slot !== null });

export async function listAttributes({ db }: StoreContext): Promise<readonly ContactAttribute[]> {
  return (await db.selectFrom('contact_attributes').selectAll().orderBy('name').execute()).map(attributeOf);
}

export async function declareAttributes(context: StoreContext, attributes: readonly { readonly name: string; readonly type: AttributeType }[]): Promise<readonly ContactAttribute[]> {
  await context.db.transaction().execute(async (trx) => {
    await context.dialect.lock(trx, 'contacts');
    await declare(context, trx, attributes);
  });
  return await listAttributes(context);
}

/** Under the lock `contacts`. */
export async function declare(context: StoreContext, trx: Db, attributes: readonly { readonly name: string; readonly type: AttributeType }[]): Promise<ReadonlyMap<string, ContactAttributeRow>> {
  const known = new Map(await slotsOf(trx));
  const fresh: ContactAttributeRow[] = [];
  for (const { name, type } of attributes) {
    const there = known.get(name);
    if (there !== undefined && there.type !== type) {
      throw new TrunklineError('TRK_CONFLICT', { params: { reason: `The attribute is ${there.type} already, not ${type}.` }, field: `attributes.${name}` });
    }
    if (there !== undefined) continue;
    if (known.size >= MAX_ATTRIBUTES) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: `there are ${MAX_ATTRIBUTES} attributes already` }, field: `attributes.${name}` });
    const row = { name, type, slot: freeSlot(type, new Set([...known.values()].map(({ slot }) => slot))) };
    known.set(name, row);
    fresh.push(row);
  }
  await insertMany(context, trx, { table: 'contact_attributes', columns: ['name', 'type', 'slot'], rows: fresh.map(({ name, type, slot }) => [name, type, slot]) });
  return known;
}

function freeSlot(type: AttributeType, taken: ReadonlySet<string | null>): ContactAttributeRow['slot'] {
  const letter = type === 'number' || type === 'boolean' ? 'n' : 't';
  for (let index = 1; index <= SLOTS; index += 1) {
    const slot = `${letter}${index}` as const;
    if (!taken.has(slot)) return slot;
  }
  return null;
}
