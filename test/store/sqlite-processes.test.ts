import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { systemClock } from '../../src/kernel/clock.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { newTask } from '../contract/store.js';
import { storeOptions } from './store-options.js';

t.test('two processes race for the same tasks', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore(storeOptions(path, { exclusive: false, clock: systemClock }));
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
  const before = openSqliteStore(storeOptions(path, { clock: systemClock }));
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
  const after = openSqliteStore(storeOptions(path, { clock: systemClock }));
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
