import { afterNo, partedNumbers } from './denied-values.js';
import { englishNumber } from './number-words-en.js';
import type { NumberFound } from './number-words-en.js';
import { hanziNumber } from './number-words-zh.js';
import { numbersIn } from './number.js';
import { fault, lastMeant, value, without } from './readings.js';
import type { SlotLanguage, SlotSettings, SlotType } from './slot-type.js';

/** Words for the whole and the hundredth of a currency; ISO 4217. */
interface Currency {
  readonly code: string;
  readonly whole: RegExp;
  readonly part: RegExp | undefined;
  readonly en: readonly [one: string, many: string, onePart: string, parts: string];
  readonly zh: readonly [whole: string, part: string];
}

const CURRENCIES: readonly Currency[] = [
  { code: 'CNY', whole: /^\s*(?:yuan|rmb|renminbi|kuai|块钱?|元|圆|人民币)/i, part: /^\s*(?:毛|角|fen\b)/i, en: ['yuan', 'yuan', 'fen', 'fen'], zh: ['元', '分'] },
  { code: 'EUR', whole: /^\s*(?:euros?\b|eur\b|€|欧元)/i, part: /^\s*(?:cents?\b|欧分)/i, en: ['euro', 'euros', 'cent', 'cents'], zh: ['欧元', '欧分'] },
  { code: 'GBP', whole: /^\s*(?:pounds?\b|quid\b|sterling\b|gbp\b|£|英镑)/i, part: /^\s*(?:pence\b|penny\b|便士)/i, en: ['pound', 'pounds', 'penny', 'pence'], zh: ['英镑', '便士'] },
  { code: 'JPY', whole: /^\s*(?:yen\b|jpy\b|日元)/i, part: undefined, en: ['yen', 'yen', '', ''], zh: ['日元', ''] },
  { code: 'HKD', whole: /^\s*(?:hong kong dollars?\b|hkd\b|港币|港元)/i, part: undefined, en: ['Hong Kong dollar', 'Hong Kong dollars', 'cent', 'cents'], zh: ['港币', ''] },
  { code: 'USD', whole: /^\s*(?:(?:us )?dollars?\b|bucks?\b|usd\b|\$|美元|美金|刀)/i, part: /^\s*(?:cents?\b|美分)/i, en: ['dollar', 'dollars', 'cent', 'cents'], zh: ['美元', '美分'] },
];
const SIGNS = new Map([['$', 'USD'], ['€', 'EUR'], ['£', 'GBP']]);

