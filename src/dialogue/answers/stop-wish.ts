import type { SlotLanguage } from '../slots/slot-type.js';
import { clausesIn } from './clauses.js';
import type { Clause } from './clauses.js';
import { strongest } from './speaks-of-calls.js';
import type { Around, SpeaksOfCalls } from './speaks-of-calls.js';
import { speaksOfCallsEn } from './stop-wish-en.js';
import { speaksOfCallsZh } from './stop-wish-zh.js';

/** Label of the wish in the library. */
export const STOP_CALLING = 'stop_calling';

const SPEAKS: Readonly<Record<SlotLanguage, (clause: string, around: Around) => SpeaksOfCalls>> = { en: speaksOfCallsEn, zh: speaksOfCallsZh };

/** So far after a clause its words are looked at, characters. */
const NEAR = 300;
/** One sentence ends there, and what it told of. */
const SENTENCE_END = /[.!?;。！？；]/u;

/** All clauses of an utterance, and how each speaks of calls. By words and not by a score: what stands beside it makes no wish fainter. */
export function callsIn(text: string, language: SlotLanguage): { readonly clause: Clause; readonly speaks: SpeaksOfCalls }[] {
  const clauses = clausesIn(text, language, Infinity);
  return clauses.map((clause, at) => {
    const last = clauses[at - 1];
    // "He told me: stop calling": what leads up to the words may stand in the clause before.
    const before = last === undefined || SENTENCE_END.test(text.slice(last.to, clause.from)) ? '' : last.text;
    return { clause, speaks: SPEAKS[language](clause.text, { before, after: text.slice(clause.to, clause.to + NEAR) }) };
  });
}

/** How the whole speaks of them: by the clause that is most of a wish. */
export function speaksOfCalls(text: string, language: SlotLanguage): SpeaksOfCalls {
  return strongest(callsIn(text, language).map(({ speaks }) => speaks));
}

/** Clauses, by where they begin, in which the whole only speaks of calls: "don't call" is one before "leave it with my neighbor", whatever it is by itself. */
export function onlySpokenOf(text: string, language: SlotLanguage): ReadonlySet<number> {
  return new Set(callsIn(text, language).flatMap(({ clause, speaks }) => (speaks === 'mention' || speaks === 'bounded' ? [clause.from] : [])));
}
