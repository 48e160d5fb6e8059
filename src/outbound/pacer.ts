/** How far dialling may catch up after a late timer, ms; longer pauses are not made up for. */
const CATCH_UP_MS = 50;

/**
 * A token bucket that lets calls go evenly: at 10 a second one each 100 ms, never ten
 * at once. Times are monotonic ms, given by the caller.
 */
export class Pacer {
  readonly #intervalMs: number;
  readonly #slackMs: number;
  #nextAt = -Infinity;

  constructor(perSecond: number) {
    this.#intervalMs = 1_000 / perSecond;
    // Timers come a few ms late; without slack a high rate would never be reached.
    this.#slackMs = Math.max(0, CATCH_UP_MS - this.#intervalMs);
  }

  /** Ms until the next call may go; 0 is now. */
  waitMs(now: number): number {
    return Math.max(0, this.#nextAt - now);
  }

  /** A call goes now. */
  take(now: number): void {
    this.#nextAt = Math.max(this.#nextAt, now - this.#slackMs) + this.#intervalMs;
  }
}
