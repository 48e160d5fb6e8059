import pg from 'pg';
import t from 'tap';
import type { Test } from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { migrations } from '../../src/store/sql/migrations/index.js';
import type { Store } from '../../src/store/store.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import { HANGS_MS, eventually } from '../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';
import { startPostgres } from '../support/postgres-server.js';

const server = await startPostgres(t);

const open = (t: Test, url: string, clock = new ManualClock()): Store => {
  const store = openPostgresStore({ url, clock, random: systemRandom, log: silentLogger });
  t.teardown(() => store.close());
  return store;
};

t.test('several servers that start at once migrate once', async (t) => {
  const url = await server.database();
  const done = await Promise.all([0, 1, 2].map(() => open(t, url).migrate()));
  for (const { to } of done) t.equal(to, migrations.length);
  const { rows } = await server.query(url, 'select count(*)::int as count from schema_migrations');
  t.same(rows, [{ count: migrations.length }]);
  await server.query(url, `insert into schema_migrations values (${migrations.length + 1}, 'newer', 0)`);
  await t.rejects(open(t, url).migrate(), { code: 'TRK_STORE_VERSION' });
});

t.test('a server that crashed: a coded error meanwhile, then all that was saved is there', async (t) => {
  const url = await server.database();
  const store = open(t, url);
  await store.migrate();
  const { tasks } = await store.createTasks([newTask(), newTask()]);
  await server.kill();
  await t.rejects(store.createTasks([newTask()]), { code: 'TRK_STORE_AWAY', retryable: true });
  await t.rejects(store.readEvents(0, 1), { code: 'TRK_STORE_AWAY' });
  await server.start();
  await eventually('the store answers', 60_000, () => store.getTask(tasks[0]?.id ?? '').catch(() => undefined));
  t.same((await store.listTasks({ limit: 10 })).items, tasks);
  t.equal((await store.createTasks([newTask()])).tasks.length, 1);
});

t.test('connections that the server closes are made anew', async (t) => {
  const url = await server.database();
  const store = open(t, url);
  await store.migrate();
  await Promise.all(Array.from({ length: 20 }, () => store.createTasks([newTask()])));
  await server.query(url, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
  await eventually('the store answers', 60_000, () => store.createTasks([newTask()]).catch(() => undefined));
  t.equal((await store.listTasks({ limit: 100 })).items.length >= 21, true);
});

t.test('a deadlock is tried again, not told', async (t) => {
  const url = await server.database();
  const clock = new ManualClock();
  const store = open(t, url, clock);
  await store.migrate();
  const task = (await store.createTasks([newTask()])).tasks[0]!;
  await store.dueParties();
  const attempt = (await store.beginAttempt(task.id, 'node_1', callIdOf))!;
  // Whoever changes an attempt stops at a gate, with the attempt's row in its hands.
  await server.query(
    url,
    `create function gate() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(1); return null; end $$;
     create trigger gate after update on attempts for each row execute function gate();`,
  );
  const [gate, other] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
  for (const client of [gate, other]) {
    await client.connect();
    t.teardown(() => client.end());
  }
  const waits = (who: string, event: string): Promise<true> =>
    eventually(`${who} waits`, HANGS_MS, async () => {
      const { rows } = await server.query(url, `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = '${event}'`);
      return rows.length > 0 ? true : undefined;
    });
  await gate.query('select pg_advisory_lock(1)');
  // Each client looks for a deadlock once, so long after its wait began, and is sent away if it finds one. This one has
  // begun to wait before there is one, and does not look again while the test runs; so the store is the one.
  await other.query("set deadlock_timeout = '1h'");
  await other.query('begin');
  await other.query('select 1 from tasks where id = $1 for update', [task.id]);
  const finished = store.finishAttempt(attempt.id, resultOf(clock, task, attempt));
  await waits('the store', 'advisory');
  const locked = other.query('select 1 from attempts where id = $1 for update', [attempt.id]);
  await waits('the other client', 'transactionid');
  // It goes on to the task's row.
  await gate.query('select pg_advisory_unlock(1)');
  await locked;
  await other.query('commit');
  await finished;
  t.match(await store.getTask(task.id), { state: 'done' });
  await eventually('PostgreSQL counted a deadlock', 60_000, async () => {
    const { rows } = await server.query(url, 'select deadlocks::int from pg_stat_database where datname = current_database()');
    return (rows as { deadlocks: number }[])[0]?.deadlocks === 0 ? undefined : true;
  });
});

t.test('an error shows no value of a row', async (t) => {
  const url = await server.database();
  const store = open(t, url);
  await store.migrate();
  const key = { id: 'key_1', name: 'n', hash: 'secret-hash', scopes: [], createdAt: 1, revokedAt: undefined };
  await store.putApiKey(key);
  const refused = await store.putApiKey(key).then(() => undefined, (error: unknown) => error as Error);
  t.match(refused, { code: 'TRK_STORE' });
  t.equal(refused?.cause, undefined);
  t.notMatch(String(refused?.message), /secret-hash|key_1/);
});

t.test('a server that is not there', async (t) => {
  const store = open(t, 'postgres://nobody@127.0.0.1:1/none');
  await t.rejects(store.migrate(), { code: 'TRK_STORE_AWAY', retryable: true });
});
