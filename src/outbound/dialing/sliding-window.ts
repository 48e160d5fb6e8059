/** More samples push the oldest out: a bound on memory and on the time of a look. */
const MAX_SAMPLES = 512;

/** Numbers of the last stretch of time. Times are monotonic ms, given by the caller. */
export class SlidingWindow {
  readonly #spanMs: number;
  #samples: { readonly at: number; readonly value: number }[] = [];

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  add(now: number, value: number): void {
    this.#samples.push({ at: now, value });
    if (this.#samples.length > 2 * MAX_SAMPLES) this.#samples = this.#samples.slice(-MAX_SAMPLES);
  }

  count(now: number): number {
    return this.#present(now).length;
  }

  /** 0 without samples. */
  mean(now: number): number {
    const values = this.#present(now);
    return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  /** Nearest rank; 0 without samples. `part`: 0.95. */
  percentile(now: number, part: number): number {
    const values = this.#present(now).sort((a, b) => a - b);
    return values[Math.max(0, Math.ceil(values.length * part) - 1)] ?? 0;
  }

  #present(now: number): number[] {
    const kept = this.#samples.filter(({ at }) => at > now - this.#spanMs);
    this.#samples = kept;
    return kept.slice(-MAX_SAMPLES).map(({ value }) => value);
  }
}
