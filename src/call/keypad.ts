import type { Clock, Timer } from '../kernel/clock.js';

/** Silence between two keys that ends the input when enough have come, ms. */
const INTER_DIGIT_MS = 3000;

/** Collects DTMF keys for one question: `maxDigits`, `#` or a rest ends the input. */
export class Keypad {
  readonly #clock: Clock;
  readonly #done: (digits: string) => void;
  #limits: { minDigits: number; maxDigits: number } | undefined;
  #digits = '';
  #timer: Timer | undefined;

  constructor(clock: Clock, done: (digits: string) => void) {
    this.#clock = clock;
    this.#done = done;
  }

  /** A new question: forgets what was keyed before. Undefined: keys are not taken. */
  expect(limits: { minDigits: number; maxDigits: number } | undefined): void {
    this.#timer?.cancel();
    this.#limits = limits;
    this.#digits = '';
  }

  /** True if the key belongs to the question. */
  press(key: string): boolean {
    if (this.#limits === undefined) return false;
    this.#timer?.cancel();
    if (key === '#') {
      this.#finish();
      return true;
    }
    this.#digits += key;
    if (this.#digits.length >= this.#limits.maxDigits) this.#finish();
    else this.#timer = this.#clock.after(INTER_DIGIT_MS, () => this.#finish(), { keepAlive: false });
    return true;
  }

  close(): void {
    this.expect(undefined);
  }

  #finish(): void {
    const digits = this.#digits;
    this.expect(undefined);
    this.#done(digits);
  }
}
