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
}

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const WEEKDAYS_EN = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
const WEEKDAYS_ZH = '一二三四五六日';
const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(' ');
const RELATIVE = new Map([['tomorrow', 1], ['yesterday', -1], ['tonight', 0], ['明天', 1], ['后天', 2], ['昨天', -1], ['今晚', 0]]);
const MONEY: Record<SlotLanguage, readonly (readonly [RegExp, string])[]> = {
  en: [[/^\s*(?:us )?(?:dollars?|bucks?|usd)\b/i, 'USD'], [/^\s*(?:euros?|eur)\b/i, 'EUR'], [/^\s*(?:pounds?|quid|gbp)\b/i, 'GBP'], [/^\s*(?:yuan|rmb|cny)\b/i, 'CNY'], [/^\s*cents?\b/i, 'cent'], [/^\s*pence\b/i, 'cent']],
  zh: [[/^\s*(?:块钱?|元|人民币)/, 'CNY'], [/^\s*(?:美元|美金)/, 'USD'], [/^\s*欧元/, 'EUR'], [/^\s*英镑/, 'GBP'], [/^\s*(?:毛|角)/, 'jiao']],
};
const SIGNS = new Map([['$', 'USD'], ['€', 'EUR'], ['£', 'GBP'], ['¥', 'CNY'], ['￥', 'CNY']]);

export function claimsOf(text: string, language: SlotLanguage): Claim[] {
  const plain = text.normalize('NFKC');
  const dates = datesOf(plain, language);
  const taken = dates.map(({ from, to }) => [from, to] as const);
  const numbers = (language === 'zh' ? numbersInChinese(plain) : numbersInEnglish(plain)).filter((found) => !taken.some(([from, to]) => found.from < to && found.to > from));
  return [...dates.map(({ claim }) => claim), ...ordinalsOf(plain, language), ...withSmallMoney(plain, numbers, language).flatMap((found) => numberClaim(plain, found, language) ?? [])];
}

/** "4 dollars 90", "four dollars and ninety cents", 四块九: one amount, said in two numbers. */
function withSmallMoney(text: string, numbers: readonly NumberFound[], language: SlotLanguage): NumberFound[] {
  const joined: NumberFound[] = [];
  for (const found of numbers) {
    const before = joined.at(-1);
    const between = before === undefined ? '' : text.slice(before.to, found.from);
    const whole = language === 'zh' ? /^\s*[块元]\s*$/.test(between) : /^\s*(?:us )?(?:dollars?|euros?|pounds?)(?:,? and)?\s+$/i.test(between);
    if (before === undefined || !whole || found.value >= 100 || !Number.isInteger(found.value) || (language === 'en' && /^\s*(?:percent|%|days?|weeks?|months?|years?|hours?|dollars?|euros?|pounds?)\b/i.test(text.slice(found.to)))) {
      joined.push(found);
      continue;
    }
    // 四块九 is 4.90, "4 dollars 9" is 4.09.
    const cents = language === 'zh' && found.value < 10 ? found.value * 10 : found.value;
    joined[joined.length - 1] = { ...before, value: before.value + cents / 100 };
  }
  return joined;
}

function numberClaim(text: string, found: NumberFound, language: SlotLanguage): Claim | undefined {
  const after = text.slice(found.to);
  const before = text.slice(0, found.from);
  const span = text.slice(found.from, found.to + 12).trim();
  if (/^\s*(?:%|percent\b|per cent\b)/i.test(after) || /百分之$/.test(before)) return { what: 'percentage', key: `${found.value} %`, value: found.value, span };
  // 八折 is 20 % off: the number of tenths that remain.
  if (/^\s*折/.test(after)) return { what: 'percentage', key: `discount ${found.value}`, value: found.value, span };
  const unit = MONEY[language].find(([word]) => word.test(after))?.[1] ?? SIGNS.get(before.trimEnd().at(-1) ?? '');
  if (unit !== undefined) return { what: 'amount', key: `${found.value} ${unit}`, value: found.value, span };
  if (found.value === 1 && isArticle(text, found, language)) return undefined;
  return { what: 'number', key: String(found.value), value: found.value, span, noun: nounAfter(after, language) };
}

const NO_NOUN = new Set('a an the is are was were be and or to of in on for with at by from if then but so as per each every only more less than about again now please today thousand hundred million ago later away old'.split(' '));

/** "7 days" is not "7 points": the word after a number, without its ending; in Chinese its measure word. */
function nounAfter(after: string, language: SlotLanguage): string | undefined {
  if (language === 'zh') return /^\s*(个?[\p{Script=Han}])/u.exec(after)?.[1];
  const word = /^[\s-]([a-z]+)/i.exec(after)?.[1]?.toLowerCase();
  return word === undefined || NO_NOUN.has(word) ? undefined : word.replace(/s$/, '');
}

/** "This one", "one moment", 一个问题, 一张卡: nothing is counted. */
function isArticle(text: string, found: NumberFound, language: SlotLanguage): boolean {
  const after = text.slice(found.to);
  if (language === 'zh') return /^[个张位次种项份句件]/.test(after);
  return !/^\s*(?:days?|weeks?|months?|years?|hours?|minutes?|times?|points?|percent|cards?|accounts?)\b/i.test(after) && !/\d/.test(text.slice(found.from, found.to));
}

