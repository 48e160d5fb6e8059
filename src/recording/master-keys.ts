import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { TrunklineError } from '../kernel/errors.js';
import type { Random } from '../kernel/random.js';
import { KEY_BYTES, keyIdOf } from './sealed-format.js';

/** The keys that the keys of recordings are sealed with: the first for new ones, all for reading. */
export interface MasterKeys {
  readonly current: Uint8Array;
  find(keyId: string): Uint8Array | undefined;
}

const LINE = /^[A-Za-z0-9+/]{43}=$/;

/**
 * One key a line, base64 of 32 bytes; lines with `#` are notes. A new key is put on top, old
 * ones stay as long as recordings of theirs do. A file that is not there is made, for its owner
 * only. TRK_CONFIG_UNREADABLE, TRK_CONFIG_INVALID, both with `field`.
 */
export function loadMasterKeys(path: string, random: Random, field: string): MasterKeys {
  const keys = readOrMake(path, random, field)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, index) => {
      if (!LINE.test(line)) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `key ${index + 1} of ${field} is not base64 of ${KEY_BYTES} bytes` }, field });
      return new Uint8Array(Buffer.from(line, 'base64'));
    });
  const [current] = keys;
  if (current === undefined) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `${field} holds no key` }, field });
  const byId = new Map(keys.map((key) => [keyIdOf(key), key]));
  return { current, find: (keyId) => byId.get(keyId) };
}

function readOrMake(path: string, random: Random, field: string): string {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, `# Recordings cannot be read without this file: keep a copy elsewhere.\n${Buffer.from(random.bytes(KEY_BYTES)).toString('base64')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unreadable(error, field);
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(error, field);
  }
}

function unreadable(error: unknown, field: string): TrunklineError {
  return new TrunklineError('TRK_CONFIG_UNREADABLE', { params: { reason: (error as Error).message }, field, cause: error });
}
