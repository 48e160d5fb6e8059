/**
 * Cuts a stream of text at the first of the stop strings. What might be the
 * beginning of one is held back until it is clear.
 */
export class StopFilter {
  readonly #stops: readonly string[];
  #held = '';
  #found: string | undefined;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** A stop string was found; nothing more comes out. */
  get stopped(): boolean {
    return this.#found !== undefined;
  }

  /** Which one. */
  get found(): string | undefined {
    return this.#found;
  }

  push(text: string): string {
    if (this.stopped) return '';
    this.#held += text;
    let cut = -1;
    for (const stop of this.#stops) {
      const at = this.#held.indexOf(stop);
      if (at < 0 || (cut >= 0 && at >= cut)) continue;
      cut = at;
      this.#found = stop;
    }
    if (cut >= 0) {
      const out = this.#held.slice(0, cut);
      this.#held = '';
      return out;
    }
    const keep = Math.max(0, ...this.#stops.map((stop) => overlap(this.#held, stop)));
    const out = this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(this.#held.length - keep);
    return out;
  }

  /** The end came without a stop string. */
  flush(): string {
    const out = this.#held;
    this.#held = '';
    return out;
  }
}

/** Length of the longest end of `text` that begins `stop`. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
