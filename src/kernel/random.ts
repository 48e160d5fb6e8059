import { randomBytes } from 'node:crypto';

/** The only door to randomness; tests inject a seeded one. */
export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
}

export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
};

/** `length` bytes as lower-case hex. */
export function hex(random: Random, length: number): string {
  return Buffer.from(random.bytes(length)).toString('hex');
}

/** Uniform in [0, 1), 32 bits of resolution. */
export function fraction(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32BE(0) / 2 ** 32;
}
