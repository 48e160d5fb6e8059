import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { Campaign, CampaignFill, FillStep, SkippedContact } from '../campaigns.js';
import type { Page } from '../store.js';
import type { CampaignFillRow } from '../tables.js';
import { insertMany } from './bulk.js';
import { campaignOf } from './campaigns.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import type { Db } from './db.js';
import { tell } from './events.js';
import { insertTasks } from './tasks.js';

function fillOf(row: Selectable<CampaignFillRow>): CampaignFill {
  return { campaignId: row.campaign_id, round: row.round, audience: row.audience, cursor: row.cursor ?? undefined, passStartedAt: row.pass_started_at, filledAt: row.filled_at ?? undefined, workedMs: row.worked_ms };
}

export async function beginRound(context: StoreContext, id: string, round: number, nextRoundAt: number | undefined, revision?: number): Promise<Campaign | undefined> {
  return await context.db.transaction().execute(async (trx) => {
    const before = await trx.selectFrom('campaigns').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (before?.state !== 'running' || before.round !== round - 1 || before.revision !== (revision ?? before.revision)) return undefined;
    const now = context.clock.now();
    // No change that anybody made: the revision stays, and with it what operators have seen.
    const changes = { round, next_round_at: nextRoundAt ?? null, started_at: before.started_at ?? now };
    await trx.updateTable('campaigns').set(changes).where('id', '=', id).execute();
    await trx.insertInto('campaign_fills').values({ campaign_id: id, round, audience: 0, cursor: null, pass_started_at: now, filled_at: null }).execute();
    const campaign = campaignOf({ ...before, ...changes });
    await tell(context, trx, { type: round === 1 ? 'campaign.started' : 'campaign.round', data: { campaignId: id, name: campaign.name, round } });
    return campaign;
  });
}

export async function getFill({ db }: StoreContext, campaignId: string, round: number): Promise<CampaignFill | undefined> {
  const row = await db.selectFrom('campaign_fills').selectAll().where('campaign_id', '=', campaignId).where('round', '=', round).executeTakeFirst();
  return row && fillOf(row);
}

export async function saveFillStep(context: StoreContext, step: FillStep): Promise<readonly string[] | undefined> {
  const { before, after, skipped, revision } = step;
  const { campaignId, round } = before;
  return await context.db.transaction().execute(async (trx) => {
    // A pause, a stop or another end waits for the step, or the step does not happen any more.
    const campaign = await trx.selectFrom('campaigns').select(['state', 'round', 'revision']).where('id', '=', campaignId).forUpdate().executeTakeFirst();
    if (campaign?.state !== 'running' || campaign.round !== round || campaign.revision !== (revision ?? campaign.revision)) return undefined;
    const row = await trx.selectFrom('campaign_fills').selectAll().where('campaign_id', '=', campaignId).where('round', '=', round).forUpdate().executeTakeFirst();
    if (row === undefined || !isSame(fillOf(row), before)) return undefined;
    const now = context.clock.now();
    const known = await knownMembers(context, trx, campaignId, round, [...step.tasks.map((task) => task.contactId ?? ''), ...skipped.map(({ contactId }) => contactId)]);
    const wanted = step.tasks.filter((task) => !known.has(task.contactId ?? ''));
    const made = await insertTasks(context, trx, wanted, now, null);
    if (wanted.length > 0) {
      await trx
        .deleteFrom('campaign_skips')
        .where('campaign_id', '=', campaignId)
        .where('round', '=', round)
        .where(context.dialect.isIn(sql.ref('contact_id'), wanted.map((task) => task.contactId ?? '')))
        .execute();
    }
    await insertMany(context, trx, {
      table: 'campaign_skips',
      columns: ['campaign_id', 'round', 'contact_id', 'reason', 'detail', 'at'],
      rows: skipped.filter(({ contactId }) => !known.has(contactId)).map(({ contactId, reason, detail }) => [campaignId, round, contactId, reason, detail, now]),
      onConflict: sql`(campaign_id, round, contact_id) do update set reason = excluded.reason, detail = excluded.detail`,
    });
    await trx
      .updateTable('campaign_fills')
      .set({ audience: after.audience, cursor: after.cursor ?? null, pass_started_at: after.passStartedAt, filled_at: after.filledAt ?? null, worked_ms: after.workedMs })
      .where('campaign_id', '=', campaignId)
      .where('round', '=', round)
      .execute();
    return made.map((task) => task.id);
  });
}

function isSame(a: CampaignFill, b: CampaignFill): boolean {
  return a.audience === b.audience && a.cursor === b.cursor && a.passStartedAt === b.passStartedAt && a.filledAt === b.filledAt && a.workedMs === b.workedMs;
}

/** Those who have their task of the round. */
async function knownMembers(context: StoreContext, trx: Db, campaignId: string, round: number, contactIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (contactIds.length === 0) return new Set();
  const rows = await trx
    .selectFrom('tasks')
    .select('contact_id')
    .where('campaign_id', '=', campaignId)
    .where('campaign_id', '!=', '')
    .where('campaign_round', '=', round)
    .where('contact_id', 'is not', null)
    .where(context.dialect.isIn(sql.ref('contact_id'), contactIds))
    .execute();
  return new Set(rows.map((row) => row.contact_id ?? ''));
}

export async function listSkipped({ db }: StoreContext, query: { readonly campaignId: string; readonly cursor?: string; readonly limit: number }): Promise<Page<SkippedContact>> {
  const after = decodeCursor('skipped', query.cursor);
  const rows = await db.selectFrom('campaign_skips').selectAll().where('campaign_id', '=', query.campaignId).where('seq', '>', after).orderBy('seq').limit(query.limit + 1).execute();
  return pageOf('skipped', rows, query.limit, (row): SkippedContact => ({ contactId: row.contact_id, round: row.round, reason: row.reason, detail: row.detail, at: row.at }));
}
