import type { AnswerKind } from '../dialogue.js';
import { spokenDigits } from './digits.js';
import { clearYesNo } from './yes-no.js';

/**
 * The words so far are a whole answer, so that the turn may end after the short
 * delay. For the `isComplete` hook of the turn taker.
 */
export function isCompleteAnswer(text: string, kind: AnswerKind, digits?: { readonly maxDigits: number }): boolean {
  switch (kind) {
    case 'yes_no':
      return clearYesNo(text) !== undefined;
    case 'digits':
      return digits !== undefined && spokenDigits(text).length >= digits.maxDigits;
    case 'open':
      return false;
  }
}
