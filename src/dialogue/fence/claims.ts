import { daysIn, ORDINALS } from './days.js';
import { numbersInEnglish } from '../slots/number-words-en.js';
import { numbersInChinese } from '../slots/number-words-zh.js';
import type { NumberFound } from '../slots/number-words-en.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * What a sentence states that can be wrong: numbers, amounts, percentages, days and
 * hours. The same reading is made of a model's clause and of the facts, so that they
 * can be compared whatever words each uses.
 */
export interface Claim {
  readonly what: 'number' | 'amount' | 'percentage' | 'date';
  /** Canonical: `25`, `25 USD`, `25 %`, `weekday 2`, `12-03`, `15:30`, `day +1`. */
  readonly key: string;
  readonly value: number | undefined;
  readonly span: string;
  /** What is counted, of a number: `day` of "7 days"; undefined where nothing follows that says it. */
  readonly noun?: string | undefined;
  /** Characters of the text, with the unit or what is counted. */
  readonly from: number;
  readonly to: number;
}

const MONEY: Record<SlotLanguage, readonly (readonly [RegExp, string])[]> = {
  en: [[/^\s*(?:us )?(?:dollars?|bucks?|usd)\b/i, 'USD'], [/^\s*(?:euros?|eur)\b/i, 'EUR'], [/^\s*(?:pounds?|quid|gbp)\b/i, 'GBP'], [/^\s*(?:yuan|rmb|cny)\b/i, 'CNY'], [/^\s*cents?\b/i, 'cent'], [/^\s*pence\b/i, 'cent']],
  zh: [[/^\s*(?:块钱?|元|人民币)/, 'CNY'], [/^\s*(?:美元|美金)/, 'USD'], [/^\s*欧元/, 'EUR'], [/^\s*英镑/, 'GBP'], [/^\s*(?:毛|角)/, 'jiao']],
};
const SIGNS = new Map([['$', 'USD'], ['€', 'EUR'], ['£', 'GBP'], ['¥', 'CNY'], ['￥', 'CNY']]);
const SMALL = /^\s*(?:cents?\b|pence\b|[毛角分])/i;
const PERCENT = /^\s*(?:%|percent\b|per cent\b)/i;
const TIME_UNIT = '(minute|hour|day|week|month|year)';
/** "In a week" and "half an hour" hold a number; "60 dollars a year" does not. */
const ONE_EN = new RegExp(`(?<=\\b(?:in|within|for|about|around|after|takes?|lasts?|over|under|than|only|just|is|another) )an? ${TIME_UNIT}\\b( and a half)?`, 'gi');
const HALF_EN = new RegExp(`\\bhalf (?:an? |the )?${TIME_UNIT}\\b`, 'gi');
const ORDINAL_EN = new RegExp(`\\b(${ORDINALS.join('|')})\\b(?! of all)`, 'gi');
const ORDINAL_ZH = /第([一二三四五六七八九十]+)/g;

interface Figure extends NumberFound {
  /** Where the unit is looked for: after "4 dollars 90" it stands in the middle. */
  readonly unitAt: number;
}

/** In the order of the text. */
export function claimsOf(text: string, language: SlotLanguage): Claim[] {
  const days = daysIn(text, language);
  const spans = language === 'en' ? halvesAndOnes(text) : [];
  const taken = [...days, ...spans];
  const numbers = (language === 'zh' ? numbersInChinese(text) : numbersInEnglish(text)).filter((found) => !taken.some(({ from, to }) => found.from < to && found.to > from));
  const claims: Claim[] = [...days.map((day): Claim => ({ what: 'date', value: undefined, ...day })), ...spans, ...ordinalsOf(text, language), ...withSmallMoney(text, numbers, language).flatMap((found) => numberClaim(text, found, language) ?? [])];
  return claims.sort((left, right) => left.from - right.from);
}

function halvesAndOnes(text: string): Claim[] {
  const of = (match: RegExpMatchArray, value: number, noun: string | undefined): Claim => ({ what: 'number', key: String(value), value, span: match[0], noun: noun?.toLowerCase(), from: match.index ?? 0, to: (match.index ?? 0) + match[0].length });
  return [...[...text.matchAll(ONE_EN)].map((match) => of(match, match[2] === undefined ? 1 : 1.5, match[1])), ...[...text.matchAll(HALF_EN)].map((match) => of(match, 0.5, match[1]))];
}

