import { withoutDenied } from './denied-times.js';
import { afterNo } from './denied-values.js';
import { movedBy } from './moved-time.js';
import type { Move } from './moved-time.js';
import { hanziNumber } from './number-words-zh.js';
import type { ClockReading } from './part-of-day.js';
import { HOUR_SAID, fault, lastMeant, value } from './readings.js';
import type { SlotContext, SlotLanguage, SlotReading, SlotType, SlotValue } from './slot-type.js';
import { MONTH, WEEKDAYS } from './small-numbers-en.js';
import { daysBeside } from './spelled-days.js';
import { addDays, addMonths, formatWall, instantOf, isoDate, isoInstant, nearestInYear, parseIsoDate, today, wallTime } from './wall-clock.js';
import type { Tense, WallDate } from './wall-clock.js';
import { englishWhen, isRough, namesTime } from './when-en.js';
import { chineseWhen } from './when-zh.js';

/** For a day without an hour: offices are open, and few are still asleep. */
const DEFAULT_CLOCK: ClockReading = { hour: 10, minute: 0, certain: false, part: { kind: 'am', usual: 10, from: 0, to: 24 } };
const WEEKDAYS_ZH = '日一二三四五六';

/** Between two days or hours: the caller is asked which. */
const OR: Record<SlotLanguage, RegExp> = { en: /,?\s*\bor\b\s*(?:maybe |perhaps |else )*/i, zh: /[，,]?(?:或者是?|或是|或|还是|、(?![0-9一二两三四五六七八九十])|(?<![0-9一二两三四五六七八九十])、)/u };
const LAST_WEEKDAY = new RegExp(`\\blast (?:${WEEKDAYS.join('|')})\\b`, 'i');
/** A stretch of time, or a rough one, is read back. */
const VAGUE_SURE = 0.55;

interface Said {
  readonly day: WallDate | 'malformed' | undefined;
  /** The day was named by its weekday only. */
  readonly weekly: boolean;
  readonly clock: ClockReading | undefined;
  readonly delayMs: number | undefined;
  /** A stretch of time was said, or a rough one. */
  readonly vague: boolean;
}

/** What the words say without those that were denied or taken back: nothing, one time, or two to choose from. */
function said(text: string, context: SlotContext): readonly Said[] {
  // "Tomorrow at three no at four", without marks.
  const wanted = eachDay(withoutDenied(text, context.language)).replace(/(?<=\S) no (?=(?:at|on|in the) )/g, ', no, ');
  const meant = lastMeant(context.language === 'en' ? afterNo(wanted, namesTime) : wanted);
  const rough = context.language === 'en' && isRough(text);
  const all = eitherOf(meant, context).map((one) => (rough ? { ...one, vague: true } : one));
  const before = meant === wanted ? undefined : parts(wanted.replace(meant, ' '), context);
  if (before === undefined || before.day === 'malformed') return all;
  // "Thursday at five, no, at six" takes back the hour alone, "Thursday at five, no, Friday" the day.
  return all.map((one) => (one.delayMs !== undefined ? one : one.day === undefined ? { ...one, day: before.day, weekly: before.weekly } : { ...one, clock: one.clock ?? before.clock }));
}

/** 明后天 are two days. */
function eachDay(text: string): string {
  return text.replace(/明后[两二]?天/gu, '明天或者后天').replace(/今明[两二]?天/gu, '今天或者明天');
}

/** "Wednesday or Thursday at three", 周三或者周四: the hour or the day that is said once holds for both. */
function eitherOf(text: string, context: SlotContext): readonly Said[] {
  const mark = [...text.matchAll(new RegExp(OR[context.language], 'giu'))].at(-1);
  if (mark !== undefined) {
    const sides = sharing(text.slice(0, mark.index).trimEnd(), text.slice(mark.index + mark[0].length), context.language);
    const [first, second] = sides.map((side) => parts(side, context));
    if (first?.delayMs === undefined && second?.delayMs === undefined && first !== undefined && second !== undefined) {
      return [{ ...first, clock: first.clock ?? second.clock }, second.day === undefined ? { ...second, day: first.day, weekly: first.weekly } : second];
    }
  }
  const whole = parts(text, context);
  return whole === undefined ? [] : [whole];
}

