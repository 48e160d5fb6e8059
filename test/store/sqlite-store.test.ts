import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import t from 'tap';
import { openConnection } from '../../src/store/sqlite/connection.js';
import { migrate } from '../../src/store/sql/migrate.js';
import { migrations } from '../../src/store/sql/migrations/index.js';
import { sqliteDialect } from '../../src/store/sqlite/dialect.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Db } from '../../src/store/sql/db.js';
import { newTask } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { storeOptions } from './store-options.js';

const contextOf = (db: Db) => ({ db, dialect: sqliteDialect, clock: new ManualClock() });

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
  const broken = { version: migrations.length + 1, name: 'broken', sql: () => 'create table half (a integer); create table half (a integer)' };
  await t.rejects(migrate(contextOf(db), [...migrations, broken]));
  t.same(await migrate(contextOf(db), [...migrations, { ...broken, sql: () => 'create table half (a integer)' }]), { from: migrations.length, to: broken.version }, 'a failed one left nothing behind');
  await db.destroy();
  const older = openSqliteStore(storeOptions(path));
  await t.rejects(older.migrate(), { code: 'TRK_STORE_VERSION' });
  await older.close();
});

t.test('from version 2: a call has its own id and that on the wire, whatever it was called before', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const old = openConnection({ path, busyTimeoutMs: 100 });
  await migrate(contextOf(old), migrations.slice(0, 2));
  const task = (id: string, state: string): string => `insert into tasks (id, destination, flow, flow_version, priority, variables, metadata, not_before, state, created_at, updated_at)
    values ('${id}', '+14155550100', 'f', 1, 50, '{}', '{}', 0, '${state}', 1, 1)`;
  const attempt = (id: string, taskId: string, ended: string): string => `insert into attempts (id, task_id, number, call_id, node_id, started_at, ended_at) values ('${id}', '${taskId}', 1, '${id}@trunkline', 'node_old', 1, ${ended})`;
  const result = (id: string, taskId: string, attemptId: string, callId: string): string =>
    `insert into results (id, task_id, attempt_id, call_id, flow, disposition, ended_at, body) values ('${id}', ${taskId}, ${attemptId}, '${callId}', 'f', 'unknown', 2, '{"id":"${id}","callId":"${callId}","transcript":[{"text":"é 1.50"}]}')`;
  const rows = [
    ...['done', 'lost'].map((id) => task(`task_${id}`, 'done')),
    task('task_open', 'dialing'),
    attempt('att_done', 'task_done', '2'),
    attempt('att_lost', 'task_lost', '2'),
    attempt('att_open', 'task_open', 'null'),
    result('res_done', "'task_done'", "'att_done'", 'call_done'),
    result('res_lost', "'task_lost'", "'att_lost'", 'att_lost@trunkline'),
    result('res_in', 'null', 'null', 'call_in'),
  ];
  for (const row of rows) await sql.raw(row).execute(old);
  await old.destroy();

  const store = openSqliteStore(storeOptions(path));
  t.teardown(() => store.close());
  t.same(await store.migrate(), { from: 2, to: migrations.length });
  t.match(await store.getResult('call_done'), { id: 'res_done', callId: 'call_done', sipCallId: 'att_done@trunkline', transcript: [{ text: 'é 1.50' }] });
  t.match(await store.getResult('att_lost@trunkline'), { id: 'res_lost', callId: '', sipCallId: 'att_lost@trunkline' }, 'its own id was never written down');
  t.match(await store.getResult('call_in'), { id: 'res_in', callId: 'call_in', sipCallId: undefined });
  t.same(await store.recoverAttempts('node_new'), ['task_open']);
  t.match(await store.getResult('task_open'), { callId: '', sipCallId: 'att_open@trunkline', disposition: 'unknown' }, 'one that was open then');
});

t.test('from version 3: a request with an idempotency key keeps its tasks', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const old = openConnection({ path, busyTimeoutMs: 100 });
  await migrate(contextOf(old), migrations.slice(0, 3));
  const now = new ManualClock().now();
  for (const id of ['task_before', 'task_one', 'task_two', 'task_after']) {
    await sql.raw(`insert into tasks (id, destination, flow, flow_version, priority, variables, metadata, not_before, state, created_at, updated_at)
      values ('${id}', '+14155550100', 'f', 1, 50, '{}', '{}', 0, 'queued', 1, 1)`).execute(old);
  }
  await sql.raw(`insert into idempotency (key, request_hash, first_seq, last_seq, created_at) values ('k', 'h', 2, 3, ${now})`).execute(old);
  await old.destroy();

  const store = openSqliteStore(storeOptions(path));
  t.teardown(() => store.close());
  t.same(await store.migrate(), { from: 3, to: migrations.length });
  const { tasks, replayed } = await store.createTasks([newTask()], { key: 'k', requestHash: 'h' });
  t.same([replayed, tasks.map((task) => task.id)], [true, ['task_one', 'task_two']]);
});

t.test('from version 1', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const old = openConnection({ path, busyTimeoutMs: 100 });
  await migrate(contextOf(old), migrations.slice(0, 1));
  await sql.raw("insert into flows (id, version, source, created_at) values ('a', 1, 'id: a', 1)").execute(old);
  await old.destroy();
  const store = openSqliteStore(storeOptions(path));
  t.teardown(() => store.close());
  t.same(await store.migrate(), { from: 1, to: migrations.length });
  t.equal((await store.getFlow('a'))?.source, 'id: a');
});

t.test('a full disk is a coded error and loses nothing', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore(storeOptions(path, { maxPages: 140 }));
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
  await migrate(contextOf(db));
  const pragma = async (name: string): Promise<unknown> => {
    const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db);
    return Object.values(rows[0] ?? {})[0];
  };
  t.equal(await pragma('journal_mode'), 'wal');
  t.equal(await pragma('synchronous'), 2, 'FULL');
  t.equal(await pragma('foreign_keys'), 1);
  await t.rejects(db.insertInto('attempts').values({ id: 'a', task_id: 'none', number: 1, sip_call_id: 'c', call_id: 'call_c', node_id: 'n', started_at: 1, answered_at: null, ended_at: null }).execute(), /FOREIGN KEY/);
});
