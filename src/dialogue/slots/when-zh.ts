import { lowerOfRough } from './approximate-zh.js';
import { chineseNumber } from './number-words-zh.js';
import { looseDay } from './loose-days-zh.js';
import { hourIn, partOfDay, usualHour } from './part-of-day.js';
import type { ClockReading } from './part-of-day.js';
import { addDays, addMonths, existing, isoDate, lastOfMonth, nearestInYear, nearestOfMonth, today, weekdayOf } from './wall-clock.js';
import type { Tense, WallDate } from './wall-clock.js';

/**
 * Days and hours in spoken Chinese. The library that reads English dates takes 下个星期天
 * for the coming Sunday and does not know 一刻, so these are tables of our own.
 */

/** A day that was named, or one that no calendar has. */
export interface NamedDay {
  readonly date: WallDate | 'malformed';
  /** Only by its weekday: the one a week before or after has the same name. */
  readonly weekly: boolean;
  /** Only a week, a month or a part of it was named. */
  readonly vague?: boolean;
}

export interface FoundDay extends NamedDay {
  /** Where in the text. */
  readonly at: number;
}

/** Bounded, as nobody counts days in more characters: a long run of numerals would be tried from each of them. */
const NUMERAL = '[0-9零〇一二两三四五六七八九十百]{1,8}';
const BOUND = 1_000;
const RELATIVE_DAYS = new Map([['明儿', 1], ['今儿', 0], ['后儿', 2], ['大前天', -3], ['前天', -2], ['昨天', -1], ['昨晚', -1], ['今天', 0], ['今日', 0], ['今晚', 0], ['今早', 0], ['明天', 1], ['明日', 1], ['明晚', 1], ['明早', 1], ['后天', 2], ['大后天', 3]]);
/** The longest first: 大后天 has 后天 in it, and so has 以后天天. */
const RELATIVE_DAY = new RegExp(`(?<![以之然最今往])(?:${[...RELATIVE_DAYS.keys()].sort((left, right) => right.length - left.length).join('|')})`, 'g');
const YEARS_AWAY = new Map([['大前年', -3], ['前年', -2], ['去年', -1], ['今年', 0], ['本年', 0], ['明年', 1], ['后年', 2]]);
const YEAR = `(?:[0-9零〇一二三四五六七八九]{2,4}年|${[...YEARS_AWAY.keys()].join('|')})`;
const AWAY = new Map([['上上', -2], ['上', -1], ['这', 0], ['本', 0], ['下', 1], ['下下', 2]]);
const WHICH = '(?<![早晚])(上上|上|这|本|下下|下)';
const HOLIDAYS = new Map([['元旦', [1, 1]], ['劳动节', [5, 1]], ['国庆', [10, 1]], ['平安夜', [12, 24]], ['圣诞', [12, 25]]] as const);
const HOLIDAY = new RegExp(`(${YEAR})?的?(${[...HOLIDAYS.keys()].join('|')})`);
/** 下周的今天, 下个月的今天. */
const SAME_DAY = new RegExp(`${WHICH}(?:一?个)?(周|星期|礼拜|月)的?(?:今天|同一天|这个?时候)`);
/** 元旦前一天, 周三以后: the day beside it; 周三以前不行 is Wednesday, and of 周五以后，最好周六 the Saturday has nothing beside it. */
const BESIDE_DAY = new RegExp(`(?:(?<!${NUMERAL})天|[周期拜][一二三四五六日天末]|[号日]|节|元旦|国庆|圣诞|平安夜|[年月]底)(?:的|那天|当天)*(?:(前|后)(${NUMERAL})天|(以后|之后|过后)|(?:以前|之前)(?!.{0,6}[不没忙别]))`, 'g');
/** By then, and not the day before. */
const BY_END = /^[年月]底/;
const YEAR_END = new RegExp(`(${YEAR})?(?:年|(?<=年))(?:底|末)`);
const MONTH_END = new RegExp(`(${YEAR})?的?(?:(${NUMERAL})月份?|(?:${WHICH}(?:一?个)?)?月)的?(?:底|末)`);
const AFTER = new RegExp(`(?<![月0-9零〇一二两三四五六七八九十百])(半|${NUMERAL})(?:个?(半)?(天|日|星期|礼拜|周)|个(半)?(月)|(年)(半)?)(?:(?:之|以|过)?(后)|(?:之|以)?前)|(?<![经通超])过个?(半|${NUMERAL})(?:个?(半)?(天|日|星期|礼拜|周)|个(半)?(月)|(年)(半)?)`);
const CALENDAR = new RegExp(`(?:(${YEAR})的?)?(?:${WHICH}(?:一?个)?月的?|(${NUMERAL})月份?的?|月)?(${NUMERAL})[号日](?![楼线院门])`, 'g');
const WEEKDAY = new RegExp(`(?:${WHICH})?(?:一?个)?(?:星期|礼拜|周)([一二三四五六日天末])`, 'g');

