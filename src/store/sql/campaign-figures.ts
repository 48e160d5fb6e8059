import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { CampaignCounts, CampaignPulse, RoundTask } from '../campaigns.js';
import type { NewEvent } from '../event-payloads.js';
import type { TaskState } from '../store.js';
import { statesThatTake } from '../task-states.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { tell } from './events.js';
import { endUncalled } from './results.js';
import type { EndingReason } from './results.js';
import { isHeld, isRefused, moveTask } from './task-moves.js';

/** Ended dials that the mean is made of, and that trouble is looked for in. */
const MEAN_OF = 1_000;
const LATELY = 50;
/** Waiting tasks that are looked at to tell how many are due. */
const DUE_OF = 1_000;

const live: readonly TaskState[] = ['dialing', 'in_call'];
/** Those that no rule keeps back. */
const free: readonly TaskState[] = ['scheduled', 'queued', 'retry_wait', ...live];

export async function campaignCounts({ db }: StoreContext, id: string): Promise<CampaignCounts> {
  const tasks = await db.selectFrom('tasks').select((select) => ['state', select.fn.countAll<number>().as('count')]).where('campaign_id', '=', id).groupBy('state').execute();
  // Of a million tasks each takes its time on SQLite, whose thread is that of the calls.
  await nextTurn();
  const byRule = db.selectFrom('tasks').select((select) => ['blocked_by', select.fn.countAll<number>().as('count')]).where('campaign_id', '=', id).groupBy('blocked_by');
  const refused = await byRule.where(isRefused).execute();
  const held = await byRule.where(isHeld).execute();
  await nextTurn();
  const results = await db
    .selectFrom('results')
    .select((select) => ['disposition', 'verdict', select.fn.countAll<number>().as('count')])
    .where('campaign_id', '=', id)
    .where('campaign_id', '!=', '')
    .groupBy(['disposition', 'verdict'])
    .execute();
  const blocked: Record<string, number> = {};
  for (const { blocked_by: rule, count } of [...refused, ...held]) if (rule !== null) blocked[rule] = (blocked[rule] ?? 0) + count;
  const dispositions: Record<string, number> = {};
  const verdicts: Record<string, number> = {};
  for (const { disposition, verdict, count } of results) {
    dispositions[disposition] = (dispositions[disposition] ?? 0) + count;
    if (verdict !== null) verdicts[verdict] = (verdicts[verdict] ?? 0) + count;
  }
  await nextTurn();
  const skipped = await db.selectFrom('campaign_skips').select((select) => select.fn.countAll<number>().as('count')).where('campaign_id', '=', id).executeTakeFirstOrThrow();
  await nextTurn();
  const attempts = await db
    .selectFrom('attempts')
    .select((select) => [select.fn.countAll<number>().as('count'), select.fn.count<number>('answered_at').as('answered')])
    .where('campaign_id', '=', id)
    .where('campaign_id', '!=', '')
    .executeTakeFirstOrThrow();
  return {
    tasks: Object.fromEntries(tasks.map(({ state, count }) => [state, count])),
    blocked,
    refused: refused.reduce((sum, { count }) => sum + count, 0),
    dispositions,
    verdicts,
    skipped: skipped.count,
    attempts: attempts.count,
    answered: attempts.answered,
    meanAttemptMs: await meanAttemptMs(db, id),
  };
}

async function meanAttemptMs(db: Db, id: string): Promise<number | undefined> {
  const rows = await db
    .selectFrom('attempts')
    .select(['started_at', 'ended_at'])
    .where('campaign_id', '=', id)
    .where('campaign_id', '!=', '')
    .where('ended_at', 'is not', null)
    .orderBy('started_at', 'desc')
    .limit(MEAN_OF)
    .execute();
  return rows.length === 0 ? undefined : Math.round(rows.reduce((sum, row) => sum + (row.ended_at ?? 0) - row.started_at, 0) / rows.length);
}

