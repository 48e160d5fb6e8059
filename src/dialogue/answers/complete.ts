import type { AnswerKind } from '../dialogue.js';
import { chineseDigits } from '../slots/digit-string.js';
import { yesNo } from '../slots/yes-no.js';
import { spokenDigits } from './digits.js';
import { clearYesNo } from './yes-no.js';

/** From here on a reading is the whole answer, and not only how one begins. */
const WHOLE_SURE = 0.9;

/**
 * The words so far are a whole answer, so that the turn may end after the short
 * delay. For the `isComplete` hook of the turn taker; what is said in hanzi is read as
 * Chinese.
 */
export function isCompleteAnswer(text: string, kind: AnswerKind, digits?: { readonly maxDigits: number }): boolean {
  const chinese = /\p{Script=Han}/u.test(text);
  switch (kind) {
    case 'yes_no':
      return chinese ? isChineseYesNo(text) : clearYesNo(text) !== undefined;
    case 'digits':
      return digits !== undefined && (chinese ? chineseDigits(text) : spokenDigits(text)).length >= digits.maxDigits;
    case 'open':
      return false;
  }
}

function isChineseYesNo(text: string): boolean {
  const reading = yesNo.hear(text, { language: 'zh', nowMs: 0, timeZone: 'UTC', settings: {}, previous: undefined });
  return reading?.kind === 'value' && reading.sure >= WHOLE_SURE;
}
