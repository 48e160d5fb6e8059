import { join } from 'node:path';
import t from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { Turns } from '../../src/store/sql/turns.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { ManualClock } from '../support/manual-clock.js';

t.test('after 20 ms of work in one turn of the event loop, more waits for the next', async (t) => {
  const clock = new ManualClock();
  const turns = new Turns(clock);
  const order: string[] = [];
  const work = (name: string, ms: number) =>
    turns.take(() => {
      order.push(name);
      clock.advance(ms);
      return Promise.resolve(name);
    });
  setImmediate(() => order.push('others'));
  await work('first', 20);
  clock.advance(1_000);
  t.equal(await work('second', 1), 'second', 'what somebody else takes is no work of ours');
  await Promise.all([work('third', 5), work('fourth', 15), work('fifth', 1)]);
  t.same(order, ['first', 'second', 'others', 'third', 'fourth', 'fifth'], 'in the order in which they came');
  await work('sixth', 1);
  setImmediate(() => order.push('others'));
  await t.rejects(turns.take(() => (clock.advance(30), Promise.reject(new Error('refused')))), /refused/);
  await work('seventh', 1);
  t.same(order.slice(6), ['sixth', 'others', 'seventh'], 'work that fails counts, too');
});

t.test('one request to SQLite after the other lets the event loop turn', async (t) => {
  // Each look at it takes 3 ms: a request, at least so much.
  const clock = new (class extends ManualClock {
    override monotonic(): number {
      this.advance(3);
      return super.monotonic();
    }
  })();
  const store = openSqliteStore({ path: join(t.testdir(), 'trunkline.db'), clock, random: systemRandom, log: silentLogger });
  t.teardown(() => store.close());
  await store.migrate();
  await new Promise((resolve) => setImmediate(resolve));
  let turned = false;
  setImmediate(() => (turned = true));
  let requests = 0;
  for (; requests < 100 && !turned; requests += 1) await store.getTask('task_none');
  t.equal(requests, 8, 'as soon as 20 ms are over');
});
