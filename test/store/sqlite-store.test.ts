import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { performance } from 'node:perf_hooks';
import Database from 'libsql';
import { sql } from 'kysely';
import t from 'tap';
import { systemClock } from '../../src/kernel/clock.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { openConnection } from '../../src/store/sqlite/connection.js';
import { migrate } from '../../src/store/sqlite/migrate.js';
import { migrations } from '../../src/store/sqlite/migrations/index.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { SqliteStoreOptions } from '../../src/store/sqlite/sqlite-store.js';
import type { Store } from '../../src/store/store.js';
import { exploreStore } from '../contract/store-exploration.js';
import { callIdOf, newTask, storeContract } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';

const options = (path: string, changes: Partial<SqliteStoreOptions> = {}): SqliteStoreOptions => ({
  path,
  clock: new ManualClock(),
  random: systemRandom,
  log: silentLogger,
  ...changes,
});

await storeContract(t, {
  async fresh(t, given) {
    const path = join(t.testdir(), 'trunkline.db');
    const open = async () => {
      const store = openSqliteStore(options(path, { exclusive: false, ...given }));
      t.teardown(() => store.close());
      await store.migrate();
      return store;
    };
    return { store: await open(), again: open };
  },
});

t.test('the exploration finds stores that are broken', async (t) => {
  const broken: Record<string, (store: Store) => Partial<Store>> = {
    'claims twice': (store) => ({ beginAttempt: async (...given) => (await store.beginAttempt(...given)) ?? { id: 'att', taskId: given[0], number: 2, callId: 'c', startedAt: 0, nodeId: given[1], endedAt: undefined } }),
    'forgets lost calls': () => ({ recoverAttempts: () => Promise.resolve([]) }),
    'takes second results': (store) => ({ finishAttempt: (...given) => store.finishAttempt(...given).catch(() => undefined) }),
    'shows tasks that are over': (store) => ({ dueTasks: async () => (await store.listTasks({ limit: 1000 })).items }),
    'cancels what is dialled': (store) => ({ cancelTask: async (id) => (await store.cancelTask(id)) || true }),
    'never expires': () => ({ expireTasks: () => Promise.resolve([]) }),
    'loses results': (store) => ({ getResult: async (id) => ((await store.getResult(id))?.disposition === 'cancelled' ? undefined : store.getResult(id)) }),
  };
  for (const [name, breakIt] of Object.entries(broken)) {
    const clock = new ManualClock();
    const store = openSqliteStore(options(join(t.testdir(), 'trunkline.db'), { clock, exclusive: false }));
    await store.migrate();
    await t.rejects(exploreStore(t, { ...store, ...breakIt(store) }, clock, { numRuns: 150, endOnFailure: true, seed: 1 }), /Property failed/, name);
    await store.close();
  }
});

t.test('one server at a time on a data directory', async (t) => {
  const path = join(t.testdir(), 'data', 'trunkline.db');
  const first = openSqliteStore(options(path));
  t.throws(() => openSqliteStore(options(path)), { code: 'TRK_CONFLICT', field: 'data_dir' });
  await first.migrate();
  const tool = openSqliteStore(options(path, { exclusive: false }));
  await tool.putFlow('a', 'id: a');
  await tool.close();
  t.equal((await first.getFlow('a'))?.version, 1, 'a tool may write beside it');
  await first.close();
  await first.close();
  await t.rejects(first.getFlow('a'), { code: 'TRK_CLOSED' });
  const second = openSqliteStore(options(path));
  t.equal((await second.getFlow('a'))?.version, 1, 'what was saved is there after closing');
  await second.close();
  t.equal(statSync(path).mode & 0o077, 0, 'nobody else may read it');
});

t.test('migrations', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore(options(path));
  t.same(await store.migrate(), { from: 0, to: migrations.length });
  t.same(await store.migrate(), { from: migrations.length, to: migrations.length }, 'nothing is run twice');
  await store.close();

  const db = openConnection({ path, busyTimeoutMs: 100 });
  const broken = { version: migrations.length + 1, name: 'broken', sql: 'create table half (a integer); create table half (a integer)' };
  await t.rejects(migrate(db, new ManualClock(), [...migrations, broken]));
  t.same(await migrate(db, new ManualClock(), [...migrations, { ...broken, sql: 'create table half (a integer)' }]), { from: migrations.length, to: broken.version }, 'a failed one left nothing behind');
  await db.destroy();
  const older = openSqliteStore(options(path));
  await t.rejects(older.migrate(), { code: 'TRK_STORE_VERSION' });
  await older.close();
});

