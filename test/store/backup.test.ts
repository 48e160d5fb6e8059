import { randomUUID } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import t from 'tap';
import type { Test } from 'tap';
import { parseTrunk } from '../../src/config/trunks.js';
import { migrate } from '../../src/store/sql/migrate.js';
import { migrations } from '../../src/store/sql/migrations/index.js';
import { openConnection } from '../../src/store/sqlite/connection.js';
import { sqliteDialect } from '../../src/store/sqlite/dialect.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Attempt, Store, Task } from '../../src/store/store.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import { trunkline } from '../support/command-line.js';
import { ManualClock } from '../support/manual-clock.js';
import { startPostgres } from '../support/postgres-server.js';
import { postgresUnderTest, sqliteUnderTest } from '../support/stores.js';
import { storeOptions } from './store-options.js';

const server = await startPostgres(t);
const adapters = { SQLite: sqliteUnderTest, PostgreSQL: postgresUnderTest(server) };

async function fill(store: Store, clock: ManualClock): Promise<void> {
  await store.putFlow('greeting', 'id: greeting\n# 你好 "quoted" \\ \u0001');
  await store.putTrunk(parseTrunk({ name: 'one', addresses: [{ host: 'carrier.test' }] }));
  const many = Array.from({ length: 1200 }, (_, index) => newTask({ variables: { index, half: 0.5, on: true }, metadata: { mark: randomUUID() } }));
  const { tasks } = await store.createTasks(many, { key: 'k', requestHash: 'h' });
  const [task, open] = tasks as [Task, Task];
  const attempt = (await store.beginAttempt(task.id, 'node_a', callIdOf)) as Attempt;
  await store.finishAttempt(attempt.id, resultOf(clock, task, attempt));
  await store.beginAttempt(open.id, 'node_a', callIdOf);
  for (let index = 0; index < 5; index++) await store.appendEvent('n', { index });
}

async function linesOf(store: Store): Promise<string[]> {
  let text = '';
  await store.backup(async (lines) => void (text += lines));
  return text.split('\n').slice(0, -1);
}

