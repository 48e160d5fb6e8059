import { hanziNumber } from './number-words-zh.js';
import { fault, lastMeant, value } from './readings.js';
import type { SlotContext, SlotLanguage, SlotReading, SlotType } from './slot-type.js';
import { addDays, formatWall, instantOf, isoDate, isoInstant, parseIsoDate, today } from './wall-clock.js';
import type { WallDate } from './wall-clock.js';
import { englishWhen } from './when-en.js';
import { chineseClock, chineseDay, chineseDelay } from './when-zh.js';
import type { ClockReading } from './when-zh.js';

/** For a day without an hour: offices are open, and few are still asleep. */
const DEFAULT_CLOCK: ClockReading = { hour: 10, minute: 0, certain: false };
const WEEKDAYS_ZH = '日一二三四五六';

interface Said {
  readonly day: WallDate | 'malformed' | undefined;
  readonly clock: ClockReading | undefined;
  readonly delayMs: number | undefined;
}

function said(text: string, { language, nowMs, timeZone, settings }: SlotContext): Said | undefined {
  const meant = lastMeant(text);
  const when = language === 'en' ? englishWhen(meant, nowMs, timeZone, settings.when !== 'past' && !/\blast (?:mon|tues|wednes|thurs|fri|satur|sun)day\b/i.test(meant)) : { day: chineseDay(meant, nowMs, timeZone), clock: chineseClock(meant), delayMs: chineseDelay(meant) };
  if (when !== undefined && when.day === undefined && when.delayMs === undefined && meant !== text) {
    // "Thursday at five, no, at six": only the hour was taken back.
    const day = language === 'en' ? englishWhen(text.replace(meant, ' '), nowMs, timeZone, settings.when !== 'past')?.day : chineseDay(text, nowMs, timeZone);
    if (day !== undefined) return { ...when, day };
  }
  return when === undefined || (when.day === undefined && when.clock === undefined && when.delayMs === undefined) ? undefined : when;
}

/** A day: kept as `2026-11-24`. */
export const date: SlotType = {
  name: 'date',
  answerKind: 'open',
  hear(text, context) {
    const when = said(text, context);
    if (when?.day === undefined) return when?.delayMs === undefined ? undefined : dayOf(today(context.nowMs + when.delayMs, context.timeZone), context);
    return when.day === 'malformed' ? fault('no_such_day') : dayOf(when.day, context);
  },
  /** Eight digits: year, month, day; four: month and day. */
  keyed(keys, context) {
    const match = /^(\d{4})?(\d{2})(\d{2})$/.exec(keys);
    const now = today(context.nowMs, context.timeZone);
    const day = match === null ? undefined : parseIsoDate(`${match[1] ?? now.year}-${match[2] ?? ''}-${match[3] ?? ''}`);
    if (day === undefined) return fault(match === null ? 'malformed' : 'no_such_day');
    const passed = match?.[1] === undefined && context.settings.when !== 'past' && isoDate(day) < isoDate(now);
    return dayOf(passed ? { ...day, year: day.year + 1 } : day, context);
  },
  readBack: (of, context) => spokenDay(String(of), context),
  check: () => [],
};

function dayOf(day: WallDate, { nowMs, timeZone, settings }: SlotContext): SlotReading {
  const iso = isoDate(day);
  const now = isoDate(today(nowMs, timeZone));
  if ((settings.when ?? 'future') === 'future' && iso < now) return fault('past', iso);
  if (settings.when === 'past' && iso > now) return fault('future', iso);
  return value(iso, 0.85);
}

/** An hour of the day: kept as `15:30`. */
export const time: SlotType = {
  name: 'time',
  answerKind: 'open',
  hear(text, context) {
    const when = said(text, context);
    if (when?.clock === undefined) return undefined;
    return value(written(when.clock), when.clock.certain ? 0.9 : 0.55);
  },
  keyed(keys) {
    const match = /^(\d{1,2})(\d{2})$/.exec(keys);
    const clock = { hour: Number(match?.[1] ?? 99), minute: Number(match?.[2] ?? 99), certain: true };
    return clock.hour > 23 || clock.minute > 59 ? fault('malformed') : value(written(clock), 0.95);
  },
  readBack: (of, { language }) => spokenClock(String(of), language),
  check: () => [],
};

