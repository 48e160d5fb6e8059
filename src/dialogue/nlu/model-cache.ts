import { createHash } from 'node:crypto';
import { IntentModel } from './intent-model.js';
import { normalise } from './normalise.js';
import { backgroundEn, universalEn } from './universal/en.js';

/** Many questions, and many versions of a flow, share their labels; training is the slow part of loading. */
const MAX_MODELS = 64;
const models = new Map<string, IntentModel>();

/** `own`: label to the phrases of the flow; the universal library adds its own. Trained at most once. */
export function intentModel(own: ReadonlyMap<string, readonly string[]>): IntentModel {
  const key = createHash('sha256').update(JSON.stringify([...own])).digest('hex');
  let model = models.get(key);
  models.delete(key);
  model ??= train(own);
  models.set(key, model);
  const oldest = models.keys().next();
  if (models.size > MAX_MODELS && oldest.done !== true) models.delete(oldest.value);
  return model;
}

/** A phrase of the flow belongs to its first label, whatever the library says; the library fills up. */
function train(own: ReadonlyMap<string, readonly string[]>): IntentModel {
  const taken = new Set<string>();
  const free = (phrase: string): boolean => !taken.has(normalise(phrase));
  const phrases = new Map<string, string[]>();
  for (const source of [own, universalEn]) {
    for (const label of own.keys()) {
      const fresh = (source.get(label) ?? []).filter(free);
      phrases.set(label, [...(phrases.get(label) ?? []), ...fresh]);
      fresh.forEach((phrase) => taken.add(normalise(phrase)));
    }
  }
  const others = [...universalEn].filter(([label]) => !own.has(label)).flatMap(([, group]) => group);
  return IntentModel.train(phrases, [...others, ...backgroundEn].filter(free), [...own.values()].flat());
}
