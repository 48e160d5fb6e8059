import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import t from 'tap';
import { openConnection } from '../../src/store/sqlite/connection.js';
import { migrate } from '../../src/store/sqlite/migrate.js';
import { migrations } from '../../src/store/sqlite/migrations/index.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { newTask } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { storeOptions } from './store-options.js';

t.test('one server at a time on a data directory', async (t) => {
  const path = join(t.testdir(), 'data', 'trunkline.db');
  const first = openSqliteStore(storeOptions(path));
  t.throws(() => openSqliteStore(storeOptions(path)), { code: 'TRK_CONFLICT', field: 'data_dir' });
  await first.migrate();
  const tool = openSqliteStore(storeOptions(path, { exclusive: false }));
  await tool.putFlow('a', 'id: a');
  await tool.close();
  t.equal((await first.getFlow('a'))?.version, 1, 'a tool may write beside it');
  await first.close();
  await first.close();
  await t.rejects(first.getFlow('a'), { code: 'TRK_CLOSED' });
  const second = openSqliteStore(storeOptions(path));
  t.equal((await second.getFlow('a'))?.version, 1, 'what was saved is there after closing');
  await second.close();
  t.equal(statSync(path).mode & 0o077, 0, 'nobody else may read it');
});

t.test('migrations', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore(storeOptions(path));
  t.same(await store.migrate(), { from: 0, to: migrations.length });
  t.same(await store.migrate(), { from: migrations.length, to: migrations.length }, 'nothing is run twice');
  await store.close();

  const db = openConnection({ path, busyTimeoutMs: 100 });
  const broken = { version: migrations.length + 1, name: 'broken', sql: 'create table half (a integer); create table half (a integer)' };
  await t.rejects(migrate(db, new ManualClock(), [...migrations, broken]));
  t.same(await migrate(db, new ManualClock(), [...migrations, { ...broken, sql: 'create table half (a integer)' }]), { from: migrations.length, to: broken.version }, 'a failed one left nothing behind');
  await db.destroy();
  const older = openSqliteStore(storeOptions(path));
  await t.rejects(older.migrate(), { code: 'TRK_STORE_VERSION' });
  await older.close();
});

t.test('a full disk is a coded error and loses nothing', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore(storeOptions(path, { maxPages: 120 }));
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
  t.throws(() => openSqliteStore(storeOptions(join(dir, 'trunkline.db'))), { code: 'TRK_STORE' });
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
