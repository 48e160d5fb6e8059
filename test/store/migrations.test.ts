import { sql } from 'kysely';
import t from 'tap';
import type { Test } from 'tap';
import { tablesOf } from '../../src/store/sql/backup.js';
import type { Db } from '../../src/store/sql/db.js';
import { migrate } from '../../src/store/sql/migrate.js';
import { migrations } from '../../src/store/sql/migrations/index.js';
import type { Store } from '../../src/store/store.js';
import { newTask } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { onEveryDatabase } from '../support/stores.js';
import { oldRows } from './old-rows.js';
import type { OldRow } from './old-rows.js';

const NEWEST = migrations.length;

t.test('versions count up without a gap', (t) => {
  t.same(migrations.map(({ version }) => version), Array.from({ length: NEWEST }, (_, index) => index + 1));
  t.end();
});

t.test('a store of every older version is migrated where it lies, and what was in it can be read', (t) =>
  onEveryDatabase(t, async (t, place) => {
    for (let version = 1; version < NEWEST; version++) {
      await t.test(`from version ${version}`, async (t) => {
        const clock = new ManualClock();
        const { db, dialect, open } = await place(t);
        await migrate({ db, dialect, clock }, migrations.slice(0, version));
        for (const [table, row] of oldRows(version, clock.now())) await insert(db, table, row);
        const tables = tablesOf({ dialect }, version);
        const before = await countsOf(db, tables);
        for (const [table, count] of before) t.ok(count > 0, `${table} has rows: test/store/old-rows.ts`);

        const store = open({ clock });
        t.same(await store.migrate(), { from: version, to: NEWEST });
        t.same(await countsOf(db, tables), before, 'no row is lost');
        await readAll(t, store, version);
        if (version >= 5) await deliver(t, store, clock);
        await goOn(t, store);
      });
    }
  }),
);

async function insert(db: Db, table: string, row: OldRow): Promise<void> {
  const columns = Object.keys(row).map((column) => sql.ref(column));
  await sql`insert into ${sql.table(table)} (${sql.join(columns)}) values (${sql.join(Object.values(row))})`.execute(db);
}

async function countsOf(db: Db, tables: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const table of tables) {
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(db);
    counts.set(table, rows[0]?.count ?? 0);
  }
  return counts;
}

