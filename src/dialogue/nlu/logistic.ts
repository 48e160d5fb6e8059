import type { SparseVector } from './features.js';

export interface Example {
  readonly vector: SparseVector;
  readonly label: number;
  /** How much it counts; 1 is normal. */
  readonly weight: number;
}

/** A model as it crosses from the thread that trained it. */
export interface LogisticData {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export interface Training {
  readonly epochs: number;
  readonly rate: number;
  readonly decay: number;
}

const SPARSE: Training = { epochs: 8, rate: 0.35, decay: 2e-5 };
/** The order of the examples is shuffled the same way on every machine. */
const SEED = 0x2545f491;

/**
 * Multinomial logistic regression, trained by AdaGrad on sparse vectors. Some
 * hundred phrases take well under a second; the same phrases give the same model.
 */
export class LogisticModel {
  readonly labels: number;

  /** `weights`: for each feature one weight a label. */
  private constructor(
    private readonly weights: Float32Array,
    private readonly bias: Float32Array,
  ) {
    this.labels = bias.length;
  }

  static restore(data: LogisticData): LogisticModel {
    return new LogisticModel(data.weights.slice(), data.bias.slice());
  }

  data(): LogisticData {
    return { weights: this.weights, bias: this.bias };
  }

  static train(labels: number, features: number, examples: readonly Example[], how: Training = SPARSE): LogisticModel {
    const model = new LogisticModel(new Float32Array(features * labels), new Float32Array(labels));
    const squares = new Float32Array(features * labels).fill(1e-3);
    const order = examples.map((_, at) => at);
    let state = SEED;
    for (let epoch = 0; epoch < how.epochs; epoch++) {
      for (let at = order.length - 1; at > 0; at--) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        const other = (state >>> 0) % (at + 1);
        [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
      }
      for (const at of order) {
        const example = examples[at];
        if (example !== undefined) model.step(example, squares, how);
      }
    }
    return model;
  }

  /** One probability a label; they add up to 1. */
  probabilities(vector: SparseVector): Float32Array {
    const { labels, weights } = this;
    const { index, value } = vector;
    const scores = Float32Array.from(this.bias);
    for (let at = 0; at < index.length; at++) {
      const base = index[at]! * labels;
      const amount = value[at]!;
      for (let label = 0; label < labels; label++) scores[label]! += amount * weights[base + label]!;
    }
    let top = -Infinity;
    for (let label = 0; label < labels; label++) if (scores[label]! > top) top = scores[label]!;
    let sum = 0;
    for (let label = 0; label < labels; label++) sum += scores[label] = Math.exp(scores[label]! - top);
    for (let label = 0; label < labels; label++) scores[label]! /= sum;
    return scores;
  }

  private step(example: Example, squares: Float32Array, { rate, decay }: Training): void {
    const { labels, weights } = this;
    const gradient = this.probabilities(example.vector);
    gradient[example.label]! -= 1;
    const { index, value } = example.vector;
    const active: number[] = [];
    for (let label = 0; label < labels; label++) {
      const slope = gradient[label]! * example.weight;
      gradient[label] = slope;
      this.bias[label]! -= 0.02 * slope;
      // An example that is already told apart teaches nothing.
      if (Math.abs(slope) >= 1e-2) active.push(label);
    }
    for (const label of active) {
      const slope = gradient[label]!;
      for (let at = 0; at < index.length; at++) {
        const cell = index[at]! * labels + label;
        const weight = weights[cell]!;
        const change = slope * value[at]! + decay * weight;
        const square = squares[cell]! + change * change;
        squares[cell] = square;
        weights[cell] = weight - (rate * change) / Math.sqrt(square);
      }
    }
  }
}
