import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'libsql';
import t from 'tap';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { callIdOf, newTask } from '../contract/store.js';
import { newContact } from '../contract/store-contacts.js';
import { ManualClock } from '../support/manual-clock.js';
import { storeOptions } from './store-options.js';

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

t.test('contacts of a filter are paged through, however far apart they lie', async (t) => {
  const clock = new ManualClock();
  const store = openSqliteStore(storeOptions(join(t.testdir(), 'trunkline.db'), { clock }));
  t.teardown(() => store.close());
  await store.migrate();
  // More than the two steps in which they are looked for.
  const wanted = [0, 19_999, 20_000, 41_999];
  for (let from = 0; from < 42_000; from += 2_000) {
    await store.saveContacts(Array.from({ length: 2_000 }, (_, at) => newContact(`+86138${String(from + at).padStart(8, '0')}`, { attributes: { rare: wanted.includes(from + at) } })), 'refuse');
  }
  const filter = { kind: 'compare', field: { kind: 'attribute', name: 'rare', type: 'boolean' }, op: '=', value: true } as const;
  t.equal(await store.countContacts({ filter }), wanted.length);
  const numbers: string[] = [];
  for (let cursor: string | undefined, pages = 0; pages === 0 || cursor !== undefined; pages++) {
    const page = await store.listContacts({ filter, limit: 3, ...(cursor === undefined ? {} : { cursor }) });
    numbers.push(...page.items.flatMap((contact) => contact.numbers.map(({ number }) => number)));
    cursor = page.next;
  }
  t.same(numbers, wanted.map((at) => `+86138${String(at).padStart(8, '0')}`));
});
