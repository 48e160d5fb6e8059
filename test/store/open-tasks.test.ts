import { sql } from 'kysely';
import type { Compilable } from 'kysely';
import t from 'tap';
import type { CampaignFill } from '../../src/store/campaigns.js';
import { openTasks } from '../../src/store/sql/campaign-figures.js';
import type { Db } from '../../src/store/sql/db.js';
import { expired, heldUntil } from '../../src/store/sql/tasks.js';
import { newTask } from '../contract/store.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { ManualClock } from '../support/manual-clock.js';
import { walked } from '../support/query-plans.js';
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

/** Rows that it holds: those that satisfy the condition it was made with. */
async function entries(db: Db, index: string): Promise<number> {
  const made = await sql<{ sql: string }>`select sql from sqlite_master where name = ${index}`.execute(db);
  const where = / where (.*)$/.exec(made.rows[0]?.sql ?? '')?.[1] ?? '1 = 1';
  const { rows } = await sql.raw<{ count: number }>(`select count(*) as count from tasks indexed by ${index} where ${where}`).execute(db);
  return rows[0]?.count ?? 0;
}

t.test('a task does not expire whose campaign is prolonged at that moment', (t) =>
  onEveryDatabase(t, async (t, place) => {
    const clock = new ManualClock();
    const { db, dialect, open } = await place(t);
    // Whoever would wait for the change fails, instead of waiting for the test, which waits for it.
    if (dialect.name === 'postgres') await sql.raw(`do $$ begin execute format('alter database %I set lock_timeout = 2000', current_database()); end $$`).execute(db);
    const store = open({ clock });
    await store.migrate();
    const ends = (hours: number): number => clock.now() + hours * 3_600_000;
    const wanted = settings({ endsAt: ends(1) });
    const { id } = await store.createCampaign(wanted);
    const { revision } = await store.moveCampaign(id, 'start');
    await store.beginRound(id, 1, undefined);
    const fill = (await store.getFill(id, 1)) as CampaignFill;
    const tasks = [newTask({ campaignId: id, campaignRound: 1, contactId: 'con_1', expiresAt: ends(1) })];
    const [task] = (await store.saveFillStep({ before: fill, after: fill, tasks, skipped: [] })) as [string];
    clock.advance(3_600_000);
    if (dialect.name === 'sqlite') {
      // Transactions are one at a time: this one comes between looking for expired tasks and ending them.
      const [gone] = await Promise.all([store.expireTasks(), store.updateCampaign(id, revision, { ...wanted, endsAt: ends(5) })]);
      t.same(gone, []);
    } else {
      await db.transaction().execute(async (trx) => {
        await trx.updateTable('tasks').set({ expires_at: ends(5) }).where('id', '=', task).execute();
        t.same(await store.expireTasks(), []);
      });
    }
    t.match(await store.getTask(task), { state: 'queued', expiresAt: ends(5) });
    t.equal(await store.getResult(task), undefined);
    clock.advance(5 * 3_600_000);
    t.same(await store.expireTasks(), [task]);
  }),
);
