import type { Rule } from './rule.js';
import { groupDigits, spellDigits, spellGroups } from './words.js';

function groups(written: string): string[] {
  const parts = written.match(/\d+/g) ?? [];
  // Written in one piece it still needs breaths.
  return parts.flatMap((part) => (part.length > 5 ? groupDigits(part) : [part]));
}

/** `+1 415 555 0100`, `+14155550100`, `(415) 555-0100`, `415-555-0100`, `1-800-555-0100`, `555-0100`, `020 7946 0018`; and `ext. 12`. */
export const phones: Rule = (text) =>
  text
    .replace(/\+(\d{1,3}(?:[ .()-]{0,2}\d{1,12}){1,6})(?!\d)/g, (whole: string, written: string) => {
      const digits = written.replace(/\D/g, '');
      if (digits.length < 7 || digits.length > 15) return whole;
      // A North American number in one piece: country code, area, exchange, line.
      const one = /^1\d{10}$/.test(digits) && !/\D/.test(written) ? ['1', digits.slice(1, 4), digits.slice(4, 7), digits.slice(7)] : undefined;
      return `plus ${spellGroups(one ?? groups(written))}`;
    })
    .replace(/(?<![\d$€£¥.])(?:(1)[ .-])?(?:\((\d{3})\)\s?|(\d{3})[ .-])(\d{3})[ .-](\d{4})(?![\d%])/g, (_whole, country: string | undefined, a: string | undefined, b: string | undefined, c: string, d: string) =>
      spellGroups([country ?? '', a ?? b ?? '', c, d]))
    .replace(/(?<![\d$€£¥.-])(\d{3})-(\d{4})(?![\d-])/g, (_whole, a: string, b: string) => spellGroups([a, b]))
    .replace(/(?<![\d$€£¥.])0\d{2,4}(?:[ -]\d{3,4}){1,3}(?!\d)/g, (whole: string) => spellGroups(groups(whole)))
    .replace(/\b(?:ext|extn|x)\.?\s?(\d{1,6})\b/gi, (_whole, digits: string) => `extension ${spellDigits(digits)}`);
