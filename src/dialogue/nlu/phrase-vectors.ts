import type { Clock } from '../../kernel/clock.js';
import type { TrainingSet } from './intent-model.js';
import { readTrained, writeTrained } from './trained-files.js';

/** Of the universal library above all, which every model shares. */
const MAX_VECTORS = 20_000;
/** Worth a new file; a flow has about a hundred phrases of its own. */
const MANY = 500;

/** Sentence vectors of phrases by their text; those of the library are computed once and then kept in a file. */
export class PhraseVectors {
  readonly #file: string | undefined;
  readonly #vectors: Map<string, Float32Array>;
  #unsaved = 0;

  constructor(file: string | undefined, clock: Clock) {
    this.#file = file;
    const kept = file === undefined ? undefined : readTrained(file, clock);
    this.#vectors = kept instanceof Map ? (kept as Map<string, Float32Array>) : new Map<string, Float32Array>();
  }

  missing(set: TrainingSet): string[] {
    return [...new Set(set.phrases.map(({ text }) => text))].filter((text) => !this.#vectors.has(text));
  }

  add(texts: readonly string[], vectors: readonly Float32Array[]): void {
    if (this.#vectors.size > MAX_VECTORS) this.#vectors.clear();
    texts.forEach((text, at) => vectors[at] !== undefined && this.#vectors.set(text, vectors[at].slice()));
    this.#unsaved += texts.length;
    if (this.#file === undefined || this.#unsaved < MANY) return;
    this.#unsaved = 0;
    writeTrained(this.#file, this.#vectors);
  }

  into(set: TrainingSet): TrainingSet {
    return { ...set, phrases: set.phrases.map((phrase) => ({ ...phrase, vector: this.#vectors.get(phrase.text) })) };
  }
}
