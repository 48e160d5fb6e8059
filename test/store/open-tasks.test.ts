import { CompiledQuery, sql } from 'kysely';
import type { Compilable } from 'kysely';
import t from 'tap';
import type { CampaignFill } from '../../src/store/campaigns.js';
import { openTasks } from '../../src/store/sql/campaign-figures.js';
import type { Db } from '../../src/store/sql/db.js';
import { expired, heldUntil } from '../../src/store/sql/tasks.js';
import { newTask } from '../contract/store.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { ManualClock } from '../support/manual-clock.js';
import { onEveryDatabase } from '../support/stores.js';

/** Of an old campaign: far more than anything that is asked every second may look at. */
const REFUSED = 6_000;

t.test('what is asked every second does not walk over tasks that are over', (t) =>
  onEveryDatabase(t, async (t, place) => {
    const clock = new ManualClock();
    const { db, dialect, open } = await place(t);
    const store = open({ clock });
    await store.migrate();
    const { id } = await store.createCampaign(settings());
    await store.moveCampaign(id, 'start');
    await store.beginRound(id, 1, undefined);
    const fill = (await store.getFill(id, 1)) as CampaignFill;
    const tasks = Array.from({ length: REFUSED + 2 }, (_, index) => newTask({ campaignId: id, campaignRound: 1, contactId: `con_${index}`, expiresAt: clock.now() + 1_000 }));
    const ids = (await store.saveFillStep({ before: fill, after: fill, tasks, skipped: [] })) ?? [];
    const [held, over] = ids.slice(-2) as [string, string];
    await store.cancelTask(over);
    // Refused for good, kept back for a while, and one that was kept back and has ended since.
    await sql`update tasks set state = 'blocked', blocked_by = 'consent' where state = 'queued'`.execute(db);
    await sql`update tasks set blocked_until = ${clock.now() + 500} where id in (${held}, ${over})`.execute(db);
    if (dialect.name === 'postgres') await sql`analyze tasks`.execute(db);
    const later = clock.now() + 2_000;

    const asked: readonly (readonly [Compilable, string, number])[] = [
      ...openTasks(db, id).map((query, index, all) => [query, index === all.length - 1 ? 'tasks_held_of' : 'tasks_campaign', index === all.length - 1 ? 1 : 0] as const),
      [heldUntil(db, later), 'tasks_held', 1],
      [expired(db, later), 'tasks_expiring', 1],
    ];
    for (const [query, index, rows] of asked) t.same(await walked(db, dialect.name, query), dialect.name === 'sqlite' ? index : rows, index);
    if (dialect.name === 'sqlite') {
      for (const index of ['tasks_held', 'tasks_held_of', 'tasks_expiring']) t.same(await entries(db, index), 1, `in ${index} is only what is open`);
    }

    t.equal(await store.hasOpenTasks(id), true);
    clock.advance(2_000);
    t.same(await store.expireTasks(), [held]);
    t.equal(await store.hasOpenTasks(id), false);
    t.same(await store.expireTasks(), []);
    t.match(await store.campaignCounts(id), { tasks: { blocked: REFUSED, expired: 1, cancelled: 1 }, blocked: { consent: REFUSED }, refused: REFUSED });
  }),
);

/** The index that SQLite takes; how many rows PostgreSQL looked at. */
async function walked(db: Db, kind: 'sqlite' | 'postgres', query: Compilable): Promise<string | number> {
  const { sql: text, parameters } = query.compile();
  if (kind === 'sqlite') {
    const { rows } = await db.executeQuery<{ detail: string }>(CompiledQuery.raw(`explain query plan ${text}`, [...parameters]));
    return rows.map(({ detail }) => /INDEX (\w+)/.exec(detail)?.[1] ?? detail).join('; ');
  }
  const { rows } = await db.executeQuery<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(CompiledQuery.raw(`explain (analyze, format json) ${text}`, [...parameters]));
  return rowsOf(rows[0]!['QUERY PLAN'][0]!.Plan);
}

/** Rows that it holds: those that satisfy the condition it was made with. */
async function entries(db: Db, index: string): Promise<number> {
  const made = await sql<{ sql: string }>`select sql from sqlite_master where name = ${index}`.execute(db);
  const where = / where (.*)$/.exec(made.rows[0]?.sql ?? '')?.[1] ?? '1 = 1';
  const { rows } = await sql.raw<{ count: number }>(`select count(*) as count from tasks indexed by ${index} where ${where}`).execute(db);
  return rows[0]?.count ?? 0;
}

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

function rowsOf(node: PlanNode): number {
  const below = (node.Plans ?? []).map(rowsOf);
  return Math.max(node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0), ...below);
}
