import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startSipp } from './sipp-process.js';

/** Links of a folder of /proc; what ends meanwhile has none. */
function linksOf(directory: string, name = ''): string[] {
  return readdirSync(directory).flatMap((entry) => {
    try {
      return [readlinkSync(join(directory, entry, name))];
    } catch {
      return [];
    }
  });
}

const running = (directory: string): number => linksOf('/proc', 'cwd').filter((path) => path === directory).length;

t.test('one that listens keeps none of our descriptors open', async (t) => {
  const directory = t.testdir();
  const sipp = await startSipp(directory, ['-sn', 'uas']);
  t.equal(running(directory), 1);
  t.same(linksOf('/proc/self/fd').filter((path) => path.startsWith(directory)), []);
  sipp.child.kill('SIGKILL');
  await sipp.ended;
});

t.test('one that does not listen in time is told of, and does not live on', async (t) => {
  const directory = t.testdir();
  await t.rejects(startSipp(directory, ['-sn', 'uas'], 0), /^sipp does not listen/);
  t.equal(running(directory), 0);
});

t.test('one that ends at once says why', async (t) => {
  const directory = t.testdir();
  const sipp = await startSipp(directory, ['-sn', 'nonsense']);
  t.not(await sipp.ended, 0);
  t.match(readFileSync(join(directory, 'complaints'), 'utf8'), /nonsense/);
});
