import { createHash, createHmac } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TrunklineError } from '../kernel/errors.js';
import { readingsOf } from '../kernel/number-of.js';
import type { Random } from '../kernel/random.js';

/**
 * Numbers and contacts as the rules remember them: a hash with a key of this
 * installation. It finds somebody who comes again, also after their number was erased,
 * and tells nobody who has no key who it was.
 */
export interface Subjects {
  /** Of a destination: that of its number, however it is written, or of a SIP URI that names none. */
  number(destination: string): string;
  /** Every subject under which a no to this destination may stand, its own first. */
  readings(destination: string): readonly [string, ...string[]];
  contact(contactId: string): string;
  /** Tells one key from another, and nothing else of it. */
  readonly fingerprint: string;
}

export function createSubjects(key: Uint8Array): Subjects {
  const hash = (text: string): string => createHmac('sha256', key).update(text).digest('hex');
  const numberHash = (reading: string): string => hash(`number:${reading}`);
  return {
    number: (destination) => numberHash(readingsOf(destination)[0]),
    readings(destination) {
      const [own, ...others] = readingsOf(destination);
      return [numberHash(own), ...others.map(numberHash)];
    },
    contact: (contactId) => hash(`contact:${contactId}`),
    fingerprint: createHash('sha256').update(key).digest('hex').slice(0, 16),
  };
}

const KEY_BYTES = 32;

/** The key in its file, made if there is none; for its owner only. TRK_CONFIG_INVALID. */
export function openSubjects(path: string, random: Random): Subjects {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Two nodes that start at once on one folder: the second finds the key of the first.
    writeFileSync(path, `${Buffer.from(random.bytes(KEY_BYTES)).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  chmodSync(path, 0o600);
  const text = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text)) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'this is no file of 32 bytes in hex' }, field: 'rules.subject_key_file' });
  return createSubjects(Buffer.from(text, 'hex'));
}
