import type { Clock } from '../../../kernel/clock.js';

export interface SourceLimits {
  /** Messages a second; 0 is no limit. */
  readonly perSecond: number;
  /** Messages at once. */
  readonly burst: number;
  /** Sources that are remembered; the one that was quiet for longest is forgotten first. */
  readonly maxSources: number;
}

/** Time in which failures are added up, ms. */
const FAILURE_WINDOW_MS = 60_000;

interface SourceState {
  tokens: number;
  filledAt: number;
  failures: number;
  failuresSince: number;
}

/** What each source may still send, and how often it failed. Its memory is bounded by `maxSources`. */
export class SourceTable {
  readonly #limits: SourceLimits;
  readonly #clock: Clock;
  /** In the order of their last use: the first is the next to go. */
  readonly #sources = new Map<string, SourceState>();

  constructor(limits: SourceLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get size(): number {
    return this.#sources.size;
  }

  /** False if the source has sent too much lately. */
  take(key: string): boolean {
    const { perSecond, burst } = this.#limits;
    if (perSecond === 0) return true;
    const source = this.#touch(key);
    const now = this.#clock.monotonic();
    source.tokens = Math.min(Math.max(burst, 1), source.tokens + ((now - source.filledAt) / 1_000) * perSecond);
    source.filledAt = now;
    // Rounding must not cost a message.
    if (source.tokens < 1 - 1e-9) return false;
    source.tokens -= 1;
    return true;
  }

  /** Failures within the last minute, this one included. */
  fail(key: string): number {
    const source = this.#touch(key);
    const now = this.#clock.monotonic();
    if (now - source.failuresSince >= FAILURE_WINDOW_MS) {
      source.failures = 0;
      source.failuresSince = now;
    }
    source.failures += 1;
    return source.failures;
  }

  forget(key: string): void {
    this.#sources.delete(key);
  }

  #touch(key: string): SourceState {
    const known = this.#sources.get(key);
    if (known !== undefined) {
      this.#sources.delete(key);
      this.#sources.set(key, known);
      return known;
    }
    if (this.#sources.size >= this.#limits.maxSources) {
      const oldest = this.#sources.keys().next();
      if (!oldest.done) this.#sources.delete(oldest.value);
    }
    const now = this.#clock.monotonic();
    const fresh = { tokens: Math.max(this.#limits.burst, 1), filledAt: now, failures: 0, failuresSince: now };
    this.#sources.set(key, fresh);
    return fresh;
  }
}
