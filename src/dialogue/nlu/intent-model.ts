import { Vectoriser, similarity } from './features.js';
import type { SparseVector, VectoriserData } from './features.js';
import { hash53 } from './hashes.js';
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

/** What a model tells apart: how the library words an intent, or how one question of the flow does. */
export interface IntentClass {
  readonly label: string;
  /** Names the phrases of the flow; '' are the library's. */
  readonly own: string;
  /** Of phrases of the flow: intents of the library that say much the same. */
  readonly near?: readonly string[];
}

/** Phrases by their exact words; one may be in several classes. */
export interface ExactPhrases {
  /** Hashes of the normalised phrases, rising. */
  readonly hashes: Float64Array;
  /** Number of each one's class, from 0. */
  readonly classes: Uint16Array;
}

/** A model as it crosses from the process that trained it, and as it is kept: plain values only. */
export interface IntentModelData {
  readonly language: string;
  readonly classes: readonly IntentClass[];
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
  readonly classes: readonly IntentClass[];
  /** Normalised, each with the number of its class from 1; 0 is none of them. */
  readonly phrases: readonly { readonly text: string; readonly label: number; readonly weight: number; readonly vector: Float32Array | undefined }[];
}

/** What the parts of a model say of one utterance: each a distribution over none and the classes. */
export interface Opinions {
  readonly words: Float32Array;
  /** By sentence vectors, if there is one: what divides the classes, and what is near. */
  readonly divided: Float32Array | undefined;
  readonly nearby: Float32Array | undefined;
  /** 0 to 1: how much of it was ever taught. */
  readonly seen: number;
}

/** Below this share of known words an utterance is mostly new, and its score falls in proportion. */
const NOVELTY = 0.6;

/**
 * Knows all intents of the library and all that the questions of one flow bring
 * themselves; a question sees its own part of it, `question`.
 */
export class IntentModel {
  readonly normalise: (text: string) => string;
  readonly classes: readonly IntentClass[];
  readonly exact: ExactPhrases;
  readonly thresholds: Thresholds;
  private readonly vectoriser: Vectoriser;
  private readonly words: LogisticModel;
  private readonly meaning: MeaningModel | undefined;

  private constructor(data: IntentModelData) {
    this.classes = data.classes;
    this.thresholds = data.thresholds;
    this.exact = { hashes: data.exact.hashes.slice(), classes: data.exact.classes.slice() };
    this.normalise = normaliserOf(data.language);
    this.vectoriser = Vectoriser.restore(data.vectoriser);
    this.words = LogisticModel.restore(data.model);
    this.meaning = data.meaning === undefined ? undefined : MeaningModel.restore(data.meaning);
  }

