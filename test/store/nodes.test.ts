import t from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { NODE_LEASE_MS } from '../../src/store/nodes.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import type { Attempt, Store, Task } from '../../src/store/store.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import { eventually } from '../support/eventually.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { ManualClock } from '../support/manual-clock.js';
import { startPostgres } from '../support/postgres-server.js';
import { postgresUnderTest, sqliteUnderTest } from '../support/stores.js';

const server = await startPostgres(t);
const postgres = postgresUnderTest(server);
const STEP_MS = NODE_LEASE_MS / 4;

const begun = async (store: Store, node: string): Promise<{ task: Task; attempt: Attempt }> => {
  const { tasks } = await store.createTasks([newTask()]);
  const [task] = tasks as [Task];
  return { task, attempt: (await store.beginAttempt(task.id, node, callIdOf)) as Attempt };
};

t.test('a node that stands still loses its attempts, and nothing of it is taken any more', async (t) => {
  const clock = new ManualClock();
  const { store: a, again } = await postgres.fresh(t, { clock });
  const b = await again();
  t.equal(await a.beat('node_a'), true);
  t.equal(await b.beat('node_b'), true);
  const { task, attempt } = await begun(a, 'node_a');
  const own = await begun(b, 'node_b');
  for (let look = 0; look < 10; look++) {
    await a.beat('node_a');
    t.same(await b.recoverAttempts('node_b'), [], 'it beats');
    clock.advance(STEP_MS);
  }
  let lost: readonly string[] = [];
  let looks = 0;
  for (; lost.length === 0 && looks < 20; looks++) {
    lost = await b.recoverAttempts('node_b');
    clock.advance(STEP_MS);
  }
  t.same(lost, [task.id]);
  t.ok(looks >= 4, `not before its lease is over: ${looks} looks`);
  t.equal((await b.getTask(task.id))?.state, 'unknown');
  t.match(await b.getResult(task.id), { disposition: 'unknown', attemptId: attempt.id });
  await t.rejects(a.finishAttempt(attempt.id, resultOf(clock, task, attempt)), { code: 'TRK_CONFLICT' }, 'its result comes too late');
  const { tasks } = await b.createTasks([newTask()]);
  await t.rejects(a.beginAttempt(tasks[0]?.id ?? '', 'node_a', callIdOf), { code: 'TRK_CONFLICT' }, 'it may begin nothing');
  t.equal((await b.getTask(tasks[0]?.id ?? ''))?.state, 'queued');
  t.equal(await a.beat('node_a'), false, 'it is told');
  t.equal(await a.beat('node_c'), true);
  t.not(await a.beginAttempt(tasks[0]?.id ?? '', 'node_c', callIdOf), undefined, 'and goes on under a new id');
  t.equal((await b.getTask(own.task.id))?.state, 'dialing', "the watcher's own is left alone");
  t.equal(await b.beginAttempt(task.id, 'node_b', callIdOf), undefined, 'never dialled again');
});

t.test('the calls that a campaign may have at once are those of all nodes, and its pace is shared', async (t) => {
  const { store: a, again } = await postgres.fresh(t, { clock: new ManualClock() });
  const b = await again();
  t.equal(await a.livingNodes(), 1);
  await a.beat('node_a');
  await b.beat('node_b');
  t.equal(await a.livingNodes(), 2);
  const { id } = await a.createCampaign(settings({ pacing: { mode: 'ai', maxCalls: 3, callsPerSecond: undefined, weight: 20 } }));
  await a.moveCampaign(id, 'start');
  const { tasks } = await a.createTasks(Array.from({ length: 5 }, () => newTask({ campaignId: id })));
  const ids = tasks.map((task) => task.id);
  const kinds = async (store: Store, nodeId: string, of: readonly string[]) => (await store.beginAttempts(of, { nodeId, sipCallIdOf: callIdOf })).map(({ kind }) => kind);
  t.same(await kinds(a, 'node_a', ids.slice(0, 2)), ['begun', 'begun']);
  t.same(await kinds(b, 'node_b', ids.slice(2)), ['begun', 'full', 'full'], 'the second node knows of the first');
  t.equal((await b.getTask(ids[3]!))?.state, 'queued');
  const [attempt] = await a.listAttempts(ids[0]!);
  await a.finishAttempt(attempt!.id, resultOf(new ManualClock(), tasks[0]!, attempt!));
  t.same(await kinds(b, 'node_b', ids.slice(3)), ['begun', 'full']);
  await b.leave('node_b');
  t.equal(await a.livingNodes(), 1);
});

t.test('nobody dies while nobody can look', async (t) => {
  const clock = new ManualClock();
  const { store: a, again } = await postgres.fresh(t, { clock });
  const b = await again();
  await a.beat('node_a');
  await begun(a, 'node_a');
  t.same(await b.recoverAttempts('node_b'), []);
  clock.advance(10 * NODE_LEASE_MS);
  t.same(await b.recoverAttempts('node_b'), [], 'the database was away for both of them');
  await a.beat('node_a');
  for (let look = 0; look < 4; look++, clock.advance(STEP_MS)) t.same(await b.recoverAttempts('node_b'), []);
});

