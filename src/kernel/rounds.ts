import { delay } from './clock.js';
import type { Clock } from './clock.js';

/** Work that comes in rounds, one after the other with a nap in between, until it is stopped. */
export class Rounds {
  readonly #clock: Clock;
  readonly #round: (signal: AbortSignal) => Promise<number>;
  readonly #stopped = new AbortController();
  #wake = new AbortController();
  #loop: Promise<void> | undefined;

  /** `round` never rejects, and answers how long the nap after it may be, ms. Its signal is aborted when it shall end. */
  constructor(clock: Clock, round: (signal: AbortSignal) => Promise<number>) {
    this.#clock = clock;
    this.#round = round;
  }

  /** Aborted by `stop`. */
  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** There is something to do: ends the nap, or has another round follow the one that runs. */
  wake(): void {
    this.#wake.abort(new Error('woken'));
  }

  /** Resolves when the last round has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('closed'));
    this.wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const woken = (this.#wake = new AbortController());
      const napMs = await this.#round(signal);
      if (!signal.aborted) await delay(this.#clock, napMs, woken.signal).catch(() => undefined);
    }
  }
}
