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

/** TF-IDF over n-grams. The vocabulary is what the training phrases have. */
export class Vectoriser {
  private readonly ids = new Map<string, number>();
  private readonly idf: Float32Array;

  constructor(phrases: readonly string[]) {
    const counts: number[] = [];
    for (const phrase of phrases) {
      const seen = new Set<string>();
      for (const [gram] of ngrams(phrase)) seen.add(gram);
      for (const gram of seen) {
        let id = this.ids.get(gram);
        if (id === undefined) this.ids.set(gram, (id = this.ids.size));
        counts[id] = (counts[id] ?? 0) + 1;
      }
    }
    this.idf = Float32Array.from(counts, (count) => Math.log((1 + phrases.length) / (1 + count)) + 1);
  }

  get size(): number {
    return this.idf.length;
  }

  vector(text: string): SparseVector {
    const weights = new Map<number, number>();
    let wordsAll = 0;
    let wordsKnown = 0;
    const rare = Math.log(1 + this.idf.length) + 1;
    for (const [gram, weight] of ngrams(text)) {
      const id = this.ids.get(gram);
      const isWord = gram.startsWith('w ');
      if (isWord) wordsAll += id === undefined ? Math.min(rare, 5) : (this.idf[id] ?? 0);
      if (id === undefined) continue;
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
