import type { Selectable } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { nextCampaignState } from '../campaign-states.js';
import type { CampaignEvent } from '../campaign-states.js';
import { roundEnd } from '../campaigns.js';
import type { Campaign, CampaignSettings, CampaignState } from '../campaigns.js';
import type { NewEvent } from '../event-payloads.js';
import type { Page } from '../store.js';
import type { CampaignRow } from '../tables.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import type { Db } from './db.js';
import { mendTasks } from './campaign-callers.js';
import { campaignCounts, hasOpenTasks } from './campaign-figures.js';
import { lockRules } from './compliance.js';
import { tell } from './events.js';
import { moveRoundEnd } from './round-end.js';

type Row = Selectable<CampaignRow>;

/** JSON leaves out what is undefined; the keys come back so that settings always have the same shape. */
export function campaignOf(row: Row): Campaign {
  const settings = JSON.parse(row.settings) as CampaignSettings;
  return {
    ...settings,
    flowVersion: settings.flowVersion,
    startsAt: settings.startsAt,
    endsAt: settings.endsAt,
    recurrence: settings.recurrence,
    pacing: { ...settings.pacing, maxCalls: settings.pacing.maxCalls, callsPerSecond: settings.pacing.callsPerSecond },
    ownerTeam: settings.ownerTeam,
    spendCap: settings.spendCap,
    id: row.id,
    state: row.state,
    revision: row.revision,
    round: row.round,
    nextRoundAt: row.next_round_at ?? undefined,
    flowVersions: JSON.parse(row.flow_versions) as Campaign['flowVersions'],
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Settings only, whatever else comes with them. */
function jsonOf(settings: CampaignSettings): string {
  const { name, audiences, flow, flowVersion, purpose, variables, categories, startsAt, endsAt, timeZone, hoursIn, hours, recurrence, holidays, priority, retry, pacing, callerNumbers, ownerTeam, spendCap } = settings;
  return JSON.stringify({ name, audiences, flow, flowVersion, purpose, variables, categories, startsAt, endsAt, timeZone, hoursIn, hours, recurrence, holidays, priority, retry, pacing, callerNumbers, ownerTeam, spendCap });
}

export async function createCampaign(context: StoreContext, settings: CampaignSettings): Promise<Campaign> {
  const now = context.clock.now();
  return await context.db.transaction().execute(async (trx) => {
    const row = await trx
      .insertInto('campaigns')
      .values({
        id: newId('camp', context.clock, context.random), state: 'draft', revision: 1, round: 0, next_round_at: null, settings: jsonOf(settings),
        flow_versions: '{}', started_at: null, ended_at: null, created_at: now, updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await tell(context, trx, { type: 'campaign.created', data: { campaignId: row.id, name: settings.name } });
    return campaignOf(row);
  });
}

export async function getCampaign({ db }: StoreContext, id: string): Promise<Campaign | undefined> {
  const row = await db.selectFrom('campaigns').selectAll().where('id', '=', id).executeTakeFirst();
  return row && campaignOf(row);
}

export async function listCampaigns({ db }: StoreContext, query: { readonly state?: CampaignState; readonly cursor?: string; readonly limit: number }): Promise<Page<Campaign>> {
  const after = decodeCursor('campaigns', query.cursor);
  let select = db.selectFrom('campaigns').selectAll().where('seq', '>', after).orderBy('seq').limit(query.limit + 1);
  if (query.state !== undefined) select = select.where('state', '=', query.state);
  return pageOf('campaigns', await select.execute(), query.limit, campaignOf);
}

export async function activeCampaigns({ db }: StoreContext): Promise<readonly Campaign[]> {
  const rows = await db.selectFrom('campaigns').selectAll().where('ended_at', 'is', null).where('state', '!=', 'draft').orderBy('seq').execute();
  return rows.map(campaignOf);
}

/** The row to be changed, kept from others to the end of the transaction. TRK_NOT_FOUND; TRK_CONFLICT by another revision. */
async function lockedRow(trx: Db, id: string, revision: number | undefined): Promise<Row> {
  const row = await trx.selectFrom('campaigns').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'campaign' } });
  if (revision === undefined || row.revision === revision) return row;
  throw new TrunklineError('TRK_CONFLICT', { params: { reason: `Somebody else changed the campaign meanwhile: it is ${row.state} now, at revision ${row.revision}.` }, field: 'revision' });
}

export async function updateCampaign(context: StoreContext, id: string, revision: number, settings: CampaignSettings, nextRoundAt?: (before: Campaign) => number | undefined): Promise<Campaign> {
  return await context.db.transaction().execute(async (trx) => {
    // Before its row, as whoever begins dials holds this when it asks for the row.
    await lockRules(context, trx);
    const row = await lockedRow(trx, id, revision);
    if (row.state === 'finished' || row.state === 'stopped') throw new TrunklineError('TRK_CONFLICT', { params: { reason: `The campaign is ${row.state}; it is kept as it was.` } });
    const before = campaignOf(row);
    const next = nextRoundAt === undefined ? before.nextRoundAt : nextRoundAt(before);
    const campaign = await saved(context, trx, row, { settings: jsonOf(settings), next_round_at: next ?? null });
    if (roundEnd(campaign) !== roundEnd(before)) await moveRoundEnd(context, trx, campaign);
    await mendTasks(context, trx, before, campaign);
    return campaign;
  });
}

export async function moveCampaign(
  context: StoreContext,
  id: string,
  event: CampaignEvent,
  options: { readonly revision?: number | undefined; readonly flowVersions?: Readonly<Record<string, number>> } = {},
): Promise<Campaign> {
  return await context.db.transaction().execute(async (trx) => {
    const before = await lockedRow(trx, id, options.revision);
    const state = nextCampaignState(before.state, event);
    if (state === undefined) {
      context.log.info({ code: 'TRK_CONFLICT', campaignId: id, state: before.state, event }, 'event changes nothing in this campaign state');
      throw new TrunklineError('TRK_CONFLICT', { params: { reason: `The campaign is ${before.state} (revision ${before.revision}); "${event}" changes nothing then.` } });
    }
    // Asked under its lock: a task that is to be dialled again may have been queued since somebody looked.
    if (event === 'finish' && (await hasOpenTasks({ ...context, db: trx }, id))) {
      throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'The campaign has tasks that are still to be dialled, or are on the line.' } });
    }
    const campaign = await saved(context, trx, before, {
      state,
      ...(options.flowVersions === undefined ? {} : { flow_versions: JSON.stringify(options.flowVersions) }),
      ...(state === 'finished' ? { ended_at: context.clock.now() } : {}),
    });
    const told = await moveEvent({ ...context, db: trx }, campaign, event);
    if (told !== undefined) await tell(context, trx, told);
    return campaign;
  });
}

