import { beyondCourtesy, contentWords } from './words.js';
import type { Reading } from './reading.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * Of a clause that states nothing ("would you like to hear more about the card?"): do
 * its words come from somewhere, and not from the caller alone? A small model without
 * an answer gives the question back.
 */
export interface Founding {
  isUnfounded(clause: Reading): boolean;
  isParroted(clause: Reading): boolean;
}

/** This much of it must be words of the facts, the values, the names or the caller. */
const FOUNDED = 0.65;
/** Shares of a clause that are the caller's words alone, and of clauses how long. */
const PARROTED = { en: { share: 0.75, words: 4 }, zh: { share: 0.6, words: 5 } } as const;

export function createFounding(ours: readonly Reading[], names: ReadonlySet<string>, theirs: readonly Reading[]): Founding {
  const wordsOf = (readings: readonly Reading[]): Set<string> => new Set(readings.flatMap(({ text, words, language }) => pieces(text, words, language)));
  const our = new Set([...wordsOf(ours), ...names]);
  const their = wordsOf(theirs);
  return {
    isUnfounded({ text, words, language }) {
      const topics = beyondCourtesy(text, words, language);
      return topics.length > 0 && topics.filter((topic) => our.has(topic) || their.has(topic)).length / topics.length < FOUNDED;
    },
    isParroted({ text, words, language }) {
      const said = pieces(text, words, language);
      const { share, words: atLeast } = PARROTED[language];
      return said.length >= atLeast && said.filter((word) => their.has(word) && !our.has(word)).length / said.length >= share;
    },
  };
}

/** Chinese: characters, as for what is beyond courtesy. */
function pieces(text: string, words: readonly string[], language: SlotLanguage): readonly string[] {
  return language === 'zh' ? contentWords(text, 'zh').flatMap((pair) => [...pair]) : words;
}
