import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Random } from '../../kernel/random.js';
import type { AttributeType } from '../contact-filter.js';
import type { ContactAttributeRow } from '../contact-tables.js';
import type { AttributeValue, MergeRule, NewContact, SaveOutcome } from '../contacts.js';
import { INSERT_BATCH, insertMany } from './bulk.js';
import { declare, slotsOf } from './contact-attributes.js';
import { bodyColumns, bodyOf, mergeContact, narrowColumns, narrowOf, slotValue, toldZonesOf } from './contact-rows.js';
import { fullContacts } from './contacts.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import type { Scalar } from './dialect.js';

type Slots = ReadonlyMap<string, ContactAttributeRow>;

/** See `ContactStore.saveContacts`. */
export async function saveContacts(context: StoreContext, contacts: readonly NewContact[], merge: MergeRule, options: { readonly dryRun?: boolean } = {}): Promise<readonly SaveOutcome[]> {
  if (contacts.length === 0) return [];
  const { db, dialect } = context;
  if (options.dryRun === true) {
    const outcomes: SaveOutcome[] = [];
    for (const group of groups(contacts)) outcomes.push(...(await judge(context, db, group, merge)).map(({ outcome }) => outcome));
    return outcomes;
  }
  return await db.transaction().execute(async (trx) => {
    // Numbers and external ids must stay unique, and are looked up before they are written.
    await dialect.lock(trx, 'contacts');
    const slots = await attributesFor(context, trx, contacts);
    const outcomes: SaveOutcome[] = [];
    for (const group of groups(contacts)) {
      const judged = await judge(context, trx, group, merge);
      await insertNew(context, trx, judged.filter(isNew), slots);
      await updateOld(context, trx, judged.filter(isUpdate), slots);
      outcomes.push(...judged.map(({ outcome }) => outcome));
      // SQLite works on this thread: calls go on between the statements.
      await nextTurn();
    }
    return outcomes;
  });
}

/** Neighbours in which no number and no external id comes twice, so that each sees what the ones before have done. */
function* groups(contacts: readonly NewContact[]): Generator<readonly NewContact[]> {
  let group: NewContact[] = [];
  let keys = new Set<string>();
  for (const contact of contacts) {
    const own = [...contact.numbers.map(({ number }) => number), ...(contact.externalId === undefined ? [] : [`id:${contact.externalId}`])];
    if (group.length >= INSERT_BATCH || own.some((key) => keys.has(key))) {
      yield group;
      [group, keys] = [[], new Set()];
    }
    for (const key of own) keys.add(key);
    group.push(contact);
  }
  if (group.length > 0) yield group;
}

interface Judged {
  readonly contact: NewContact;
  readonly outcome: SaveOutcome;
  readonly seq: number | undefined;
}
const isNew = ({ outcome }: Judged): boolean => outcome.kind === 'created';
const isUpdate = ({ outcome }: Judged): boolean => outcome.kind === 'updated';

/** Who is known already, and what the merge rule says to that. */
async function judge(context: StoreContext, trx: Db, contacts: readonly NewContact[], merge: MergeRule): Promise<readonly Judged[]> {
  const { dialect, clock } = context;
  const random = drawnAtOnce(context.random, contacts.length);
  const numbers = contacts.flatMap((contact) => contact.numbers.map(({ number }) => number));
  const externalIds = contacts.flatMap(({ externalId }) => externalId ?? []);
  const byNumber = new Map(
    (
      await trx
        .selectFrom('contact_numbers')
        .innerJoin('contacts', 'contacts.seq', 'contact_numbers.contact_seq')
        .select(['contact_numbers.number', 'contacts.seq', 'contacts.id', 'contacts.external_id'])
        .where(dialect.isIn(sql.ref('contact_numbers.number'), numbers))
        .execute()
    ).map((row) => [row.number, row]),
  );
  const byExternalId = new Map(
    externalIds.length === 0 ? [] : (await trx.selectFrom('contacts').select(['seq', 'id', 'external_id']).where(dialect.isIn(sql.ref('external_id'), externalIds)).execute()).map((row) => [row.external_id, row]),
  );
  return contacts.map((contact): Judged => {
    const owners = contact.numbers.flatMap(({ number }) => byNumber.get(number) ?? []);
    const named = contact.externalId === undefined ? undefined : byExternalId.get(contact.externalId);
    const known = named ?? owners[0];
    if (known === undefined) return { contact, seq: undefined, outcome: { kind: 'created', id: newId('con', clock, random) } };
    const stranger = owners.find(({ seq }) => seq !== known.seq);
    if (stranger !== undefined) return { contact, seq: undefined, outcome: { kind: 'conflict', by: 'number', number: stranger.number } };
    if (named === undefined && contact.externalId !== undefined && known.external_id !== null) {
      return { contact, seq: undefined, outcome: { kind: 'conflict', by: 'externalId', number: owners[0]!.number } };
    }
    if (merge === 'refuse') return { contact, seq: undefined, outcome: { kind: 'exists', by: named === undefined ? 'number' : 'externalId' } };
    return { contact, seq: known.seq, outcome: { kind: merge === 'keep' ? 'kept' : 'updated', id: known.id } };
  });
}

/** Randomness for this many ids in one draw: each costs a system call otherwise. */
function drawnAtOnce(random: Random, ids: number): Random {
  let left = random.bytes(16 * ids);
  return {
    bytes(length) {
      if (left.length < length) left = random.bytes(Math.max(length, 1_024));
      const drawn = left.subarray(0, length);
      left = left.subarray(length);
      return drawn;
    },
  };
}