  static train(set: TrainingSet, thresholds: Thresholds = USUAL_THRESHOLDS): IntentModelData {
    const { language, classes, phrases } = set;
    const vectoriser = Vectoriser.of(phrases.map(({ text }) => text), language);
    const count = classes.length + 1;
    const examples: Example[] = phrases.map(({ text, label, weight }) => ({ vector: vectoriser.vector(text), label, weight }));
    const dense = phrases.flatMap(({ vector, label, weight }) => (vector === undefined ? [] : [{ vector, label, weight }]));
    return {
      language,
      classes,
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

  /** `plain`: normalised. `vector`: its meaning, if it is at hand. */
  opinions(plain: string, vector: Float32Array | undefined): Opinions {
    const sparse: SparseVector = this.vectoriser.vector(plain);
    const words = this.words.probabilities(sparse);
    const seen = Math.min(1, sparse.known / NOVELTY);
    if (vector === undefined || this.meaning === undefined) return { words, divided: undefined, nearby: undefined, seen };
    const { divided, nearby, familiar } = this.meaning.guess(vector);
    return { words, divided, nearby, seen: Math.max(seen, familiar) };
  }
}

function exactPhrases(phrases: TrainingSet['phrases']): ExactPhrases {
  const known = phrases.flatMap(({ text, label }) => (label > 0 ? [{ hash: hash53(text), at: label - 1 }] : []));
  known.sort((left, right) => left.hash - right.hash || left.at - right.at);
  return { hashes: Float64Array.from(known, ({ hash }) => hash), classes: Uint16Array.from(known, ({ at }) => at) };
}

/** Cosine from which a background phrase says the same as an example. */
const TOO_CLOSE = 0.6;
/** Cosine from which a phrase of the library is like one of the flow. */
const ALIKE = 0.35;
/** An intent of the library to which this share of a class's phrases is nearest says much the same. */
const OVERLAP = 0.25;
const BACKGROUND_WEIGHT = 0.7;
/** The background says about as many things as this many labels. */
const BACKGROUND_LABELS = 25;
/** A phrase counts for at most this many. */
const HEAVIEST = 5;

/**
 * `phrases`: example phrases of each class. `background`: phrases that mean none of the
 * classes. Those that come close to a phrase of the flow are left out, and of intents
 * that say much the same as it those that are like it: its wording wins over the library.
 */
export function trainingSet(language: string, phrases: ReadonlyMap<IntentClass, readonly string[]>, background: readonly string[]): TrainingSet {
  const clean = cleaner(language);
  const known = [...phrases.keys()];
  const all = known.map((one) => clean(phrases.get(one) ?? []));
  const others = clean(background);
  const vectoriser = Vectoriser.of([...all.flat(), ...others], language);
  const vectors = all.map((group) => group.map((phrase) => vectoriser.vector(phrase)));
  const library = known.flatMap(({ label, own: name }, at) => (name === '' ? (vectors[at] ?? []).map((vector) => ({ label, vector })) : []));
  const classes = known.map((one, at) => (one.own === '' ? one : { ...one, near: overlaps(vectors[at] ?? [], library) }));
  const mine = classes.flatMap((one, at) => (one.own === '' ? [] : (vectors[at] ?? []).map((vector) => ({ vector, label: one.label, near: one.near ?? [] }))));
  const free = others.filter((phrase) => {
    const vector = mine.length === 0 ? undefined : vectoriser.vector(phrase);
    return vector === undefined || !mine.some((other) => similarity(vector, other.vector) > TOO_CLOSE);
  });
  const own = all.map((group, at) => {
    const { label, own: name } = known[at] ?? { label: '', own: '' };
    const rivals = name === '' ? mine.filter((one) => one.label !== label && one.near.includes(label)) : [];
    return rivals.length === 0 ? group : group.filter((_, phrase) => !rivals.some(({ vector }) => similarity(vectors[at]![phrase]!, vector) > ALIKE));
  });
  // A class with few phrases must not drown among curated ones with some hundred, nor in the background.
  const usual = Math.max(free.length / BACKGROUND_LABELS, ...own.map((group) => group.length));
  const weightOf = (group: readonly string[]): number => Math.min(HEAVIEST, Math.max(1, Math.sqrt(usual / Math.max(1, group.length))));
  return {
    language,
    classes,
    phrases: [
      ...free.map((text) => ({ text, label: 0, weight: BACKGROUND_WEIGHT, vector: undefined })),
      ...own.flatMap((group, at) => group.map((text) => ({ text, label: at + 1, weight: weightOf(group), vector: undefined }))),
    ],
  };
}

/** Intents of the library that a question without them must not take for none: the flow has its own name for what they say. */
function overlaps(own: readonly SparseVector[], library: readonly { readonly label: string; readonly vector: SparseVector }[]): readonly string[] {
  const nearest = new Map<string, number>();
  for (const vector of own) {
    let best = { label: '', cosine: ALIKE };
    for (const other of library) {
      const cosine = similarity(vector, other.vector);
      if (cosine > best.cosine) best = { label: other.label, cosine };
    }
    nearest.set(best.label, (nearest.get(best.label) ?? 0) + 1);
  }
  return [...nearest].filter(([label, count]) => label !== '' && count >= OVERLAP * own.length).map(([label]) => label);
}

function cleaner(language: string): (phrases: readonly string[]) => string[] {
  const normalise = normaliserOf(language);
  return (phrases) => [...new Set(phrases.map(normalise))].filter((phrase) => phrase !== '');
}
