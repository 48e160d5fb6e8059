import type { SparseVector } from './features.js';

export interface Example {
  readonly vector: SparseVector;
  readonly label: number;
  /** How much it counts; 1 is normal. */
  readonly weight: number;
}

const EPOCHS = 8;
const RATE = 0.35;
const DECAY = 2e-5;
/** The order of the examples is shuffled the same way on every machine. */
const SEED = 0x2545f491;

/**
 * Multinomial logistic regression, trained by AdaGrad on sparse vectors. Some
 * hundred phrases take well under a second; the same phrases give the same model.
 */
export class LogisticModel {
  private readonly weights: Float32Array;
  private readonly bias: Float32Array;

  private constructor(
    private readonly labels: number,
    features: number,
  ) {
    this.weights = new Float32Array(features * labels);
    this.bias = new Float32Array(labels);
  }

  static train(labels: number, features: number, examples: readonly Example[]): LogisticModel {
    const model = new LogisticModel(labels, features);
    const squares = new Float32Array(features * labels).fill(1e-3);
    const order = examples.map((_, at) => at);
    let state = SEED;
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      for (let at = order.length - 1; at > 0; at--) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        const other = (state >>> 0) % (at + 1);
        [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
      }
      for (const at of order) {
        const example = examples[at];
        if (example !== undefined) model.step(example, squares);
      }
    }
    return model;
  }

  /** One probability a label; they add up to 1. */
  probabilities(vector: SparseVector): Float32Array {
    const scores = Float32Array.from(this.bias);
    for (let at = 0; at < vector.index.length; at++) {
      const base = (vector.index[at] ?? 0) * this.labels;
      const value = vector.value[at] ?? 0;
      for (let label = 0; label < this.labels; label++) scores[label] = (scores[label] ?? 0) + value * (this.weights[base + label] ?? 0);
    }
    const top = scores.reduce((max, score) => Math.max(max, score), -Infinity);
    let sum = 0;
    for (let label = 0; label < this.labels; label++) sum += scores[label] = Math.exp((scores[label] ?? 0) - top);
    return scores.map((score) => score / sum);
  }

  private step(example: Example, squares: Float32Array): void {
    const gradient = this.probabilities(example.vector);
    gradient[example.label] = (gradient[example.label] ?? 0) - 1;
    const { index, value } = example.vector;
    for (let label = 0; label < this.labels; label++) {
      const slope = (gradient[label] ?? 0) * example.weight;
      this.bias[label] = (this.bias[label] ?? 0) - 0.02 * slope;
      // An example that is already told apart teaches nothing.
      if (Math.abs(slope) < 1e-2) continue;
      for (let at = 0; at < index.length; at++) {
        const cell = (index[at] ?? 0) * this.labels + label;
        const weight = this.weights[cell] ?? 0;
        const change = slope * (value[at] ?? 0) + DECAY * weight;
        const square = (squares[cell] ?? 0) + change * change;
        squares[cell] = square;
        this.weights[cell] = weight - (RATE * change) / Math.sqrt(square);
      }
    }
  }
}
