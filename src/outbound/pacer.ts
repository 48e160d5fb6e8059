/** A dialer that is as late as this makes up for it, ms, as timers and disks always are; longer pauses are not made up for. */
const CATCH_UP_MS = 100;

/**
 * A token bucket that lets calls go evenly: at 10 a second one each 100 ms, never ten
 * at once. In any second at most a tenth more than the rate. Times are monotonic ms, given by the caller.
 */
export class Pacer {
  readonly #intervalMs: number;
  #nextAt = -Infinity;

  constructor(perSecond: number) {
    this.#intervalMs = 1_000 / perSecond;
  }

  /** Ms until the next call may go; 0 is now. */
  waitMs(now: number): number {
    return Math.max(0, this.#nextAt - now);
  }

  /** Calls that may go now, one after the other. */
  ready(now: number): number {
    const due = this.#due(now);
    return due > now ? 0 : Math.floor((now - due) / this.#intervalMs) + 1;
  }

  /** A call goes now. */
  take(now: number): void {
    this.#nextAt = this.#due(now) + this.#intervalMs;
  }

  /** When the next call was to go: each is counted from that, not from when it went, or every delay would slow the rate. */
  #due(now: number): number {
    return now - this.#nextAt > CATCH_UP_MS ? now : this.#nextAt;
  }
}
