import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../kernel/clock.js';

/** Work of this long is done in one turn of the event loop, ms: audio and signalling wait for it. */
const AT_ONCE_MS = 20;

/**
 * SQLite works on the thread of the calls, so that awaiting it lets nothing else run: whoever
 * asks the store for one thing after the other holds up everything, unless the event loop
 * turns in between. It does before the next thing is begun, never within a transaction.
 */
export class Turns {
  readonly #clock: Clock;
  /** Of the store in this turn, ms; undefined: none yet. */
  #worked: number | undefined;
  #turn: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does a piece of work, now or in the next turn. Those who wait go on in the order in which they came. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#turn === undefined && (this.#worked ?? 0) > AT_ONCE_MS) this.#turn = nextTurn().then(() => (this.#turn = undefined));
    if (this.#turn !== undefined) await this.#turn;
    const began = this.#clock.monotonic();
    try {
      return await work();
    } finally {
      if (this.#worked === undefined) setImmediate(() => (this.#worked = undefined));
      this.#worked = (this.#worked ?? 0) + this.#clock.monotonic() - began;
    }
  }
}
