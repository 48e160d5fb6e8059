import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hex } from '../kernel/random.js';
import type { Random } from '../kernel/random.js';

/** A file that was made whole. */
export async function exists(file: string): Promise<boolean> {
  return stat(file).then((found) => found.isFile() && found.size > 0, () => false);
}

/** Whole or not at all: a crash while writing leaves no half model under the final name. */
export async function writeAtomically(file: string, bytes: Uint8Array, random: Random): Promise<void> {
  const partial = `${file}.${hex(random, 6)}.part`;
  await mkdir(dirname(file), { recursive: true });
  try {
    const handle = await open(partial, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
