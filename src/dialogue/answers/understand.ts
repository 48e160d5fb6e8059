import type { Guess } from '../nlu/intent-model.js';
import type { ProgramAsk } from '../program.js';
import { spokenDigits } from './digits.js';
import { heardTime } from './time.js';
import { clearYesNo, leadingYesNo } from './yes-no.js';

/** What an utterance means at a question. `note` goes into the record and holds no words of the caller. */
export type Understood =
  | { readonly type: 'intent'; readonly label: string; readonly note: string }
  | { readonly type: 'answer'; readonly value: string | boolean; readonly note: string }
  /** Between the two thresholds: the same guess twice is believed. */
  | { readonly type: 'unsure'; readonly label: string; readonly note: string }
  | { readonly type: 'nothing'; readonly note: string };

export interface Moment {
  readonly nowMs: number;
  readonly timeZone: string;
}

export function understand(ask: ProgramAsk, text: string, moment: Moment): Understood {
  if (text.trim() === '') return { type: 'nothing', note: 'no words' };
  const answer = directAnswer(ask, text, moment);
  // A plain yes or a whole number needs no model.
  if (answer !== undefined && ask.answer !== 'time') return answer;
  const meant = byModel(ask, text);
  if (answer !== undefined) {
    // "Call me tomorrow at three" is the answer here, whatever intent it resembles; "stop calling me today" is not.
    return meant?.type === 'intent' && ask.actions.has(meant.label) && meant.label !== 'call_later' && meant.label !== 'busy_now' ? meant : answer;
  }
  if (meant?.type === 'intent') return meant;
  if (ask.answer === 'text') return { type: 'answer', value: text.trim(), note: 'text' };
  return meant ?? { type: 'nothing', note: `no ${ask.answer}` };
}

function directAnswer(ask: ProgramAsk, text: string, moment: Moment): Understood | undefined {
  switch (ask.answer) {
    case 'yes_no': {
      const clear = clearYesNo(text);
      return clear === undefined ? undefined : { type: 'answer', value: clear === 'yes', note: clear };
    }
    case 'digits': {
      const digits = spokenDigits(text);
      return fits(ask, digits) ? { type: 'answer', value: digits, note: `digits ${digits.length}` } : undefined;
    }
    case 'time': {
      const time = heardTime(text, moment.nowMs, moment.timeZone);
      return time === undefined ? undefined : { type: 'answer', value: time.iso, note: 'time' };
    }
    case 'intents':
    case 'text':
      return undefined;
  }
}

export function fits(ask: ProgramAsk, digits: string): boolean {
  return ask.digits !== undefined && digits.length >= ask.digits.minDigits && digits.length <= ask.digits.maxDigits;
}

function byModel(ask: ProgramAsk, text: string): Understood | undefined {
  const guess = ask.model === undefined ? undefined : bestOutcome(ask, ask.model.classify(text));
  const lead = ask.answer === 'yes_no' ? leadingYesNo(text) : undefined;
  if (lead !== undefined && (guess === undefined || guess.score < ask.accept)) return { type: 'answer', value: lead === 'yes', note: `${lead} leads` };
  if (guess === undefined) return undefined;
  const score = guess.score.toFixed(2);
  if (guess.score < ask.askAgain) return { type: 'nothing', note: `none ${score}` };
  if (guess.score < ask.accept) return { type: 'unsure', label: guess.label, note: `unsure:${guess.label} ${score}` };
  if (ask.answer === 'yes_no' && !ask.actions.has(guess.label)) return { type: 'answer', value: guess.label === 'yes', note: `${guess.label} ${score}` };
  return { type: 'intent', label: guess.label, note: `intent:${guess.label} ${score}` };
}

/**
 * "I'm busy, call me later" is two intents. Where both lead to the same place it does
 * not matter which one is meant, so that their scores add up.
 */
function bestOutcome(ask: ProgramAsk, guesses: readonly Guess[]): Guess | undefined {
  const outcomes = new Map<string, Guess>();
  for (const guess of guesses) {
    const key = ask.outcomes.get(guess.label) ?? guess.label;
    const first = outcomes.get(key);
    outcomes.set(key, first === undefined ? guess : { label: first.label, score: Math.min(1, first.score + guess.score) });
  }
  let best: Guess | undefined;
  for (const guess of outcomes.values()) if (best === undefined || guess.score > best.score) best = guess;
  return best;
}