/** "4 dollars 90", "four dollars and ninety cents", 四块九: one amount, said in two numbers. */
function withSmallMoney(text: string, numbers: readonly NumberFound[], language: SlotLanguage): Figure[] {
  const joined: Figure[] = [];
  for (const found of numbers) {
    const before = joined.at(-1);
    const between = before === undefined ? '' : text.slice(before.to, found.from);
    const whole = language === 'zh' ? /^\s*[块元]\s*$/.test(between) : /^\s*(?:us )?(?:dollars?|euros?|pounds?)(?:,? and)?\s+$/i.test(between);
    if (before === undefined || !whole || found.value >= 100 || !Number.isInteger(found.value) || (language === 'en' && /^\s*(?:percent|%|days?|weeks?|months?|years?|hours?|dollars?|euros?|pounds?)\b/i.test(text.slice(found.to)))) {
      joined.push({ ...found, unitAt: found.to });
      continue;
    }
    // 四块九 is 4.90, "4 dollars 9" is 4.09.
    const cents = language === 'zh' && found.value < 10 ? found.value * 10 : found.value;
    joined[joined.length - 1] = { ...before, value: before.value + cents / 100, to: found.to };
  }
  return joined;
}

function numberClaim(text: string, found: Figure, language: SlotLanguage): Claim | undefined {
  const after = text.slice(found.unitAt);
  const before = text.slice(0, found.from);
  // The hundred of 百分之 is no number.
  if (text.startsWith('百分之', found.from)) return undefined;
  const claim = (what: Claim['what'], key: string, from: number, to: number): Claim => ({ what, key, value: found.value, span: text.slice(found.from, found.to + 12).trim(), from, to: Math.max(to, found.to) });
  const percent = PERCENT.exec(after)?.[0];
  if (percent !== undefined) return claim('percentage', `${found.value} %`, found.from, found.unitAt + percent.length);
  if (/百分之$/.test(before)) return claim('percentage', `${found.value} %`, found.from - 3, found.to);
  // 八折 is 20 % off: the number of tenths that remain.
  if (/^\s*折/.test(after)) return claim('percentage', `discount ${found.value}`, found.from, found.unitAt + 1);
  const word = MONEY[language].find(([unit]) => unit.test(after));
  if (word !== undefined) return claim('amount', `${found.value} ${word[1]}`, found.from, Math.max(found.unitAt + (word[0].exec(after)?.[0].length ?? 0), found.to + (SMALL.exec(text.slice(found.to))?.[0].length ?? 0)));
  const sign = SIGNS.get(before.trimEnd().at(-1) ?? '');
  if (sign !== undefined) return claim('amount', `${found.value} ${sign}`, found.from - 1, found.to);
  if (found.value === 1 && isArticle(text, found, language)) return undefined;
  const noun = nounAfter(after, language);
  return { ...claim('number', String(found.value), found.from, found.to + (noun?.length ?? 0)), noun: noun?.noun };
}

const NO_NOUN = new Set('a an the is are was were be and or to of in on for with at by from if then but so as per each every only more less than about again now please today thousand hundred million ago later away old two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty'.split(' '));

/** "7 days" is not "7 points": the word after a number, without its ending; in Chinese its measure word. */
function nounAfter(after: string, language: SlotLanguage): { noun: string; length: number } | undefined {
  if (language === 'zh') {
    const measure = /^\s*个?(工作日|小时|钟头|[\p{Script=Han}])/u.exec(after);
    return measure === null ? undefined : { noun: (measure[1] ?? '').replace('日', '天').replace('钟头', '小时'), length: measure[0].length };
  }
  const match = /^[\s-]([a-z]+)/i.exec(after);
  const word = match?.[1]?.toLowerCase();
  return word === undefined || NO_NOUN.has(word) ? undefined : { noun: word.replace(/s$/, ''), length: match?.[0].length ?? 0 };
}

/** "This one", "one moment", 一个问题, 一张卡: nothing is counted. */
function isArticle(text: string, found: NumberFound, language: SlotLanguage): boolean {
  const after = text.slice(found.to);
  if (language === 'zh') return /^(?:个(?!小时|钟头|月|星期|礼拜|工作日|季度)|[张位次种项份句件])/.test(after);
  return !/^\s*(?:days?|weeks?|months?|years?|hours?|minutes?|times?|points?|percent|cards?|accounts?)\b/i.test(after) && !/\d/.test(text.slice(found.from, found.to));
}

function ordinalsOf(text: string, language: SlotLanguage): Claim[] {
  return [...text.matchAll(language === 'zh' ? ORDINAL_ZH : ORDINAL_EN)].map((match) => {
    const word = match[1] ?? '';
    const key = language === 'zh' ? `ordinal ${word}` : `ordinal ${ORDINALS.indexOf(word.toLowerCase()) + 1}`;
    const to = match.index + match[0].length;
    return { what: 'number', key, value: undefined, span: match[0], noun: nounAfter(text.slice(to), language)?.noun, from: match.index, to };
  });
}