t.test('a full disk is a coded error and loses nothing', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore(options(path, { maxPages: 120 }));
  t.teardown(() => store.close());
  await store.migrate();
  const { tasks } = await store.createTasks([newTask()]);
  const big = Array.from({ length: 100 }, () => newTask({ metadata: { filler: 'x'.repeat(1000) } }));
  let saved = 1;
  await t.rejects(
    (async () => {
      for (let round = 0; round < 100; round++, saved += big.length) await store.createTasks(big);
    })(),
    { code: 'TRK_STORE_FULL', retryable: true },
  );
  t.equal((await store.listTasks({ limit: 1000 })).items.length, saved, 'no half batch');
  t.equal(await store.cancelTask(tasks[0]?.id ?? ''), true, 'and it works on');
});

t.test('a file that is no database', async (t) => {
  const dir = t.testdir({ 'trunkline.db': 'not a database, but long enough to be looked at '.repeat(100) });
  t.throws(() => openSqliteStore(options(join(dir, 'trunkline.db'))), { code: 'TRK_STORE' });
});

t.test('durable and checked', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const db = openConnection({ path, busyTimeoutMs: 100 });
  t.teardown(() => db.destroy());
  await migrate(db, new ManualClock());
  const pragma = async (name: string): Promise<unknown> => {
    const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db);
    return Object.values(rows[0] ?? {})[0];
  };
  t.equal(await pragma('journal_mode'), 'wal');
  t.equal(await pragma('synchronous'), 2, 'FULL');
  t.equal(await pragma('foreign_keys'), 1);
  await t.rejects(db.insertInto('attempts').values({ id: 'a', task_id: 'none', number: 1, call_id: 'c', node_id: 'n', started_at: 1, answered_at: null, ended_at: null }).execute(), /FOREIGN KEY/);
});

t.test('two processes race for the same tasks', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore(options(path, { exclusive: false, clock: systemClock }));
  t.teardown(() => store.close());
  await store.migrate();
  const { tasks } = await store.createTasks(Array.from({ length: 200 }, () => newTask()));
  const racers = ['node_a', 'node_b'].map((nodeId) => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../support/claim-tasks.ts'), path, nodeId], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, lines };
  });
  for (const { lines } of racers) t.equal((await lines.next()).value, 'ready');
  for (const { child } of racers) child.stdin.write('go\n');
  const claimed = await Promise.all(racers.map(async ({ lines }) => JSON.parse(String((await lines.next()).value)) as string[]));
  for (const { child } of racers) if (child.exitCode === null) await once(child, 'exit');
  t.same(claimed.flat().sort(), tasks.map((task) => task.id).sort(), 'each by exactly one');
});

t.test('kill -9 between intent and result', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const before = openSqliteStore(options(path, { clock: systemClock }));
  await before.migrate();
  await before.createTasks(Array.from({ length: 2000 }, () => newTask()));
  await before.close();
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../support/claim-tasks.ts'), path, 'node_killed', 'tell'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  t.equal((await lines.next()).value, 'ready');
  child.stdin.write('go\n');
  const told: string[] = [];
  while (told.length < 30) told.push(String((await lines.next()).value));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const after = openSqliteStore(options(path, { clock: systemClock }));
  t.teardown(() => after.close());
  const lost = await after.recoverAttempts('node_next');
  t.ok(lost.length < 2000, 'it was killed in the middle');
  for (const id of told) {
    t.ok(lost.includes(id), 'what the process was told to be durable is durable');
    t.equal((await after.getTask(id))?.state, 'unknown');
  }
  const unknown = await after.listResults({ disposition: 'unknown', limit: 1000 });
  t.same(unknown.items.map((result) => result.taskId).sort(), [...lost].sort(), 'one result each');
  const due = (await after.dueTasks(2000)).map((task) => task.id);
  t.equal(due.length + lost.length, 2000);
  t.notOk(due.some((id) => lost.includes(id)), 'none is dialled again');
});

t.test('100,000 queued tasks', async (t) => {
  const clock = new ManualClock();
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore(options(path, { clock }));
  t.teardown(() => store.close());
  await store.migrate();
  for (let batch = 0; batch < 10; batch++) {
    await store.createTasks(Array.from({ length: 10_000 }, (_, index) => newTask({ priority: index % 101, notBefore: batch < 8 ? 0 : clock.now() + 60_000 })));
  }
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    t.equal((await store.dueTasks(100)).length, 100);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  t.comment(`dueTasks(100): median ${times[10]?.toFixed(2)} ms`);
  // Not a timed test: the plan must be a walk of the index, which time would show only by chance.
  const raw = new Database(path);
  const plan = raw.prepare("explain query plan select * from tasks where state = ? and (expires_at is null or expires_at > ?) order by priority desc, seq limit ?").all(['queued', 0, 100]) as { detail: string }[];
  raw.close();
  t.match(plan.map((row) => row.detail).join('; '), /USING INDEX tasks_due/);
  t.notMatch(plan.map((row) => row.detail).join('; '), /TEMP B-TREE/);
  const id = (await store.dueTasks(1))[0]?.id ?? '';
  t.ok(await store.beginAttempt(id, 'node_a', callIdOf));
});
