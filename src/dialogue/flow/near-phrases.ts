import { Vectoriser, similarity } from '../nlu/features.js';
import type { Report } from './parse.js';
import { phrasesOf, plainPhraseOf } from './phrases.js';
import type { FlowPhrase } from './phrases.js';
import type { FlowFile } from './schema.js';

interface Phrase extends FlowPhrase {
  readonly plain: string;
}

/** Cosine of n-grams from which two phrases are one to a model: it would learn by heart what it cannot tell apart. */
const NEARLY_EQUAL = 0.8;
/** A not that only one of them has makes them easy to tell apart. */
const DENIAL = /\b(?:not|no|never|nothing)\b|[不没别]/u;
/** More than any flow has; comparing them takes a tenth of a second. */
const MOST = 1_000;

/** Phrases with two meanings that can be meant at once and that are hard to tell apart. Equal ones are errors: check-intents. */
export function checkNearPhrases(flow: FlowFile, report: Report): void {
  const plainOf = plainPhraseOf(flow);
  const phrases = phrasesOf(flow).map((phrase): Phrase => ({ ...phrase, plain: plainOf(phrase.text) })).filter(({ plain }) => plain !== '').slice(0, MOST);
  const vectoriser = Vectoriser.of(phrases.map(({ plain }) => plain), flow.language);
  const vectors = phrases.map(({ plain }) => vectoriser.vector(plain));
  phrases.forEach((phrase, at) => {
    const near = phrases.slice(0, at).find((other, before) => {
      if (other.label === phrase.label || other.plain === phrase.plain || !meet(phrase, other)) return false;
      return DENIAL.test(other.plain) === DENIAL.test(phrase.plain) && similarity(vectors[at]!, vectors[before]!) >= NEARLY_EQUAL;
    });
    if (near !== undefined) report(phrase.path, `"${phrase.text}" is hard to tell from "${near.text}" of "${near.label}"`, 'warning');
  });
}

function meet(one: Phrase, other: Phrase): boolean {
  return one.node === undefined || other.node === undefined || one.node === other.node;
}
