import { Vectoriser, similarity } from '../nlu/features.js';
import { normaliserOf } from '../nlu/normalise.js';
import type { FlowPath, Report } from './parse.js';
import type { FlowFile } from './schema.js';

/** Where a phrase stands: at one node, or in the whole flow. */
interface Phrase {
  readonly label: string;
  readonly text: string;
  readonly plain: string;
  readonly path: FlowPath;
  readonly node: string | undefined;
}

/** Cosine of n-grams from which two phrases are one to a model: it would learn by heart what it cannot tell apart. */
const NEARLY_EQUAL = 0.8;
/** A not that only one of them has makes them easy to tell apart. */
const DENIAL = /\b(?:not|no|never|nothing)\b|[不没别]/u;
/** More than any flow has; comparing them takes a tenth of a second. */
const MOST = 1_000;

/** Phrases with two meanings that can be meant at once and that are hard to tell apart. Equal ones are errors: check-intents. */
export function checkNearPhrases(flow: FlowFile, report: Report): void {
  const phrases = phrasesOf(flow).slice(0, MOST);
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

function phrasesOf(flow: FlowFile): Phrase[] {
  const normalise = normaliserOf(flow.language);
  const found: Phrase[] = [];
  const add = (label: string, texts: readonly string[] | undefined, path: FlowPath, node?: string): void => {
    texts?.forEach((text, index) => {
      const plain = normalise(text);
      if (plain !== '') found.push({ label, text, plain, path: [...path, index], node });
    });
  };
  for (const [id, fact] of Object.entries(flow.facts ?? {})) add(id, fact.questions, ['facts', id, 'questions']);
  for (const [label, intent] of Object.entries(flow.intents ?? {})) add(label, intent.examples, ['intents', label, 'examples']);
  for (const [label, action] of Object.entries(flow.universal ?? {})) if (action !== true) add(label, action.examples, ['universal', label, 'examples']);
  for (const [name, node] of Object.entries(flow.nodes)) {
    if (!('intents' in node)) continue;
    for (const [label, action] of Object.entries(node.intents ?? {})) add(label, action.examples, ['nodes', name, 'intents', label, 'examples'], name);
  }
  return found;
}
