import { normaliserOf } from '../nlu/normalise.js';
import { StandIns } from '../nlu/stand-ins.js';
import { languageOf } from './built-in.js';
import type { FlowPath } from './parse.js';
import { variablesOf } from './prompt.js';
import type { FlowAction, FlowFile } from './schema.js';
import { textsOf } from './texts.js';

/** An example phrase of a flow, and where it stands: at one node, or in the whole flow. */
export interface FlowPhrase {
  readonly label: string;
  readonly text: string;
  readonly path: FlowPath;
  readonly node: string | undefined;
}

/** Every example phrase, those that ask for facts included. */
export function phrasesOf(flow: FlowFile): FlowPhrase[] {
  const found: FlowPhrase[] = [];
  const add = (label: string, texts: readonly string[], path: FlowPath, node?: string): void => {
    texts.forEach((text, index) => found.push({ label, text, path: [...path, index], node }));
  };
  for (const [id, fact] of Object.entries(flow.facts ?? {})) add(id, fact.questions, ['facts', id, 'questions']);
  for (const [label, intent] of Object.entries(flow.intents ?? {})) add(label, intent.examples, ['intents', label, 'examples']);
  for (const [label, action] of Object.entries(flow.universal ?? {})) add(label, examplesOf(action), ['universal', label, 'examples']);
  for (const [name, node] of Object.entries(flow.nodes)) {
    if (!('intents' in node)) continue;
    for (const [label, action] of Object.entries(node.intents ?? {})) add(label, examplesOf(action), ['nodes', name, 'intents', label, 'examples'], name);
  }
  return found;
}

export function examplesOf(action: FlowAction | true): readonly string[] {
  return action === true ? [] : (action.examples ?? []);
}

/** Names for the variables that stand in phrases, in the order of the file. */
export function standInsOf(flow: FlowFile): StandIns {
  return new StandIns(languageOf(flow.language) === 'zh', [...new Set(phrasesOf(flow).flatMap(({ text }) => variablesOf(text)))], ownTextsOf(flow));
}

/** What the flow speaks of: its texts, facts and choices. Example phrases are not among them: they hold names. */
function ownTextsOf(flow: FlowFile): string[] {
  const texts = textsOf(flow).flatMap(({ text, spoken }) => (spoken ? [text] : []));
  const questions = Object.values(flow.facts ?? {}).flatMap((fact) => fact.questions);
  const choices = Object.values(flow.slots ?? {}).flatMap((slot) => slot.choices?.flatMap((choice) => choice.synonyms ?? []) ?? []);
  const options = Object.values(flow.nodes).flatMap((node) => ('options' in node ? Object.values(node.options).flatMap((option) => option.synonyms ?? []) : []));
  return [...texts, ...questions, ...choices, ...options];
}

/** A phrase as models compare it. */
export function plainPhraseOf(flow: FlowFile): (text: string) => string {
  const normalise = normaliserOf(flow.language);
  const standIns = standInsOf(flow);
  return (text) => normalise(standIns.phrase(text));
}