async function* from(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** Rows in any order: each database has its own. */
const contentOf = (lines: readonly string[]): string[] => lines.slice(1, -1).sort();

async function empty(t: Test, kind: keyof typeof adapters): Promise<Store> {
  return (await adapters[kind].fresh(t, { clock: new ManualClock() })).store;
}

for (const source of ['SQLite', 'PostgreSQL'] as const) {
  t.test(`a backup of ${source} is restored into either`, async (t) => {
    const clock = new ManualClock();
    const { store } = await adapters[source].fresh(t, { clock });
    await fill(store, clock);
    const lines = await linesOf(store);
    for (const target of ['SQLite', 'PostgreSQL'] as const) {
      const restored = await empty(t, target);
      const summary = await restored.restore(from(lines));
      t.equal(summary.schema, migrations.length);
      t.same(contentOf(await linesOf(restored)), contentOf(lines), `${target}: nothing is lost or changed`);
      const last = await restored.lastEventCursor();
      t.equal((await restored.appendEvent('n', null)).cursor, last + 1, 'counting goes on');
      t.equal((await restored.createTasks([newTask()])).tasks.length, 1);
      t.equal((await restored.createTasks([], { key: 'k', requestHash: 'h' })).replayed, true);
      await t.rejects(restored.restore(from(lines)), { code: 'TRK_CONFLICT' }, 'not into one that is in use');
    }
  });

  t.test(`what is not whole leaves nothing behind: ${source}`, async (t) => {
    const clock = new ManualClock();
    const { store } = await adapters[source].fresh(t, { clock });
    await fill(store, clock);
    const lines = await linesOf(store);
    const row = lines.findIndex((line) => line.startsWith('['));
    const restored = await empty(t, source);
    const wrong: Record<string, readonly string[]> = {
      'nothing at all': [],
      'another file': ['a,b,c', '1,2,3'],
      'cut off': lines.slice(0, -1),
      'a line is missing': [...lines.slice(0, row), ...lines.slice(row + 1)],
      'a byte is changed': lines.map((line, index) => (index === row ? line.replace('greeting', 'greetinG') : line)),
      'more after the end': [...lines, '[]'],
      'a row that does not fit': [...lines.slice(0, row), '[1]', ...lines.slice(row)],
      'an unknown table': [lines[0]!, '{"table":"pg_class","columns":["a"]}'],
      'no column': [lines[0]!, '{"table":"flows","columns":["a; drop table flows"]}'],
      'a column that is not there': [lines[0]!, '{"table":"flows","columns":["nothing"]}', '[1]', '{"end":{}}'],
      'a row twice': [...lines.slice(0, row), lines[row]!, ...lines.slice(row)],
    };
    for (const [what, given] of Object.entries(wrong)) {
      await t.rejects(restored.restore(from(given)), { code: 'TRK_BACKUP_INVALID' }, what);
      await restored.migrate();
      t.equal((await restored.listTasks({ limit: 1 })).items.length, 0, what);
    }
    await t.rejects(restored.restore(from([lines[0]!.replace(`"schema":${migrations.length}`, `"schema":${migrations.length + 1}`)])), { code: 'TRK_STORE_VERSION' });
    await restored.restore(from(lines));
    t.equal((await restored.listTasks({ limit: 1 })).items.length, 1, 'and the whole one goes in then');
  });
}

t.test('a backup of an older version is migrated', async (t) => {
  for (let version = 1; version < migrations.length; version++) {
    const path = join(t.testdir(), `${version}.db`);
    const db = openConnection({ path, busyTimeoutMs: 100 });
    await migrate({ db, dialect: sqliteDialect, clock: new ManualClock() }, migrations.slice(0, version));
    await sql.raw("insert into flows (id, version, source, created_at) values ('a', 1, 'id: a', 1)").execute(db);
    await sql.raw(`insert into tasks (id, destination, flow, flow_version, priority, variables, metadata, not_before, state, created_at, updated_at)
      values ('task_1', '+14155550100', 'f', 1, 50, '{}', '{}', 0, 'queued', 1, 1)`).execute(db);
    await db.destroy();
    const old = openSqliteStore(storeOptions(path));
    const lines = await linesOf(old);
    await old.close();
    t.match(JSON.parse(lines[0]!), { schema: version });
    const store = await empty(t, 'PostgreSQL');
    t.match(await store.restore(from(lines)), { schema: version, rows: 2 });
    t.equal((await store.getFlow('a'))?.source, 'id: a');
    t.same((await store.dueTasks(5)).map((task) => task.id), ['task_1']);
  }
});

t.test('db backup and db restore: whole, private, from one database to the other', async (t) => {
  const dir = t.testdir();
  const clock = new ManualClock();
  const data = join(dir, 'data');
  const running = openSqliteStore(storeOptions(join(data, 'trunkline.db'), { clock }));
  t.teardown(() => running.close());
  await running.migrate();
  await fill(running, clock);
  const config = (name: string, value: object): string => (writeFileSync(join(dir, name), JSON.stringify(value)), join(dir, name));
  const here = config('here.yaml', { data_dir: data });
  const there = config('there.yaml', { data_dir: join(dir, 'there'), store: { kind: 'postgres', url: await server.database() } });
  const file = join(dir, 'backup.ndjson.gz');
  const made = await trunkline(['--json', 'db', 'backup', file, '--config', here]);
  t.equal(made.code, 0, 'while a server runs');
  t.match(made.json(), { schema: migrations.length, bytes: statSync(file).size });
  t.equal(statSync(file).mode & 0o077, 0);
  const cut = join(dir, 'cut.gz');
  writeFileSync(cut, readFileSync(file));
  truncateSync(cut, Math.floor(statSync(file).size / 2));
  const [refused, missing] = await Promise.all([trunkline(['--json', 'db', 'restore', cut, '--config', there]), trunkline(['--json', 'db', 'restore', join(dir, 'none'), '--config', there])]);
  t.equal(refused.error.code, 'TRK_BACKUP_INVALID');
  t.equal(missing.error.code, 'TRK_USAGE');
  const restored = await trunkline(['--json', 'db', 'restore', file, '--config', there]);
  t.equal(restored.code, 0, restored.stdout);
  t.equal(restored.json<{ rows: number }>().rows, made.json<{ rows: number }>().rows);
  t.equal((await trunkline(['--json', 'db', 'restore', file, '--config', there])).error.code, 'TRK_CONFLICT');
});
