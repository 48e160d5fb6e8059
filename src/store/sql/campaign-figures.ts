import type { CampaignCounts, CampaignPulse } from '../campaigns.js';
import type { NewEvent } from '../event-payloads.js';
import { statesThatTake } from '../task-states.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { tell } from './events.js';
import { insertResult, undialledResult } from './results.js';
import { taskOf } from './rows.js';
import { isNotOver, moveTask } from './task-moves.js';

/** Ended dials that the mean is made of, and that trouble is looked for in. */
const MEAN_OF = 1_000;
const LATELY = 50;

export async function campaignCounts({ db }: StoreContext, id: string): Promise<CampaignCounts> {
  const tasks = await db.selectFrom('tasks').select((select) => ['state', select.fn.countAll<number>().as('count')]).where('campaign_id', '=', id).groupBy('state').execute();
  const blocked = await db.selectFrom('tasks').select((select) => ['blocked_by', select.fn.countAll<number>().as('count')]).where('campaign_id', '=', id).where('state', '=', 'blocked').groupBy('blocked_by').execute();
  const results = await db
    .selectFrom('results')
    .select((select) => ['disposition', 'verdict', select.fn.countAll<number>().as('count')])
    .where('campaign_id', '=', id)
    .where('campaign_id', '!=', '')
    .groupBy(['disposition', 'verdict'])
    .execute();
  const dispositions: Record<string, number> = {};
  const verdicts: Record<string, number> = {};
  for (const { disposition, verdict, count } of results) {
    dispositions[disposition] = (dispositions[disposition] ?? 0) + count;
    if (verdict !== null) verdicts[verdict] = (verdicts[verdict] ?? 0) + count;
  }
  const skipped = await db.selectFrom('campaign_skips').select((select) => select.fn.countAll<number>().as('count')).where('campaign_id', '=', id).executeTakeFirstOrThrow();
  const attempts = await db
    .selectFrom('attempts')
    .select((select) => [select.fn.countAll<number>().as('count'), select.fn.count<number>('answered_at').as('answered')])
    .where('campaign_id', '=', id)
    .where('campaign_id', '!=', '')
    .executeTakeFirstOrThrow();
  return {
    tasks: Object.fromEntries(tasks.map(({ state, count }) => [state, count])),
    blocked: Object.fromEntries(blocked.flatMap(({ blocked_by: rule, count }) => (rule === null ? [] : [[rule, count]]))),
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

export async function campaignPulse({ db, clock }: StoreContext, id: string, since: number): Promise<CampaignPulse> {
  const states = await db.selectFrom('tasks').select((select) => ['state', select.fn.countAll<number>().as('count')]).where('campaign_id', '=', id).where('state', 'in', ['scheduled', 'queued', 'dialing', 'in_call', 'retry_wait']).groupBy('state').execute();
  const of = (...wanted: readonly string[]): number => states.filter(({ state }) => wanted.includes(state)).reduce((sum, { count }) => sum + count, 0);
  const waiting = await db.selectFrom('tasks').select((select) => select.fn.countAll<number>().as('count')).where('campaign_id', '=', id).where('state', '=', 'blocked').where('blocked_until', 'is not', null).executeTakeFirstOrThrow();
  const due = await db
    .selectFrom('tasks')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('campaign_id', '=', id)
    .where('state', '=', 'queued')
    .where('not_before', '<=', clock.now())
    .executeTakeFirstOrThrow();
  const own = db.selectFrom('attempts').where('campaign_id', '=', id).where('campaign_id', '!=', '').orderBy('started_at', 'desc');
  const newest = await own.select('started_at').limit(1).executeTakeFirst();
  const lately = await own.select(['ended_at', 'disposition']).where('started_at', '>=', since).where('ended_at', 'is not', null).limit(LATELY).execute();
  return {
    open: of('scheduled', 'queued', 'dialing', 'in_call', 'retry_wait') + waiting.count,
    due: due.count,
    live: of('dialing', 'in_call'),
    lastAttemptAt: newest?.started_at,
    lately: lately.map((row) => ({ endedAt: row.ended_at ?? 0, disposition: row.disposition ?? undefined })),
  };
}

export async function endCampaignTasks(context: StoreContext, id: string, why: keyof typeof reasons, limit: number): Promise<readonly string[]> {
  const rows = await context.db.selectFrom('tasks').select('id').where('campaign_id', '=', id).where('state', 'in', [...statesThatTake('cancel')]).where(isNotOver).limit(limit).execute();
  if (rows.length === 0) return [];
  return await context.db.transaction().execute(async (trx) => {
    const ended: { taskId: string; resultId: string }[] = [];
    for (const { id: taskId } of rows) {
      const row = await moveTask(context, trx, taskId, 'cancel');
      // Dialled, or ended by somebody else, since it was read.
      if (row === undefined) continue;
      const result = undialledResult(context, taskOf(row), 'cancelled', reasons[why]);
      await insertResult(context, trx, result, id);
      ended.push({ taskId, resultId: result.id });
    }
    await tell(context, trx, ...ended.map((data): NewEvent => ({ type: 'task.cancelled', data })));
    return ended.map(({ taskId }) => taskId);
  });
}

const reasons = {
  stop: 'The campaign was stopped before it was dialled.',
  round: 'The next round of the campaign began before it was dialled.',
} as const;