/** After these a number counts something else than money, or names a day or an hour. */
const NO_MONEY_AFTER: Record<SlotLanguage, RegExp> = {
  en: /^\s*(?:(?:st|nd|rd|th)\b|%|per ?cent\b|(?:payments?|install?ments?|times|days?|weeks?|months?|years?|people|persons?|children|kids|cards?|minutes?|hours?|o'?\s?clock)\b|[ap]\.?m\b|(?:of )?(?:january|february|march|april|may|june|july|august|september|october|november|december)\b)/i,
  zh: /^\s*(?:个|次|期|天|日(?!元)|号|月|年|[点時时]|周|星期|礼拜|人(?!民币)|位|张|笔|岁|小时|钟头|分钟|分期|%|成(?!交)|折|楼|层)/,
};
const NO_MONEY_BEFORE: Record<SlotLanguage, RegExp> = {
  en: /\b(?:(?:january|february|march|april|may|june|july|august|september|october|november|december)(?: the)?|(?:by|on|before|until|till) the|at)\s+$/i,
  zh: /(?:第|百分之|尾号)\s*$/,
};
/** What may stand after hundredths that are said without their word: "twelve pounds fifty, please", 五块二吧. */
const NOTHING_MORE: Record<SlotLanguage, RegExp> = { en: /^[\s,.?!]*(?:please|thanks|thank you)?[\s.?!]*$/i, zh: /^(?:吧|呢|啊|左右|就行|就好|可以|[\s，,。.？?！!])*$/ };

/** One sum: a number, with its hundredths if they were said apart. */
interface Sum {
  readonly total: number;
  readonly sure: number;
  readonly currency: Currency | undefined;
  readonly from: number;
  readonly to: number;
}

/** Money: kept as `520.50 USD`. */
export const amount: SlotType = {
  name: 'amount',
  answerKind: 'open',
  hear(text, { language, settings }) {
    const has = (words: string): boolean => sumsIn(words, language).length > 0;
    const said = lastMeant(afterNo(partedNumbers(oneEach(text, language)), has), has);
    const sums = sumsIn(said, language);
    const [first] = sums;
    if (first === undefined) return undefined;
    // "Fifty or sixty euros": what is named once holds for all.
    const named = sums.find((one) => one.currency !== undefined)?.currency?.code;
    const currency = named ?? settings.currency ?? (language === 'zh' ? 'CNY' : undefined);
    if (currency === undefined) return fault('ambiguous', first.total);
    const values = [...new Set(sums.map((one) => written(one.total, one.currency?.code ?? currency)))];
    if (values.length > 1) return { kind: 'ambiguous', values: values.slice(0, 3) };
    return within(first.total, first.sure, currency, settings, without(said, first.from, first.to));
  },
  keyed(keys, { settings, language }) {
    const currency = settings.currency ?? (language === 'zh' ? 'CNY' : undefined);
    if (!/^\d+(?:\*\d{1,2})?$/.test(keys)) return fault('malformed');
    return currency === undefined ? fault('ambiguous') : within(Number(keys.replace('*', '.')), 0.95, currency, settings, '');
  },
  readBack(of, { language, settings }) {
    const [digits = '0', code = ''] = String(of).split(' ');
    const currency = CURRENCIES.find((one) => one.code === code);
    return language === 'zh' ? inChinese(Number(digits), code, currency) : inEnglish(Number(digits), code, currency, settings.currency);
  },
  check: ({ currency, min, max }, language) => [
    ...(currency === undefined && language !== 'zh' ? [['currency', 'is needed: what an amount without one means'] as const] : []),
    ...(currency !== undefined && !/^[A-Z]{3}$/.test(currency) ? [['currency', 'is an ISO 4217 code such as USD'] as const] : []),
    ...(min !== undefined && max !== undefined && min > max ? [['min', 'is above max'] as const] : []),
  ],
};

/** "A dollar fifty", but no "dollar amount", and no price for each pound. */
const AN_EACH = /(?<!\b(?:half|by|much|many|for)\s)(?<!(?:[\d.]+|dollars?|bucks?|euros?|pounds?|cents?|pence)\s)\ban?(?=\s+(?:(?:us )?dollar|buck|euro|pound|quid|yuan|kuai)\b(?! (?:amount|value|sign|figure|store|bill|note|each)\b))/gi;

function oneEach(text: string, language: SlotLanguage): string {
  return language === 'zh' ? text : text.replace(AN_EACH, 'one');
}

function sumsIn(said: string, language: SlotLanguage): Sum[] {
  const found = numbersIn(said, language).filter(({ from, to }) => !NO_MONEY_AFTER[language].test(said.slice(to)) && !NO_MONEY_BEFORE[language].test(said.slice(0, from)));
  const sums: Sum[] = [];
  for (let at = 0; at < found.length; at++) {
    const one = found[at];
    if (one === undefined) break;
    const currency = currencyAt(said, one, language);
    const to = one.to + (currency?.whole.exec(said.slice(one.to))?.[0].length ?? 0);
    const small = language === 'zh' ? smallMoney(said, one) : undefined;
    if (small !== undefined) {
      sums.push({ total: (small.whole ? one.value : 0) + small.part, sure: one.sure, currency, from: one.from, to: one.from + small.length });
      while ((found[at + 1]?.from ?? Infinity) < one.from + small.length) at++;
      continue;
    }
    const next = found[at + 1];
    const part = next === undefined ? undefined : partOf(said, { ...one, to }, next, currency, language);
    if (part !== undefined) at++;
    const under = currency === undefined && part === undefined ? partsOnly(said.slice(one.to)) : undefined;
    if (under !== undefined) {
      sums.push({ total: one.value / 100, sure: one.sure, currency: under.currency, from: one.from, to: one.to + under.length });
      continue;
    }
    sums.push({ total: one.value + (part ?? 0), sure: one.sure, currency, from: one.from, to: part === undefined || next === undefined ? to : next.to });
  }
  // "One of us pays fifty dollars."
  const others = sums.filter(({ currency, from, to }) => currency !== undefined || !/^one$/i.test(said.slice(from, to).trim()));
  return others.length === 0 ? sums : others;
}

function currencyAt(said: string, { from, to }: NumberFound, language: SlotLanguage): Currency | undefined {
  const sign = SIGNS.get(said.charAt(from - 1)) ?? (/[¥￥]$/.test(said.slice(0, from)) ? (language === 'zh' ? 'CNY' : 'JPY') : undefined);
  return CURRENCIES.find((one) => one.whole.test(said.slice(to)) || one.code === sign);
}

/** The hundredths that the second number says of the first; undefined where it is a number of its own: "50 or 60", "50 on the ...". */
function partOf(said: string, one: NumberFound, next: NumberFound, currency: Currency | undefined, language: SlotLanguage): number | undefined {
  const between = said.slice(one.to, next.from);
  const rest = said.slice(next.to);
  // "Two dollars and a half".
  if (next.value === 0.5 && currency !== undefined && language === 'en' && /^\s*and\s*$/i.test(between)) return 0.5;
  if (next.value < 0 || next.value >= 100 || !Number.isInteger(one.value) || /\bbetween\s*$/i.test(said.slice(0, one.from))) return undefined;
  if (currencyAt(said, next, language) !== undefined && currency !== undefined) return undefined;
  const joined = /^\s*(?:and\s*)?$/i.test(between);
  if (!joined) return undefined;
  if (currency === undefined) {
    // "Five twenty five" was read as one number already; "520 50" is 520.50.
    return language === 'en' && Number.isInteger(next.value) && next.value >= 10 ? next.value / 100 : undefined;
  }
  if (language === 'zh' && (/^\s*(?:毛|角)/.test(rest) || (next.value < 10 && NOTHING_MORE.zh.test(rest)))) return next.value / 10;
  // "Twelve pounds fifty", "twelve pounds and five".
  const spoken = language === 'en' && Number.isInteger(next.value) && (/and/i.test(between) || (next.value >= 10 && NOTHING_MORE.en.test(rest)));
  return currency.part?.test(rest) === true || spoken ? next.value / 100 : undefined;
}

/** 七毛五, 九块九毛九, 一百元零五分: what is under the whole; `whole` is false where the numeral is 毛 already. */
function smallMoney(said: string, { from, to }: NumberFound): { whole: boolean; part: number; length: number } | undefined {
  const digit = (text: string | undefined): number => (text === undefined ? 0 : /\d/.test(text) ? Number(text) : '零一二三四五六七八九'.indexOf(text.replace('两', '二')));
  const above = /^(?:块钱?|元|圆)零?(?:([0-9一二两三四五六七八九])(?:毛|角))?零?([0-9一二两三四五六七八九])分?/u.exec(said.slice(to));
  if (above !== null && (above[1] !== undefined || /分/.test(above[0]))) return { whole: true, part: digit(above[1]) / 10 + digit(above[2]) / 100, length: to - from + above[0].length };
  const under = /^([0-9一二两三四五六七八九])(?:毛|角)([0-9一二两三四五六七八九])?分?/u.exec(said.slice(from));
  return under === null ? undefined : { whole: false, part: digit(under[1]) / 10 + digit(under[2]) / 100, length: under[0].length };
}

/** "Fifty pence", "ninety cents", 五十美分, 八分钱: hundredths alone. Cents are those of any currency. */
function partsOnly(rest: string): { currency: Currency | undefined; length: number } | undefined {
  const cents = /^\s*cents?\b/i.exec(rest);
  if (cents !== null) return { currency: undefined, length: cents[0].length };
  const fen = /^分钱/.exec(rest);
  if (fen !== null) return { currency: CURRENCIES.find(({ code }) => code === 'CNY'), length: fen[0].length };
  const currency = CURRENCIES.find(({ code, part }) => part?.test(rest) === true && (code !== 'CNY' || /^\s*fen\b/i.test(rest)));
  return currency === undefined ? undefined : { currency, length: currency.part?.exec(rest)?.[0].length ?? 0 };
}

/** "5 dollars and 50 cents"; "50 cents", unless they are not those of the currency that is asked for. */
function inEnglish(total: number, code: string, currency: Currency | undefined, asked: string | undefined): string {
  const { whole, part } = halves(total);
  const [one, many, onePart, parts] = currency?.en ?? [code, code, '', ''];
  const above = `${englishNumber(whole)} ${whole === 1 ? one : many}`;
  if (part === 0) return above;
  if (parts === '') return `${englishNumber(total)} ${many}`;
  const below = `${part} ${part === 1 ? onePart : parts}`;
  return whole === 0 && (code === asked || parts !== 'cents') ? below : `${above} and ${below}`;
}

/** 五元五角, 一百一十元零五分, 八十欧元五十欧分; 两元, never 二元. */
function inChinese(total: number, code: string, currency: Currency | undefined): string {
  const { whole, part } = halves(total);
  const [yuan, fen] = currency?.zh ?? [code, ''];
  const count = (of: number): string => (of === 2 ? '两' : hanziNumber(of));
  if (part !== 0 && fen === '') return `${hanziNumber(total)}${yuan}`;
  const above = whole === 0 && part !== 0 ? '' : `${count(whole)}${yuan}`;
  if (part === 0) return above;
  if (code !== 'CNY') return `${above}${count(part)}${fen}`;
  const [tenths, hundredths] = [Math.floor(part / 10), part % 10];
  const small = hundredths === 0 ? '' : `${hanziNumber(hundredths)}分`;
  if (tenths > 0) return `${above}${count(tenths)}角${small}`;
  return above === '' ? `${small}钱` : `${above}零${small}`;
}

function halves(total: number): { whole: number; part: number } {
  const hundredths = Math.round(total * 100);
  return { whole: Math.floor(hundredths / 100), part: hundredths % 100 };
}

function within(total: number, sure: number, currency: string, { min, max }: SlotSettings, rest: string): ReturnType<SlotType['hear']> {
  if (total < (min ?? 0)) return fault('too_small', written(total, currency));
  if (max !== undefined && total > max) return fault('too_large', written(total, currency));
  return value(written(total, currency), sure, rest);
}

function written(total: number, currency: string): string {
  return `${currency === 'JPY' ? Math.round(total) : total.toFixed(2)} ${currency}`;
}
