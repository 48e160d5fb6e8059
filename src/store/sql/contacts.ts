import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { RawBuilder, Selectable } from 'kysely';
import type { CallResult } from '../store.js';
import type { ContactConsentRow } from '../contact-tables.js';
import type { Contact, ContactPage, ContactQuery } from '../contacts.js';
import { slotsOf } from './contact-attributes.js';
import { compileFilter } from './contact-filters.js';
import { contactOf, fullColumns } from './contact-rows.js';
import type { FullRow } from './contact-rows.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import type { Db } from './db.js';

/** Contacts that SQLite, which runs on the thread of the server, counts at a time. */
const SQLITE_STEP = 20_000;
/** PostgreSQL counts elsewhere, and has its own limit of time for one statement. */
const POSTGRES_STEP = 2_000_000;

const LIST = 'contacts';

interface FullContact {
  readonly seq: number;
  readonly contact: Contact;
  readonly row: FullRow;
}

async function withConsents({ dialect }: Pick<StoreContext, 'dialect'>, db: Db, rows: readonly FullRow[]): Promise<readonly FullContact[]> {
  if (rows.length === 0) return [];
  const seqs = rows.map(({ seq }) => seq);
  const bySeq = new Map<number, Selectable<ContactConsentRow>[]>(seqs.map((seq) => [seq, []]));
  for (const consent of await db.selectFrom('contact_consents').selectAll().where(dialect.isIn(sql.ref('contact_seq'), seqs)).orderBy('purpose').execute()) bySeq.get(consent.contact_seq)?.push(consent);
  return rows.map((row) => ({ seq: row.seq, contact: contactOf(row, bySeq.get(row.seq) ?? []), row }));
}

const select = (db: Db) => db.selectFrom('contacts').innerJoin('contact_bodies', 'contact_bodies.contact_seq', 'contacts.seq').select([...fullColumns]);

/** Whole contacts by their place; without order. */
export async function fullContacts(context: Pick<StoreContext, 'dialect'>, db: Db, seqs: readonly number[]): Promise<readonly FullContact[]> {
  return await withConsents(context, db, await select(db).where(context.dialect.isIn(sql.ref('contacts.seq'), seqs)).execute());
}

export async function getContact(context: StoreContext, id: string): Promise<Contact | undefined> {
  const rows = await select(context.db).where('contacts.id', '=', id).execute();
  return (await withConsents(context, context.db, rows))[0]?.contact;
}

export async function listContacts(context: StoreContext, query: ContactQuery): Promise<ContactPage> {
  const { db, dialect, clock } = context;
  const after = decodeCursor(LIST, query.cursor);
  let rows = select(db).orderBy('contacts.seq');
  const { number, externalId, frozenAudience } = query;
  if (externalId !== undefined) rows = rows.where('contacts.external_id', '=', externalId);
  if (number !== undefined) rows = rows.where('contacts.seq', 'in', (from) => from.selectFrom('contact_numbers').select('contact_seq').where('number', '=', number));
  if (frozenAudience !== undefined) rows = rows.where('contacts.seq', 'in', (from) => from.selectFrom('audience_members').select('contact_seq').where('audience_id', '=', frozenAudience));
  if (query.filter !== undefined) rows = rows.where(compileFilter(dialect, await slotsOf(db), query.filter, clock.now()).where);
  const isKeyed = number !== undefined || externalId !== undefined || frozenAudience !== undefined;
  const found: FullRow[] = [];
  // Of a filter that hardly anybody fits all contacts are asked, some at a time.
  const steps = isKeyed || query.filter === undefined || query.filter.kind === 'all' ? [{ after, to: Number.MAX_SAFE_INTEGER }] : ranges(context, after);
  for await (const range of steps) {
    found.push(...(await rows.where('contacts.seq', '>', range.after).where('contacts.seq', '<=', range.to).limit(query.limit + 1 - found.length).execute()));
    if (found.length > query.limit) break;
  }
  const contacts = await withConsents(context, db, found);
  return pageOf(LIST, contacts, query.limit, ({ contact }) => contact);
}

export async function countContacts(context: StoreContext, query: Pick<ContactQuery, 'filter' | 'frozenAudience'>): Promise<number> {
  const { db, dialect, clock } = context;
  if (query.frozenAudience !== undefined) {
    const members = await db.selectFrom('audience_members').select((from) => from.fn.countAll<number>().as('count')).where('audience_id', '=', query.frozenAudience).executeTakeFirstOrThrow();
    return members.count;
  }
  if (query.filter === undefined || query.filter.kind === 'all') {
    return (await db.selectFrom('contacts').select((from) => from.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()).count;
  }
  const { where, needsBody } = compileFilter(dialect, await slotsOf(db), query.filter, clock.now());
  let count = 0;
  for await (const range of ranges(context)) {
    const { rows } = await sql<{ count: number }>`select count(*) as count from contacts ${bodies(needsBody)} where contacts.seq > ${range.after} and contacts.seq <= ${range.to} and ${where}`.execute(db);
    count += rows[0]?.count ?? 0;
  }
  return count;
}

/** `join` of the wide half of a contact where a filter asks for it. */
export const bodies = (needed: boolean): RawBuilder<unknown> => (needed ? sql`inner join contact_bodies on contact_bodies.contact_seq = contacts.seq` : sql``);

/** All contacts, step by step; other work of the server comes in between. */
export async function* ranges({ db, dialect }: Pick<StoreContext, 'db' | 'dialect'>, from = 0): AsyncGenerator<{ readonly after: number; readonly to: number }> {
  const { last } = await db.selectFrom('contacts').select((from) => from.fn.max<number | null>('seq').as('last')).executeTakeFirstOrThrow();
  const step = dialect.name === 'sqlite' ? SQLITE_STEP : POSTGRES_STEP;
  for (let after = from; after < (last ?? 0); after += step) {
    yield { after, to: after + step };
    await nextTurn();
  }
}

/** A call ended: what filters ask of the past of whoever has the number. Part of the transaction that saves the result. */
export async function noteCall(trx: Db, result: Pick<CallResult, 'taskId' | 'attemptId' | 'disposition' | 'verdict' | 'slots' | 'endedAt' | 'answeredAt'>): Promise<void> {
  if (result.taskId === undefined || result.attemptId === undefined) return;
  const owner = await trx.selectFrom('tasks').innerJoin('contact_numbers', 'contact_numbers.number', 'tasks.destination').select('contact_numbers.contact_seq').where('tasks.id', '=', result.taskId).executeTakeFirst();
  if (owner === undefined) return;
  await trx
    .updateTable('contacts')
    .set((contact) => ({ calls: contact('calls', '+', 1), last_call_at: Math.trunc(result.endedAt), last_disposition: result.disposition, last_verdict: result.verdict.kind }))
    .where('seq', '=', owner.contact_seq)
    .execute();
  if (result.answeredAt !== undefined) await trx.updateTable('contact_bodies').set({ slots: JSON.stringify(result.slots) }).where('contact_seq', '=', owner.contact_seq).execute();
}