/** What each version had, through the port. */
async function readAll(t: Test, store: Store, version: number): Promise<void> {
  t.match(await store.getFlow('greeting'), { version: 1, source: 'id: greeting' });
  t.match(await store.getTask('task_done'), { state: 'done', to: '+14155550100', variables: { name: 'Zoë' }, metadata: { order: '7' }, attempts: 1 });
  t.equal((await store.listTasks({ limit: 10 })).items.length, version >= 11 ? 6 : 5);
  t.same((await store.dueTasksOf('', 10)).map(({ id }) => id), ['task_high', 'task_low'], 'in the order of priority');
  t.match(await store.listAttempts('task_done'), [{ id: 'att_1', disposition: 'busy', sipCallId: 'att_1@trunkline', endedAt: 3 }]);
  const result = { id: 'res_1', callId: 'call_1', sipCallId: 'att_1@trunkline', disposition: 'busy', slots: { interested: true }, transcript: [{ text: 'é 1.50' }] };
  for (const key of ['res_1', 'task_done', 'call_1', 'att_1@trunkline']) t.match(await store.getResult(key), result, key);
  t.match((await store.listResults({ disposition: 'busy', limit: 10 })).items, [result]);
  t.match(await store.readEvents(0, 10), [{ id: 'evt_1', type: 'task.done', data: { taskId: 'task_done' } }]);
  t.match(await store.findApiKey('hash'), { id: 'key_1', scopes: ['admin'] });
  t.match(await store.createTasks([newTask()], { key: 'k', requestHash: 'h' }), { replayed: true, tasks: [{ id: 'task_low' }] });
  if (version >= 2) {
    t.match(await store.getTrunk('carrier'), { settings: { addresses: [{ host: 'sbc.test' }] } });
    t.equal((await store.trunkTalk('2026-01-01')).get('carrier'), 5_000);
  }
  if (version >= 5) {
    t.match(await store.listWebhooks(), [{ id: 'hook_a', fullResult: true, sinceCursor: version >= 14 ? 1 : 0 }]);
    t.equal(await store.fanOutCursor('webhooks'), 1);
  }
  if (version >= 6) {
    t.match(await store.getContact('con_1'), { externalId: 'C-1', name: 'Zoë', numbers: [{ number: '+14155550100' }], attributes: { score: 720 }, tags: ['vip'], consents: [{ purpose: 'marketing', granted: true }], history: { calls: 1 } });
    t.match(await store.listAttributes(), [{ name: 'score', type: 'number' }]);
    t.match(await store.getAudience('aud_1'), { kind: 'frozen' });
    t.equal(await store.countContacts({ frozenAudience: 'aud_1' }), 1);
    t.match(await store.getImport('imp_1'), { state: 'done', refused: 1 });
    t.match((await store.listRefusals('imp_1', { limit: 10 })).items, [{ row: 3, column: 'phone' }]);
    t.match(await store.personRecords({ externalId: 'C-1' }), { contacts: [{ id: 'con_1' }], results: [{ id: 'res_1' }] });
  }
  t.match((await store.personRecords({ number: '+14155550142' })).tasks, [{ id: 'task_uri' }], 'a person who is named by a SIP URI');
  if (version >= 8) {
    t.match(await store.getSuppression('sup_1'), { number: '+14155550199', scope: 'all' });
    t.match(await store.readCompliance({ after: 0, limit: 10 }), [{ kind: 'allowed', taskId: 'task_done', hash: 'aa' }]);
    t.equal(await store.campaignTalk('camp_1'), 60_000);
  }
  if (version >= 11) {
    t.match(await store.getCampaign('camp_1'), { name: 'Spring', state: 'running', round: 1, flowVersions: { greeting: 1 } });
    t.match(await store.getFill('camp_1', 1), { audience: 0 });
    t.match((await store.listSkipped({ campaignId: 'camp_1', limit: 10 })).items, [{ contactId: 'con_9', reason: 'no_number' }]);
    t.match(await store.getTeam('sales'), { people: [{ email: 'ann@example.test' }] });
    t.match(await store.getTask('task_campaign'), { campaignId: 'camp_1', contactId: 'con_1', state: 'blocked', blockedBy: 'consent', timeZones: ['America/Los_Angeles'] });
  }
}

/** What waited to be sent goes on in its order. */
async function deliver(t: Test, store: Store, clock: ManualClock): Promise<void> {
  const claim = () => store.claimOutbox({ channel: 'webhook', target: 'hook_a', limit: 10, leaseMs: 60_000 });
  t.same((await claim()).map(({ dedupeKey }) => dedupeKey), ['other']);
  clock.advance(1_000);
  for (const key of ['first', 'second', 'third']) {
    const [entry, ...more] = await claim();
    t.same([entry?.dedupeKey, more.length], [key, 0]);
    await store.finishOutbox(entry!, { state: 'succeeded' });
  }
  t.equal(await store.requeueOutbox('obx_dead'), true);
  t.match(await claim(), [{ dedupeKey: 'dead', tries: 1 }]);
}

/** The call that was under way when the old program ended has its result, and new work is done. */
async function goOn(t: Test, store: Store): Promise<void> {
  t.same(await store.recoverAttempts('node_new'), ['task_open']);
  t.match(await store.getResult('task_open'), { disposition: 'unknown', sipCallId: 'att_2@trunkline' });
  t.equal((await store.createTasks([newTask()])).tasks.length, 1);
  t.ok(await store.beginAttempt('task_high', 'node_new', (id) => `${id}@trunkline`));
}