export interface ChineseWhen {
  readonly day: WallDate | 'malformed' | undefined;
  readonly weekly: boolean;
  readonly clock: ClockReading | undefined;
  /** From now, ms. */
  readonly delayMs: number | undefined;
  /** A stretch of time was said, or a rough one: 下周, 两三点. */
  readonly vague: boolean;
}

/** What a spoken Chinese time says, in parts. */
export function chineseWhen(said: string, nowMs: number, timeZone: string, tense: Tense): ChineseWhen {
  const { text, rough } = lowerOfRough(said);
  const day = chineseDay(text, nowMs, timeZone, tense);
  const clock = chineseClock(text);
  const delayMs = chineseDelay(text);
  const whileMs = day === undefined && clock === undefined && delayMs === undefined ? chineseWhile(text) : undefined;
  return { day: day?.date, weekly: day?.weekly ?? false, clock, delayMs: delayMs ?? whileMs, vague: rough || day?.vague === true || whileMs !== undefined };
}

/** Undefined if no day is in the words. Of two days the one that was said last counts. */
function chineseDay(text: string, nowMs: number, timeZone: string, tense: Tense = 'future'): NamedDay | undefined {
  const now = today(nowMs, timeZone);
  const relative = relativeDay(text, now, tense);
  // 三号，星期二: the number says it all, the weekday only agrees.
  const named = calendarDay(text, now, tense) ?? weekdayDay(text, now, tense);
  if (relative === undefined && named === undefined) return looseDay(text, now, tense);
  return besideDay(text, (relative?.at ?? -1) > (named?.at ?? -1) ? relative : named, now, tense);
}

function besideDay(text: string, day: FoundDay | undefined, now: WallDate, tense: Tense): FoundDay | undefined {
  if (day === undefined || day.date === 'malformed') return day;
  const all = [...text.matchAll(BESIDE_DAY)];
  const beside = all.find(({ index }) => index >= day.at);
  if (beside === undefined) return all.length === 0 ? day : { ...day, vague: true };
  const [, side, count, after] = beside;
  if (side !== undefined) return { ...day, date: addDays(day.date, (side === '前' ? -1 : 1) * (chineseNumber(count ?? '') ?? 0)) };
  if (tense === 'past') return day;
  if (after === undefined && BY_END.test(beside[0])) return { ...day, vague: true };
  const date = addDays(day.date, after === undefined ? -1 : 1);
  return { ...day, date: isoDate(date) < isoDate(now) ? now : date, vague: true };
}

function relativeDay(text: string, now: WallDate, tense: Tense): FoundDay | undefined {
  const found = (date: WallDate | 'malformed', at: number): FoundDay => ({ date, weekly: false, at });
  const holiday = HOLIDAY.exec(text);
  if (holiday !== null) {
    const [month, day] = HOLIDAYS.get((holiday[2] ?? '') as '元旦') ?? [1, 1];
    return found(inYear({ month, day }, yearOf(holiday[1], now), now, tense), holiday.index);
  }
  const same = SAME_DAY.exec(text);
  if (same !== null) {
    const count = AWAY.get(same[1] ?? '') ?? 0;
    return found(same[2] === '月' ? addMonths(now, count) : addDays(now, 7 * count), same.index);
  }
  const yearEnd = YEAR_END.exec(text);
  if (yearEnd !== null) return found(inYear({ month: 12, day: 31 }, yearOf(yearEnd[1], now), now, tense), yearEnd.index);
  const end = MONTH_END.exec(text);
  if (end !== null) return found(monthEnd(end, now, tense), end.index);
  const after = AFTER.exec(text);
  if (after !== null) {
    const date = moved(after, now);
    return date === undefined ? undefined : found(date, after.index);
  }
  const name = [...text.matchAll(RELATIVE_DAY)].at(-1);
  return name === undefined ? undefined : found(addDays(now, RELATIVE_DAYS.get(name[0]) ?? 0), name.index);
}

