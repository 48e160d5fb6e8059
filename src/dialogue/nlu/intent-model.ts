import { Vectoriser, similarity } from './features.js';
import type { SparseVector, VectoriserData } from './features.js';
import { hash53, placeOf } from './hashes.js';
import { LogisticModel } from './logistic.js';
import type { Example, LogisticData } from './logistic.js';
import { MeaningModel } from './meaning.js';
import type { MeaningData } from './meaning.js';
import { normaliserOf } from './normalise.js';

export interface Guess {
  readonly label: string;
  /** 0 to 1; how sure it is that this label, and not another or none, is meant. Calibrated: from 0.5 it is rarely wrong. */
  readonly score: number;
}

/** Phrases that have one meaning and no other. */
export interface ExactPhrases {
  /** Hashes of the normalised phrases, rising. */
  readonly hashes: Float64Array;
  /** Number of each one's label, from 0. */
  readonly labels: Uint16Array;
}

/** A model as it crosses from the process that trained it, and as it is kept: plain values only. */
export interface IntentModelData {
  readonly language: string;
  readonly labels: readonly string[];
  readonly exact: ExactPhrases;
  readonly vectoriser: VectoriserData;
  readonly model: LogisticData;
  readonly meaning: MeaningData | undefined;
  readonly thresholds: Thresholds;
}

/** Raw scores from which a guess is believed; they become 0.5. */
export interface Threshold {
  readonly usual: number;
  /** For what ends a call and cannot be taken back. */
  readonly final: number;
}

/** With sentence vectors and without. */
export interface Thresholds {
  readonly words: Threshold;
  readonly meaning: Threshold;
}

/** A caller who is taken for one of these by mistake is never heard again. */
export const FINAL_INTENTS: ReadonlySet<string> = new Set(['stop_calling', 'wrong_number', 'bye', 'machine']);

export const USUAL_THRESHOLDS: Thresholds = { words: { usual: 0.5, final: 0.5 }, meaning: { usual: 0.5, final: 0.5 } };

/** What a model is trained on. */
export interface TrainingSet {
  readonly language: string;
  readonly labels: readonly string[];
  /** Normalised, each with the number of its label from 1; 0 is none of them. */
  readonly phrases: readonly { readonly text: string; readonly label: number; readonly weight: number; readonly vector: Float32Array | undefined }[];
}

/** Below this share of known words an utterance is mostly new, and its score falls in proportion. */
const NOVELTY = 0.6;
/** Recognisers write such words for a breath or a knock; alone they mean nothing. */
const EMPTY_WORDS = /^(?:(?:a|an|and|the|i|you|he|she|we|they|it|that|this|to|of|in|on|so|but|or|me|my|your)(?: |$))+$/;
/** Keeps one opinion that is certain from silencing the others. */
const DOUBT = 1e-5;

/** Tells which of some labels an utterance means, with `none of these` as a real outcome. */
export class IntentModel {
  private readonly normalise: (text: string) => string;
  private readonly vectoriser: Vectoriser;
  private readonly words: LogisticModel;
  private readonly meaning: MeaningModel | undefined;

  private readonly labels: readonly string[];
  private readonly exact: ExactPhrases;
  private readonly thresholds: Thresholds;

  private constructor(data: IntentModelData) {
    this.labels = data.labels;
    this.thresholds = data.thresholds;
    this.exact = { hashes: data.exact.hashes.slice(), labels: data.exact.labels.slice() };
    this.normalise = normaliserOf(data.language);
    this.vectoriser = Vectoriser.restore(data.vectoriser);
    this.words = LogisticModel.restore(data.model);
    this.meaning = data.meaning === undefined ? undefined : MeaningModel.restore(data.meaning);
  }

  static train(set: TrainingSet, thresholds: Thresholds = USUAL_THRESHOLDS): IntentModelData {
    const { language, labels, phrases } = set;
    const vectoriser = Vectoriser.of(phrases.map(({ text }) => text), language);
    const count = labels.length + 1;
    const examples: Example[] = phrases.map(({ text, label, weight }) => ({ vector: vectoriser.vector(text), label, weight }));
    const dense = phrases.flatMap(({ vector, label, weight }) => (vector === undefined ? [] : [{ vector, label, weight }]));
    return {
      language,
      labels,
      exact: exactPhrases(phrases),
      vectoriser: vectoriser.data(),
      model: LogisticModel.train(count, vectoriser.size, examples).data(),
      meaning: dense.length === 0 ? undefined : MeaningModel.train(count, dense),
      thresholds,
    };
  }

  /** Keeps nothing of `data` itself: its numbers may lie in one block with vectors that models share. */
  static restore(data: IntentModelData): IntentModel {
    return new IntentModel(data);
  }

