import { numbersInChinese } from '../slots/number-words-zh.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/** A day, a part of it or an hour that a sentence names. */
export interface DayFound {
  /** Canonical: `weekday 2`, `next weekday 2`, `12-03`, `15:30`, `day +1`, `next week`, `part morning`. */
  readonly key: string;
  readonly span: string;
  readonly from: number;
  readonly to: number;
}

type Add = (match: RegExpMatchArray, key: string) => void;

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const WEEKDAYS_EN = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
const WEEKDAYS_ZH = '一二三四五六日';
export const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(' ');

const ISO = /\b(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})[^\s]*)?/g;
const CLOCK = /\b(\d{1,2})[:：](\d{2})\s*([ap]\.?m)?/gi;
const MONTH = `(${MONTHS.join('|')})`;
const DAY_OF_MONTH = `(\\d{1,2}|${ORDINALS.join('|')})(?:st|nd|rd|th)?`;
const EN = {
  monthDay: new RegExp(`\\b${MONTH}\\s+(?:the )?${DAY_OF_MONTH}\\b`, 'gi'),
  dayMonth: new RegExp(`\\b${DAY_OF_MONTH} (?:of )?${MONTH}\\b`, 'gi'),
  // "May" and "march" are more often verbs than months.
  month: new RegExp(`\\b(${MONTHS.filter((one) => one !== 'may' && one !== 'march').join('|')})\\b|(?<=\\b(?:in|by|until|since|of) )(may|march)\\b`, 'gi'),
  weekday: new RegExp(`\\b(next |last )?(${WEEKDAYS_EN.join('|')})s?\\b`, 'gi'),
  far: /\b(?:the )?day (after tomorrow|before yesterday)\b/gi,
  near: /\b(today|tomorrow|yesterday|tonight)\b/gi,
  period: /\b(this|next|last|coming|following) (morning|afternoon|evening|night|week|month|year|quarter|weekend)\b/gi,
  part: /(?<!good )\b(morning|afternoon|evening|night|weekend|weekday)s?\b/gi,
  range: /\b(\d{1,2})(\s*(?:to|and|until|till|-|–)\s*)(\d{1,2})\s*([ap])\.?m\b\.?/gi,
  hour: /\b(\d{1,2})\s*([ap])\.?m\b\.?/gi,
  noon: /\b(noon|midday|midnight)\b/gi,
};
const NEAR_EN = new Map([['today', 'day +0'], ['tomorrow', 'day +1'], ['yesterday', 'day -1'], ['tonight', 'this evening']]);

const NUMERAL = '([0-9零一二两三四五六七八九十]+)';
const ZH = {
  monthDay: new RegExp(`${NUMERAL}月${NUMERAL}[号日]`, 'g'),
  month: new RegExp(`(?<!个)${NUMERAL}月(?!内|份?内)`, 'g'),
  weekday: /(下下|下|上上|上|本|这)?个?(?:星期|礼拜|周)([一二三四五六日天])(?!次)/g,
  near: /大后天|大前天|(?<!之)后天|前天|今天|明天|昨天|当天|次日|翌日|隔天/g,
  period: /(?:(下下|下|上上|上|本|这|当)一?个?(周末|周|星期|礼拜|月|季度|年))|周末|[月年]底|[月年]初|月中|今年|明年|去年|(?<!之)后年|工作日|节假日/g,
  // 一点五 is a figure, not five past one; 九点三十 is a time.
  clock: new RegExp(`(?<!百分之[^，。]{0,8})(凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)?${NUMERAL}点(?:钟|整)?(?:(半)|${NUMERAL}分|([二三四五]?十[一二三四五六七八九]?)|(?![0-9零一二两三四五六七八九]))`, 'g'),
  part: /(凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)(?!好)/g,
};
const NEAR_ZH = new Map([['大前天', -3], ['前天', -2], ['昨天', -1], ['今天', 0], ['明天', 1], ['后天', 2], ['大后天', 3]]);

export function daysIn(text: string, language: SlotLanguage): DayFound[] {
  const found: DayFound[] = [];
  const add: Add = (match, key) => {
    const from = match.index ?? 0;
    if (found.some((one) => from < one.to && from + match[0].length > one.from)) return;
    found.push({ key, span: match[0], from, to: from + match[0].length });
  };
  for (const match of text.matchAll(ISO)) add(match, `${Number(match[2])}-${Number(match[3])}`);
  for (const match of text.matchAll(CLOCK)) add(match, clockKey(Number(match[1]), Number(match[2]), match[3]));
  if (language === 'zh') chineseDays(text, add);
  else englishDays(text, add);
  return found.sort((left, right) => left.from - right.from);
}

