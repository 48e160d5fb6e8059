import type { ProgramAsk } from '../program.js';
import { spokenDigits } from './digits.js';
import { heardTime } from './time.js';
import { clearYesNo } from './yes-no.js';

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
  const best = ask.model?.classify(text)[0];
  if (best === undefined) return undefined;
  const score = best.score.toFixed(2);
  if (best.score < ask.askAgain) return { type: 'nothing', note: `none ${score}` };
  if (best.score < ask.accept) return { type: 'unsure', label: best.label, note: `unsure:${best.label} ${score}` };
  if (ask.answer === 'yes_no' && !ask.actions.has(best.label)) return { type: 'answer', value: best.label === 'yes', note: `${best.label} ${score}` };
  return { type: 'intent', label: best.label, note: `intent:${best.label} ${score}` };
}
