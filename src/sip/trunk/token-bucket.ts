import type { Clock } from '../../kernel/clock.js';

/** Calls per second, with at most one second's worth at once. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #size: number;
  #tokens: number;
  #at: number;

  /** `rate` a second; 0 is no limit. */
  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
    this.#size = Math.max(1, rate);
    this.#tokens = this.#size;
    this.#at = clock.monotonic();
  }

  get empty(): boolean {
    if (this.#rate === 0) return false;
    this.#refill();
    // Rounding must not hold a call for one more look at the clock.
    return this.#tokens < 1 - 1e-9;
  }

  /** False, and nothing taken, if there is none. */
  take(): boolean {
    if (this.empty) return false;
    if (this.#rate > 0) this.#tokens -= 1;
    return true;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#size, this.#tokens + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
  }
}
