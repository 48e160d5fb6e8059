import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrunklineError } from '../kernel/errors.js';
import type { Random } from '../kernel/random.js';

const FILE = 'folder.ids';
const LINE = /^[0-9a-f]{16}$/;

/**
 * By what ids other servers on the same store know a folder of recordings. They lie in
 * it, so that servers that share a folder agree on them, whatever its path is: the first is
 * written down with new recordings, all of them say which ones are here.
 */
export interface RecordingFolder {
  readonly id: string;
  readonly ids: readonly string[];
}

/** The ids in `dir`, made if there are none; a line for each folder whose files were moved into this one. TRK_CONFIG_INVALID. */
export function openRecordingFolder(dir: string, random: Random): RecordingFolder {
  const path = join(dir, FILE);
  if (!existsSync(path)) make(path, Buffer.from(random.bytes(8)).toString('hex'));
  const ids = readFileSync(path, 'utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const [id] = ids;
  if (id === undefined || !ids.every((one) => LINE.test(one))) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `recordings/${FILE} holds no ids, of 16 hex digits, one a line` }, field: 'data_dir' });
  return { id, ids };
}

/** Whole or not at all. Two servers that start at once on one folder: the second finds the id of the first. */
function make(path: string, id: string): void {
  const own = `${path}.${id}`;
  try {
    writeFileSync(own, `${id}\n`, { mode: 0o600, flush: true });
    linkSync(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
}
