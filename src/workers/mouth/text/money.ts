import type { Rule } from './rule.js';
import { cardinal, decimal, plural } from './words.js';

interface Currency {
  readonly one: string;
  readonly many: string;
  /** None: the currency has no hundredths in daily use. */
  readonly cent?: readonly [one: string, many: string];
}

const CURRENCIES: Readonly<Record<string, Currency>> = {
  $: { one: 'dollar', many: 'dollars', cent: ['cent', 'cents'] },
  '€': { one: 'euro', many: 'euros', cent: ['cent', 'cents'] },
  '£': { one: 'pound', many: 'pounds', cent: ['penny', 'pence'] },
  '¥': { one: 'yen', many: 'yen' },
  '₹': { one: 'rupee', many: 'rupees', cent: ['paisa', 'paise'] },
};
const CODES: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹' };
const SCALES: Readonly<Record<string, string>> = { k: 'thousand', m: 'million', mm: 'million', b: 'billion', bn: 'billion', thousand: 'thousand', million: 'million', billion: 'billion', trillion: 'trillion' };

const AMOUNT = '(\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.(\\d+))?';

function say(currency: Currency, written: string, fraction: string | undefined, scale: string | undefined): string {
  const whole = written.replaceAll(',', '');
  if (scale !== undefined) return `${decimal(whole, fraction)} ${SCALES[scale.toLowerCase()]!} ${currency.many}`;
  const main = `${cardinal(whole)} ${plural(whole, currency.one, currency.many)}`;
  if (fraction === undefined || /^0+$/.test(fraction)) return main;
  // More than two places is a rate, not an amount that one can pay.
  if (!currency.cent || fraction.length > 2) return `${decimal(whole, fraction)} ${currency.many}`;
  const cents = fraction.padEnd(2, '0');
  const small = `${cardinal(cents)} ${plural(cents, currency.cent[0], currency.cent[1])}`;
  return /^0+$/.test(whole) ? small : `${main} and ${small}`;
}

/** `$1,234.50`, `€5`, `-$3.20`, `$1.2M`, `12.50 EUR`, `20€`, `50¢`, `$5-10`. */
export const money: Rule = (text) =>
  text
    .replace(/([$€£¥₹])(\d[\d,.]*)\s*-\s*\1?(\d)/g, (_whole, sign: string, low: string, high: string) => `${sign}${low} to ${sign}${high}`)
    .replace(/-(?=[$€£¥₹]\d)/g, 'minus ')
    .replace(new RegExp(`(?:US|CA|AU)?([$€£¥₹])\\s?${AMOUNT}(?:\\s?(k|m|mm|bn?|thousand|million|billion|trillion)\\b)?`, 'gi'), (_whole, sign: string, whole: string, fraction?: string, scale?: string) =>
      say(CURRENCIES[sign]!, whole, fraction, scale))
    .replace(new RegExp(`\\b(USD|EUR|GBP|JPY|INR)\\s?${AMOUNT}`, 'g'), (_whole, code: string, whole: string, fraction?: string) => say(CURRENCIES[CODES[code]!]!, whole, fraction, undefined))
    .replace(new RegExp(`(?<![\\d.,])${AMOUNT}\\s?(?:(USD|EUR|GBP|JPY|INR)\\b|([€£¥₹]))`, 'g'), (_whole, whole: string, fraction: string | undefined, code: string | undefined, sign: string | undefined) =>
      say(CURRENCIES[sign ?? CODES[code ?? '']!]!, whole, fraction, undefined))
    .replace(/\b(\d{1,2})\s?¢/g, (_whole, cents: string) => `${cardinal(cents)} ${plural(cents, 'cent', 'cents')}`);
