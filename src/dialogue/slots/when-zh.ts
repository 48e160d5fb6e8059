import { chineseNumber } from './number-words-zh.js';
import { addDays, existing, today, weekdayOf } from './wall-clock.js';
import type { WallDate } from './wall-clock.js';

/**
 * Days and hours in spoken Chinese. The library that reads English dates takes 下个星期天
 * for the coming Sunday and does not know 一刻, so these are tables of our own.
 */

export interface ClockReading {
  readonly hour: number;
  readonly minute: number;
  /** The part of the day was said or cannot be doubted. */
  readonly certain: boolean;
}

const RELATIVE_DAYS = new Map([['明儿', 1], ['今儿', 0], ['后儿', 2], ['大前天', -3], ['前天', -2], ['昨天', -1], ['昨晚', -1], ['今天', 0], ['今日', 0], ['今晚', 0], ['今早', 0], ['明天', 1], ['明日', 1], ['明晚', 1], ['明早', 1], ['后天', 2], ['大后天', 3]]);
const NUMERAL = '[0-9零〇一二两三四五六七八九十百]+';
const WEEKDAY = new RegExp(`(上上|上|这|本|下下|下)?(?:一?个)?(?:星期|礼拜|周)([一二三四五六日天末])`);
const PARTS: readonly (readonly [RegExp, 'am' | 'pm' | 'noon', number])[] = [
  [/凌晨|半夜/, 'am', 3],
  [/清晨|早上|早晨|一早|今早|明早|上午/, 'am', 10],
  [/中午|正午/, 'noon', 12],
  [/下午|午后/, 'pm', 15],
  [/傍晚/, 'pm', 18],
  [/晚上|今晚|明晚|昨晚|夜里|夜晚/, 'pm', 19],
];

/** Undefined if no day is in the words; `malformed` for a day that no calendar has. */
export function chineseDay(text: string, nowMs: number, timeZone: string): WallDate | 'malformed' | undefined {
  const now = today(nowMs, timeZone);
  // 三号，星期二: the number says it all, the weekday only agrees.
  return relativeDay(text, now) ?? calendarDay(text, now) ?? weekdayDay(text, now);
}

function relativeDay(text: string, now: WallDate): WallDate | undefined {
  // The longest first: 大后天 has 后天 in it.
  if (/元旦/.test(text)) return now.month === 1 && now.day === 1 ? now : { year: now.year + 1, month: 1, day: 1 };
  if (/(?<!上个?)月底|月末/.test(text)) return addDays({ ...now, month: now.month + (/下个?月/.test(text) ? 2 : 1), day: 1 }, -1);
  for (const name of [...RELATIVE_DAYS.keys()].sort((left, right) => right.length - left.length)) {
    if (text.includes(name)) return addDays(now, RELATIVE_DAYS.get(name) ?? 0);
  }
  const after = new RegExp(`(${NUMERAL}|半)个?(天|日|星期|礼拜|周|月)(?:之后|以后|后|过后)|(?<![经通超])过(${NUMERAL}|半)个?(天|日|星期|礼拜|周|月)`).exec(text);
  if (after !== null) {
    const count = chineseNumber(after[1] ?? after[3] ?? '') ?? 0;
    const unit = after[2] ?? after[4] ?? '';
    if (unit === '月') return addDays({ ...now, month: now.month + count }, 0);
    return addDays(now, /天|日/.test(unit) ? count : count * 7);
  }
  return undefined;
}

function weekdayDay(text: string, now: WallDate): WallDate | undefined {
  const match = WEEKDAY.exec(text);
  if (match === null) return undefined;
  const [, which = '', name = ''] = match;
  const target = name === '末' ? 6 : '日天'.includes(name) ? 7 : '一二三四五六'.indexOf(name) + 1;
  const weeks = { 上上: -2, 上: -1, 这: 0, 本: 0, 下: 1, 下下: 2 }[which] ?? 0;
  const day = addDays(now, target - weekdayOf(now) + weeks * 7);
  // 周二 without more, said on a Thursday, is the one to come.
  return which === '' && target < weekdayOf(now) ? addDays(day, 7) : day;
}

