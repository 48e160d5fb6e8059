import { Vectoriser, similarity } from './features.js';
import { LogisticModel } from './logistic.js';
import type { Example } from './logistic.js';
import { normalise } from './normalise.js';

export interface Guess {
  readonly label: string;
  /** 0 to 1; how sure it is that this label, and not another or none, is meant. */
  readonly score: number;
}

/** Below this share of known words an utterance is mostly new, and its score falls in proportion. */
const NOVELTY = 0.6;
const NONE = 0;
/** Recognisers write such words for a breath or a knock; alone they mean nothing. */
const EMPTY_WORDS = /^(?:(?:a|an|and|the|i|you|he|she|we|they|it|that|this|to|of|in|on|so|but|or|me|my|your)(?: |$))+$/;

/** Tells which of some labels an utterance means, with `none of these` as a real outcome. */
export class IntentModel {
  private readonly exact = new Map<string, string>();

  private constructor(
    private readonly labels: readonly string[],
    private readonly vectoriser: Vectoriser,
    private readonly model: LogisticModel,
  ) {}

  /**
   * `phrases`: label to example phrases. `background`: phrases that mean none of the
   * labels; those that come close to one of `guarded` (the flow's own phrases) are left
   * out, so that a flow's wording wins over the library.
   */
  static train(phrases: ReadonlyMap<string, readonly string[]>, background: readonly string[], guarded: readonly string[] = []): IntentModel {
    const labels = [...phrases.keys()];
    const own = labels.map((label) => clean(phrases.get(label) ?? []));
    const others = clean(background);
    const vectoriser = new Vectoriser([...own.flat(), ...others]);
    const vectors = own.map((group) => group.map((phrase) => vectoriser.vector(phrase)));
    const mine = clean(guarded).map((phrase) => vectoriser.vector(phrase));
    const examples: Example[] = [];
    for (const phrase of others) {
      const vector = vectoriser.vector(phrase);
      if (!mine.some((other) => similarity(vector, other) > TOO_CLOSE)) examples.push({ vector, label: NONE, weight: BACKGROUND_WEIGHT });
    }
    const largest = Math.max(1, ...vectors.map((group) => group.length));
    vectors.forEach((group, at) => {
      // A label with few phrases must not drown among curated ones with a hundred.
      const weight = Math.min(3, Math.sqrt(largest / Math.max(1, group.length)));
      for (const vector of group) examples.push({ vector, label: at + 1, weight });
    });
    const model = new IntentModel(labels, vectoriser, LogisticModel.train(labels.length + 1, vectoriser.size, examples));
    labels.forEach((label, at) => {
      for (const phrase of own[at] ?? []) if (!model.exact.has(phrase)) model.exact.set(phrase, label);
    });
    return model;
  }

  /** All labels, best first. */
  classify(text: string): Guess[] {
    const plain = normalise(text);
    const exact = this.exact.get(plain);
    const vector = this.vectoriser.vector(plain);
    const probabilities = this.model.probabilities(vector);
    const familiar = EMPTY_WORDS.test(plain) ? 0 : Math.min(1, vector.known / NOVELTY);
    return this.labels
      .map((label, at) => ({ label, score: label === exact ? 1 : exact === undefined ? (probabilities[at + 1] ?? 0) * familiar : 0 }))
      .sort((left, right) => right.score - left.score);
  }
}

/** Cosine from which a background phrase says the same as an example. */
const TOO_CLOSE = 0.6;
const BACKGROUND_WEIGHT = 0.7;

function clean(phrases: readonly string[]): string[] {
  return [...new Set(phrases.map(normalise))].filter((phrase) => phrase !== '');
}