/** A start is told when the first round begins. */
async function moveEvent(context: StoreContext, { id: campaignId, name }: Campaign, event: CampaignEvent): Promise<NewEvent | undefined> {
  switch (event) {
    case 'start':
      return undefined;
    case 'pause':
      return { type: 'campaign.paused', data: { campaignId, name } };
    case 'resume':
      return { type: 'campaign.resumed', data: { campaignId, name } };
    case 'stop':
      return { type: 'campaign.stopped', data: { campaignId, name } };
    case 'finish': {
      const { tasks, attempts, answered } = await campaignCounts(context, campaignId);
      return { type: 'campaign.finished', data: { campaignId, name, tasks: Object.values(tasks).reduce((sum, count) => sum + count, 0), attempts, answered } };
    }
  }
}

async function saved(context: StoreContext, trx: Db, before: Row, changes: Partial<Row>): Promise<Campaign> {
  const row = await trx
    .updateTable('campaigns')
    .set({ ...changes, revision: before.revision + 1, updated_at: context.clock.now() })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return campaignOf(row);
}

export async function closeCampaign({ db, clock }: StoreContext, id: string): Promise<void> {
  await db.updateTable('campaigns').set({ ended_at: clock.now() }).where('id', '=', id).where('state', '=', 'stopped').where('ended_at', 'is', null).execute();
}

export async function deleteCampaign({ db }: StoreContext, id: string): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('campaigns').select('state').where('id', '=', id).forUpdate().executeTakeFirst();
    if (row === undefined) return false;
    if (row.state !== 'draft') throw new TrunklineError('TRK_CONFLICT', { params: { reason: `The campaign is ${row.state}; only a draft can be deleted, as calls are on record.` } });
    await trx.deleteFrom('campaigns').where('id', '=', id).execute();
    return true;
  });
}
