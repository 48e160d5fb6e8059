import { createHash } from 'node:crypto';

/** Label to the phrases that a question of the flow brings for it. The universal library adds its own to labels that it knows. */
export type OwnPhrases = ReadonlyMap<string, readonly string[]>;

/** Names the phrases; '' if there are none. */
export function ownName(phrases: readonly string[]): string {
  return phrases.length === 0 ? '' : createHash('sha256').update(JSON.stringify(phrases)).digest('hex').slice(0, 16);
}
