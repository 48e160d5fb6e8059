import { clausesIn } from '../answers/clauses.js';
import { STOP_CALLING, callsIn, speaksOfCalls } from '../answers/stop-wish.js';
import { byModel } from '../answers/understand.js';
import { WRONG_NUMBER, saysWrongNumber } from '../answers/wrong-number.js';
import type { Template } from '../flow/prompt.js';
import type { ProgramQuestion } from '../program.js';
import { forIntents } from './intents.js';
import { WAIT } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** Of a long talk so many parts are looked up. */
const LOOKED_UP = 8;
/** A caller who has denied it twice is not asked a third time; a score, which may err again, is not asked about after the first. */
const MOST_DENIED = 2;

/**
 * A final no ends the call and keeps a number from being called: nobody is taken at their
 * word who has not said it. Certain are words that say it, and phrases that stand so in the
 * flow or the library; a score alone is not, nor are words that may be told or bounded.
 * What is keyed or chosen is certain, too.
 */
export function isDoubtful(talk: TalkState, node: ProgramQuestion, label: string): boolean {
  const text = talk.heard;
  if (text === undefined) return false;
  const { language } = talk.program;
  if (label === STOP_CALLING) {
    const spoken = callsIn(text, language);
    // "Don't call me" may stand so in the library, and before "I'll call you" be in doubt.
    return !spoken.some(({ speaks }) => speaks === 'wish') && !standsSo(talk, node, label, [text, ...spoken.filter(({ speaks }) => speaks === undefined).map(({ clause }) => clause.text)]);
  }
  return label === WRONG_NUMBER && !saysWrongNumber(text, language) && !standsSo(talk, node, label, [text, ...clausesIn(text, language).map((clause) => clause.text)]);
}

/** The whole, or a clause of it, is a phrase of the flow or the library. */
function standsSo(talk: TalkState, node: ProgramQuestion, label: string, texts: readonly string[]): boolean {
  const ask = forIntents(node);
  return texts.slice(0, LOOKED_UP).some((said) => {
    const meant = byModel(ask, said, talk.moment());
    return meant?.type === 'intent' && meant.label === label && meant.sure === 1;
  });
}

/** The caller was asked, and has not meant it. */
export function isDenied(talk: TalkState, label: string): boolean {
  const denied = talk.finalsDenied.get(label) ?? 0;
  return denied >= (mayBeWords(talk, label) ? MOST_DENIED : 1);
}

export function askWhether(talk: TalkState, node: ProgramQuestion, label: string): Move {
  talk.finalAsked = { label, byWords: mayBeWords(talk, label), failures: 0 };
  talk.decision = `${talk.decision ?? ''} ${label}?`.trim();
  return putFinal(talk, node, label);
}

/** Asks, or asks again. */
export function putFinal(talk: TalkState, node: ProgramQuestion, label: string): Move {
  talk.say([finalWords(talk, label)], node.bargeIn);
  talk.markQuestion();
  talk.listen(node, 'yes_no', { minDigits: 1, maxDigits: 1 });
  return WAIT;
}

export function finalWords(talk: TalkState, label: string): Template {
  const { words } = talk.program;
  return label === STOP_CALLING ? words.stopCalling : words.wrongNumber;
}

function mayBeWords(talk: TalkState, label: string): boolean {
  if (label !== STOP_CALLING || talk.heard === undefined) return false;
  const speaks = speaksOfCalls(talk.heard, talk.program.language);
  return speaks === 'doubt' || speaks === 'bounded';
}
