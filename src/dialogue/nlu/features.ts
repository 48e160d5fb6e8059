import { ngramsZh } from './features-zh.js';
import { hash32, placeOf } from './hashes.js';
import { isChinese } from './normalise.js';

/** Sparse vector: feature numbers, rising, and their weights; of length 1 unless empty. */
export interface SparseVector {
  readonly index: Int32Array;
  readonly value: Float32Array;
  /** Share of the words (by weight) that training has seen, 0 to 1. */
  readonly known: number;
}

/** Words weigh more than letters: letters only repair what a recogniser misspelt. */
const LETTER_WEIGHT = 0.6;

/** Word 1- and 2-grams and character 1- to 4-grams inside words, of normalised text. */
function* ngrams(text: string): Generator<readonly [string, number]> {
  if (text === '') return;
  const words = text.split(' ');
  let before = '^';
  for (const word of words) {
    yield [`w ${word}`, 1];
    yield [`b ${before} ${word}`, 1];
    before = word;
    const padded = `<${word}>`;
    for (let length = 1; length <= 4; length++) {
      for (let at = 0; at + length <= padded.length; at++) yield [padded.slice(at, at + length), LETTER_WEIGHT];
    }
  }
  yield [`b ${before} $`, 1];
}

/** A vectoriser as it crosses from the thread that made it. */
export interface VectoriserData {
  /** Hashes of the n-grams, rising; the number of an n-gram is its place. A twentieth of what the n-grams themselves take. */
  readonly grams: Uint32Array;
  readonly idf: Float32Array;
  readonly language: string;
}

/** TF-IDF over n-grams. The vocabulary is what the training phrases have. */
export class Vectoriser {
  private constructor(
    private readonly grams: Uint32Array,
    private readonly idf: Float32Array,
    private readonly language: string,
  ) {
    this.gramsOf = isChinese(language) ? ngramsZh : ngrams;
  }

  private readonly gramsOf: (text: string) => Iterable<readonly [string, number]>;

  static of(phrases: readonly string[], language: string): Vectoriser {
    const gramsOf = isChinese(language) ? ngramsZh : ngrams;
    const counts = new Map<number, number>();
    for (const phrase of phrases) {
      const seen = new Set<number>();
      for (const [gram] of gramsOf(phrase)) seen.add(hash32(gram));
      for (const gram of seen) counts.set(gram, (counts.get(gram) ?? 0) + 1);
    }
    const grams = Uint32Array.from(counts.keys()).sort();
    return new Vectoriser(grams, Float32Array.from(grams, (gram) => Math.log((1 + phrases.length) / (1 + (counts.get(gram) ?? 0))) + 1), language);
  }

  static restore(data: VectoriserData): Vectoriser {
    return new Vectoriser(data.grams.slice(), data.idf.slice(), data.language);
  }

  data(): VectoriserData {
    return { grams: this.grams, idf: this.idf, language: this.language };
  }

  get size(): number {
    return this.idf.length;
  }

  vector(text: string): SparseVector {
    const weights = new Map<number, number>();
    let wordsAll = 0;
    let wordsKnown = 0;
    const rare = Math.log(1 + this.idf.length) + 1;
    for (const [gram, weight] of this.gramsOf(text)) {
      const id = placeOf(hash32(gram), this.grams);
      const isWord = gram.startsWith('w ');
      if (isWord) wordsAll += id < 0 ? Math.min(rare, 5) : (this.idf[id] ?? 0);
      if (id < 0) continue;
      if (isWord) wordsKnown += this.idf[id] ?? 0;
      weights.set(id, (weights.get(id) ?? 0) + weight);
    }
    const index = Int32Array.from(weights.keys()).sort();
    const value = new Float32Array(index.length);
    let square = 0;
    index.forEach((id, at) => {
      const weight = (1 + Math.log(Math.max(1, weights.get(id) ?? 0))) * Math.min(1, weights.get(id) ?? 0) * (this.idf[id] ?? 0);
      value[at] = weight;
      square += weight * weight;
    });
    const norm = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let at = 0; at < value.length; at++) value[at] = (value[at] ?? 0) * norm;
    return { index, value, known: wordsAll > 0 ? wordsKnown / wordsAll : 0 };
  }
}

/** Cosine, as both have length 1. */
export function similarity(left: SparseVector, right: SparseVector): number {
  let sum = 0;
  let a = 0;
  let b = 0;
  while (a < left.index.length && b < right.index.length) {
    const difference = (left.index[a] ?? 0) - (right.index[b] ?? 0);
    if (difference === 0) sum += (left.value[a++] ?? 0) * (right.value[b++] ?? 0);
    else if (difference < 0) a++;
    else b++;
  }
  return sum;
}
