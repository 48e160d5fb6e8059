import t from 'tap';
import { Lifetime } from '../../src/kernel/lifetime.js';

t.test('closes in reverse order, once, and aborts first', async (t) => {
  const lifetime = new Lifetime();
  const seen: string[] = [];
  lifetime.signal.addEventListener('abort', () => seen.push('abort'));
  lifetime.onClose(() => void seen.push('first'));
  lifetime.onClose(async () => {
    await Promise.resolve();
    seen.push('second');
  });
  t.equal(lifetime.closed, false);
  const closing = lifetime.close();
  t.equal(lifetime.closed, true);
  t.equal(lifetime.close(), closing);
  await closing;
  t.same(seen, ['abort', 'second', 'first']);
});

t.test('one that fails keeps no other from closing; the first error is told', async (t) => {
  const lifetime = new Lifetime();
  const seen: string[] = [];
  lifetime.onClose(() => void seen.push('still closed'));
  lifetime.onClose(() => Promise.reject(new Error('second')));
  lifetime.onClose(() => {
    throw new Error('first');
  });
  await t.rejects(lifetime.close(), { message: 'first' });
  t.same(seen, ['still closed']);
});
