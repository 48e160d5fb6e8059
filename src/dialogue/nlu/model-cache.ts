import { join } from 'node:path';
import { systemClock } from '../../kernel/clock.js';
import { userCacheDirectory } from '../../kernel/user-cache.js';
import { IntentModel } from './intent-model.js';
import type { IntentModelData } from './intent-model.js';
import type { OwnPhrases } from './own-phrases.js';
import { TrainedFiles, readTrained, writeTrained } from './trained-files.js';
import { gatherPhrases, keptThresholds, primaryLanguage, trainingKey } from './training.js';

/** Many questions, and many versions of a flow, share their labels; training is the slow part of loading. */
const MAX_MODELS = 64;

/** Values that were costly to make, by key; the one that was longest unused goes first. */
export class ModelCache<T> {
  readonly #models = new Map<string, T>();

  get(key: string, make: () => T): T {
    const model = this.#models.get(key) ?? make();
    this.#models.delete(key);
    this.#models.set(key, model);
    const oldest = this.#models.keys().next();
    if (this.#models.size > MAX_MODELS && oldest.done !== true) this.#models.delete(oldest.value);
    return model;
  }

  delete(key: string): void {
    this.#models.delete(key);
  }
}

const models = new ModelCache<IntentModel>();

const files = new TrainedFiles(join(userCacheDirectory(), 'intents'));

/** Trained here and now, at most once for this user. For programs that have nothing else to do meanwhile; without sentence vectors. */
export function intentModel(language: string, questions: readonly OwnPhrases[]): IntentModel {
  const key = trainingKey(language, questions);
  return models.get(key, () => {
    const path = files.path('model', key, 'words');
    const kept = readTrained(path, systemClock) as IntentModelData | undefined;
    if (kept !== undefined) return IntentModel.restore(kept);
    const thresholds = keptThresholds(() => gatherPhrases(language, []), files.path('thresholds', primaryLanguage(language), 'words'), systemClock);
    const data = IntentModel.train(gatherPhrases(language, questions), thresholds);
    writeTrained(path, data);
    return IntentModel.restore(data);
  });
}
