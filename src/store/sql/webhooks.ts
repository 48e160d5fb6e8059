import type { Selectable } from 'kysely';
import type { OutboxStore, WebhookEndpoint } from '../outbox.js';
import type { WebhookRow } from '../tables.js';
import type { StoreContext } from './context.js';

export async function addWebhook({ db }: StoreContext, endpoint: WebhookEndpoint): Promise<void> {
  await db.insertInto('webhooks').values(rowOf(endpoint)).execute();
}

export async function changeWebhook({ db }: StoreContext, id: string, change: Parameters<OutboxStore['changeWebhook']>[1]): Promise<WebhookEndpoint | undefined> {
  return await db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('webhooks').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (row === undefined) return undefined;
    const before = endpointOf(row);
    const endpoint = { ...before, ...change(before) };
    await trx.updateTable('webhooks').set(rowOf(endpoint)).where('id', '=', id).execute();
    return endpoint;
  });
}

export async function getWebhook({ db }: StoreContext, id: string): Promise<WebhookEndpoint | undefined> {
  const row = await db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
  return row && endpointOf(row);
}

export async function listWebhooks({ db }: StoreContext): Promise<readonly WebhookEndpoint[]> {
  return (await db.selectFrom('webhooks').selectAll().orderBy('created_at').orderBy('id').execute()).map(endpointOf);
}

export async function deleteWebhook({ db }: StoreContext, id: string): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('outbox').where('channel', '=', 'webhook').where('target', '=', id).execute();
    return (await trx.deleteFrom('webhooks').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
  });
}

function rowOf(endpoint: WebhookEndpoint): WebhookRow {
  return {
    id: endpoint.id,
    url: endpoint.url,
    secret: endpoint.secret,
    previous_secret: endpoint.previousSecret ?? null,
    previous_until: endpoint.previousUntil ?? null,
    events: JSON.stringify(endpoint.events),
    full_result: endpoint.fullResult ? 1 : 0,
    enabled: endpoint.enabled ? 1 : 0,
    description: endpoint.description ?? null,
    since_cursor: endpoint.sinceCursor,
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  };
}

function endpointOf(row: Selectable<WebhookRow>): WebhookEndpoint {
  return {
    id: row.id,
    url: row.url,
    secret: row.secret,
    previousSecret: row.previous_secret ?? undefined,
    previousUntil: row.previous_until ?? undefined,
    events: JSON.parse(row.events) as string[],
    fullResult: row.full_result === 1,
    enabled: row.enabled === 1,
    description: row.description ?? undefined,
    sinceCursor: row.since_cursor,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