/** 月底, 下个月底, 十二月底, 明年三月底. */
function monthEnd([, yearText, monthText, which]: RegExpExecArray, now: WallDate, tense: Tense): WallDate | 'malformed' {
  if (monthText === undefined) {
    const end = lastOfMonth(now.year, now.month + (AWAY.get(which ?? '') ?? 0));
    // 月底 of what is past is that of the month before, unless it is today.
    return which === undefined && tense === 'past' && end.day > now.day ? lastOfMonth(now.year, now.month - 1) : end;
  }
  const month = chineseNumber(monthText) ?? 0;
  if (month < 1 || month > 12) return 'malformed';
  const year = yearOf(yearText, now);
  if (year !== undefined) return lastOfMonth(year, month);
  const away = tense === 'past' ? (month > now.month || (month === now.month && lastOfMonth(now.year, month).day > now.day) ? -1 : 0) : month < now.month ? 1 : 0;
  return lastOfMonth(now.year + away, month);
}

/** 三天后, 半个月以后, 一个半月后, 两年前, 过五天. Half a day is no day. */
function moved(match: RegExpExecArray, now: WallDate): WallDate | undefined {
  const offset = match[1] === undefined ? 8 : 0;
  const part = (index: number): string | undefined => match[index + offset];
  const [countText, daysHalf, days, monthsHalf, months, years, yearsHalf] = [1, 2, 3, 4, 5, 6, 7].map(part);
  const count = (countText === '半' ? 0.5 : (chineseNumber(countText ?? '') ?? 0)) + ((daysHalf ?? monthsHalf ?? yearsHalf) === undefined ? 0 : 0.5);
  const sign = match[1] !== undefined && match[8] === undefined ? -1 : 1;
  if (count === 0 || count > BOUND) return undefined;
  if (years !== undefined) return addMonths(now, sign * Math.round(count * 12));
  // Half a month is fifteen days.
  if (months !== undefined) return addDays(addMonths(now, sign * Math.floor(count)), sign * (count % 1 === 0 ? 0 : 15));
  if (days === '天' || days === '日') return count < 1 ? undefined : addDays(now, sign * Math.ceil(count));
  return addDays(now, sign * Math.round(count * 7));
}

function weekdayDay(text: string, now: WallDate, tense: Tense): FoundDay | undefined {
  const match = [...text.matchAll(WEEKDAY)].at(-1);
  if (match === undefined) return undefined;
  const [, which, name = ''] = match;
  const target = name === '末' ? 6 : '日天'.includes(name) ? 7 : '一二三四五六'.indexOf(name) + 1;
  const day = addDays(now, target - weekdayOf(now) + (AWAY.get(which ?? '') ?? 0) * 7);
  if (which !== undefined) return { date: day, weekly: false, at: match.index };
  // 周二 without more, said on a Thursday, is the one to come, or the one that is past.
  const weeks = tense === 'past' ? (target > weekdayOf(now) ? -1 : 0) : target < weekdayOf(now) ? 1 : 0;
  return { date: addDays(day, weeks * 7), weekly: true, at: match.index };
}

