import { createHash } from 'node:crypto';
import { calibrate } from './calibrate.js';
import { IntentModel, trainingSet } from './intent-model.js';
import type { IntentModelData, TrainingSet } from './intent-model.js';
import { normaliserOf } from './normalise.js';
import { libraryOf } from './universal/library.js';

/** Label to the phrases of the flow. The universal library adds its own to labels that it knows. */
export type OwnPhrases = ReadonlyMap<string, readonly string[]>;

/** Equal for what gives the same model. */
export function trainingKey(language: string, own: OwnPhrases): string {
  return createHash('sha256').update(JSON.stringify([language, ...own])).digest('hex');
}

/** A phrase of the flow belongs to its first label, whatever the library says; the library fills up. */
export function gatherPhrases(language: string, own: OwnPhrases): TrainingSet {
  const normalise = normaliserOf(language);
  const { universal, background } = libraryOf(language);
  const taken = new Set<string>();
  const free = (phrase: string): boolean => !taken.has(normalise(phrase));
  const phrases = new Map<string, string[]>();
  for (const source of [own, universal]) {
    for (const label of own.keys()) {
      const fresh = (source.get(label) ?? []).filter(free);
      phrases.set(label, [...(phrases.get(label) ?? []), ...fresh]);
      fresh.forEach((phrase) => taken.add(normalise(phrase)));
    }
  }
  const others = [...universal].filter(([label]) => !own.has(label)).flatMap(([, group]) => group);
  return trainingSet(language, phrases, [...others, ...background].filter(free), [...own.values()].flat());
}

/** Takes one to a few seconds: the thresholds are found by leaving phrases out. */
export function trainIntents(language: string, own: OwnPhrases): IntentModel {
  return IntentModel.restore(trainSet(gatherPhrases(language, own)));
}

export function trainSet(set: TrainingSet): IntentModelData {
  return IntentModel.train(set, calibrate(set));
}
