import type { Rule } from './rule.js';
import { cardinal, decimal, ordinal, year } from './words.js';

const FRACTIONS: Readonly<Record<string, string>> = { '1/2': 'one half', '1/3': 'one third', '2/3': 'two thirds', '1/4': 'one quarter', '3/4': 'three quarters', '1/8': 'one eighth' };
const ROMAN_FREE_YEAR = /^(?:1[5-9]\d\d|20\d\d)$/;

/** What is left: ordinals, fractions, ranges, thousands, decimals, years, plain integers. */
export const numbers: Rule = (text) =>
  text
    .replace(/\b(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b/gi, (_whole, digits: string) => ordinal(digits.replaceAll(',', '')))
    .replace(/\b24\/7\b/g, 'twenty-four seven')
    // NFKC writes a fraction sign as U+2044.
    .replace(/(?<![\d/.])(?:(\d+)\s+)?(\d)[/\u2044](\d)(?![\d/.]*\d)/g, (whole: string, count: string | undefined, top: string, bottom: string) => {
      const said = FRACTIONS[`${top}/${bottom}`];
      if (said === undefined) return whole;
      return count === undefined ? said : `${cardinal(count)} and ${said.replace(/^one half$/, 'a half').replace(/^one quarter$/, 'a quarter')}`;
    })
    .replace(/(?<![\d.,])(\d+)\/(\d+)(?![\d.,]*\d)/g, '$1 out of $2')
    .replace(/(\d)\s*-\s*(?=\d)/g, '$1 to ')
    .replace(/(\d)\s*[x×]\s*(?=\d)/g, '$1 by ')
    .replace(/(?<![\w.,])-(?=\d)/g, 'minus ')
    // Versions and addresses: more than one dot.
    .replace(/(?<![\d.])\d+(?:\.\d+){2,}(?![\d])/g, (whole: string) => whole.split('.').map(cardinal).join(' dot '))
    .replace(/(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d*)\.(\d+)(?![\d])/g, (_whole, digits: string, fraction: string) => decimal(digits.replaceAll(',', ''), fraction))
    .replace(/(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d)/g, (whole: string) => cardinal(whole.replaceAll(',', '')))
    .replace(/\d+/g, (whole: string, at: number, all: string) => {
      const words = ROMAN_FREE_YEAR.test(whole) && /\b(?:in|of|since|until|by|from|to|year|for|before|after|and|through),?\s+$|^\s*$/i.test(all.slice(0, at)) ? year(whole) : cardinal(whole);
      // "3pm" has been read; "4x" or "7up" still hold their letters, which must not stick to the words.
      const before = /[A-Za-z]$/.test(all.slice(0, at)) ? ' ' : '';
      const after = /^[A-Za-z]/.test(all.slice(at + whole.length)) ? ' ' : '';
      return before + words + after;
    });
