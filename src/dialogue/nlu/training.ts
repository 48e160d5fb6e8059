import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { calibrate } from './calibrate.js';
import { IntentModel, trainingSet } from './intent-model.js';
import type { IntentClass, Thresholds, TrainingSet } from './intent-model.js';
import { ownName } from './own-phrases.js';
import type { OwnPhrases } from './own-phrases.js';
import { readTrained, writeTrained } from './trained-files.js';
import { libraryOf } from './universal/library.js';

/** What the questions bring themselves, each once. */
function ownClasses(questions: readonly OwnPhrases[]): ReadonlyMap<IntentClass, readonly string[]> {
  const named = new Map<string, IntentClass>();
  const classes = new Map<IntentClass, readonly string[]>();
  for (const [label, phrases] of questions.flatMap((question) => [...question])) {
    const own = ownName(phrases);
    const key = `${label}\n${own}`;
    if (own === '' || named.has(key)) continue;
    const one: IntentClass = { label, own };
    named.set(key, one);
    classes.set(one, phrases);
  }
  return classes;
}

/** en-GB is understood as en-US is. */
export function primaryLanguage(language: string): string {
  return language.split('-')[0]?.toLowerCase() ?? '';
}

/** Equal for what gives the same model. */
export function trainingKey(language: string, questions: readonly OwnPhrases[]): string {
  return createHash('sha256').update(JSON.stringify([primaryLanguage(language), ...[...ownClasses(questions)].map(([{ label }, phrases]) => [label, phrases])])).digest('hex');
}

/**
 * All that the questions of a flow need, in one set: every intent of the library is a
 * class, and so is what a question says of a label. The same words may be in several.
 */
export function gatherPhrases(language: string, questions: readonly OwnPhrases[]): TrainingSet {
  const { universal, background } = libraryOf(language);
  const library = [...universal].map(([label, group]): [IntentClass, readonly string[]] => [{ label, own: '' }, group]);
  return trainingSet(language, new Map([...library, ...ownClasses(questions)]), background);
}

/** Takes one to a few seconds: the thresholds are found by leaving phrases out. */
export function trainIntents(language: string, questions: readonly OwnPhrases[]): IntentModel {
  return IntentModel.restore(IntentModel.train(gatherPhrases(language, questions), libraryThresholds(gatherPhrases(language, []))));
}

const found = new Map<string, Thresholds>();

/**
 * Thresholds of a language: found on the library, which is nearly all that a flow's
 * model is trained on, once in a process. `set`: the library alone.
 */
function libraryThresholds(set: TrainingSet): Thresholds {
  const key = `${set.language}\n${String(set.phrases.some(({ vector }) => vector !== undefined))}`;
  const thresholds = found.get(key) ?? calibrate(set);
  found.set(key, thresholds);
  return thresholds;
}

/** The same, kept in a file over restarts: finding them costs more than training a model. `library`: its set, if it is needed. */
export function keptThresholds(library: () => TrainingSet, file: string | undefined, clock: Clock): Thresholds {
  const kept = file === undefined ? undefined : (readTrained(file, clock) as Thresholds | undefined);
  if (kept !== undefined) return kept;
  const thresholds = libraryThresholds(library());
  if (file !== undefined) writeTrained(file, thresholds);
  return thresholds;
}
