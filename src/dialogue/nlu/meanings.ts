import { delay } from '../../kernel/clock.js';
import type { Clock } from '../../kernel/clock.js';
import type { Embedder } from './meaning.js';
import { normaliserOf } from './normalise.js';

/** A caller waits no longer for a better understanding; usually it takes 2 to 5 ms. */
const DEADLINE_MS = 60;
/** Callers say the same things. */
const KEPT = 500;
/** Nobody means more than that in one turn. */
const LONGEST = 1_000;

/** Vectors of what callers of one flow said, looked up ahead of the decision. */
export class Meanings {
  readonly #embedder: Embedder | undefined;
  readonly #clock: Clock;
  readonly #normalise: (text: string) => string;
  readonly #known = new Map<string, Float32Array>();

  constructor(embedder: Embedder | undefined, language: string, clock: Clock) {
    this.#embedder = embedder;
    this.#clock = clock;
    this.#normalise = normaliserOf(language);
  }

  /** Resolves when the vector is there, could not be had, or is too late; undefined if there is nothing to wait for. Never rejects. */
  prepare(text: string): Promise<void> | undefined {
    const key = this.#keyOf(text);
    if (this.#embedder === undefined || key === '' || this.#known.has(key)) return undefined;
    return this.#lookUp(this.#embedder, key);
  }

  async #lookUp(embedder: Embedder, key: string): Promise<void> {
    const over = new AbortController();
    const found = embedder.embed(key).then((vector) => this.#keep(key, vector), () => undefined);
    await Promise.race([found, delay(this.#clock, DEADLINE_MS, over.signal).catch(() => undefined)]);
    over.abort(new Error('over'));
  }

  get(text: string): Float32Array | undefined {
    return this.#known.get(this.#keyOf(text));
  }

  /** Models are trained on normalised phrases. */
  #keyOf(text: string): string {
    return this.#normalise(text.slice(0, LONGEST));
  }

  #keep(key: string, vector: Float32Array): void {
    this.#known.set(key, vector);
    const oldest = this.#known.keys().next();
    if (this.#known.size > KEPT && oldest.done !== true) this.#known.delete(oldest.value);
  }
}
