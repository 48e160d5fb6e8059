import { Vectoriser } from '../nlu/features.js';
import { LogisticModel } from '../nlu/logistic.js';
import type { Example } from '../nlu/logistic.js';
import { normaliserOf } from '../nlu/normalise.js';
import { phrases } from '../nlu/universal/phrases.js';
import type { SlotLanguage } from '../slots/slot-type.js';
import type { MoodLabel } from './mood.js';
import { utterancesEn } from './utterances-en.js';
import { utterancesZh } from './utterances-zh.js';

export interface Leaning {
  readonly label: MoodLabel;
  /** 0 to 1. */
  readonly sure: number;
}

/**
 * What the sentence says beside the words that the lexicon has counted already, so that
 * no word is two pieces of evidence. `neutral` where it is short or not clear.
 */
export function sentenceMood(text: string, counted: readonly string[], language: SlotLanguage): MoodLabel {
  const rest = counted.reduce((left, phrase) => left.replace(phrase, ' '), text.toLowerCase().replace(/[\u2019]/g, "'"));
  const units = rest.match(language === 'zh' ? /\p{L}/gu : /[\p{L}\p{N}']+/gu)?.length ?? 0;
  if (units < SHORTEST[language]) return 'neutral';
  const { label, sure } = moodClassifier(language).lean(rest);
  return sure >= SURE ? label : 'neutral';
}

const LABELS: readonly MoodLabel[] = ['neutral', 'pleased', 'annoyed', 'angry', 'worried', 'confused'];
const TRAINING = { epochs: 12, rate: 0.35, decay: 2e-5 } as const;
/** Below this share of known words an utterance is mostly new, and says little. */
const NOVELTY = 0.5;
/** From here on no neutral sentence among those of bench/mood-cases was taken for a mood. */
const SURE = 0.6;
/** A shorter rest is no sentence, words or hanzi. */
const SHORTEST: Readonly<Record<SlotLanguage, number>> = { en: 4, zh: 5 };

/**
 * How whole sentences sound, learnt from the labelled utterances of this folder: it
 * hears "do you think I am made of money", in which no word of the lexicon is.
 */
class MoodClassifier {
  readonly #normalise: (text: string) => string;
  readonly #vectoriser: Vectoriser;
  readonly #model: LogisticModel;

  constructor(language: SlotLanguage) {
    this.#normalise = normaliserOf(language);
    const labelled = Object.entries(language === 'zh' ? utterancesZh : utterancesEn).flatMap(([label, block]) => phrases(block).map((text) => ({ text: this.#normalise(text), label: LABELS.indexOf(label as MoodLabel) })));
    this.#vectoriser = Vectoriser.of(labelled.map(({ text }) => text), language);
    const examples: Example[] = labelled.map(({ text, label }) => ({ vector: this.#vectoriser.vector(text), label, weight: 1 }));
    this.#model = LogisticModel.train(LABELS.length, this.#vectoriser.size, examples, TRAINING);
  }

  lean(text: string): Leaning {
    const vector = this.#vectoriser.vector(this.#normalise(text));
    const shares = this.#model.probabilities(vector);
    const best = shares.reduce((top, share, at) => (share > (shares[top] ?? 0) ? at : top), 0);
    return { label: LABELS[best] ?? 'neutral', sure: (shares[best] ?? 0) * Math.min(1, vector.known / NOVELTY) };
  }
}

const classifiers = new Map<SlotLanguage, MoodClassifier>();

/** Learns at the first call for a language, some tens of ms; flows do that when they are loaded. */
export function moodClassifier(language: SlotLanguage): MoodClassifier {
  let classifier = classifiers.get(language);
  if (classifier === undefined) classifiers.set(language, (classifier = new MoodClassifier(language)));
  return classifier;
}
