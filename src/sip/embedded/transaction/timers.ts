import type { Clock, Timer } from '../../../kernel/clock.js';

/** RFC 3261 17.1.1.1 and table 4, ms. */
export const T1 = 500;
export const T2 = 4_000;
export const T4 = 5_000;
/** 64*T1: timers B, F, H, J, L, M, and D on UDP (at least 32 s). */
export const TIMEOUT = 64 * T1;

/** Names after RFC 3261 table 4 and RFC 6026 section 7; `cancel`: RFC 3261 9.1, last paragraph. */
export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'cancel';

/** The running timers of one transaction. */
export class TimerSet {
  readonly #clock: Clock;
  readonly #running = new Map<TimerName, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts or restarts; a time of 0 ms runs `fn` at once, because RFC 3261 says "immediately" for reliable transports. */
  set(name: TimerName, ms: number, fn: () => void): void {
    this.#running.get(name)?.cancel();
    this.#running.delete(name);
    if (ms === 0) return fn();
    const fire = (): void => {
      this.#running.delete(name);
      fn();
    };
    // Sockets keep the process alive, not the waiting for late repetitions.
    this.#running.set(name, this.#clock.after(ms, fire, { keepAlive: false }));
  }

  stop(name: TimerName): void {
    this.#running.get(name)?.cancel();
    this.#running.delete(name);
  }

  clear(): void {
    for (const timer of this.#running.values()) timer.cancel();
    this.#running.clear();
  }
}
