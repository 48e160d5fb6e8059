import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'libsql';
import t from 'tap';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { callIdOf, newTask } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { storeOptions } from './store-options.js';

t.setTimeout(120_000);

t.test('100,000 queued tasks', async (t) => {
  const clock = new ManualClock();
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore(storeOptions(path, { clock }));
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