/** Asked every few seconds: nothing here may take longer the more tasks there are. */
export async function campaignPulse({ db, clock }: StoreContext, id: string, since: number): Promise<CampaignPulse> {
  const { count } = await db
    .selectFrom('tasks')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('campaign_id', '=', id)
    .where('state', 'in', live)
    .executeTakeFirstOrThrow();
  const waiting = await db.selectFrom('tasks').select('not_before').where('campaign_id', '=', id).where('state', '=', 'queued').orderBy('rank').orderBy('seq').limit(DUE_OF).execute();
  const now = clock.now();
  const own = db.selectFrom('attempts').where('campaign_id', '=', id).where('campaign_id', '!=', '').orderBy('started_at', 'desc');
  const newest = await own.select('started_at').limit(1).executeTakeFirst();
  const lately = await own.select(['ended_at', 'disposition']).where('started_at', '>=', since).where('ended_at', 'is not', null).limit(LATELY).execute();
  return {
    due: waiting.filter((task) => task.not_before <= now).length,
    live: count,
    lastAttemptAt: newest?.started_at,
    lately: lately.map((row) => ({ endedAt: row.ended_at ?? 0, disposition: row.disposition ?? undefined })),
  };
}

/** One step into an index each, however many tasks there are: the campaigns that run are asked every second. */
export const openTasks = (db: Db, id: string) => {
  const own = db.selectFrom('tasks').select('seq').where('campaign_id', '=', id).limit(1);
  return [...free.map((state) => own.where('state', '=', state)), own.where(isHeld)];
};

export async function hasOpenTasks({ db }: StoreContext, id: string): Promise<boolean> {
  for (const query of openTasks(db, id)) if ((await query.executeTakeFirst()) !== undefined) return true;
  return false;
}

export async function roundTasks({ db, dialect }: StoreContext, id: string, round: number, contactIds: readonly string[]): Promise<readonly RoundTask[]> {
  const rows = await db
    .selectFrom('tasks')
    .select(['contact_id', 'state', 'blocked_until', 'attempts', 'granted', 'not_before'])
    .where('campaign_id', '=', id)
    .where('campaign_id', '!=', '')
    .where('campaign_round', '=', round)
    .where('contact_id', 'is not', null)
    .where(dialect.isIn(sql.ref('contact_id'), contactIds))
    .execute();
  const waits = new Set<TaskState>(statesThatTake('cancel'));
  return rows.map((row) => ({
    contactId: row.contact_id ?? '',
    over: !waits.has(row.state) || (row.state === 'blocked' && row.blocked_until === null),
    attempts: row.attempts - row.granted,
    notBefore: row.not_before,
  }));
}

export async function campaignTalk({ db }: StoreContext, id: string): Promise<number> {
  return (await db.selectFrom('campaign_talk').select('talked_ms').where('campaign_id', '=', id).executeTakeFirst())?.talked_ms ?? 0;
}

/** Those that wait, then those that a rule keeps back for a while; apart, as the many that one refused for good must not be walked over for each batch. */
async function cancellable({ db }: StoreContext, id: string, limit: number): Promise<readonly string[]> {
  const own = db.selectFrom('tasks').select('id').where('campaign_id', '=', id);
  const waiting = await own.where('state', 'in', statesThatTake('cancel').filter((state) => state !== 'blocked')).limit(limit).execute();
  const held = waiting.length === limit ? [] : await own.where(isHeld).limit(limit - waiting.length).execute();
  return [...waiting, ...held].map((row) => row.id);
}

export async function endCampaignTasks(context: StoreContext, id: string, why: keyof typeof reasons, limit: number, revision?: number): Promise<readonly string[]> {
  const taskIds = await cancellable(context, id, limit);
  if (taskIds.length === 0) return [];
  return await context.db.transaction().execute(async (trx) => {
    const ended: { taskId: string; resultId: string }[] = [];
    if (revision !== undefined) {
      const campaign = await trx.selectFrom('campaigns').select('revision').where('id', '=', id).forShare().executeTakeFirst();
      if (campaign?.revision !== revision) return [];
    }
    for (const taskId of taskIds) {
      const row = await moveTask(context, trx, taskId, 'cancel');
      // Dialled, or ended by somebody else, since it was read.
      if (row === undefined) continue;
      const result = await endUncalled(context, trx, row, 'cancelled', reasons[why]);
      ended.push({ taskId, resultId: result.id });
    }
    await tell(context, trx, ...ended.map((data): NewEvent => ({ type: 'task.cancelled', data })));
    return ended.map(({ taskId }) => taskId);
  });
}

const reasons = {
  stop: { undialled: 'The campaign was stopped before it was dialled.', waiting: 'The campaign was stopped while it waited for its next dial.' },
  round: { undialled: 'The next round of the campaign began before it was dialled.', waiting: 'The next round of the campaign began while it waited for its next dial.' },
} as const satisfies Readonly<Record<string, EndingReason>>;
