import type { Guess } from '../nlu/intent-model.js';
import type { ProgramAsk } from '../program.js';
import { spokenDigits } from './digits.js';
import { heardTime } from './time.js';
import { STOP_CALLING, speaksOfCalls } from './stop-wish.js';
import { afterTurn } from './turn.js';
import { clearYesNo, leadingYesNo } from './yes-no.js';
import { chineseDigits } from '../slots/digit-string.js';
import { READ_BACK_BELOW, lastMeant } from '../slots/readings.js';
import type { SlotLanguage } from '../slots/slot-type.js';
import { datetime } from '../slots/when.js';
import { yesNo } from '../slots/yes-no.js';

/** What an utterance means at a question. `note` goes into the record and holds no words of the caller. */
export type Understood =
  /** `sure`, 0 to 1: 1 is a phrase that stands so in the flow or the library. */
  | { readonly type: 'intent'; readonly label: string; readonly sure: number; readonly note: string }
  | { readonly type: 'answer'; readonly value: string | boolean; readonly note: string }
  /** Between the two thresholds: the same guess twice is believed. */
  | {
      readonly type: 'unsure';
      readonly label: string;
      /** The other of the two best, if it is close: what "did you mean ... or ...?" asks about. */
      readonly rival: string | undefined;
      /** By how much the best leads, 0 to 1. */
      readonly margin: number;
      readonly note: string;
    }
  | { readonly type: 'nothing'; readonly note: string };

export interface Moment {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly language: SlotLanguage;
  /** What was said, as models know it: with stand-ins for names of the call. */
  readonly asTaught?: ((text: string) => string) | undefined;
  /** Sentence vector of that, if it is at hand. */
  readonly meaningOf?: ((text: string) => Float32Array | undefined) | undefined;
}

export function understand(ask: ProgramAsk, text: string, moment: Moment): Understood {
  if (text.trim() === '') return { type: 'nothing', note: 'no words' };
  const turned = turnedTo(ask, text, moment);
  if (turned !== undefined) return turned;
  const answer = directAnswer(ask, text, moment);
  // A plain yes or a whole number needs no model.
  if (answer !== undefined && ask.answer !== 'time') return answer;
  const meant = byModel(ask, text, moment);
  if (answer !== undefined) {
    // "Call me tomorrow at three" is the answer here, whatever intent it resembles; "stop calling me today" is not.
    return meant?.type === 'intent' && ask.actions.has(meant.label) && meant.label !== 'call_later' && meant.label !== 'busy_now' ? meant : answer;
  }
  if (meant?.type === 'intent') return meant;
  if (ask.answer === 'text') return { type: 'answer', value: text.trim(), note: 'text' };
  return meant ?? { type: 'nothing', note: `no ${ask.answer}` };
}

/** A clause that is no wish where it stands (`spokenOf`) is none, whatever it is by itself. */
export function withoutWish(meant: Understood, spokenOf: boolean): Understood {
  return spokenOf && meant.type === 'intent' && meant.label === STOP_CALLING ? { type: 'nothing', note: `no ${STOP_CALLING}` } : meant;
}

/** "No thanks. Oh well, actually, go on": what was said last is meant, if it is clear by itself. */
function turnedTo(ask: ProgramAsk, text: string, moment: Moment): Understood | undefined {
  const rest = ask.answer === 'yes_no' || ask.answer === 'intents' ? afterTurn(text, moment.language) : undefined;
  const meant = rest === undefined ? undefined : understand(ask, rest, moment);
  return meant?.type === 'answer' || meant?.type === 'intent' ? { ...meant, note: `${meant.note} after a turn` } : undefined;
}