function ordinalsOf(text: string, language: SlotLanguage): Claim[] {
  if (language === 'zh') return [...text.matchAll(/第([一二三四五六七八九十]+)/g)].map((match) => ({ what: 'number', key: `ordinal ${match[1] ?? ''}`, value: undefined, span: match[0], noun: nounAfter(text.slice(match.index + match[0].length), language) }));
  const words = new RegExp(`\\b(${ORDINALS.join('|')})\\b(?! of all)`, 'gi');
  return [...text.matchAll(words)].map((match) => ({ what: 'number', key: `ordinal ${ORDINALS.indexOf((match[1] ?? '').toLowerCase()) + 1}`, value: undefined, span: match[0], noun: nounAfter(text.slice(match.index + match[0].length), language) }));
}

interface DateFound {
  readonly claim: Claim;
  readonly from: number;
  readonly to: number;
}

function datesOf(text: string, language: SlotLanguage): DateFound[] {
  const found: DateFound[] = [];
  const add = (match: RegExpMatchArray, key: string): void => {
    const from = match.index ?? 0;
    if (found.some((one) => from < one.to && from + match[0].length > one.from)) return;
    found.push({ claim: { what: 'date', key, value: undefined, span: match[0] }, from, to: from + match[0].length });
  };
  for (const match of text.matchAll(/\b(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})[^\s]*)?/g)) add(match, `${Number(match[2])}-${Number(match[3])}`);
  if (language === 'zh') chineseDates(text, add);
  else englishDates(text, add);
  for (const match of text.matchAll(/\b(\d{1,2})[:：](\d{2})\s*([ap]\.?m)?/gi)) add(match, clockKey(Number(match[1]), Number(match[2]), match[3]));
  return found;
}

function englishDates(text: string, add: (match: RegExpMatchArray, key: string) => void): void {
  const month = `(${MONTHS.join('|')})`;
  const day = `(\\d{1,2}|${ORDINALS.join('|')})(?:st|nd|rd|th)?`;
  const number = (word: string | undefined): number => (/^\d/.test(word ?? '') ? Number(word) : ORDINALS.indexOf((word ?? '').toLowerCase()) + 1);
  for (const match of text.matchAll(new RegExp(`\\b${month}\\s+(?:the )?${day}\\b`, 'gi'))) add(match, `${MONTHS.indexOf((match[1] ?? '').toLowerCase()) + 1}-${number(match[2])}`);
  for (const match of text.matchAll(new RegExp(`\\b${day} (?:of )?${month}\\b`, 'gi'))) add(match, `${MONTHS.indexOf((match[2] ?? '').toLowerCase()) + 1}-${number(match[1])}`);
  // "May" is more often a verb than a month.
  for (const match of text.matchAll(new RegExp(`\\b(${MONTHS.filter((one) => one !== 'may' && one !== 'march').join('|')})\\b`, 'gi'))) add(match, `month ${MONTHS.indexOf((match[1] ?? '').toLowerCase()) + 1}`);
  for (const match of text.matchAll(new RegExp(`\\b(${WEEKDAYS_EN.join('|')})s?\\b`, 'gi'))) add(match, `weekday ${WEEKDAYS_EN.indexOf((match[1] ?? '').toLowerCase()) + 1}`);
  for (const match of text.matchAll(/\b(tomorrow|yesterday|tonight)\b/gi)) add(match, `day ${RELATIVE.get((match[1] ?? '').toLowerCase()) ?? 0}`);
  for (const match of text.matchAll(/\b(\d{1,2})\s*([ap])\.?m\b\.?/gi)) add(match, clockKey(Number(match[1]), 0, `${match[2] ?? ''}m`));
  for (const match of text.matchAll(/\b(noon|midnight)\b/gi)) add(match, match[1]?.toLowerCase() === 'noon' ? '12:00' : '0:00');
}

function chineseDates(text: string, add: (match: RegExpMatchArray, key: string) => void): void {
  const numeral = '([0-9零一二三四五六七八九十]+)';
  const value = (word: string | undefined): number => numbersInChinese(word ?? '')[0]?.value ?? 0;
  for (const match of text.matchAll(new RegExp(`${numeral}月${numeral}[号日]`, 'g'))) add(match, `${value(match[1])}-${value(match[2])}`);
  for (const match of text.matchAll(new RegExp(`(?<!个)${numeral}月(?!内|份?内)`, 'g'))) add(match, `month ${value(match[1])}`);
  for (const match of text.matchAll(/(?:星期|礼拜|周)([一二三四五六日天])/g)) add(match, `weekday ${WEEKDAYS_ZH.indexOf(match[1] === '天' ? '日' : (match[1] ?? '')) + 1}`);
  for (const match of text.matchAll(/明天|后天|昨天|今晚/g)) add(match, `day ${RELATIVE.get(match[0]) ?? 0}`);
  for (const match of text.matchAll(new RegExp(`(凌晨|早上|上午|中午|下午|晚上)?${numeral}点(?:钟)?(?:(半)|${numeral}分)?`, 'g'))) {
    const hour = value(match[2]);
    const late = /下午|晚上/.test(match[1] ?? '') && hour < 12;
    add(match, `${late ? hour + 12 : hour}:${match[3] === undefined ? (match[4] === undefined ? '00' : String(value(match[4])).padStart(2, '0')) : '30'}`);
  }
}

function clockKey(hour: number, minute: number, half: string | undefined): string {
  const late = /^p/i.test(half ?? '') && hour < 12;
  const full = late ? hour + 12 : /^a/i.test(half ?? '') && hour === 12 ? 0 : hour;
  return `${full}:${String(minute).padStart(2, '0')}`;
}