/** "The tenth or eleventh of December", "next Tuesday or Wednesday", 下周一或者周二: the week or the month is said once. */
function sharing(left: string, right: string, language: SlotLanguage): readonly [string, string] {
  if (language === 'zh') {
    const week = /((?:上上|上|这|本|下下|下)个?)(?:周|星期|礼拜)[一二三四五六日天末][^，,。]*$/u.exec(left)?.[1];
    if (week !== undefined && /^(?:周|星期|礼拜)[一二三四五六日天末]/u.test(right)) return [left, `${week}${right}`];
    const month = /((?:(?:上|这|本|下下|下)一?个?月|[0-9一二三四五六七八九十]{1,3}月份?)的?)[0-9一二三四五六七八九十]{1,3}[号日]?$/u.exec(left)?.[1];
    return [left, month !== undefined && /^[0-9一二三四五六七八九十]{1,3}[号日]/u.test(right) ? `${month}${right}` : right];
  }
  const days = `(?:${WEEKDAYS.join('|')})`;
  const week = new RegExp(`\\b(next|this|last) ${days}$`).exec(left)?.[1];
  if (week !== undefined && new RegExp(`^(?:on )?${days}\\b`).test(right)) return [left, right.replace(/^(?:on )?/, `${week} `)];
  const ofWeek = new RegExp(`^(?:on )?${days}( (?:of )?(?:the )?(?:(?:next|this|following) week|week after next|week))\\b`).exec(right)?.[1];
  if (ofWeek !== undefined && new RegExp(`\\b${days}$`).test(left)) return [`${left}${ofWeek}`, right];
  const month = new RegExp(`\\b(${MONTH}) (?:the )?\\d{1,2}(?:st|nd|rd|th)?$`).exec(left)?.[1];
  if (month !== undefined && /^(?:on )?(?:the )?\d{1,2}(?:st|nd|rd|th)/.test(right)) return [left, `${month} ${right.replace(/^(?:on )?(?:the )?/, '')}`];
  const ofMonth = new RegExp(`^(?:the )?\\d{1,2}(?:st|nd|rd|th)( of (?:${MONTH}|(?:next|this) month))\\b`).exec(right)?.[1];
  return [ofMonth !== undefined && /\d(?:st|nd|rd|th)$/.test(left) ? `${left}${ofMonth}` : left, right];
}

function parts(text: string, { language, nowMs, timeZone, settings }: SlotContext): Said | undefined {
  const tense: Tense = settings.when === 'past' ? 'past' : 'future';
  // "Last Friday" is past whatever is asked for.
  const when = language === 'en' ? englishWhen(text, nowMs, timeZone, LAST_WEEKDAY.test(text) ? 'past' : tense) : chineseWhen(text, nowMs, timeZone, tense);
  return when === undefined || (when.day === undefined && when.clock === undefined && when.delayMs === undefined) ? undefined : when;
}

/** What a kind of slot makes of the words. */
interface Reader {
  readonly moved: (previous: SlotValue, by: Move, context: SlotContext) => SlotValue | undefined;
  readonly read: (when: Said | undefined, context: SlotContext) => SlotReading | undefined;
}

/**
 * One reading of what was said, or two values to choose from. At a read-back "an hour
 * later" moves the value of before, and the rest of the words corrects the moved one;
 * what is moved is always read back.
 */
