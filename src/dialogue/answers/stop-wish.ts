import type { SlotLanguage } from '../slots/slot-type.js';
import { clausesIn } from './clauses.js';
import type { Clause } from './clauses.js';
import { speaksOfCallsEn } from './stop-wish-en.js';
import { speaksOfCallsZh } from './stop-wish-zh.js';

/**
 * How a clause speaks of not being called: as the caller's wish ("stop calling me"), of
 * somebody else's or none ("he told me to stop calling", "don't stop calling"), or for a
 * while ("don't call me again before nine"). Undefined: not in words that are known here.
 */
export type SpeaksOfCalls = 'wish' | 'mention' | 'bounded' | undefined;

const SPEAKS: Readonly<Record<SlotLanguage, (clause: string, before: string) => SpeaksOfCalls>> = { en: speaksOfCallsEn, zh: speaksOfCallsZh };

/** One sentence ends there, and what it told of. */
const SENTENCE_END = /[.!?;。！？；]/u;

/** All clauses of an utterance, and how each speaks of calls. By words and not by a score: what stands beside it makes no wish fainter. */
export function callsIn(text: string, language: SlotLanguage): { readonly clause: Clause; readonly speaks: SpeaksOfCalls }[] {
  const clauses = clausesIn(text, language, Infinity);
  return clauses.map((clause, at) => {
    const last = clauses[at - 1];
    // "He told me: stop calling": what leads up to the words may stand in the clause before.
    const before = last === undefined || SENTENCE_END.test(text.slice(last.to, clause.from)) ? '' : last.text;
    return { clause, speaks: SPEAKS[language](clause.text, before) };
  });
}

/** Calling is spoken of, and nobody wishes here that it ends for good. */
export function onlyMentionsCalls(text: string, language: SlotLanguage): boolean {
  const spoken = callsIn(text, language);
  return spoken.some(({ speaks }) => speaks === 'mention' || speaks === 'bounded') && !spoken.some(({ speaks }) => speaks === 'wish');
}
