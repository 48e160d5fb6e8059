import { withoutDenied } from './denied-times.js';
import { hanziNumber } from './number-words-zh.js';
import type { ClockReading } from './part-of-day.js';
import { fault, lastMeant, value } from './readings.js';
import type { SlotContext, SlotLanguage, SlotReading, SlotType } from './slot-type.js';
import { addDays, formatWall, instantOf, isoDate, isoInstant, nearestInYear, parseIsoDate, today } from './wall-clock.js';
import type { Tense, WallDate } from './wall-clock.js';
import { englishWhen } from './when-en.js';
import { chineseClock, chineseDay, chineseDelay } from './when-zh.js';

/** For a day without an hour: offices are open, and few are still asleep. */
const DEFAULT_CLOCK: ClockReading = { hour: 10, minute: 0, certain: false };
const WEEKDAYS_ZH = '日一二三四五六';

interface Said {
  readonly day: WallDate | 'malformed' | undefined;
  /** The day was named by its weekday only. */
  readonly weekly: boolean;
  readonly clock: ClockReading | undefined;
  readonly delayMs: number | undefined;
}

function said(text: string, context: SlotContext): Said | undefined {
  const meant = lastMeant(text);
  const when = parts(withoutDenied(meant, context.language), context);
  if (when !== undefined && when.day === undefined && when.delayMs === undefined && meant !== text) {
    // "Thursday at five, no, at six": only the hour was taken back.
    const before = parts(withoutDenied(text.replace(meant, ' '), context.language), context);
    if (before?.day !== undefined) return { ...when, day: before.day, weekly: before.weekly };
  }
  return when === undefined || (when.day === undefined && when.clock === undefined && when.delayMs === undefined) ? undefined : when;
}

function parts(text: string, { language, nowMs, timeZone, settings }: SlotContext): Said | undefined {
  const tense: Tense = settings.when === 'past' ? 'past' : 'future';
  // "Last Friday" is past whatever is asked for.
  if (language === 'en') return englishWhen(text, nowMs, timeZone, /\blast (?:mon|tues|wednes|thurs|fri|satur|sun)day\b/i.test(text) ? 'past' : tense);
  const day = chineseDay(text, nowMs, timeZone, tense);
  return { day: day?.date, weekly: day?.weekly ?? false, clock: chineseClock(text), delayMs: chineseDelay(text) };
}

/** "Yes, in the afternoon" at a read-back of 2 PM, or "yes, at nine" at one of 9 PM, says no other hour. */
function agreed(clock: ClockReading, before: ClockReading): boolean {
  const { part } = clock;
  if (part !== undefined) return before.hour >= part.from && before.hour < part.to;
  return !clock.certain && before.hour % 12 === clock.hour % 12 && before.minute === clock.minute;
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
    // Without a year the next such day, or the last, where there is one.
    const nearest = match?.[1] === undefined ? nearestInYear(day, now, context.settings.when === 'past' ? 'past' : 'future') : day;
    return dayOf(nearest ?? day, context);
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
    const before = clockFrom(context.previous);
    if (before !== undefined && agreed(when.clock, before)) return value(written(before), 0.9);
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
    const previous = Number.isNaN(before) ? undefined : { day: today(before, context.timeZone), clock: clockAt(before, context.timeZone) };
    // "No, Friday" keeps the hour of before, "no, at four" its day.
    const clock = when.clock === undefined ? (previous?.clock ?? DEFAULT_CLOCK) : previous !== undefined && agreed(when.clock, previous.clock) ? previous.clock : when.clock;
    const day = when.day ?? previous?.day ?? today(context.nowMs, context.timeZone);
    const on = (days: number): number => instantOf({ ...addDays(day, days), hour: clock.hour, minute: clock.minute }, context.timeZone);
    // Without a day the next night is meant anyway, or the one of the day that was agreed.
    const at = clock.nextDay === true && (when.day !== undefined || previous !== undefined) ? 1 : 0;
    const step = when.day === undefined ? (previous === undefined ? 1 : 0) : when.weekly && context.settings.when !== 'any' ? 7 : 0;
    const past = context.settings.when === 'past';
    const passed = past ? on(at) > context.nowMs : on(at) <= context.nowMs;
    return moment(passed ? on(at + (past ? -step : step)) : on(at), clock.certain ? 0.9 : 0.58, context);
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

function clockFrom(of: SlotContext['previous']): ClockReading | undefined {
  const match = typeof of === 'string' ? /^(\d{2}):(\d{2})$/.exec(of) : null;
  return match === null ? undefined : { hour: Number(match[1]), minute: Number(match[2]), certain: true };
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