/** Attributes that nobody declared get the type of their first value. */
async function attributesFor(context: StoreContext, trx: Db, contacts: readonly NewContact[]): Promise<Slots> {
  const known = await slotsOf(trx);
  const fresh = new Map<string, AttributeType>();
  for (const { attributes } of contacts) {
    for (const [name, value] of Object.entries(attributes)) {
      const type = known.get(name)?.type ?? fresh.get(name);
      if (type === undefined) fresh.set(name, typeOf(value));
      else if (!fits(type, value)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: `it must be ${type}` }, field: `attributes.${name}` });
    }
  }
  if (fresh.size === 0) return known;
  return await declare(context, trx, [...fresh].map(([name, type]) => ({ name, type })));
}

const typeOf = (value: AttributeValue): AttributeType => (typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'text');

function fits(type: AttributeType, value: AttributeValue): boolean {
  return type === 'date' ? typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) : type === typeOf(value);
}

/** The slots that these contacts fill. */
function usedSlots(contacts: readonly NewContact[], slots: Slots): readonly { readonly name: string; readonly slot: NonNullable<ContactAttributeRow['slot']> }[] {
  const names = new Set(contacts.flatMap(({ attributes }) => Object.keys(attributes)));
  return [...names].flatMap((name) => {
    const slot = slots.get(name)?.slot ?? null;
    return slot === null ? [] : [{ name, slot }];
  });
}

async function insertNew(context: StoreContext, trx: Db, judged: readonly Judged[], slots: Slots): Promise<void> {
  if (judged.length === 0) return;
  const now = context.clock.now();
  const used = usedSlots(judged.map(({ contact }) => contact), slots);
  const saved = await insertMany(context, trx, {
    table: 'contacts',
    columns: ['id', 'created_at', ...narrowColumns, ...used.map(({ slot }) => slot)],
    rows: judged.map(({ contact, outcome }) => ['id' in outcome ? outcome.id : '', now, ...narrowOf(contact, now), ...used.map(({ name }) => slotValue(contact.attributes[name]))]),
    returning: ['id', 'seq'],
  });
  const seqs = new Map(saved.map(({ id, seq }) => [id, seq]));
  const placed = judged.map(({ contact, outcome }) => ({ contact, seq: seqs.get('id' in outcome ? outcome.id : '')! }));
  await insertMany(context, trx, { table: 'contact_bodies', columns: bodyColumns, rows: placed.map(({ contact, seq }) => bodyOf(seq, contact)) });
  await saveNumbers(context, trx, placed);
  await saveConsents(context, trx, placed);
}

async function updateOld(context: StoreContext, trx: Db, judged: readonly Judged[], slots: Slots): Promise<void> {
  if (judged.length === 0) return;
  const now = context.clock.now();
  const old = new Map((await fullContacts(context, trx, judged.map(({ seq }) => seq!))).map(({ seq, contact, row }) => [seq, { ...contact, timeZones: toldZonesOf(row) }]));
  const merged = judged.flatMap(({ contact, seq }) => {
    const there = old.get(seq!);
    return there === undefined ? [] : [{ seq: seq!, old: there, contact: mergeContact(there, contact) }];
  });
  const used = usedSlots(merged.map(({ contact }) => contact), slots);
  const written = ['id', 'created_at', ...narrowColumns, ...used.map(({ slot }) => slot)] as const;
  await insertMany(context, trx, {
    table: 'contacts',
    columns: ['seq', ...written],
    rows: merged.map(({ contact, seq, old: there }) => [seq, there.id, there.createdAt, ...narrowOf(contact, now), ...used.map(({ name }) => slotValue(contact.attributes[name]))]),
    onConflict: sql`(seq) do update set ${sql.join(written.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`))}`,
  });
  await insertMany(context, trx, {
    table: 'contact_bodies',
    columns: bodyColumns,
    rows: merged.map(({ contact, seq, old: there }) => bodyOf(seq, contact, JSON.stringify(there.history.slots))),
    onConflict: sql`(contact_seq) do update set name = excluded.name, email = excluded.email, attributes = excluded.attributes, slots = excluded.slots, body = excluded.body`,
  });
  await saveNumbers(context, trx, merged);
  await saveConsents(context, trx, merged);
}

interface Placed {
  readonly contact: NewContact;
  readonly seq: number;
}

async function saveNumbers(context: StoreContext, trx: Db, placed: readonly Placed[]): Promise<void> {
  const rows = placed.flatMap(({ contact, seq }) => contact.numbers.map(({ number }): readonly Scalar[] => [number, seq]));
  for (let at = 0; at < rows.length; at += INSERT_BATCH) {
    await insertMany(context, trx, { table: 'contact_numbers', columns: ['number', 'contact_seq'], rows: rows.slice(at, at + INSERT_BATCH), onConflict: sql`(number) do nothing` });
  }
}

async function saveConsents(context: StoreContext, trx: Db, placed: readonly Placed[]): Promise<void> {
  const rows = placed.flatMap(({ contact, seq }) =>
    contact.consents.map(({ purpose, granted, at, expiresAt, source, evidence }): readonly Scalar[] => [seq, purpose, granted ? 1 : 0, at, expiresAt ?? null, source, evidence ?? null]),
  );
  for (let at = 0; at < rows.length; at += INSERT_BATCH) {
    await insertMany(context, trx, {
      table: 'contact_consents',
      columns: ['contact_seq', 'purpose', 'granted', 'at', 'expires_at', 'source', 'evidence'],
      rows: rows.slice(at, at + INSERT_BATCH),
      onConflict: sql`(contact_seq, purpose) do update set granted = excluded.granted, at = excluded.at, expires_at = excluded.expires_at, source = excluded.source, evidence = excluded.evidence`,
    });
  }
}

