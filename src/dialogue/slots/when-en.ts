import * as chrono from 'chrono-node';
import { hourIn, partOfDay, usualHour } from './part-of-day.js';
import type { ClockReading, PartOfDay } from './part-of-day.js';
import { spelledTime } from './spelled-time.js';
import { addDays, addMonths, existing, isoDate, lastOfMonth, nearestOfMonth, today, wallTime, weekdayOf } from './wall-clock.js';
import type { Tense, WallDate } from './wall-clock.js';

const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(' ');
const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const MONTH = '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const COUNTS = 'zero one two three four five six seven eight nine ten'.split(' ');
const WHICH_WEEK = new RegExp(`\\b(?:last|next|this|coming) (?:${WEEKDAYS.join('|')})\\b`, 'i');
const SHORTEST_MS = 60_000;
const AWAY = new Map([['next', 1], ['following', 1], ['coming', 1], ['this', 0], ['current', 0], ['same', 0], ['the', 0], ['last', -1], ['previous', -1]]);

export interface EnglishWhen {
  readonly day: WallDate | 'malformed' | undefined;
  /** The day was named by its weekday only. */
  readonly weekly: boolean;
  readonly clock: ClockReading | undefined;
  /** "In half an hour": from now, ms. */
  readonly delayMs: number | undefined;
}

/**
 * What a spoken English time says, in parts. Days without a year lie in the future or in
 * the past, as `tense` says. Of several days the one that was said last counts.
 */
export function englishWhen(text: string, nowMs: number, timeZone: string, tense: Tense): EnglishWhen | undefined {
  const now = today(nowMs, timeZone);
  const offset = Math.round((wallTime(nowMs, timeZone) - nowMs) / 60_000);
  const part = partOfDay(text, 'en');
  const dated = namedDates(spelledOrdinals(spelledTime(text)), now, tense);
  if (dated === undefined) return { day: 'malformed', weekly: false, clock: undefined, delayMs: undefined };
  const results = chrono.casual.parse(hourInPart(dated), { instant: new Date(nowMs), timezone: offset }, { forwardDate: tense === 'future' }).map(({ start }) => start);
  const last = results.at(-1);
  if (last === undefined) return part === undefined ? undefined : { day: undefined, weekly: false, clock: usualHour(part), delayMs: undefined };
  const delayMs = last.isCertain('minute') && last.isCertain('second') ? last.date().getTime() - nowMs : undefined;
  // "Wait a second" names no time.
  if (delayMs !== undefined) return Math.abs(delayMs) < SHORTEST_MS ? undefined : { day: undefined, weekly: false, clock: undefined, delayMs };
  const named = results.findLast(saysDay);
  const hour = named?.isCertain('hour') === true ? named : results.findLast((one) => one.isCertain('hour'));
  const weekly = named !== undefined && named.isCertain('weekday') && !named.isCertain('day') && !WHICH_WEEK.test(text);
  const day = named === undefined ? undefined : inTense(named, now, tense, weekly);
  return { day, weekly, clock: clockOf(hour, part, /\bmidnight\b/i.test(text) && day !== undefined && isoDate(day) !== isoDate(now)), delayMs: undefined };
}

function saysDay(start: chrono.ParsedComponents): boolean {
  return start.isCertain('day') || start.isCertain('weekday') || start.isCertain('month');
}

/** The library takes the nearest such day, also where only past ones are asked for. */
function inTense(start: chrono.ParsedComponents, now: WallDate, tense: Tense, weekly: boolean): WallDate {
  const day = { year: start.get('year') ?? 1970, month: start.get('month') ?? 1, day: start.get('day') ?? 1 };
  if (tense === 'future' || isoDate(day) <= isoDate(now)) return day;
  if (weekly) return addDays(day, -7);
  return start.isCertain('month') && !start.isCertain('year') ? { ...day, year: day.year - 1 } : day;
}

