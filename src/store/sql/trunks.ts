import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { TrunkSettings } from '../../config/trunk-schema.js';
import type { TrunkRecord } from '../store.js';
import type { TrunkRow } from '../tables.js';
import type { StoreContext } from './context.js';

/** Days of talk that are kept. */
const DAYS_KEPT = 7;
const DAY_MS = 86_400_000;

function trunkOf(row: Selectable<TrunkRow>): TrunkRecord {
  return { settings: JSON.parse(row.settings) as TrunkSettings, createdAt: row.created_at, updatedAt: row.updated_at };
}

export async function putTrunk({ db, clock }: StoreContext, settings: TrunkSettings): Promise<TrunkRecord> {
  const now = clock.now();
  const row = { name: settings.name, settings: JSON.stringify(settings), created_at: now, updated_at: now };
  const saved = await db
    .insertInto('trunks')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ settings: row.settings, updated_at: now }))
    .returningAll()
    .executeTakeFirstOrThrow();
  return trunkOf(saved);
}

export async function getTrunk({ db }: StoreContext, name: string): Promise<TrunkRecord | undefined> {
  const row = await db.selectFrom('trunks').selectAll().where('name', '=', name).executeTakeFirst();
  return row && trunkOf(row);
}

export async function listTrunks({ db }: StoreContext): Promise<readonly TrunkRecord[]> {
  return (await db.selectFrom('trunks').selectAll().orderBy('name').execute()).map(trunkOf);
}

export async function deleteTrunk({ db }: StoreContext, name: string): Promise<boolean> {
  return (await db.deleteFrom('trunks').where('name', '=', name).executeTakeFirst()).numDeletedRows > 0n;
}

export async function addTrunkTalk({ db }: StoreContext, name: string, day: string, talkedMs: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('trunk_talk')
      .values({ name, day, talked_ms: Math.trunc(talkedMs) })
      .onConflict((conflict) => conflict.columns(['day', 'name']).doUpdateSet({ talked_ms: sql<number>`trunk_talk.talked_ms + excluded.talked_ms` }))
      .execute();
    const oldest = new Date(Date.parse(day) - DAYS_KEPT * DAY_MS).toISOString().slice(0, 10);
    await trx.deleteFrom('trunk_talk').where('day', '<', oldest).execute();
  });
}

export async function trunkTalk({ db }: StoreContext, day: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom('trunk_talk').selectAll().where('day', '=', day).execute();
  return new Map(rows.map((row) => [row.name, row.talked_ms]));
}
