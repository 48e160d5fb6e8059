import t from 'tap';
import { QueueWalk } from '../../../src/outbound/dialing/queue-walk.js';
import type { Kind } from '../../../src/outbound/dialing/claims.js';
import type { Reserver } from '../../../src/outbound/dialing/queue-walk.js';
import type { DuePlace, DueTask } from '../../../src/store/dialing.js';
import { plainTask } from '../../support/plain-task.js';

/** A queue whose tasks are of kinds `a`, `b`, ... in the order of their names, and free channels of each kind. */
class Queue implements Reserver {
  tasks: DueTask[] = [];
  free: Record<string, number> = {};
  readonly taken: string[] = [];
  pages = 0;
  readonly walk = new QueueWalk((limit, after) => this.#read(limit, after));

  add(kind: string, count: number, rank = this.tasks.length): void {
    for (let index = 0; index < count; index += 1) this.tasks.push({ ...plainTask({ id: `${kind}${rank + index}`, to: kind }), place: { rank: rank + index, seq: this.tasks.length } });
    this.tasks.sort((one, other) => one.place.rank - other.place.rank || one.place.seq - other.place.seq);
  }

  #read(limit: number, after: DuePlace | undefined): Promise<DueTask[]> {
    this.pages += 1;
    return Promise.resolve(this.tasks.filter(({ place: { rank, seq } }) => after === undefined || rank > after.rank || (rank === after.rank && seq > after.seq)).slice(0, limit));
  }

  reserve({ id, to }: DueTask): Promise<Kind | undefined> {
    if (!this.frees({ key: to, needs: {}, task: undefined })) return Promise.resolve({ key: to, needs: {}, task: undefined });
    this.free[to] = (this.free[to] ?? 0) - 1;
    this.taken.push(id);
    return Promise.resolve(undefined);
  }

  keysOf = ({ to }: DueTask): Promise<string[]> => Promise.resolve([to]);
  frees = ({ key }: Kind): boolean => (this.free[key] ?? 0) > 0;
  holds = (id: string): boolean => this.taken.includes(id);

  /** What a round does: what was reserved is dialled, and in the queue no more. */
  async go(most: number, now: number): Promise<string[]> {
    const found = await this.walk.go(this, most, now, 1);
    const dialled = this.taken.splice(0);
    t.equal(found, dialled.length);
    this.tasks = this.tasks.filter(({ id }) => !dialled.includes(id));
    return dialled;
  }
}

t.test('past any number of tasks that cannot be served, a piece at a time, and each read once', async (t) => {
  const queue = new Queue();
  queue.add('a', 10_000);
  queue.add('b', 3);
  queue.free = { b: 9 };
  const found: string[] = [];
  for (let now = 0; now < 1_000; now += 100) {
    const before = queue.pages;
    found.push(...(await queue.go(5, now)));
    t.ok(queue.pages - before <= 21, 'a bounded piece');
  }
  t.same(found, ['b10000', 'b10001', 'b10002']);
  const before = queue.pages;
  for (let now = 1_000; now < 2_000; now += 10) await queue.go(5, now);
  t.ok(queue.pages - before < 120, `${queue.pages - before} pages in a hundred looks, nearly all of them empty: the ten thousand are not read again`);
});

t.test('what becomes free is found where its first task was left', async (t) => {
  const queue = new Queue();
  for (const kind of ['a', 'b', 'c']) queue.add(kind, 500);
  t.same(await queue.go(5, 0), []);
  t.same(await queue.go(5, 100), []);
  queue.free = { b: 1 };
  const before = queue.pages;
  t.same(await queue.go(5, 110), ['b500']);
  t.ok(queue.pages - before <= 3);
  queue.free = { b: 70, c: 1 };
  const found: string[] = [];
  for (let now = 200; found.length < 71; now += 100) found.push(...(await queue.go(40, now)));
  t.same(found.filter((id) => id.startsWith('b')), Array.from({ length: 70 }, (_, index) => `b${501 + index}`), 'in their order');
  t.ok(found.includes('c1000'));
  queue.free = {};
  t.same(await queue.go(1, 5_000), []);
  queue.free = { a: 1, b: 1 };
  t.same(await queue.go(1, 5_010), ['a0'], 'the first one first');
});

t.test('who comes to stand before others that were passed is found soon', async (t) => {
  const queue = new Queue();
  queue.add('a', 400);
  queue.add('b', 400);
  queue.free = { b: 1 };
  t.same(await queue.go(1, 0), ['b400']);
  queue.add('d', 1, 10);
  queue.free = { b: 5, d: 1 };
  const found: string[] = [];
  for (let now = 100; now <= 3_000; now += 100) found.push(...(await queue.go(1, now)));
  t.ok(found.includes('d10'), 'though others were to be found each time');
});