function englishDays(text: string, add: Add): void {
  const number = (word: string | undefined): number => (/^\d/.test(word ?? '') ? Number(word) : ORDINALS.indexOf((word ?? '').toLowerCase()) + 1);
  const month = (word: string | undefined): number => MONTHS.indexOf((word ?? '').toLowerCase()) + 1;
  for (const match of text.matchAll(EN.monthDay)) add(match, `${month(match[1])}-${number(match[2])}`);
  for (const match of text.matchAll(EN.dayMonth)) add(match, `${month(match[2])}-${number(match[1])}`);
  for (const match of text.matchAll(EN.month)) add(match, `month ${month(match[1] ?? match[2])}`);
  for (const match of text.matchAll(EN.weekday)) add(match, `${(match[1] ?? '').toLowerCase()}weekday ${WEEKDAYS_EN.indexOf((match[2] ?? '').toLowerCase()) + 1}`);
  for (const match of text.matchAll(EN.far)) add(match, /after/i.test(match[0]) ? 'day +2' : 'day -2');
  for (const match of text.matchAll(EN.near)) add(match, NEAR_EN.get((match[1] ?? '').toLowerCase()) ?? '');
  for (const match of text.matchAll(EN.period)) add(match, `${(match[1] ?? '').toLowerCase().replace(/coming|following/, 'next')} ${(match[2] ?? '').toLowerCase().replace('night', 'evening')}`);
  for (const match of text.matchAll(EN.range)) {
    // "2 to 6 pm" is in the afternoon at both ends; "9 to 6 pm" may be anything.
    const [, from = '', between = '', to = '', half = ''] = match;
    if (Number(from) >= Number(to)) continue;
    const start = match.index;
    add(partOf(match, start, from), clockKey(Number(from), 0, `${half}m`));
    add(partOf(match, start + from.length + between.length, match[0].slice(from.length + between.length)), clockKey(Number(to), 0, `${half}m`));
  }
  for (const match of text.matchAll(EN.hour)) add(match, clockKey(Number(match[1]), 0, `${match[2] ?? ''}m`));
  for (const match of text.matchAll(EN.noon)) add(match, match[1]?.toLowerCase() === 'midnight' ? '0:00' : '12:00');
  for (const match of text.matchAll(EN.part)) add(match, `part ${(match[1] ?? '').toLowerCase()}`);
}

function partOf(match: RegExpMatchArray, index: number, text: string): RegExpMatchArray {
  return Object.assign([text] as RegExpMatchArray, { index, input: match.input ?? '' });
}

function chineseDays(text: string, add: Add): void {
  const value = (word: string | undefined): number => numbersInChinese(word ?? '')[0]?.value ?? 0;
  for (const match of text.matchAll(ZH.monthDay)) add(match, `${value(match[1])}-${value(match[2])}`);
  for (const match of text.matchAll(ZH.month)) add(match, `month ${value(match[1])}`);
  for (const match of text.matchAll(ZH.weekday)) add(match, `${(match[1] ?? '').replace(/[本这]/, '')}weekday ${WEEKDAYS_ZH.indexOf(match[2] === '天' ? '日' : (match[2] ?? '')) + 1}`);
  for (const match of text.matchAll(ZH.near)) add(match, NEAR_ZH.has(match[0]) ? `day ${NEAR_ZH.get(match[0]) ?? 0}` : match[0].replace(/翌日|隔天/, '次日'));
  for (const match of text.matchAll(ZH.period)) add(match, match[1] === undefined ? match[0] : `${match[1].replace('这', '本')}${(match[2] ?? '').replace(/星期|礼拜/, '周')}`);
  let before: { part: string; hour: number; to: number } | undefined;
  for (const match of text.matchAll(ZH.clock)) {
    const hour = value(match[2]);
    // 下午两点到六点: the second hour is in the afternoon, too.
    const follows = before !== undefined && hour > before.hour && /^\s*[到至-]\s*$/.test(text.slice(before.to, match.index));
    const part: string = match[1] ?? (follows ? (before?.part ?? '') : '');
    before = { part, hour, to: match.index + match[0].length };
    const late = /下午|傍晚|晚上/.test(part) && hour < 12;
    const minutes = match[3] === undefined ? value(match[4] ?? match[5] ?? '零') : 30;
    add(match, `${late ? hour + 12 : hour}:${String(minutes).padStart(2, '0')}`);
  }
  for (const match of text.matchAll(ZH.part)) add(match, `part ${match[1] ?? ''}`);
}

function clockKey(hour: number, minute: number, half: string | undefined): string {
  const late = /^p/i.test(half ?? '') && hour < 12;
  const full = late ? hour + 12 : /^a/i.test(half ?? '') && hour === 12 ? 0 : hour;
  return `${full}:${String(minute).padStart(2, '0')}`;
}
