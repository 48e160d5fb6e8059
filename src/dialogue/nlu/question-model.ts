import { hash53, placeOf } from './hashes.js';
import { FINAL_INTENTS } from './intent-model.js';
import type { Guess, IntentClass, IntentModel } from './intent-model.js';
import { ownName } from './own-phrases.js';
import type { OwnPhrases } from './own-phrases.js';

/** Recognisers write such words for a breath or a knock; alone they mean nothing. */
const EMPTY_WORDS = /^(?:(?:a|an|and|the|i|you|he|she|we|they|it|that|this|to|of|in|on|so|but|or|me|my|your)(?: |$))+$/;
/** Keeps one opinion that is certain from silencing the others. */
const DOUBT = 1e-5;
/** A class that this question does not know: as if it did not exist. */
const UNKNOWN = -1;

/** Tells which of the labels of one question an utterance means, with `none of these` as a real outcome. */
export class QuestionModel {
  readonly #model: IntentModel;
  readonly #labels: readonly string[];
  /** For each class of the model its label from 1; 0 is none of them. */
  readonly #places: Int16Array;

  /**
   * Of the library the intents that the question listens for count, and the others mean
   * none of them, unless the flow has a label of its own for what they say. Of the flow's
   * phrases it knows its own only, whatever other questions say.
   */
  constructor(model: IntentModel, own: OwnPhrases) {
    this.#model = model;
    this.#labels = [...own.keys()];
    const numbers = new Map(this.#labels.map((label, at) => [label, at + 1]));
    const names = new Map([...own].map(([label, phrases]) => [label, ownName(phrases)]));
    const isMine = ({ label, own: name }: IntentClass): boolean => numbers.has(label) && names.get(label) === name;
    const renamed = new Set(model.classes.filter((one) => one.own !== '' && isMine(one)).flatMap(({ near }) => near ?? []));
    this.#places = Int16Array.from(model.classes, (one) => {
      const number = numbers.get(one.label);
      if (one.own !== '') return number !== undefined && isMine(one) ? number : UNKNOWN;
      return number ?? (renamed.has(one.label) ? UNKNOWN : 0);
    });
  }

  /** True if a vector makes it understand better. */
  get wantsMeaning(): boolean {
    return this.#model.wantsMeaning;
  }

  /** All labels, best first. `vector`: the utterance's meaning, if it is at hand. */
  classify(text: string, vector?: Float32Array): Guess[] {
    const plain = this.#model.normalise(text);
    const known = this.#exactly(plain);
    const scores = known === undefined && !EMPTY_WORDS.test(plain) ? this.scores(plain, vector) : undefined;
    const { meaning, words } = this.#model.thresholds;
    const threshold = vector !== undefined && this.wantsMeaning ? meaning : words;
    return this.#labels
      .map((label, at) => ({ label, score: known === undefined ? calibrated(scores?.[at + 1] ?? 0, FINAL_INTENTS.has(label) ? threshold.final : threshold.usual) : Number(at + 1 === known) }))
      .sort((left, right) => right.score - left.score);
  }

  /** Before calibration, of normalised text; the first is that of none. */
  scores(plain: string, vector: Float32Array | undefined): Float32Array {
    const { words, divided, nearby, seen } = this.#model.opinions(plain, vector);
    const byWords = this.#share(words);
    if (divided === undefined || nearby === undefined) return byWords.map((score) => score * seen);
    const [byDivision, byNearness] = [this.#share(divided), this.#share(nearby)];
    const joined = byWords.map((score, at) => Math.cbrt((score + DOUBT) * (byDivision[at]! + DOUBT) * (byNearness[at]! + DOUBT)));
    const sum = joined.reduce((total, score) => total + score, 0);
    return joined.map((score) => (score / sum) * seen);
  }

  /** What the flow says of these very words counts before what the library says; of two labels the first. */
  #exactly(plain: string): number | undefined {
    const { exact, classes } = this.#model;
    const hash = hash53(plain);
    let at = placeOf(hash, exact.hashes);
    while (at > 0 && exact.hashes[at - 1] === hash) at--;
    let found: { number: number; own: boolean } | undefined;
    for (; at >= 0 && exact.hashes[at] === hash; at++) {
      const one = exact.classes[at]!;
      const number = this.#places[one]!;
      const own = classes[one]?.own !== '';
      if (number > 0 && (found === undefined || (own && !found.own) || (own === found.own && number < found.number))) found = { number, own };
    }
    return found?.number;
  }

  /** A distribution over the classes as one over none and the labels of this question. */
  #share(opinion: Float32Array): Float32Array {
    const shared = new Float32Array(this.#labels.length + 1);
    shared[0] = opinion[0]!;
    this.#places.forEach((place, at) => place !== UNKNOWN && (shared[place]! += opinion[at + 1]!));
    const sum = shared.reduce((total, part) => total + part, 1e-12);
    return shared.map((part) => part / sum);
  }
}

/** Straight from 0 to the threshold, which becomes 0.5, and from there to 1. */
function calibrated(score: number, threshold: number): number {
  return score <= threshold ? (0.5 * score) / threshold : 0.5 + (0.5 * (score - threshold)) / (1 - threshold);
}
