import type { Rule } from './rule.js';
import { groupDigits, spellDigits, spellGroups } from './words.js';

/** Words after which figures are a name and not a quantity. */
const NAMED = '(account|acct|card|code|pin|passcode|reference|ref|confirmation|tracking|order|booking|ticket|case|serial|routing|policy|member|customer|extension|zip|flight|ending in|ends in|ending with|last four digits)';

/** A lone "A" before a figure would be read as the article; the comma makes it a letter. */
function letters(piece: string): string {
  return piece === 'A' ? 'A,' : [...piece].join(' ');
}

function mixed(code: string): string {
  return code
    .split('-')
    .map((part) => (part.match(/[A-Z]+|\d+/g) ?? []).map((piece) => (/\d/.test(piece) ? spellDigits(piece) : letters(piece))).join(' '))
    .join(', ');
}

/** Account numbers, codes and every other long string of digits: one by one, in groups. */
export const codes: Rule = (text) =>
  text
    // Card style: 4111 1111 1111 1111, 12-34-56.
    .replace(/(?<![\d.,$€£¥])\d{2,4}(?:[ -]\d{2,4}){2,5}(?![\d.,]*\d)/g, (whole: string) => spellGroups(whole.split(/[ -]/)))
    .replace(/\b(?=[A-Z\d-]*\d)(?=[A-Z\d-]*[A-Z])[A-Z\d]{1,12}(?:-[A-Z\d]{1,12}){0,4}\b(?!['’]?[a-z])/g, (whole: string) =>
      // "5G" and "A4" are said as they stand; "A 4 7" is a code.
      whole.length >= 3 ? mixed(whole) : whole.replace(/\d/g, (digit) => ` ${spellDigits(digit)} `).trim().replace(/\s+/g, ' '))
    .replace(new RegExp(`\\b${NAMED}((?:\\s+(?:number|no\\.?|id|is|of)){0,2}:?\\s+#?)(\\d{2,})(?![\\d,.]*\\d|%)`, 'gi'), (_whole, word: string, between: string, digits: string) =>
      `${word}${between.replace('#', '')}${spellGroups(groupDigits(digits))}`)
    .replace(/(?<![\d.,])0\d+(?![\d.,]*\d|%)/g, (whole: string) => spellGroups(groupDigits(whole)))
    .replace(/(?<![\d.,])\d{5,}(?![\d.,]*\d|%)/g, (whole: string) => spellGroups(groupDigits(whole)));
