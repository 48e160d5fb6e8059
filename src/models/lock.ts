import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../kernel/clock.js';
import { delay } from '../kernel/clock.js';
import { isAlive } from '../kernel/is-alive.js';
import { hex } from '../kernel/random.js';
import type { Random } from '../kernel/random.js';

const POLL_MS = 250;

/**
 * One pull at a time in a cache: holds `<directory>/.lock`, a file with the
 * holder's process id. The lock of a dead process is taken over.
 */
export async function withLock<T>(
  directory: string,
  tools: { readonly clock: Clock; readonly random: Random; readonly onWait: () => void; readonly signal?: AbortSignal },
  action: () => Promise<T>,
): Promise<T> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, '.lock');
  let told = false;
  while (!(await take(path))) {
    if (await evictDead(path, tools.random)) continue;
    if (!told) tools.onWait();
    told = true;
    await delay(tools.clock, POLL_MS, tools.signal);
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx');
    await handle.writeFile(`${process.pid}\n`);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function evictDead(path: string, random: Random): Promise<boolean> {
  const holder = await readFile(path, 'utf8').catch(() => undefined);
  if (holder === undefined) return true;
  // An empty file is a lock in the moment of its making.
  if (holder.trim() === '' || isAlive(Number(holder))) return false;
  const aside = `${path}.${hex(random, 6)}`;
  await rename(path, aside).catch(() => undefined);
  // Two may have seen the same dead holder; the slower one moved a living lock away, so it goes back.
  const moved = await readFile(aside, 'utf8').catch(() => holder);
  if (moved !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return true;
}
