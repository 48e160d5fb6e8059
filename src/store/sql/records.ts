import type { ApiKeyRecord, FlowVersionRecord } from '../store.js';
import type { StoreContext } from './context.js';
import { apiKeyOf, flowOf } from './rows.js';

export async function putFlow(context: StoreContext, id: string, source: string): Promise<FlowVersionRecord> {
  return await context.db.transaction().execute(async (trx) => {
    await context.dialect.lock(trx, `flow:${id}`);
    const newest = await trx.selectFrom('flows').selectAll().where('id', '=', id).orderBy('version', 'desc').limit(1).executeTakeFirst();
    if (newest?.source === source) return flowOf(newest);
    const row = { id, version: (newest?.version ?? 0) + 1, source, created_at: context.clock.now() };
    await trx.insertInto('flows').values(row).execute();
    return flowOf(row);
  });
}

export async function getFlow(context: StoreContext, id: string, version: number | undefined): Promise<FlowVersionRecord | undefined> {
  let select = context.db.selectFrom('flows').selectAll().where('id', '=', id).orderBy('version', 'desc').limit(1);
  if (version !== undefined) select = select.where('version', '=', version);
  const row = await select.executeTakeFirst();
  return row && flowOf(row);
}

/** The newest version of each. */
export async function listFlows(context: StoreContext): Promise<readonly FlowVersionRecord[]> {
  const rows = await context.db
    .selectFrom('flows')
    .innerJoin(
      (from) => from.selectFrom('flows').select(['id as newest_id', (select) => select.fn.max<number>('version').as('newest')]).groupBy('id').as('newest'),
      (join) => join.onRef('newest.newest_id', '=', 'flows.id').onRef('newest.newest', '=', 'flows.version'),
    )
    .select(['id', 'version', 'source', 'created_at'])
    .orderBy('id')
    .execute();
  return rows.map(flowOf);
}

export async function putApiKey(context: StoreContext, key: ApiKeyRecord): Promise<void> {
  await context.db
    .insertInto('api_keys')
    .values({ id: key.id, name: key.name, hash: key.hash, scopes: JSON.stringify(key.scopes), created_at: key.createdAt, revoked_at: key.revokedAt ?? null })
    .execute();
}

export async function findApiKey(context: StoreContext, hash: string): Promise<ApiKeyRecord | undefined> {
  const row = await context.db.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row && apiKeyOf(row);
}

export async function listApiKeys(context: StoreContext): Promise<readonly ApiKeyRecord[]> {
  const rows = await context.db.selectFrom('api_keys').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(apiKeyOf);
}

export async function revokeApiKey(context: StoreContext, id: string): Promise<boolean> {
  const changed = await context.db
    .updateTable('api_keys')
    .set({ revoked_at: context.clock.now() })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}