/** A moment: kept as RFC 3339 in UTC; the words mean wall time in the zone of the call. */
export const datetime: SlotType = {
  name: 'datetime',
  answerKind: 'open',
  hear(text, context) {
    const when = said(text, context);
    if (when === undefined) return undefined;
    if (when.day === 'malformed') return fault('no_such_day');
    if (when.delayMs !== undefined) return moment(context.nowMs + when.delayMs, 0.9, context);
    const before = typeof context.previous === 'string' ? Date.parse(context.previous) : NaN;
    // "No, Friday" keeps the hour of before, "no, at four" its day.
    const day = when.day ?? (Number.isNaN(before) ? today(context.nowMs, context.timeZone) : today(before, context.timeZone));
    const clock = when.clock ?? (Number.isNaN(before) ? DEFAULT_CLOCK : clockAt(before, context.timeZone));
    const at = instantOf({ ...day, ...clock }, context.timeZone);
    const tomorrow = when.day === undefined && Number.isNaN(before) && at <= context.nowMs && context.settings.when !== 'past';
    return moment(tomorrow ? instantOf({ ...addDays(day, 1), ...clock }, context.timeZone) : at, clock.certain ? 0.9 : 0.58, context);
  },
  keyed: () => undefined,
  readBack(of, context) {
    const at = Date.parse(String(of));
    const day = spokenDay(isoDate(today(at, context.timeZone)), context);
    const clock = spokenClock(written(clockAt(at, context.timeZone)), context.language);
    return context.language === 'zh' ? `${day}${clock}` : `${day} at ${clock}`;
  },
  check: () => [],
};

function moment(at: number, sure: number, { nowMs, settings }: SlotContext): SlotReading {
  if ((settings.when ?? 'future') === 'future' && at <= nowMs) return fault('past', isoInstant(at));
  if (settings.when === 'past' && at > nowMs) return fault('future', isoInstant(at));
  return value(isoInstant(at), sure);
}

function clockAt(ms: number, timeZone: string): ClockReading {
  const [hour = 0, minute = 0] = formatWall(ms, timeZone, { hourCycle: 'h23', hour: '2-digit', minute: '2-digit' }).split(':').map(Number);
  return { hour, minute, certain: true };
}

function written({ hour, minute }: ClockReading): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

function spokenDay(iso: string, { language, nowMs, timeZone }: Pick<SlotContext, 'language' | 'nowMs' | 'timeZone'>): string {
  const day = parseIsoDate(iso);
  if (day === undefined) return iso;
  const away = [0, 1, 2].findIndex((days) => isoDate(today(nowMs, timeZone, days)) === iso);
  const noon = Date.UTC(day.year, day.month - 1, day.day, 12);
  const thisYear = today(nowMs, timeZone).year === day.year;
  if (language === 'zh') {
    if (away >= 0) return ['今天', '明天', '后天'][away] ?? '';
    const year = thisYear ? '' : `${[...String(day.year)].map((digit) => hanziNumber(Number(digit))).join('')}年`;
    return `${year}${hanziNumber(day.month)}月${hanziNumber(day.day)}号，星期${WEEKDAYS_ZH.charAt(new Date(noon).getUTCDay())}`;
  }
  if (away === 0 || away === 1) return away === 0 ? 'today' : 'tomorrow';
  return formatWall(noon, 'UTC', { weekday: 'long', month: 'long', day: 'numeric', ...(thisYear ? {} : { year: 'numeric' }) });
}

function spokenClock(text: string, language: SlotLanguage): string {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  const short = hour % 12 === 0 ? 12 : hour % 12;
  if (language === 'en') return `${short}${minute === 0 ? '' : `:${String(minute).padStart(2, '0')}`} ${hour < 12 ? 'AM' : 'PM'}`;
  const part = hour < 5 ? '凌晨' : hour < 9 ? '早上' : hour < 12 ? '上午' : hour < 13 ? '中午' : hour < 18 ? '下午' : '晚上';
  const minutes = minute === 0 ? '' : minute === 30 ? '半' : minute < 10 ? `零${hanziNumber(minute)}分` : `${hanziNumber(minute)}分`;
  // The hour of two is 两点, never 二点.
  return `${part}${short === 2 ? '两' : hanziNumber(short)}点${minutes}`;
}