function calendarDay(text: string, now: WallDate): WallDate | 'malformed' | undefined {
  const full = new RegExp(`(?:([0-9零〇一二三四五六七八九]{2,4})年)?(下个?|这个?|本)?(?:(${NUMERAL})月|月)?(${NUMERAL})[号日]`).exec(text);
  if (full === null) return undefined;
  const [, yearText, which, monthText, dayText = ''] = full;
  const day = chineseNumber(dayText) ?? 0;
  const month = monthText === undefined ? now.month + (which?.startsWith('下') === true ? 1 : 0) : (chineseNumber(monthText) ?? 0);
  const year = yearText === undefined ? now.year : century(chineseNumber(yearText) ?? 0);
  if (day < 1 || day > 31 || month < 1 || month > 13) return 'malformed';
  const date = month > 12 ? { year: year + 1, month: 1, day } : { year, month, day };
  const real = existing(date);
  if (real === undefined) return 'malformed';
  const passed = real.month < now.month || (real.month === now.month && real.day < now.day);
  if (yearText !== undefined || !passed) return real;
  // Without a year the next such day is meant: 三号 said on the fifth is next month's.
  return monthText === undefined ? (existing({ ...real, month: real.month === 12 ? 1 : real.month + 1, year: real.month === 12 ? real.year + 1 : real.year }) ?? 'malformed') : { ...real, year: real.year + 1 };
}

function century(year: number): number {
  return year < 100 ? (year < 50 ? 2000 + year : 1900 + year) : year;
}

/** 下午三点, 八点一刻, 差五分三点, 十五点半; a part of the day alone is its usual hour, not certain. */
export function chineseClock(text: string): ClockReading | undefined {
  const part = PARTS.find(([words]) => words.test(text));
  const before = new RegExp(`差(${NUMERAL}|一刻)分?钟?(?:到)?(${NUMERAL})[点時时]`).exec(text);
  const match = new RegExp(`(${NUMERAL})(?:[点時时](?!间|候)|[:：])(?:钟|整)?(?:(半)|(一刻|三刻)|(${NUMERAL})分?)?`).exec(text);
  const [hourText, minute] = before === null ? [match?.[1], minutesOf(match)] : [before[2], -(before[1] === '一刻' ? 15 : (chineseNumber(before[1] ?? '') ?? 0))];
  if (hourText === undefined) return part === undefined ? undefined : { hour: part[2], minute: 0, certain: false };
  const hour = chineseNumber(hourText) ?? 99;
  if (hour > 24 || minute > 59) return undefined;
  return at(hour % 24, minute, part?.[1]);
}

function minutesOf(match: RegExpExecArray | null): number {
  if (match?.[2] !== undefined) return 30;
  if (match?.[3] !== undefined) return match[3] === '一刻' ? 15 : 45;
  return match?.[4] === undefined ? 0 : (chineseNumber(match[4]) ?? 99);
}

function at(hour: number, minute: number, part: 'am' | 'pm' | 'noon' | undefined): ClockReading {
  let full = hour;
  if (part === 'pm' && hour < 12) full = hour + 12;
  if (part === 'noon' && hour < 3) full = hour + 12;
  if (part === 'am' && hour === 12) full = 0;
  // Nobody makes appointments for the night: 三点 is in the afternoon.
  const guessed = part === undefined && hour >= 1 && hour < 8;
  if (guessed) full = hour + 12;
  const total = full * 60 + minute;
  return { hour: Math.floor(total / 60) % 24, minute: ((total % 60) + 60) % 60, certain: part !== undefined || hour >= 13 || hour === 0 };
}

/** 半个小时后, 二十分钟以后, 两个半小时后, ms. */
export function chineseDelay(text: string): number | undefined {
  const match = new RegExp(`(半|${NUMERAL})个?(半)?(小时|钟头|分钟|刻钟)(?:之后|以后|后|过后|再)`).exec(text) ?? new RegExp(`(?<![经通超])过(半|${NUMERAL})个?(半)?(小时|钟头|分钟|刻钟)`).exec(text);
  if (match === null) return undefined;
  const count = match[1] === '半' ? 0.5 : (chineseNumber(match[1] ?? '') ?? 0) + (match[2] === undefined ? 0 : 0.5);
  const unit = { 小时: 3_600_000, 钟头: 3_600_000, 分钟: 60_000, 刻钟: 900_000 }[match[3] ?? ''] ?? 0;
  return count > 0 ? count * unit : undefined;
}
