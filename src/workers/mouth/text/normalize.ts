import { abbreviations } from './abbreviations.js';
import { addresses } from './addresses.js';
import { codes } from './codes.js';
import { dates } from './dates.js';
import { stripMarkup } from './markup.js';
import { money } from './money.js';
import { numbers } from './numbers.js';
import { phones } from './phones.js';
import type { Rule } from './rule.js';
import { symbols } from './symbols.js';
import { times } from './times.js';
import { units } from './units.js';

/**
 * The order is the meaning: an address keeps its dots from the sentence, a date
 * its dashes from the ranges, a price its figures from the codes, and what still
 * has digits after all of them is a number.
 */
const RULES: readonly Rule[] = [stripMarkup, addresses, dates, times, abbreviations, money, phones, units, codes, numbers, symbols];

/**
 * Written English as it is read aloud: words and `.,;:!?` only, no digits.
 * `language` is BCP 47; only its region matters (the order of day and month).
 */
export function normalizeEnglish(text: string, language: string): string {
  const reading = { dayFirst: /^en-(?!us\b|ca\b)[a-z]{2}\b/i.test(language) };
  return RULES.reduce((written, rule) => rule(written, reading), text);
}
