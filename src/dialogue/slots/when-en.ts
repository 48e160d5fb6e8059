import * as chrono from 'chrono-node';
import { spelledTime } from '../answers/time.js';
import { addDays, existing, isoDate, today, wallTime } from './wall-clock.js';
import type { WallDate } from './wall-clock.js';
import type { ClockReading } from './when-zh.js';

const PARTS_OF_DAY: readonly (readonly [RegExp, number])[] = [
  [/\bmorning\b/i, 10],
  [/\bnoon\b|\bmidday\b/i, 12],
  [/\bafternoon\b/i, 15],
  [/\bevening\b|\btonight\b|\bnight\b/i, 19],
];
const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(' ');

export interface EnglishWhen {
  readonly day: WallDate | undefined;
  readonly clock: ClockReading | undefined;
  /** "In half an hour": from now, ms. */
  readonly delayMs: number | undefined;
}

/** What a spoken English time says, in parts; `future` moves days without a year to those to come. */
export function englishWhen(text: string, nowMs: number, timeZone: string, future: boolean): EnglishWhen | undefined {
  const offset = Math.round((wallTime(nowMs, timeZone) - nowMs) / 60_000);
  const start = chrono.casual.parse(hourInPart(spelledOrdinals(spelledTime(text))), { instant: new Date(nowMs), timezone: offset }, { forwardDate: future })[0]?.start;
  const part = PARTS_OF_DAY.find(([words]) => words.test(text))?.[1];
  if (start === undefined) {
    const day = bareOrdinal(text, nowMs, timeZone);
    if (day !== undefined) return { day, clock: part === undefined ? undefined : { hour: part, minute: 0, certain: false }, delayMs: undefined };
  }
  if (start === undefined) return part === undefined ? undefined : { day: undefined, clock: { hour: part, minute: 0, certain: false }, delayMs: undefined };
  if (start.isCertain('minute') && start.isCertain('second')) return { day: undefined, clock: undefined, delayMs: start.date().getTime() - nowMs };
  const saysDay = start.isCertain('day') || start.isCertain('weekday') || start.isCertain('month');
  const day = { year: start.get('year') ?? 1970, month: start.get('month') ?? 1, day: start.get('day') ?? 1 };
  return { day: saysDay ? day : undefined, clock: clockOf(start, part), delayMs: undefined };
}

function clockOf(start: chrono.ParsedComponents, part: number | undefined): ClockReading | undefined {
  if (!start.isCertain('hour')) return part === undefined ? undefined : { hour: part, minute: 0, certain: false };
  const hour = start.get('hour') ?? 0;
  const minute = start.get('minute') ?? 0;
  if (start.isCertain('meridiem') || hour > 12 || hour === 0) return { hour, minute, certain: true };
  if (part !== undefined) return { hour: part >= 12 && hour < 12 ? hour + 12 : hour, minute, certain: true };
  // "At three" is in the afternoon: nobody makes appointments for the night.
  return { hour: hour < 8 ? hour + 12 : hour, minute, certain: false };
}

/** "the twenty third" to "the 23rd", which the library reads. */
function spelledOrdinals(text: string): string {
  return namedDays(text)
    .replace(/\b(?:the )?(twenty|thirty)[ -](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b/gi, (_, tens: string, unit: string) => ordinal((tens.toLowerCase() === 'twenty' ? 20 : 30) + ORDINALS.indexOf(unit.toLowerCase()) + 1))
    .replace(/\b(?:the )?(thirtieth)\b/gi, '30th')
    .replace(new RegExp(`\\b(?:the )?(${ORDINALS.slice(1).join('|')}|first(?= of))\\b`, 'gi'), (_, word: string) => ordinal(ORDINALS.indexOf(word.toLowerCase()) + 1));
}

/** Days that the library does not know by name, or loses beside an hour. */
function namedDays(text: string): string {
  return text
    .replace(/\bchristmas eve\b/gi, 'december 24')
    .replace(/\bchristmas(?: day)?\b/gi, 'december 25')
    .replace(/\bnew year'?s eve\b/gi, 'december 31')
    .replace(/\bnew year'?s(?: day)?\b/gi, 'january 1')
    .replace(/\b(?:the )?day after tomorrow\b/gi, 'in 2 days')
    .replace(/\btomorrow week\b/gi, 'in 8 days');
}

/** "5 in the evening" to "at 5pm". */
function hourInPart(text: string): string {
  return text.replace(/\b(\d{1,2})(:\d{2})? (?:o'clock )?(?:in the (?=[mae])|at (?=n))(morning|afternoon|evening|night)\b/gi, (_, hour: string, minute: string | undefined, part: string) => `at ${hour}${minute ?? ''}${part.toLowerCase() === 'morning' ? 'am' : 'pm'}`);
}

/** "The 30th": of this month, or of the next if that has passed. */
function bareOrdinal(text: string, nowMs: number, timeZone: string): WallDate | undefined {
  const day = Number(/\b(\d{1,2})(?:st|nd|rd|th)\b/.exec(spelledOrdinals(text))?.[1] ?? 0);
  if (day < 1 || day > 31) return undefined;
  const now = today(nowMs, timeZone);
  return [0, 1, 2].map((months) => ({ ...addDays({ ...now, month: now.month + months, day: 1 }, 0), day })).find((date) => existing(date) !== undefined && isoDate(date) >= isoDate(now));
}

function ordinal(value: number): string {
  const tail = value % 10 === 1 && value !== 11 ? 'st' : value % 10 === 2 && value !== 12 ? 'nd' : value % 10 === 3 && value !== 13 ? 'rd' : 'th';
  return `${value}${tail}`;
}