function directAnswer(ask: ProgramAsk, text: string, moment: Moment): Understood | undefined {
  switch (ask.answer) {
    case 'yes_no': {
      const clear = clearly(text, moment, 0.9);
      return clear === undefined ? undefined : { type: 'answer', value: clear === 'yes', note: clear };
    }
    case 'digits': {
      const digits = moment.language === 'zh' ? chineseDigits(text) : spokenDigits(text);
      return fits(ask, digits) ? { type: 'answer', value: digits, note: `digits ${digits.length}` } : undefined;
    }
    case 'time': {
      // "Tomorrow at four. No, sorry, at five": only the reading of slots takes corrections.
      const time = moment.language === 'zh' || lastMeant(text) !== text ? slotTime(text, moment) : heardTime(text, moment.nowMs, moment.timeZone)?.iso;
      return time === undefined ? undefined : { type: 'answer', value: time, note: 'time' };
    }
    case 'intents':
    case 'text':
      return undefined;
  }
}

export function fits(ask: ProgramAsk, digits: string): boolean {
  return ask.digits !== undefined && digits.length >= ask.digits.minDigits && digits.length <= ask.digits.maxDigits;
}

/** Two guesses this near to each other are a choice to be put to the caller. */
const CLOSE = 0.15;

/** By the scores of the intents alone, whatever else the words are. */
export function byModel(ask: ProgramAsk, text: string, moment: Moment): Understood | undefined {
  const [guess, second] = guesses(ask, text, moment);
  const lead = ask.answer === 'yes_no' ? (moment.language === 'zh' ? clearly(text, moment, READ_BACK_BELOW) : leadingYesNo(text)) : undefined;
  if (lead !== undefined && (guess === undefined || guess.score < ask.accept)) return { type: 'answer', value: lead === 'yes', note: `${lead} leads` };
  if (guess === undefined) return undefined;
  const score = guess.score.toFixed(2);
  if (guess.score < ask.askAgain) return { type: 'nothing', note: `none ${score}` };
  if (guess.score < ask.accept) {
    const rival = second !== undefined && second.score >= guess.score - CLOSE ? second.label : undefined;
    return { type: 'unsure', label: guess.label, rival, margin: guess.score - (second?.score ?? 0), note: `unsure:${guess.label} ${score}` };
  }
  if (ask.answer === 'yes_no' && !ask.actions.has(guess.label)) return { type: 'answer', value: guess.label === 'yes', note: `${guess.label} ${score}` };
  return { type: 'intent', label: guess.label, sure: guess.score, note: `intent:${guess.label} ${score}` };
}

/** "You never call me back" has the words of the wish, and is none; "don't call me before nine" asks for something else. */
function guesses(ask: ProgramAsk, text: string, moment: Moment): Guess[] {
  const taught = moment.asTaught?.(text) ?? text;
  const all = ask.model === undefined ? [] : outcomesByScore(ask, ask.model.classify(taught, moment.meaningOf?.(taught)));
  if (!ask.actions.has(STOP_CALLING)) return all;
  const speaks = speaksOfCalls(text, moment.language);
  return speaks === 'mention' || speaks === 'bounded' ? all.filter(({ label, score }) => label !== STOP_CALLING || score === 1) : all;
}

/**
 * "I'm busy, call me later" is two intents. Where both lead to the same place it does
 * not matter which one is meant, so that their scores add up.
 */
function outcomesByScore(ask: ProgramAsk, guesses: readonly Guess[]): Guess[] {
  const outcomes = new Map<string, Guess>();
  for (const guess of guesses) {
    const key = ask.outcomes.get(guess.label) ?? guess.label;
    const first = outcomes.get(key);
    outcomes.set(key, first === undefined ? guess : { label: first.label, score: Math.min(1, first.score + guess.score) });
  }
  return [...outcomes.values()].sort((left, right) => right.score - left.score);
}

function clearly(text: string, moment: Moment, sure: number): 'yes' | 'no' | undefined {
  if (moment.language === 'en') return clearYesNo(text);
  const reading = yesNo.hear(text, { ...moment, settings: {}, previous: undefined });
  return reading?.kind === 'value' && reading.sure >= sure ? (reading.value === true ? 'yes' : 'no') : undefined;
}

function slotTime(text: string, moment: Moment): string | undefined {
  const reading = datetime.hear(text, { ...moment, settings: {}, previous: undefined });
  return reading?.kind === 'value' ? String(reading.value) : undefined;
}
