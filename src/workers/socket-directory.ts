import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** sun_path of Linux has 108 bytes with its end mark; the rest is for `/mouth-12-12345.sock`. */
const LONGEST_DIRECTORY = 80;

/** A new directory that only this user can enter (mkdtemp makes it 0700), short enough for socket names. */
export async function makeSocketDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const base = tmpdir().length + '/trunkline-XXXXXX'.length > LONGEST_DIRECTORY ? '/tmp' : tmpdir();
  const path = await mkdtemp(join(base, 'trunkline-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