t.test('a node that left, and on SQLite any other one, is dead at once', async (t) => {
  for (const adapter of [postgres, sqliteUnderTest]) {
    const { store } = await adapter.fresh(t, { clock: new ManualClock() });
    await store.beat('node_a');
    const { task } = await begun(store, 'node_a');
    if (adapter === postgres) await store.leave('node_a');
    t.same(await store.recoverAttempts('node_b'), [task.id]);
    t.equal(await store.beat('node_a'), false);
  }
});

t.test('a duty is done by one node at a time', async (t) => {
  for (const adapter of [postgres, sqliteUnderTest]) {
    const { store } = await adapter.fresh(t, { clock: new ManualClock() });
    const duty = await store.takeDuty('scheduler');
    t.equal(await duty?.held(), true);
    t.equal(await store.takeDuty('scheduler'), undefined, 'not twice by the same');
    t.not(await store.takeDuty('another'), undefined);
    await duty?.release();
    t.equal(await duty?.held(), false);
    t.not(await store.takeDuty('scheduler'), undefined);
  }
  const { store: a, again } = await postgres.fresh(t, { clock: new ManualClock() });
  const b = await again();
  const duty = await a.takeDuty('scheduler');
  t.equal(await b.takeDuty('scheduler'), undefined, 'another node has it');
  await a.close();
  t.equal(await duty?.held(), false);
  const taken = await eventually('the duty is free', 30_000, () => b.takeDuty('scheduler'));
  t.equal(await taken.held(), true);
});

t.test('a duty ends with its connection', async (t) => {
  const url = await server.database();
  const options = { clock: new ManualClock(), random: systemRandom, log: silentLogger };
  const [a, b] = [openPostgresStore({ ...options, url }), openPostgresStore({ ...options, url })];
  t.teardown(() => Promise.all([a.close(), b.close()]));
  const duty = await a.takeDuty('scheduler');
  t.equal(await duty?.held(), true);
  await server.query(url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'trunkline' and datname = current_database()");
  const taken = await eventually('the duty is free', 30_000, () => b.takeDuty('scheduler').catch(() => undefined));
  t.equal(await taken.held(), true);
  t.equal(await duty?.held(), false, 'and the one who had it knows');
});

t.test('nodes hear of what others do', async (t) => {
  const { store: a, again } = await postgres.fresh(t, { clock: new ManualClock() });
  const b = await again();
  const heard: string[] = [];
  const own: string[] = [];
  t.teardown(b.watch((change) => heard.push(change)));
  t.teardown(a.watch((change) => own.push(change)));
  await eventually('both listen', 30_000, () => (heard.length >= 2 && own.length >= 2 ? true : undefined));
  heard.length = 0;
  own.length = 0;
  await a.appendEvent('task.created', {});
  await eventually('an event is heard', 30_000, () => (heard.includes('events') ? true : undefined));
  await a.createTasks([newTask()]);
  await eventually('a task is heard', 30_000, () => (heard.includes('tasks') ? true : undefined));
  t.notOk(own.includes('tasks'), 'but not of their own tasks');
});

t.test('whoever reads events on by the cursor misses none, whoever appends them', async (t) => {
  const { store: reader, again } = await postgres.fresh(t, { clock: new ManualClock() });
  const writers = [await again(), await again(), await again()];
  let writing = true;
  const written = Promise.all(
    writers.map(async (writer, index) => {
      for (let round = 0; round < 40; round++) await Promise.all([0, 1, 2].map((each) => writer.appendEvent('n', `${index} ${round} ${each}`)));
    }),
  ).finally(() => (writing = false));
  const seen: string[] = [];
  let cursor = 0;
  for (let last = false; !last; ) {
    last = !writing;
    const events = await reader.readEvents(cursor, 50);
    if (events.length > 0) last = false;
    cursor = events.at(-1)?.cursor ?? cursor;
    seen.push(...events.map((event) => String(event.data)));
  }
  await written;
  t.equal(seen.length, 360);
  t.equal(new Set(seen).size, 360);
});

t.test('four nodes that want the same tasks at the same time get each once', async (t) => {
  const { store, again } = await postgres.fresh(t, { clock: new ManualClock() });
  const nodes = [store, await again(), await again(), await again()];
  const { tasks } = await store.createTasks(Array.from({ length: 60 }, () => newTask()));
  const won = await Promise.all(
    nodes.map(async (node, index) => {
      const mine: string[] = [];
      for (const task of tasks) if ((await node.beginAttempt(task.id, `node_${index}`, callIdOf)) !== undefined) mine.push(task.id);
      return mine;
    }),
  );
  t.same(won.flat().sort(), tasks.map((task) => task.id).sort());
});
