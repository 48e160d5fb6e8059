import type { Clock } from './clock.js';
import type { Random } from './random.js';

/** Crockford base 32: no I, L, O, U, so an id can be read out on the phone. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export type IdPrefix =
  | 'flow'
  | 'task'
  | 'att'
  | 'call'
  | 'res'
  | 'evt'
  | 'key'
  | 'trunk'
  | 'rec'
  | 'node'
  | 'con'
  | 'aud'
  | 'imp'
  | 'era'
  | 'req'
  | 'hook'
  | 'obx'
  | 'sup'
  | 'turn'
  | 'camp';

/**
 * A sortable id: prefix, 48 bits of ms time and 80 random bits (ULID layout),
 * e.g. `task_01HZX3V8Q0B2M5K7R9T1W4Y6AC`.
 */
export function newId(prefix: IdPrefix, clock: Clock, random: Random): string {
  let time = clock.now();
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = ALPHABET[time % 32]! + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (const byte of random.bytes(16)) tail += ALPHABET[byte & 31]!;
  return `${prefix}_${head}${tail}`;
}

const ID = /^[a-z]+_[0-9A-HJKMNP-TV-Z]{26}$/;

export function isId(prefix: IdPrefix, value: string): boolean {
  return value.startsWith(`${prefix}_`) && ID.test(value);
}