function calendarDay(text: string, now: WallDate, tense: Tense): FoundDay | undefined {
  const match = [...text.matchAll(CALENDAR)].at(-1);
  if (match === undefined) return undefined;
  const [, yearText, which, monthText, dayText = ''] = match;
  const day = chineseNumber(dayText) ?? 0;
  const found = (date: WallDate | 'malformed'): FoundDay => ({ date, weekly: false, at: match.index });
  if (day < 1 || day > 31) return found('malformed');
  if (which !== undefined) return found(existing({ ...addMonths({ ...now, day: 1 }, AWAY.get(which) ?? 0), day }) ?? 'malformed');
  // Without a month the next such day is meant: 三号 said on the fifth is next month's.
  if (monthText === undefined) return found(nearestOfMonth(day, now, tense) ?? 'malformed');
  return found(inYear({ month: chineseNumber(monthText) ?? 0, day }, yearOf(yearText, now), now, tense));
}

function inYear({ month, day }: Pick<WallDate, 'month' | 'day'>, year: number | undefined, now: WallDate, tense: Tense): WallDate | 'malformed' {
  if (month < 1 || month > 12) return 'malformed';
  return (year === undefined ? nearestInYear({ month, day }, now, tense) : existing({ year, month, day })) ?? 'malformed';
}

function yearOf(text: string | undefined, now: WallDate): number | undefined {
  if (text === undefined) return undefined;
  const away = YEARS_AWAY.get(text);
  return away === undefined ? century(chineseNumber(text.replace('年', '')) ?? 0) : now.year + away;
}

function century(year: number): number {
  return year < 100 ? (year < 50 ? 2000 + year : 1900 + year) : year;
}

const CLOCK = new RegExp(`(${NUMERAL})(?:[点時时](?!间|候)|[:：])(?:(钟|整)|(半)|(一刻|三刻)|(${NUMERAL})分?)?`, 'g');
/** 晚一点, 给我一点时间: a bit, and no hour. */
const A_BIT_BEFORE = /(?:[快慢大小高低近远轻好多少长短久早再差]|(?<![今明昨])晚|有|给我|稍微?|提前|推迟|往后|便宜|方便)$/;
/** What makes an hour of 一点: a part of the day, a day, or a word of place before it; or nothing else in the clause. */
const AN_HOUR_BEFORE = /(?:早上|早晨|清晨|凌晨|上午|中午|下午|午后|傍晚|晚上|今晚|明晚|昨晚|夜里|半夜|[天日号]|[周期拜][一二三四五六日天末]|在|到|约)[，,\s]*$/;
const AN_HOUR_AFTER = /^(?:左右|以后|之后|之前|以前|前|后|见|到)/;
const ALONE_BEFORE = /(?:^|[，,。！!？?；;])\s*(?:嗯|呃|那|就|那就|大概|差不多|也许)?\s*$/;
const ALONE_AFTER = /^(?:吧|呢|好了|行|可以|好|左右|方便|\s)*(?:$|[。！!？?，,；;])/;

/** 下班以后 without an hour: when most people are there. */
const AFTER_ZH: readonly (readonly [RegExp, number])[] = [
  [/下班(?:以后|之后|后|再|了)|下了班/, 18],
  [/(?:吃完|吃过)?(?:午饭|中饭)(?:以后|之后|后|再)|吃[完过](?:午饭|中饭)/, 13],
  [/(?:吃完|吃过)?(?:晚饭)(?:以后|之后|后|再)|吃[完过]晚饭/, 19],
];
const BEFORE_HOUR = new RegExp(`差(${NUMERAL}|一刻)分?钟?(?:到)?(${NUMERAL})[点時时]`);
/** 九点差五分, 三点过十分. */
const BESIDE_HOUR = new RegExp(`(${NUMERAL})[点時时]钟?(?:还)?(差|过)(?:(${NUMERAL})分钟?|(一刻)钟?)(?!后|以后|之后|再)`);

