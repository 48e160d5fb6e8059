import { LogisticModel } from './logistic.js';
import type { Example, LogisticData } from './logistic.js';
import { sharedRows } from './shared-rows.js';

/** Turns text into vectors of length 1, near for near meanings. Slow (ms), so it lives in a thread. */
export interface Embedder {
  /** Of one thing that a caller said. */
  embed(text: string): Promise<Float32Array>;
  /** Of many, in their order, when nobody waits for them. */
  embedAll(texts: readonly string[]): Promise<readonly Float32Array[]>;
}

/** Knowledge of sentence vectors as it crosses from the thread that trained it. */
export interface MeaningData {
  readonly model: LogisticData;
  /** Vectors of the phrases, one after the other, in steps of 1/127. */
  readonly phrases: Int8Array;
  /** Label and weight of each. */
  readonly labels: Uint16Array;
  readonly weights: Float32Array;
}

export interface MeaningExample {
  readonly vector: Float32Array;
  readonly label: number;
  readonly weight: number;
}

/** How fast a phrase loses its say with distance: at a cosine of 0.8 it has 3 % of that of an equal one. */
const SHARPNESS = 18;
const TRAINING = { epochs: 8, rate: 0.5, decay: 1e-5 } as const;
/** So many phrases of other intents teach what divides the labels; all of them are among the neighbours. */
const ENOUGH_OTHERS = 700;
/** Nothing that was taught is near: cosine from which an utterance counts as known. */
const NEAR = 0.55;

export interface MeaningGuess {
  /** By logistic regression: what divides the labels. */
  readonly divided: Float32Array;
  /** By the phrases around it: a label may have many islands. */
  readonly nearby: Float32Array;
  /** 0 to 1: how near the nearest phrase is. */
  readonly familiar: number;
}

/** Two opinions on sentence vectors; they err in different ways. */
export class MeaningModel {
  private readonly size: number;
  private readonly every: Int32Array;
  private readonly model: LogisticModel;
  private readonly labels: Uint16Array;
  private readonly weights: Float32Array;
  /** Places of the vectors among those that all models share, or -1: then it is the next one of `own`. */
  private readonly places: Int32Array;
  private readonly own: Int8Array;

  private constructor(data: MeaningData) {
    this.labels = data.labels.slice();
    this.weights = data.weights.slice();
    this.size = data.phrases.length / Math.max(1, data.labels.length);
    this.every = Int32Array.from({ length: this.size }, (_, at) => at);
    this.model = LogisticModel.restore(data.model);
    this.places = sharedRows(this.size).place(data.phrases);
    const alone = [...this.places.keys()].filter((row) => this.places[row]! < 0);
    this.own = new Int8Array(alone.length * this.size);
    alone.forEach((row, at) => this.own.set(data.phrases.subarray(row * this.size, (row + 1) * this.size), at * this.size));
  }

  static train(labelCount: number, examples: readonly MeaningExample[]): MeaningData {
    const size = examples[0]?.vector.length ?? 0;
    const every = Int32Array.from({ length: size }, (_, at) => at);
    const others = examples.filter(({ label }) => label === 0).length;
    const step = Math.max(1, Math.round(others / ENOUGH_OTHERS));
    const dense: Example[] = examples
      .filter(({ label }, at) => label !== 0 || at % step === 0)
      .map(({ vector, label, weight }) => ({ vector: { index: every, value: vector, known: 1 }, label, weight }));
    const phrases = new Int8Array(size * examples.length);
    examples.forEach(({ vector }, row) => vector.forEach((value, at) => (phrases[row * size + at] = Math.round(127 * value))));
    const data: MeaningData = {
      model: LogisticModel.train(labelCount, size, dense, TRAINING).data(),
      phrases,
      labels: Uint16Array.from(examples, ({ label }) => label),
      weights: Float32Array.from(examples, ({ weight }) => weight),
    };
    return data;
  }

  static restore(data: MeaningData): MeaningModel {
    return new MeaningModel(data);
  }

  guess(vector: Float32Array): MeaningGuess {
    const { labels, weights, places, size } = this;
    const shared = sharedRows(size).rows;
    // Whole numbers on both sides: some thousand phrases are compared, in half the time that fractions take.
    const wanted = Int8Array.from(vector, (value) => Math.round(127 * value));
    const nearby = new Float32Array(this.model.labels);
    let nearest = 0;
    let next = 0;
    for (let row = 0; row < labels.length; row++) {
      const place = places[row]!;
      const vectors = place < 0 ? this.own : shared;
      const from = (place < 0 ? next++ : place) * size;
      let product = 0;
      for (let at = 0; at < size; at++) product = (product + Math.imul(vectors[from + at]!, wanted[at]!)) | 0;
      const cosine = product / (127 * 127);
      if (cosine > nearest) nearest = cosine;
      const label = labels[row] ?? 0;
      nearby[label] = (nearby[label] ?? 0) + (weights[row] ?? 0) * Math.exp(SHARPNESS * (cosine - 1));
    }
    const sum = nearby.reduce((total, value) => total + value, 1e-12);
    return {
      divided: this.model.probabilities({ index: this.every, value: vector, known: 1 }),
      nearby: nearby.map((value) => value / sum),
      familiar: Math.min(1, nearest / NEAR),
    };
  }
}
