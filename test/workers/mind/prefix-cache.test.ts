import t from 'tap';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PrefixCache } from '../../../src/workers/mind/prefix-cache.js';

const tokens = (first: number): number[] => Array.from({ length: 20 }, (_, index) => first + index);

/** Writes `bytes` bytes and says so. */
const writer = (bytes: number) => (file: string): Promise<number> => {
  writeFileSync(file, Buffer.alloc(bytes));
  return Promise.resolve(bytes);
};

t.test('a prefix is made by one and found by all', async (t) => {
  const cache = await PrefixCache.create(1000);
  t.teardown(() => cache.close());
  t.equal(await cache.find(tokens(1)), undefined);
  const claim = cache.claim(tokens(1))!;
  t.equal(cache.claim(tokens(1)), undefined, 'a second one is told to wait');
  const waiting = cache.find(tokens(1));
  await claim.save(writer(10));
  const file = (await waiting)!;
  t.ok(existsSync(file));
  t.equal(await cache.find(tokens(1)), file);
  t.equal(await cache.find(tokens(2)), undefined);
  t.equal(cache.claim([1, 2, 3]), undefined, 'a few tokens are not worth a file');
  await cache.close();
  t.notOk(existsSync(dirname(file)), 'nothing is left behind');
});

t.test('who waited for one that failed makes it himself', async (t) => {
  const cache = await PrefixCache.create(1000);
  t.teardown(() => cache.close());
  const waiting = [cache.claim(tokens(1)), cache.find(tokens(1))] as const;
  waiting[0]!.drop();
  t.equal(await waiting[1], undefined);
  const broken = cache.claim(tokens(1))!;
  await broken.save(() => Promise.reject(new Error('disk full')));
  t.equal(await cache.find(tokens(1)), undefined);
  t.equal(cache.size, 0);
  t.ok(cache.claim(tokens(1)));
});

t.test('the files have a limit, and the one not used for longest goes first', async (t) => {
  const cache = await PrefixCache.create(25);
  t.teardown(() => cache.close());
  for (const first of [1, 2]) await cache.claim(tokens(first))!.save(writer(10));
  const old = (await cache.find(tokens(2)))!;
  await cache.find(tokens(1));
  await cache.claim(tokens(3))!.save(writer(10));
  t.equal(await cache.find(tokens(2)), undefined);
  t.notOk(existsSync(old));
  t.ok(await cache.find(tokens(1)));
  t.ok(await cache.find(tokens(3)));
  await cache.forget(tokens(3));
  t.equal(await cache.find(tokens(3)), undefined, 'what could not be loaded is forgotten');
});
