import t from 'tap';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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

t.test('what a killed worker left in memory is removed by the next one, what a living one has is not', async (t) => {
  const living = await PrefixCache.create(1000);
  t.teardown(() => living.close());
  await living.claim(tokens(1))!.save(writer(10));
  const file = (await living.find(tokens(1)))!;
  const dead = spawnSync('true').pid;
  const orphan = dirname(file).replace(/mind-\d+-/, `mind-${dead}-`);
  mkdirSync(orphan);
  writeFileSync(`${orphan}/old.state`, 'x');
  const next = await PrefixCache.create(1000);
  t.teardown(() => next.close());
  t.notOk(existsSync(orphan));
  t.ok(existsSync(file));
});
