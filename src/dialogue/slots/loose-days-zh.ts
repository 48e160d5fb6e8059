import { chineseNumber } from './number-words-zh.js';
import type { FoundDay } from './when-zh.js';
import { addDays, addMonths, nearestInYear, nearestOfMonth, weekdayOf } from './wall-clock.js';
import type { Tense, WallDate } from './wall-clock.js';

/** 下周, 下个月初, 十二月中旬: a day that stands for a stretch of days, as "next week" does in English. */

const WEEK = /(?<![早晚])(上上|上|下下|下)(?:一?个)?(?:星期|礼拜|周)(初|一开始)?(?![一二三四五六日天末几])/;
const MONTH = /(?:(?<![早晚])(上上|上|下下|下)(?:一?个)?月|(?<![0-9零一二三四五六七八九十个])([0-9]{1,2}|[一二三四五六七八九十]{1,3})月份?|(?<![个0-9一二三四五六七八九十])(?:这个|本)?月)(初|上旬|中旬?|下旬)/;
const WHICH_MONTH = /(?<![早晚])(下下|下|上)(?:一?个)?月(?![底末])/;
const NEXT_YEAR = /明年(?:年初|初|一开年)/;
const AWAY = new Map([['上上', -2], ['上', -1], ['下', 1], ['下下', 2]]);
const PLACES = new Map([['初', 1], ['上旬', 1], ['中', 15], ['中旬', 15], ['下旬', 21]]);

/** Undefined if no week, month or part of one is in the words. 这周 says none: it may be any day. */
export function looseDay(text: string, now: WallDate, tense: Tense): FoundDay | undefined {
  const found = (date: WallDate | undefined, at: number): FoundDay => ({ date: date ?? 'malformed', weekly: false, vague: true, at });
  const month = MONTH.exec(text);
  if (month !== null) return found(inMonth(month, now, tense), month.index);
  const week = WEEK.exec(text);
  if (week !== null) {
    const there = addDays(now, 7 * (AWAY.get(week[1] ?? '') ?? 0));
    return found(week[2] === undefined ? there : addDays(there, 1 - weekdayOf(there)), week.index);
  }
  const which = WHICH_MONTH.exec(text);
  if (which !== null) return found(addMonths(now, AWAY.get(which[1] ?? '') ?? 0), which.index);
  const year = NEXT_YEAR.exec(text);
  return year === null ? undefined : found({ year: now.year + 1, month: 1, day: 1 }, year.index);
}

function inMonth([, which, named, place = '']: RegExpExecArray, now: WallDate, tense: Tense): WallDate | undefined {
  const day = PLACES.get(place) ?? 1;
  if (which !== undefined) return { ...addMonths({ ...now, day: 1 }, AWAY.get(which) ?? 0), day };
  return named === undefined ? nearestOfMonth(day, now, tense) : nearestInYear({ month: chineseNumber(named) ?? 0, day }, now, tense);
}
