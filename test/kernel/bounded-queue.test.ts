import t from 'tap';
import { BoundedQueue } from '../../src/kernel/bounded-queue.js';

async function drain<T>(queue: BoundedQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

t.test('first in, first out, and never more than its limit', async (t) => {
  const queue = new BoundedQueue<number>(2);
  t.same([queue.push(1), queue.push(2), queue.push(3)], [true, true, false]);
  t.equal(queue.size, 2);
  queue.end();
  t.equal(queue.push(4), false);
  t.same(await drain(queue), [1, 2]);
});

t.test('a reader that waits gets what comes later, then the end', async (t) => {
  const queue = new BoundedQueue<string>(1);
  const reading = drain(queue);
  queue.push('a');
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(queue.push('b'), true, 'the reader made room');
  await new Promise((resolve) => setImmediate(resolve));
  queue.end();
  t.same(await reading, ['a', 'b']);
});

t.test('an error comes after what was queued before it; the first end counts', async (t) => {
  const queue = new BoundedQueue<number>(4);
  queue.push(1);
  queue.end(new Error('lost'));
  queue.end();
  const items: number[] = [];
  await t.rejects(
    (async () => {
      for await (const item of queue) items.push(item);
    })(),
    { message: 'lost' },
  );
  t.same(items, [1]);
});

t.test('clear drops what waits and says how many', async (t) => {
  const queue = new BoundedQueue<number>(4);
  queue.push(1);
  queue.push(2);
  t.equal(queue.clear(), 2);
  t.equal(queue.clear(), 0);
  queue.end();
  t.same(await drain(queue), []);
});

t.test('a limit must be a positive integer', async (t) => {
  for (const limit of [0, -1, 1.5, Number.NaN]) t.throws(() => new BoundedQueue(limit), RangeError);
});
