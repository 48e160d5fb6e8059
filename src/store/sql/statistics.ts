import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { StatisticKey, StatisticQuery, StatisticRow } from '../statistics.js';
import type { StoreContext } from './context.js';

/** Zones differ from UTC by whole quarters of an hour. */
const QUARTER_MS = 900_000;
const MAX_GROUPS = 1_000;

/** What each group is told by. Hours are counted by the quarter since the epoch first: only a calendar knows which hour of a day that was. */
const groups: Readonly<Record<StatisticKey, RawBuilder<string | number | null>>> = {
  campaign: sql`attempts.campaign_id`,
  category: sql`tasks.category`,
  flow: sql`tasks.flow`,
  flow_version: sql`tasks.flow || '@' || tasks.flow_version`,
  caller: sql`tasks.caller`,
  disposition: sql`attempts.disposition`,
  verdict: sql`attempts.verdict`,
  hour: sql`attempts.started_at / ${sql.lit(QUARTER_MS)}`,
};

export async function statistics({ db }: StoreContext, query: StatisticQuery): Promise<readonly StatisticRow[]> {
  const group = groups[query.by];
  let select = db
    .selectFrom('attempts')
    .innerJoin('tasks', 'tasks.id', 'attempts.task_id')
    .leftJoin('results', 'results.attempt_id', 'attempts.id')
    .select([
      group.as('key'),
      sql<number>`count(*)`.as('attempts'),
      sql<number>`count(attempts.answered_at)`.as('answered'),
      counted(sql`attempts.disposition = 'answered_human'`).as('human'),
      sql<number>`count(results.id)`.as('results'),
      counted(sql`attempts.verdict = 'follow_up'`).as('followUps'),
      counted(sql`attempts.verdict = 'handoff'`).as('handoffs'),
      counted(sql`attempts.verdict = 'redial_at'`).as('redials'),
      sql<number>`coalesce(sum(case when attempts.answered_at is null then 0 else attempts.ended_at - attempts.answered_at end), 0)`.as('talkMs'),
    ])
    .where('attempts.ended_at', 'is not', null)
    .where('attempts.started_at', '>=', query.from)
    .where('attempts.started_at', '<', query.to)
    .groupBy(group);
  if (query.campaignId !== undefined) select = select.where('attempts.campaign_id', '=', query.campaignId);
  // Hours come together below, so all of them are needed.
  const rows = query.by === 'hour' ? await select.execute() : await select.orderBy('attempts', 'desc').limit(MAX_GROUPS).execute();
  const told = rows.map(({ key, ...figures }) => ({ key: String(key ?? ''), ...figures }));
  return query.by === 'hour' ? byHourOfDay(told, query.timeZone) : told;
}

export async function campaignDay({ db }: StoreContext, id: string, from: number, to: number): Promise<{ attempts: number; answered: number }> {
  return await db
    .selectFrom('attempts')
    .select([sql<number>`count(*)`.as('attempts'), counted(sql`disposition = 'answered_human'`).as('answered')])
    .where('campaign_id', '=', id)
    .where('campaign_id', '!=', '')
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .executeTakeFirstOrThrow();
}

function counted(condition: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`count(case when ${condition} then 1 end)`;
}

function byHourOfDay(rows: readonly StatisticRow[], timeZone: string): StatisticRow[] {
  const format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone });
  const hours = new Map<string, StatisticRow>();
  for (const row of rows) {
    const key = format.format(Number(row.key) * QUARTER_MS);
    const before = hours.get(key);
    hours.set(key, before === undefined ? { ...row, key } : sum(before, row));
  }
  return [...hours.values()].sort((a, b) => b.attempts - a.attempts);
}

function sum(a: StatisticRow, b: StatisticRow): StatisticRow {
  return {
    key: a.key,
    attempts: a.attempts + b.attempts,
    answered: a.answered + b.answered,
    human: a.human + b.human,
    results: a.results + b.results,
    followUps: a.followUps + b.followUps,
    handoffs: a.handoffs + b.handoffs,
    redials: a.redials + b.redials,
    talkMs: a.talkMs + b.talkMs,
  };
}
