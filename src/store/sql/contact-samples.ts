import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Contact, ContactQuery } from '../contacts.js';
import { slotsOf } from './contact-attributes.js';
import { compileFilter } from './contact-filters.js';
import { bodies, fullContacts, ranges } from './contacts.js';
import type { StoreContext } from './context.js';

/** Whole contacts read before the event loop turns. */
const READ_AT_ONCE = 500;
/** So many more are drawn than are wanted, and thinned out evenly: how many fit is not known to the last one. */
const DRAW = 1.05;
/** 2^32 by the golden ratio: its multiples spread evenly whatever the order that a file had (Knuth 6.4). */
const STRIDE = 2_654_435_761;
const WHOLE = 4_294_967_296;

/** A share of all, spread over their places: one look at the key of each, and no sorting. */
const drawn = (seq: RawBuilder<unknown>, share: number): RawBuilder<boolean> =>
  share >= 1 ? sql<boolean>`1 = 1` : sql<boolean>`(${seq} * ${sql.lit(STRIDE)}) % ${sql.lit(WHOLE)} < ${sql.lit(Math.floor(share * WHOLE))}`;

export async function sampleContacts(context: StoreContext, query: Pick<ContactQuery, 'filter' | 'frozenAudience'>, count: number, limit: number): Promise<readonly Contact[]> {
  const share = count <= limit ? 1 : (limit / count) * DRAW;
  const all: number[] = [];
  for await (const seqs of query.frozenAudience === undefined ? ofFilter(context, query.filter, share) : ofFrozen(context, query.frozenAudience, share)) all.push(...seqs);
  const chosen = all.length <= limit ? all : Array.from({ length: limit }, (_, index) => all[Math.floor((index * all.length) / limit)] ?? 0);
  const found: Contact[] = [];
  for (let from = 0; from < chosen.length; from += READ_AT_ONCE) {
    const page = await fullContacts(context, context.db, chosen.slice(from, from + READ_AT_ONCE));
    found.push(...[...page].sort((a, b) => a.seq - b.seq).map(({ contact }) => contact));
    await nextTurn();
  }
  return found;
}

async function* ofFilter(context: StoreContext, filter: ContactQuery['filter'], share: number): AsyncGenerator<readonly number[]> {
  const { db, dialect, clock } = context;
  const compiled = filter === undefined ? { where: sql<boolean>`1 = 1`, needsBody: false } : compileFilter(dialect, await slotsOf(db), filter, clock.now());
  for await (const { after, to } of ranges(context)) {
    const { rows } = await sql<{ seq: number }>`select contacts.seq as seq from contacts ${bodies(compiled.needsBody)}
      where contacts.seq > ${after} and contacts.seq <= ${to} and ${drawn(sql`contacts.seq`, share)} and ${compiled.where} order by contacts.seq`.execute(db);
    yield rows.map(({ seq }) => seq);
  }
}

async function* ofFrozen(context: StoreContext, audienceId: string, share: number): AsyncGenerator<readonly number[]> {
  for await (const { after, to } of ranges(context)) {
    const { rows } = await sql<{ seq: number }>`select audience_members.contact_seq as seq from audience_members inner join contacts on contacts.seq = audience_members.contact_seq
      where audience_id = ${audienceId} and contact_seq > ${after} and contact_seq <= ${to} and ${drawn(sql`contact_seq`, share)} order by contact_seq`.execute(context.db);
    yield rows.map(({ seq }) => seq);
  }
}
