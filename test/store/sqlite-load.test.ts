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
  t.equal((await store.dueParties()).length, 1);
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    t.equal((await store.dueTasksOf('', 100)).length, 100);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  t.comment(`dueTasksOf(100): median ${times[10]?.toFixed(2)} ms`);
  // Not a timed test: the plan must be a walk of an index, which time would show only by chance.
  const raw = new Database(path);
  const planOf = (query: string): string => (raw.prepare(`explain query plan ${query}`).all() as { detail: string }[]).map((row) => row.detail).join('; ');
  const free = 'claimed_until is null or claimed_until <= 0';
  const due = planOf(`select * from tasks where campaign_id = '' and state = 'queued' and (expires_at is null or expires_at > 0) and (${free}) order by rank, seq limit 100`);
  const any = planOf("select seq from tasks where campaign_id = '' and state = 'queued' limit 1");
  const found = planOf("select * from tasks where id in (select value from json_each('[]')) and coalesce(tasks.state, '') = 'queued' and (expires_at is null or expires_at > 0) order by seq");
  const unblocked = planOf("select seq from tasks where seq in (select value from json_each('[]')) and coalesce(tasks.state, '') = 'blocked' and coalesce(blocked_until, 1) <= 0");
  raw.close();
  t.match(found, /USING INDEX sqlite_autoindex_tasks_1 \(id=\?\)/);
  t.match(unblocked, /USING INTEGER PRIMARY KEY/);
  t.match(due, /USING INDEX tasks_campaign/);
  t.notMatch(due, /TEMP B-TREE/);
  t.match(any, /USING COVERING INDEX tasks_/);
  const id = (await store.dueTasksOf('', 1))[0]?.id ?? '';
  t.ok(await store.beginAttempt(id, 'node_a', callIdOf));
});
