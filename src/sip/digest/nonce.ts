/**
 * Nonces that need no memory until they are used: time and chance, sealed for one source
 * and realm by HMAC (RFC 7616 3.3 suggests as much). What was used is remembered, so that
 * no `nc` counts twice; the memory is bounded, and forgets by making old nonces stale.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { hex, type Random } from '../../kernel/random.js';

export type NonceState = 'good' | 'expired' | 'foreign' | 'replayed';

export interface NonceOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Validity, ms. */
  readonly validMs: number;
  /** Nonces remembered at once. */
  readonly maxUsed: number;
}

/** Requests may overtake each other by so many counts. */
const WINDOW = 64;
const FORM = /^([0-9a-z]{1,11})-([0-9a-f]{16})-([0-9a-f]{32})$/;

interface Used {
  readonly issuedAt: number;
  highest: number;
  /** Bit n: `highest - n` was seen. */
  seen: bigint;
}

export class Nonces {
  readonly #options: NonceOptions;
  readonly #key: Uint8Array;
  readonly #used = new Map<string, Used>();
  /** Nonces issued until then are stale: their memory had to go, on the monotonic clock. */
  #floor = -1;

  constructor(options: NonceOptions) {
    this.#options = options;
    this.#key = options.random.bytes(32);
  }

  /** `binding`: whom it is for, e.g. source and realm. */
  issue(binding: string): string {
    const time = Math.floor(this.#options.clock.monotonic()).toString(36);
    const chance = hex(this.#options.random, 8);
    return `${time}-${chance}-${this.#seal(time, chance, binding)}`;
  }

  /** Takes `count` (`nc`) of a nonce whose response was right. */
  use(nonce: string, binding: string, count: number): NonceState {
    const [, time = '', chance = '', seal = ''] = FORM.exec(nonce) ?? [];
    const expected = this.#seal(time, chance, binding);
    if (seal.length !== expected.length || !timingSafeEqual(Buffer.from(seal), Buffer.from(expected))) return 'foreign';
    const issuedAt = parseInt(time, 36);
    const now = this.#options.clock.monotonic();
    if (issuedAt <= this.#floor || now - issuedAt > this.#options.validMs) return 'expired';
    return this.#count(nonce, issuedAt, count) ? 'good' : 'replayed';
  }

  #count(nonce: string, issuedAt: number, count: number): boolean {
    const used = this.#used.get(nonce);
    if (used === undefined) {
      this.#makeRoom();
      this.#used.set(nonce, { issuedAt, highest: count, seen: 1n });
      return true;
    }
    const ahead = count - used.highest;
    if (ahead > 0) {
      used.seen = ahead >= WINDOW ? 1n : ((used.seen << BigInt(ahead)) | 1n) & ((1n << BigInt(WINDOW)) - 1n);
      used.highest = count;
      return true;
    }
    if (-ahead >= WINDOW) return false;
    const bit = 1n << BigInt(-ahead);
    if ((used.seen & bit) !== 0n) return false;
    used.seen |= bit;
    return true;
  }

  #makeRoom(): void {
    const now = this.#options.clock.monotonic();
    if (this.#used.size < this.#options.maxUsed) return;
    for (const [nonce, { issuedAt }] of this.#used) if (now - issuedAt > this.#options.validMs) this.#used.delete(nonce);
    for (const [nonce, { issuedAt }] of this.#used) {
      if (this.#used.size < this.#options.maxUsed) return;
      this.#used.delete(nonce);
      this.#floor = Math.max(this.#floor, issuedAt);
    }
  }

  #seal(time: string, chance: string, binding: string): string {
    return createHmac('sha256', this.#key).update(`${time}\n${chance}\n${binding}`).digest('hex').slice(0, 32);
  }
}