/** `doubted`: "Friday at midnight" may be where Friday begins, or where it ends. */
function clockOf(start: chrono.ParsedComponents | undefined, part: PartOfDay | undefined, doubted: boolean): ClockReading | undefined {
  if (start === undefined) return part === undefined ? undefined : usualHour(part);
  const hour = start.get('hour') ?? 0;
  const minute = start.get('minute') ?? 0;
  const night = part?.kind === 'night' && (hour % 12 < 5 || hour === 24);
  // "Tonight at one" is past midnight, whether the library takes it for 1 or for 13.
  if (night) return hourIn(part, hour % 12, minute);
  if (start.isCertain('meridiem') || hour > 12) return { hour, minute, certain: true };
  if (hour === 0) return { hour, minute, certain: !doubted, ...(doubted ? {} : { nextDay: true }) };
  return hourIn(part, hour, minute);
}

/** "the twenty third" to "the 23rd", which the library reads; "a second" and "the second one" name no day. */
function spelledOrdinals(text: string): string {
  const noDay = '(?! (?:one|ones|1|option|choice|time|times|person|floor|avenue|street|thing|of (?:them|those|these))\\b)';
  return namedDays(text)
    .replace(/\b(?:the )?(twenty|thirty)[ -](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b/gi, (_, tens: string, unit: string) => ordinal((tens.toLowerCase() === 'twenty' ? 20 : 30) + ORDINALS.indexOf(unit.toLowerCase()) + 1))
    .replace(/\b(?:the )?(thirtieth)\b/gi, '30th')
    .replace(new RegExp(`(?<!\\b(?:a|an|one|per|every|split|two) )\\b(?:the )?(${ORDINALS.slice(1).join('|')}|first(?= of))\\b${noDay}`, 'gi'), (_, word: string) => ordinal(ORDINALS.indexOf(word.toLowerCase()) + 1))
    // "On the first": beside other words it is a day only where nothing else can be first.
    .replace(/(?:\b(?:on|by|before|until|till|from|for|is|said|about) the first|^\W*the first)(?=\s*(?:$|[,.;!?]|at\b|in the\b|next\b|this\b|last\b|then\b|please\b|would\b|is\b|works\b|if\b))/gi, (words) => words.replace(/first$/i, '1st'));
}

/** Days that the library does not know by name, or loses beside an hour. */
function namedDays(text: string): string {
  return text
    .replace(/\bchristmas eve\b/gi, 'december 24')
    .replace(/\bchristmas(?: day)?\b/gi, 'december 25')
    .replace(/\bnew year'?s eve\b/gi, 'december 31')
    .replace(/\bnew year'?s(?: day)?\b/gi, 'january 1')
    .replace(/\b(?:the )?day after tomorrow\b/gi, 'in 2 days')
    .replace(/\btomorrow week\b/gi, 'in 8 days')
    .replace(/\bhalf a year\b/gi, '6 months')
    .replace(/\b(?:an?|one) month and a half\b/gi, '1 month and a half');
}

/**
 * "The 5th of next month", "the end of next month", "the 30th" with their month and year,
 * of which the library would read the month alone, or nothing; undefined for a day that
 * the month does not have.
 */
function namedDates(text: string, now: WallDate, tense: Tense): string | undefined {
  let malformed = false;
  const dated = (date: WallDate | undefined): string => {
    malformed ||= date === undefined;
    return date === undefined ? ' ' : `${MONTHS[date.month - 1] ?? ''} ${date.day} ${date.year}`;
  };
  const inMonth = (day: string, which: string): string => dated(existing({ ...addMonths({ ...now, day: 1 }, AWAY.get(which) ?? 0), day: Number(day) }));
  const endOf = (which: string): string => dated(lastOfMonth(now.year, now.month + (AWAY.get(which) ?? 0)));
  const which = '(next|following|coming|this|current|same|last|previous)';
  const written = text
    .replace(new RegExp(`\\b(an?|one|two|three|four|\\d) weeks? (?:from|on) (today|now|tomorrow|${WEEKDAYS.join('|')})\\b`, 'gi'), (_, count: string, name: string) => dated(weeksFrom(count, name.toLowerCase(), now)))
    .replace(/\bin (an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) months?( and a half)?\b|\b(an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) months?( and a half)? (ago|later|from now|from today)\b/gi, (_, ahead: string | undefined, half: string | undefined, count = '', countHalf: string | undefined, side = '') => dated(monthsFrom(ahead ?? String(count), (half ?? countHalf) !== undefined, side === 'ago' ? -1 : 1, now)))
    .replace(/\b(?:the )?(?:very )?(?:last day|end) of (?:the|this) year\b/gi, () => dated({ year: now.year - (tense === 'past' && isoDate({ year: now.year, month: 12, day: 31 }) > isoDate(now) ? 1 : 0), month: 12, day: 31 }))
    .replace(new RegExp(`\\b(?:the )?(?:very )?(?:last day|end) of (?:the )?${which} month\\b`, 'gi'), (_, away: string) => endOf(away.toLowerCase()))
    .replace(/\b(?:the )?(?:very )?(?:last day|end) of the month\b/gi, () => endOf(tense === 'past' && lastOfMonth(now.year, now.month).day > now.day ? 'last' : 'this'))
    .replace(new RegExp(`\\b(?:the )?(?:very )?last day of (?=${MONTH}\\b)`, 'gi'), 'end of ')
    .replace(new RegExp(`\\b(?:on )?(?:the )?(\\d{1,2})(?:st|nd|rd|th)?(?: day)? of (?:the )?${which} month\\b`, 'gi'), (_, day: string, away: string) => inMonth(day, away.toLowerCase()))
    .replace(new RegExp(`\\b(?:on )?(?:the )?(\\d{1,2})(?:st|nd|rd|th) ${which} month\\b`, 'gi'), (_, day: string, away: string) => inMonth(day, away.toLowerCase()))
    .replace(new RegExp(`\\b${which} month,? (?:on )?(?:the )?(\\d{1,2})(?:st|nd|rd|th)\\b`, 'gi'), (_, away: string, day: string) => inMonth(day, away.toLowerCase()))
    .replace(new RegExp(`(?<!\\b${MONTH}\\.?,? (?:the )?)\\b(?:on )?(?:the )?(\\d{1,2})(?:st|nd|rd|th)(?: of the month)?\\b(?!(?: day)?(?: of)? ${MONTH}\\b)(?! (?:one|1|option|choice|time|person|floor|avenue|street)\\b)`, 'gi'), (words, day: string) => (Number(day) < 1 || Number(day) > 31 ? words : dated(nearestOfMonth(Number(day), now, tense))));
  return malformed ? undefined : written;
}

function counted(word: string): number {
  return /^an?$/i.test(word) ? 1 : /\d/.test(word) ? Number(word) : COUNTS.indexOf(word.toLowerCase());
}

/** The library moves the day before last of January by a month into March. */
function monthsFrom(count: string, half: boolean, sign: 1 | -1, now: WallDate): WallDate {
  return addDays(addMonths(now, sign * counted(count)), half ? sign * 15 : 0);
}

/** "A week from today", "two weeks on Monday". */
function weeksFrom(count: string, name: string, now: WallDate): WallDate {
  const weeks = counted(count);
  const weekday = WEEKDAYS.indexOf(name);
  const days = name === 'tomorrow' ? 1 : weekday < 0 ? 0 : (weekday - (weekdayOf(now) % 7) + 6) % 7 + 1;
  return addDays(now, days + weeks * 7);
}

/** "5 in the evening" to "at 5pm", "12 at night" to "at 12am". */
function hourInPart(text: string): string {
  return text.replace(/\b(\d{1,2})(:\d{2})? (?:o'clock )?(?:in the (?=[maen])|at (?=n))(morning|afternoon|evening|night)\b/gi, (_, hour: string, minute: string | undefined, part: string) => {
    const small = /night/i.test(part) && Number(hour) % 12 < 5;
    return `at ${hour}${minute ?? ''}${/morning/i.test(part) || small ? 'am' : 'pm'}`;
  });
}

function ordinal(value: number): string {
  const tail = value % 10 === 1 && value !== 11 ? 'st' : value % 10 === 2 && value !== 12 ? 'nd' : value % 10 === 3 && value !== 13 ? 'rd' : 'th';
  return `${value}${tail}`;
}
