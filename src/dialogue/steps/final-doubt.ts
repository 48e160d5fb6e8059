import { clausesIn, withoutClauses } from '../answers/clauses.js';
import { STOP_CALLING, callsIn, speaksOfCalls } from '../answers/stop-wish.js';
import { byModel } from '../answers/understand.js';
import { WRONG_NUMBER, saysWrongNumber } from '../answers/wrong-number.js';
import type { Template } from '../flow/prompt.js';
import type { ProgramQuestion } from '../program.js';
import { CLEAR, forIntents } from './intents.js';
import { WAIT } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** Of a long talk so many parts are looked up. */
const LOOKED_UP = 8;
/** A caller who has denied it twice is not asked a third time; a score, which may err again, is not asked about after the first. */
const MOST_DENIED = 2;
/** "Please leave me alone" stands so in the library without its first word. */
const COURTESY = /^(?:(?:please|just|no|yes|well|okay|look|and|so|hey|oh|sorry|can you|could you|will you)[\s,]+)+|(?:[\s,]+(?:please|okay|thanks|thank you|now|man|sir))+[\s.!]*$/giu;

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
    return !spoken.some(({ speaks }) => speaks === 'wish') && scoreOf(talk, node, label, [text, ...spoken.filter(({ speaks }) => speaks === undefined).map(({ clause }) => clause.text)]) < 1;
  }
  if (label !== WRONG_NUMBER) return false;
  return scoreOf(talk, node, label, partsOf(talk, text)) < (saysWrongNumber(text, language) ? CLEAR : 1);
}

/** How sure it is, at best, in the whole or a part of it; 1 is a phrase of the flow or the library. */
function scoreOf(talk: TalkState, node: ProgramQuestion, label: string, texts: readonly string[]): number {
  const ask = forIntents(node);
  const said = texts.slice(0, LOOKED_UP).flatMap((text) => [text, text.replace(COURTESY, '')]);
  return Math.max(0, ...[...new Set(said)].map((one) => {
    const meant = byModel(ask, one, talk.moment());
    return meant?.type === 'intent' && meant.label === label ? meant.sure : 0;
  }));
}

function partsOf(talk: TalkState, text: string): string[] {
  return [text, ...clausesIn(text, talk.program.language).map((clause) => clause.text)];
}

/** The caller was asked, and has not meant it. */
export function isDenied(talk: TalkState, label: string): boolean {
  const denied = talk.finalsDenied.get(label) ?? 0;
  return denied >= (mayBeSaid(talk, label) ? MOST_DENIED : 1);
}

/** Too faint to be asked about the first time: "no one is here" may be an answer, and "I don't know" is one wherever a value is asked for. */
export function isFaint(talk: TalkState, node: ProgramQuestion, label: string): boolean {
  if (label !== WRONG_NUMBER || scoreOf(talk, node, label, partsOf(talk, talk.heard ?? '')) >= CLEAR) return false;
  if (node.kind !== 'collect' && talk.unsureLabel === label) return false;
  talk.unsureLabel = label;
  return true;
}

export function askWhether(talk: TalkState, node: ProgramQuestion, label: string): Move {
  const text = talk.heard ?? '';
  const isLikely = label === STOP_CALLING && (mayBeSaid(talk, label) || scoreOf(talk, node, label, partsOf(talk, text)) >= CLEAR);
  talk.finalAsked = { label, isLikely, rest: restOf(talk, label, text), failures: 0 };
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

/** What was said beside the doubtful words. */
function restOf(talk: TalkState, label: string, text: string): string {
  if (label !== STOP_CALLING) return '';
  const spoken = callsIn(text, talk.program.language);
  const taken = new Set(spoken.filter(({ speaks }) => speaks !== undefined).map(({ clause }) => clause));
  return taken.size === 0 || taken.size === spoken.length ? '' : withoutClauses(text, spoken.map(({ clause }) => clause), taken);
}

function mayBeSaid(talk: TalkState, label: string): boolean {
  return label === STOP_CALLING && talk.heard !== undefined && speaksOfCalls(talk.heard, talk.program.language) === 'doubt';
}