/** 下午三点, 八点一刻, 差五分三点, 十五点半; a part of the day alone is its usual hour, not certain. */
function chineseClock(text: string): ClockReading | undefined {
  const beside = BESIDE_HOUR.exec(text);
  const before = beside === null ? BEFORE_HOUR.exec(text) : null;
  const match = beside ?? before ?? hourSaid(text);
  if (match === undefined) {
    const after = AFTER_ZH.find(([words]) => words.test(text));
    if (after !== undefined) return { hour: after[1], minute: 0, certain: false };
    const part = partOfDay(text, 'zh');
    return part === undefined ? undefined : usualHour(part);
  }
  const minute = beside !== null ? (beside[2] === '差' ? -1 : 1) * quarterOr(beside[3] ?? beside[4]) : before === null ? minutesOf(match) : -quarterOr(before[1]);
  const hour = chineseNumber((before === null ? match[1] : before[2]) ?? '') ?? 99;
  if (hour > 24 || minute > 59) return undefined;
  const part = partOfDay(text, 'zh', match.index + match[0].length);
  // 今晚凌晨两点 is after the midnight that ends today.
  return part?.kind === 'small' && /[今明昨]晚/.test(text) ? { ...hourIn(part, hour, minute), nextDay: true } : hourIn(part, hour, minute);
}

function quarterOr(text = ''): number {
  return text === '一刻' ? 15 : (chineseNumber(text) ?? 99);
}

/** The hour that was said last; of 三点到四点 the first. */
function hourSaid(text: string): RegExpExecArray | undefined {
  // 周一九点 is not nineteen o'clock.
  const plain = text.replace(/(周|星期|礼拜)[一二三四五六]/g, '$1天');
  const all = [...plain.matchAll(CLOCK)].filter((match) => isHour(match, plain));
  return all.findLast((match, index) => index === 0 || !/[到至-]$/.test(plain.slice(0, match.index)));
}

function isHour(match: RegExpExecArray, text: string): boolean {
  if (match[2] !== undefined || match[3] !== undefined || match[4] !== undefined || match[5] !== undefined) return true;
  const before = text.slice(0, match.index);
  if (/有$/.test(before)) return false;
  if (match[1] !== '一' || match[0].endsWith(':') || match[0].endsWith('：')) return true;
  const after = text.slice(match.index + match[0].length);
  if (A_BIT_BEFORE.test(before) || /^(?:儿|都|也|没|不|空|时间|事|问题|办法|意思)/.test(after)) return false;
  return AN_HOUR_BEFORE.test(before) || AN_HOUR_AFTER.test(after) || (ALONE_BEFORE.test(before) && ALONE_AFTER.test(after));
}

function minutesOf(match: RegExpExecArray): number {
  if (match[3] !== undefined) return 30;
  if (match[4] !== undefined) return match[4] === '一刻' ? 15 : 45;
  return match[5] === undefined ? 0 : (chineseNumber(match[5]) ?? 99);
}

/** 半个小时后, 二十分钟以后, 两个半小时后, 两小时前, ms. */
function chineseDelay(text: string): number | undefined {
  const match = new RegExp(`(半|${NUMERAL})个?(半)?(小时|钟头|分钟|刻钟)(?:之后|以后|后|过后|再|((?:之|以)?前))`).exec(text) ?? new RegExp(`(?<![经通超])过个?(半|${NUMERAL})个?(半)?(小时|钟头|分钟|刻钟)`).exec(text);
  if (match === null) return undefined;
  const count = match[1] === '半' ? 0.5 : (chineseNumber(match[1] ?? '') ?? 0) + (match[2] === undefined ? 0 : 0.5);
  const unit = { 小时: 3_600_000, 钟头: 3_600_000, 分钟: 60_000, 刻钟: 900_000 }[match[3] ?? ''] ?? 0;
  return count > 0 ? count * unit * (match[4] === undefined ? 1 : -1) : undefined;
}

/** 过一会儿, 一会儿再打: half an hour, as "in a while" is. 等一会儿 alone asks to wait. */
const WHILE_ZH = /^[嗯呃那就，,\s]*一会儿?[吧。，,\s]*$|(?:过|等|再过)(?:个|上)?一?会儿?(?:以后|之后|后|再)|一会儿?(?:以后|之后|后|再|打|联系)|(?<!经|通)过一?会儿/;
const WHILE_MS = 1_800_000;

function chineseWhile(text: string): number | undefined {
  return WHILE_ZH.test(text) ? WHILE_MS : undefined;
}
