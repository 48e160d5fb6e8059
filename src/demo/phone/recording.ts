/** Both sides of a call at 8 kHz, on one time line. Grows to a limit, then keeps what it has. */
export class Recording {
  readonly #limit: number;
  #samples = new Int16Array(8000 * 8);
  #length = 0;

  constructor(limitMs: number) {
    this.#limit = limitMs * 8;
  }

  /** Lays `samples` down at a moment on the time line, ms. */
  put(atMs: number, samples: Int16Array): void {
    const start = Math.max(0, Math.round(atMs * 8));
    const end = start + samples.length;
    if (end > this.#limit) return;
    if (end > this.#samples.length) {
      const larger = new Int16Array(Math.min(this.#limit, Math.max(end, this.#samples.length * 2)));
      larger.set(this.#samples.subarray(0, this.#length));
      this.#samples = larger;
    }
    this.#samples.set(samples, start);
    this.#length = Math.max(this.#length, end);
  }

  take(): Int16Array {
    return this.#samples.slice(0, this.#length);
  }
}
