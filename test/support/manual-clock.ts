import type { Clock, Timer } from '../../src/kernel/clock.js';

interface Waiting {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * A clock that stands still until the test moves it. Timers run in the order of
 * their time, those of the same time in the order in which they were set, and
 * while one runs, `monotonic()` is exactly the time it was set for.
 *
 * All times are milliseconds.
 */
export class ManualClock implements Clock {
  readonly #epoch: number;
  readonly #waiting = new Set<Waiting>();
  #time = 0;
  #order = 0;

  /** `epoch` is what `now()` says at the start. */
  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#epoch + this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#waiting.size;
  }

  after(ms: number, fn: () => void, _options?: { keepAlive?: boolean }): Timer {
    const waiting: Waiting = { at: this.#time + Math.max(0, ms), order: this.#order++, run: fn };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  /** Moves time forward by `ms`, running every timer that falls due on the way, new ones included. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (let next = this.#due(end); next; next = this.#due(end)) this.#fire(next);
    this.#time = end;
  }

  /**
   * Like `advance`, but lets promises and I/O callbacks settle before the first timer,
   * after each one, and at the end, so that what a timer starts can set the next timer.
   */
  async run(ms: number): Promise<void> {
    const end = this.#time + ms;
    await settled();
    for (let next = this.#due(end); next; next = this.#due(end)) {
      this.#fire(next);
      await settled();
    }
    this.#time = end;
    await settled();
  }

  #due(end: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.at > end) continue;
      if (!first || waiting.at < first.at || (waiting.at === first.at && waiting.order < first.order)) first = waiting;
    }
    return first;
  }

  #fire(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    this.#time = Math.max(this.#time, waiting.at);
    waiting.run();
  }
}

/** Resolves when the promises that are ready now have run, and what they put off to the end of this turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