  /** True if a vector makes it understand better. */
  get wantsMeaning(): boolean {
    return this.meaning !== undefined;
  }

  /** All labels, best first. `vector`: the utterance's meaning, if it is at hand. */
  classify(text: string, vector?: Float32Array): Guess[] {
    const { labels, exact, thresholds } = this;
    const plain = this.normalise(text);
    const known = labels[exact.labels[placeOf(hash53(plain), exact.hashes)] ?? -1];
    const whole = vector !== undefined && this.meaning !== undefined;
    const scores = known === undefined && !EMPTY_WORDS.test(plain) ? this.scores(plain, vector) : undefined;
    const threshold = whole ? thresholds.meaning : thresholds.words;
    return labels
      .map((label, at) => ({ label, score: known === undefined ? calibrated(scores?.[at + 1] ?? 0, FINAL_INTENTS.has(label) ? threshold.final : threshold.usual) : Number(label === known) }))
      .sort((left, right) => right.score - left.score);
  }

  /** Before calibration; the first is that of none. */
  scores(plain: string, vector: Float32Array | undefined): Float32Array {
    const sparse: SparseVector = this.vectoriser.vector(plain);
    const byWords = this.words.probabilities(sparse);
    const seen = Math.min(1, sparse.known / NOVELTY);
    if (vector === undefined || this.meaning === undefined) return byWords.map((score) => score * seen);
    const { divided, nearby, familiar } = this.meaning.guess(vector);
    const joined = byWords.map((score, at) => Math.cbrt((score + DOUBT) * ((divided[at] ?? 0) + DOUBT) * ((nearby[at] ?? 0) + DOUBT)));
    const sum = joined.reduce((total, score) => total + score, 0);
    return joined.map((score) => (score / sum) * Math.max(seen, familiar));
  }
}

function exactPhrases(phrases: TrainingSet['phrases']): ExactPhrases {
  const labels = new Map<number, number>();
  for (const { text, label } of phrases) {
    const hash = hash53(text);
    if (label > 0 && !labels.has(hash)) labels.set(hash, label - 1);
  }
  const hashes = Float64Array.from(labels.keys()).sort();
  return { hashes, labels: Uint16Array.from(hashes, (hash) => labels.get(hash) ?? 0) };
}

/** Straight from 0 to the threshold, which becomes 0.5, and from there to 1. */
function calibrated(score: number, threshold: number): number {
  return score <= threshold ? (0.5 * score) / threshold : 0.5 + (0.5 * (score - threshold)) / (1 - threshold);
}

/** Cosine from which a background phrase says the same as an example. */
const TOO_CLOSE = 0.6;
const BACKGROUND_WEIGHT = 0.7;
/** The background says about as many things as this many labels. */
const BACKGROUND_LABELS = 25;
/** A phrase counts for at most this many. */
const HEAVIEST = 5;

/**
 * `phrases`: label to example phrases. `background`: phrases that mean none of the
 * labels; those that come close to one of `guarded` (the flow's own phrases) are left
 * out, so that a flow's wording wins over the library.
 */
export function trainingSet(language: string, phrases: ReadonlyMap<string, readonly string[]>, background: readonly string[], guarded: readonly string[] = []): TrainingSet {
  const clean = cleaner(language);
  const labels = [...phrases.keys()];
  const own = labels.map((label) => clean(phrases.get(label) ?? []));
  const others = clean(background);
  const vectoriser = Vectoriser.of([...own.flat(), ...others], language);
  const mine = clean(guarded).map((phrase) => vectoriser.vector(phrase));
  const free = others.filter((phrase) => {
    const vector = vectoriser.vector(phrase);
    return !mine.some((other) => similarity(vector, other) > TOO_CLOSE);
  });
  // A label with few phrases must not drown among curated ones with a hundred, nor in the background.
  const usual = Math.max(free.length / BACKGROUND_LABELS, ...own.map((group) => group.length));
  const weightOf = (group: readonly string[]): number => Math.min(HEAVIEST, Math.max(1, Math.sqrt(usual / Math.max(1, group.length))));
  return {
    language,
    labels,
    phrases: [
      ...free.map((text) => ({ text, label: 0, weight: BACKGROUND_WEIGHT, vector: undefined })),
      ...own.flatMap((group, at) => group.map((text) => ({ text, label: at + 1, weight: weightOf(group), vector: undefined }))),
    ],
  };
}

function cleaner(language: string): (phrases: readonly string[]) => string[] {
  const normalise = normaliserOf(language);
  return (phrases) => [...new Set(phrases.map(normalise))].filter((phrase) => phrase !== '');
}
