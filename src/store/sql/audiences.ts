import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { ContactFilter } from '../contact-filter.js';
import type { AudienceRow } from '../contact-tables.js';
import type { Audience } from '../contacts.js';
import type { Page } from '../store.js';
import { slotsOf } from './contact-attributes.js';
import { compileFilter } from './contact-filters.js';
import { bodies, ranges } from './contacts.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';

const LIST = 'audiences';

function audienceOf(row: Selectable<AudienceRow>): Audience {
  return { id: row.id, name: row.name, filter: row.filter, kind: row.kind, frozenAt: row.frozen_at ?? undefined, createdAt: row.created_at, updatedAt: row.updated_at };
}

interface NewAudience {
  readonly name: string;
  readonly filter: string;
}

/** One name, one audience. */
async function named<T>({ dialect }: StoreContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!dialect.isUniqueViolation(error)) throw error;
    throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'Another audience has this name.' }, field: 'name', cause: error });
  }
}

export async function createAudience(context: StoreContext, { name, filter }: NewAudience): Promise<Audience> {
  const now = context.clock.now();
  const row = { id: newId('aud', context.clock, context.random), name, filter, kind: 'live' as const, frozen_at: null, created_at: now, updated_at: now };
  return await named(context, async () => audienceOf(await context.db.insertInto('audiences').values(row).returningAll().executeTakeFirstOrThrow()));
}

/** A new filter for a frozen one makes it live: its members were those of the old filter. */
export async function updateAudience(context: StoreContext, id: string, { name, filter }: NewAudience): Promise<Audience | undefined> {
  return await named(context, () =>
    context.db.transaction().execute(async (trx) => {
      const old = await trx.selectFrom('audiences').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
      if (old === undefined) return undefined;
      const thaw = old.filter !== filter;
      if (thaw) await trx.deleteFrom('audience_members').where('audience_id', '=', id).execute();
      const row = await trx
        .updateTable('audiences')
        .set({ name, filter, updated_at: later(context, old), ...(thaw ? { kind: 'live', frozen_at: null } : {}) })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return row && audienceOf(row);
    }),
  );
}

export async function getAudience({ db }: StoreContext, id: string): Promise<Audience | undefined> {
  const row = await db.selectFrom('audiences').selectAll().where('id', '=', id).executeTakeFirst();
  return row && audienceOf(row);
}

export async function listAudiences({ db }: StoreContext, query: { readonly cursor?: string; readonly limit: number }): Promise<Page<Audience>> {
  const rows = await db.selectFrom('audiences').selectAll().where('seq', '>', decodeCursor(LIST, query.cursor)).orderBy('seq').limit(query.limit + 1).execute();
  return pageOf(LIST, rows, query.limit, audienceOf);
}

export async function deleteAudience({ db }: StoreContext, id: string): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    // The row first: a step of a freeze that is under way ends before, and then there is no other.
    const { numDeletedRows } = await trx.deleteFrom('audiences').where('id', '=', id).executeTakeFirst();
    await trx.deleteFrom('audience_members').where('audience_id', '=', id).execute();
    return numDeletedRows > 0n;
  });
}

/**
 * Members are written in steps; the audience is frozen when all are there, and live until
 * then. Each step asks whether the audience is as this freeze has left it: what was changed,
 * thawed or frozen by somebody else meanwhile is theirs, and nothing is written to it any more.
 */
export async function freezeAudience(context: StoreContext, id: string, filter: ContactFilter, written?: string): Promise<Audience | undefined> {
  const { db, dialect, clock } = context;
  const begun = await thaw(context, id, written);
  if (begun === undefined) return undefined;
  const now = clock.now();
  const { where, needsBody } = compileFilter(dialect, await slotsOf(db), filter, now);
  for await (const { after, to } of ranges(context)) {
    await db.transaction().execute(async (trx) => {
      const own = await trx.selectFrom('audiences').select('id').where('id', '=', id).where('updated_at', '=', begun.updatedAt).forShare().executeTakeFirst();
      if (own === undefined) throw changedMeanwhile();
      await sql`insert into audience_members (audience_id, contact_seq) select cast(${id} as text), contacts.seq from contacts ${bodies(needsBody)}
        where contacts.seq > ${after} and contacts.seq <= ${to} and ${where} on conflict (audience_id, contact_seq) do nothing`.execute(trx);
    });
  }
  const row = await db.updateTable('audiences').set({ kind: 'frozen', frozen_at: now, updated_at: later(context, { updated_at: begun.updatedAt }) }).where('id', '=', id).where('updated_at', '=', begun.updatedAt).returningAll().executeTakeFirst();
  if (row === undefined) throw changedMeanwhile();
  return audienceOf(row);
}

export async function thawAudience(context: StoreContext, id: string): Promise<Audience | undefined> {
  return await thaw(context, id);
}

/** TRK_CONFLICT if it has another filter than `written`. */
async function thaw(context: StoreContext, id: string, written?: string): Promise<Audience | undefined> {
  return await context.db.transaction().execute(async (trx) => {
    const old = await trx.selectFrom('audiences').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (old === undefined) return undefined;
    if (old.filter !== (written ?? old.filter)) throw changedMeanwhile();
    await trx.deleteFrom('audience_members').where('audience_id', '=', id).execute();
    return audienceOf(await trx.updateTable('audiences').set({ kind: 'live', frozen_at: null, updated_at: later(context, old) }).where('id', '=', id).returningAll().executeTakeFirstOrThrow());
  });
}

/** When it was changed tells one change from the next: never the same time twice. */
function later({ clock }: StoreContext, { updated_at }: Pick<Selectable<AudienceRow>, 'updated_at'>): number {
  return Math.max(clock.now(), updated_at + 1);
}

function changedMeanwhile(): TrunklineError {
  return new TrunklineError('TRK_CONFLICT', { params: { reason: 'The audience was changed meanwhile; try again.' } });
}