function heard(words: string, context: SlotContext, { moved, read }: Reader): SlotReading | undefined {
  const text = context.language === 'en' ? daysBeside(words) : words;
  const stretch = context.previous === undefined ? undefined : movedBy(text, context.language);
  const to = context.previous === undefined || stretch?.by === undefined ? undefined : moved(context.previous, stretch.by, context);
  const within = to === undefined ? context : { ...context, previous: to };
  const all = said(stretch?.rest ?? text, within);
  const most = to === undefined ? 1 : stretch?.rough === true ? VAGUE_SURE : HOUR_SAID;
  const readings = (all.length === 0 ? [undefined] : all).map((one) => noSurer(read(one, within), most)).filter((one) => one !== undefined);
  const values = [...new Set(readings.flatMap((one) => (one.kind === 'value' ? [one.value] : [])))];
  return values.length > 1 ? { kind: 'ambiguous', values } : (readings.find((one) => one.kind === 'value') ?? readings[0]);
}

function noSurer(reading: SlotReading | undefined, most: number): SlotReading | undefined {
  return reading?.kind === 'value' ? { ...reading, sure: Math.min(reading.sure, most) } : reading;
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
  hear: (text, context) =>
    heard(text, context, {
      moved(previous, { ms, days, months }) {
        const day = ms === 0 && typeof previous === 'string' ? parseIsoDate(previous) : undefined;
        return day === undefined ? undefined : isoDate(addDays(addMonths(day, months), days));
      },
      read(when, within) {
        if (when === undefined && within.previous !== context.previous) return dayOf(parseIsoDate(String(within.previous)) ?? today(within.nowMs, within.timeZone), within);
        if (when?.day === undefined) return when?.delayMs === undefined ? undefined : dayOf(today(within.nowMs + when.delayMs, within.timeZone), within);
        return when.day === 'malformed' ? fault('no_such_day') : dayOf(when.day, within, when.vague);
      },
    }),
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

function dayOf(day: WallDate, { nowMs, timeZone, settings }: SlotContext, vague = false): SlotReading {
  const iso = isoDate(day);
  const now = isoDate(today(nowMs, timeZone));
  if ((settings.when ?? 'future') === 'future' && iso < now) return fault('past', iso);
  if (settings.when === 'past' && iso > now) return fault('future', iso);
  return value(iso, vague ? VAGUE_SURE : 0.85);
}

/** An hour of the day: kept as `15:30`. */
export const time: SlotType = {
  name: 'time',
  answerKind: 'open',
  hear: (text, context) =>
    heard(text, context, {
      moved(previous, { ms }) {
        const clock = ms === 0 ? undefined : clockFrom(previous);
        if (clock === undefined) return undefined;
        const minutes = clock.hour * 60 + clock.minute + ms / 60_000;
        return minutes < 0 || minutes >= 1440 ? undefined : written({ hour: Math.floor(minutes / 60), minute: minutes % 60, certain: true });
      },
      read(when, { previous }) {
        const before = clockFrom(previous);
        if (when?.clock === undefined) return before === undefined || previous === context.previous ? undefined : value(written(before), 0.9);
        if (before !== undefined && agreed(when.clock, before)) return value(written(before), 0.9);
        return value(written(when.clock), sureOf(when.clock, when.vague));
      },
    }),
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
  hear: (text, context) =>
    heard(text, context, {
      moved(previous, { ms, days, months }, { timeZone }) {
        const at = typeof previous === 'string' ? Date.parse(previous) : NaN;
        if (Number.isNaN(at)) return undefined;
        return isoInstant(instantOf({ ...addDays(addMonths(today(at, timeZone), months), days), ...clockAt(at, timeZone) }, timeZone) + ms);
      },
      read: (when, within) => (when === undefined && within.previous !== context.previous ? moment(Date.parse(String(within.previous)), 0.9, within) : when === undefined ? undefined : momentOf(when, within)),
    }),
  keyed: () => undefined,
  readBack(of, context) {
    const at = Date.parse(String(of));
    const wall = clockAt(at, context.timeZone);
    // 今晚十二点 ends the day, and nobody would know it as 明天凌晨十二点.
    const isNight = context.language === 'zh' && wall.hour === 0 && wall.minute === 0;
    const day = spokenDay(isoDate(today(isNight ? at - 1 : at, context.timeZone)), context);
    const clock = spokenClock(written(wall), context.language);
    return context.language === 'zh' ? `${day}${clock}` : `${day} at ${clock}`;
  },
  check: () => [],
};

function momentOf(when: Said, context: SlotContext): SlotReading {
  if (when.day === 'malformed') return fault('no_such_day');
  if (when.delayMs !== undefined) return moment(context.nowMs + when.delayMs, when.vague ? VAGUE_SURE : 0.9, context);
  const before = typeof context.previous === 'string' ? Date.parse(context.previous) : NaN;
  const previous = Number.isNaN(before) ? undefined : { day: today(before, context.timeZone), clock: clockAt(before, context.timeZone) };
  const day = when.day ?? previous?.day ?? today(context.nowMs, context.timeZone);
  // "No, Friday" keeps the hour of before, "no, at four" its day.
  const named = when.clock === undefined ? (previous?.clock ?? DEFAULT_CLOCK) : previous !== undefined && agreed(when.clock, previous.clock) ? previous.clock : when.clock;
  const clock = when.day !== undefined && !when.weekly && isoDate(day) === isoDate(today(context.nowMs, context.timeZone)) ? leftOfToday(named, context) : named;
  const on = (days: number): number => instantOf({ ...addDays(day, days), hour: clock.hour, minute: clock.minute }, context.timeZone);
  // Without a day the next night is meant anyway, or the one of the day that was agreed.
  const at = clock.nextDay === true && (when.day !== undefined || previous !== undefined) ? 1 : 0;
  const step = when.day === undefined ? (previous === undefined ? 1 : 0) : when.weekly && context.settings.when !== 'any' ? 7 : 0;
  const past = context.settings.when === 'past';
  const passed = past ? on(at) > context.nowMs : on(at) <= context.nowMs;
  return moment(passed ? on(at + (past ? -step : step)) : on(at), sureOf(clock, when.vague), context);
}

/** "Today", "this afternoon": an hour of it that is still to come, or, where what is past is asked for, that is over. */
function leftOfToday(clock: ClockReading, { nowMs, timeZone, settings }: SlotContext): ClockReading {
  if (clock.certain || clock.nextDay === true || settings.when === 'any') return clock;
  const now = (wallTime(nowMs, timeZone) % 86_400_000) / 60_000;
  const past = settings.when === 'past';
  const usual = clock.hour * 60 + clock.minute;
  if (past ? usual <= now : usual > now) return clock;
  // "Today at nine", said at ten, is in the evening.
  if (clock.part === undefined) return !past && clock.hour < 12 && usual + 720 > now ? { ...clock, hour: clock.hour + 12 } : clock;
  const { from, to } = clock.part;
  for (const [away, step] of [[60, 30], [15, 15]] as const) {
    const minutes = past ? Math.floor((now - away) / step) * step : Math.ceil((now + away) / step) * step;
    if (minutes >= from * 60 && minutes < to * 60) return { ...clock, hour: Math.floor(minutes / 60), minute: minutes % 60 };
  }
  return clock;
}

function sureOf(clock: ClockReading, vague: boolean): number {
  if (vague || clock.part !== undefined) return VAGUE_SURE;
  return clock.certain ? 0.9 : HOUR_SAID;
}

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
  if (hour === 0 && minute === 0) return '晚上十二点';
  const part = hour < 5 ? '凌晨' : hour < 9 ? '早上' : hour < 12 ? '上午' : hour < 13 ? '中午' : hour < 18 ? '下午' : '晚上';
  const minutes = minute === 0 ? '' : minute === 30 ? '半' : minute < 10 ? `零${hanziNumber(minute)}分` : `${hanziNumber(minute)}分`;
  // The hour of two is 两点, never 二点.
  return `${part}${hour === 0 ? '零' : short === 2 ? '两' : hanziNumber(short)}点${minutes}`;
}
