import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { StatisticKey, StatisticQuery, StatisticRow } from '../statistics.js';
import type { Db } from './db.js';
import type { StoreContext } from './context.js';

/** Zones differ from UTC by whole quarters of an hour. */
const QUARTER_MS = 900_000;
const MAX_GROUPS = 1_000;
/** Attempts that are counted before the event loop turns. */
const ATTEMPTS_AT_ONCE = 5_000;

/** What each group is told by. Hours are counted by the quarter since the epoch first: only a calendar knows which hour of a day that was. */
const groups: Readonly<Record<StatisticKey, RawBuilder<string | number | null>>> = {
  campaign: sql`attempts.campaign_id`,
  category: sql`tasks.category`,
  flow: sql`tasks.flow`,
  flow_version: sql`tasks.flow || '@' || tasks.flow_version`,
  caller: sql`attempts.caller`,
  disposition: sql`attempts.disposition`,
  verdict: sql`attempts.verdict`,
  hour: sql`attempts.started_at / ${sql.lit(QUARTER_MS)}`,
};

export async function statistics({ db }: StoreContext, query: StatisticQuery): Promise<readonly StatisticRow[]> {
  const told = new Map<string, StatisticRow>();
  const keyOf = query.by === 'hour' ? hourIn(query.timeZone) : (key: string | number | null): string => String(key ?? '');
  for await (const { from, to } of spansOf(db, query)) {
    for (const { key: counted, ...figures } of await spanOf(db, query, from, to).execute()) {
      const key = keyOf(counted);
      const before = told.get(key);
      told.set(key, before === undefined ? { key, ...figures } : sum(before, { key, ...figures }));
    }
  }
  const rows = [...told.values()].sort((a, b) => b.attempts - a.attempts);
  return query.by === 'hour' ? rows : rows.slice(0, MAX_GROUPS);
}

/** Attempts of a span of time, by an index: with the campaign's, the condition of that index, which SQLite does not see in a parameter. */
export const attemptsWithin = (db: Db, { campaignId }: Pick<StatisticQuery, 'campaignId'>, from: number, to: number) => {
  const within = db.selectFrom('attempts').where('attempts.started_at', '>=', from).where('attempts.started_at', '<', to);
  return campaignId === undefined ? within : within.where('attempts.campaign_id', '=', campaignId).where('attempts.campaign_id', '!=', '');
};

/** The time that was asked about in spans of so many attempts: SQLite counts on this thread, and calls go on between the steps. */
async function* spansOf(db: Db, query: StatisticQuery): AsyncGenerator<{ readonly from: number; readonly to: number }> {
  for (let { from } = query; from < query.to; await nextTurn()) {
    const next = await attemptsWithin(db, query, from, query.to).select('attempts.started_at').orderBy('attempts.started_at').offset(ATTEMPTS_AT_ONCE).limit(1).executeTakeFirst();
    // Those of one moment go together.
    const to = next === undefined ? query.to : Math.max(next.started_at, from + 1);
    yield { from, to };
    from = to;
  }
}

/** One step of the counting. */
export const spanOf = (db: Db, query: StatisticQuery, from: number, to: number) => {
  const group = groups[query.by];
  return attemptsWithin(db, query, from, to)
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
    .groupBy(group);
};

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

function hourIn(timeZone: string): (quarter: string | number | null) => string {
  const format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone });
  return (quarter) => format.format(Number(quarter) * QUARTER_MS);
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
