import { casual } from 'chrono-node/en';
import type { ParsedComponents, ParsedResult } from 'chrono-node';
import { namedDates } from './dates-en.js';
import { hourIn, partOfDay, usualHour } from './part-of-day.js';
import type { ClockReading, PartOfDay } from './part-of-day.js';
import { MINUTE_WORDS, WEEKDAYS } from './small-numbers-en.js';
import { figuresOfTime } from './spelled-time.js';
import { addDays, isoDate, today, wallTime } from './wall-clock.js';
import type { Tense, WallDate } from './wall-clock.js';

const WHICH_WEEK = new RegExp(`\\b(?:last|next|this|coming) (?:${WEEKDAYS.join('|')})\\b`, 'i');
const SHORTEST_MS = 60_000;
/** Said of a stretch of time, of which one moment is taken; "fifteen hundred" alone may be money. */
const ROUGH = new RegExp(`\\b(?:between|from) .{1,30} (?:and|to|till|until)\\b|\\b(?:or|to) (?:\\w+[ -])?\\w+ (?:minutes|hours|days|weeks|months)\\b|\\b(?:hour|day|week|month) or (?:two|so)\\b|\\bin a (?:little )?(?:while|bit)\\b|^\\W*(?:(?:thir|four|fif|six|seven|eigh|nine)teen|twenty(?:[ -]\\w+)?)[ -](?:hundred|${MINUTE_WORDS})\\W*$`, 'i');
const TIME_WORD = new RegExp(`\\d|\\b(?:${WEEKDAYS.join('|')}|tomorrow|today|tonight|morning|afternoon|evening|noon|midnight|${MINUTE_WORDS})\\b`, 'i');
const PART_FIRST = new RegExp(`\\b(morning|afternoon|evening) (?:on )?(tomorrow|${WEEKDAYS.join('|')})\\b`, 'g');
const NOW = /(?<!\bfrom )\b(?:right |just )?now\b/g;
/** "On the day" would be tomorrow, "by the hour" in an hour; "within the hour" is that. */
const THE_UNIT = /(?<!\b(?:with)?in )\bthe hour\b(?: (?:after|before))?(?! of\b)|\bthe (?:minute|day|week|month)(?: (?:after|before))?\b(?! of\b)/g;
/** "Not until at 5" is a range to the library. */
const SIDE = /\b(?:after|around|about|by|before|from|past|until|till) (?=at \d)/g;
const THIS_PART = /\b(?:this (?:morning|afternoon|evening)|tonight)\b/i;
/** "December" beside a number that was not read with it. */
const NUMBER_AFTER = new RegExp(`^,? (?:the )?${MINUTE_WORDS}\\b`);
const NUMBER_BEFORE = new RegExp(`\\b${MINUTE_WORDS} (?:of )?$`);

export interface EnglishWhen {
  readonly day: WallDate | 'malformed' | undefined;
  /** The day was named by its weekday only. */
  readonly weekly: boolean;
  readonly clock: ClockReading | undefined;
  /** "In half an hour": from now, ms. */
  readonly delayMs: number | undefined;
  /** A week, a month or a part of it was said, and no day. */
  readonly vague: boolean;
}

/** Words with a day or an hour in them, at a glance. */
export function namesTime(text: string): boolean {
  return TIME_WORD.test(text);
}

/** In the words as they were said: `englishWhen` may get them with one end of the stretch alone. */
export function isRough(text: string): boolean {
  return ROUGH.test(text);
}

/**
 * What a spoken English time says, in parts. Days without a year lie in the future or in
 * the past, as `tense` says. Of several days the one that was said last counts.
 */
export function englishWhen(text: string, nowMs: number, timeZone: string, tense: Tense): EnglishWhen | undefined {
  const now = today(nowMs, timeZone);
  const offset = Math.round((wallTime(nowMs, timeZone) - nowMs) / 60_000);
  const part = partOfDay(text, 'en');
  const dated = namedDates(figuresOfTime(text), now, tense);
  const none = { day: undefined, weekly: false, clock: undefined, delayMs: undefined, vague: false };
  if (dated === undefined) return { ...none, day: 'malformed' };
  // "Afternoon tomorrow" loses its day; "I'm busy right now" says when it is not.
  const read = hourInPart(dated.text).replace(PART_FIRST, '$2 $1').replace(NOW, ' ').replace(THE_UNIT, ' ').replace(SIDE, '');
  const results = casual.parse(read, { instant: new Date(nowMs), timezone: offset }, { forwardDate: tense === 'future' }).filter((one) => isWhole(one, read)).map(({ start }) => start);
  const here = THIS_PART.test(text) ? now : undefined;
  const last = results.at(-1);
  if (last === undefined) return part === undefined ? undefined : { ...none, day: here, clock: usualHour(part) };
  const delayMs = last.isCertain('minute') && last.isCertain('second') ? last.date().getTime() - nowMs : undefined;
  // "Wait a second" names no time.
  if (delayMs !== undefined) return Math.abs(delayMs) < SHORTEST_MS ? undefined : { ...none, delayMs };
  const named = results.findLast(saysDay);
  const hour = named?.isCertain('hour') === true ? named : results.findLast((one) => one.isCertain('hour'));
  const weekly = named !== undefined && named.isCertain('weekday') && !named.isCertain('day') && !WHICH_WEEK.test(text);
  const day = named === undefined ? here : inTense(named, now, tense, weekly);
  const vague = dated.vague || (named !== undefined && !named.isCertain('day') && !named.isCertain('weekday'));
  return { day, weekly, clock: clockOf(hour, part, /\bmidnight\b/i.test(text) && day !== undefined && isoDate(day) !== isoDate(now)), delayMs: undefined, vague };
}

/** A month beside a number word that is not understood is half a day, and says none. */
function isWhole({ start, index, text }: ParsedResult, of: string): boolean {
  if (!start.isCertain('month') || start.isCertain('day')) return true;
  return !NUMBER_AFTER.test(of.slice(index + text.length)) && !NUMBER_BEFORE.test(of.slice(0, index));
}

function saysDay(start: ParsedComponents): boolean {
  return start.isCertain('day') || start.isCertain('weekday') || start.isCertain('month');
}

/** The library takes the nearest such day, also where only past ones are asked for. */
function inTense(start: ParsedComponents, now: WallDate, tense: Tense, weekly: boolean): WallDate {
  const day = { year: start.get('year') ?? 1970, month: start.get('month') ?? 1, day: start.get('day') ?? 1 };
  if (tense === 'future' || isoDate(day) <= isoDate(now)) return day;
  if (weekly) return addDays(day, -7);
  return start.isCertain('month') && !start.isCertain('year') ? { ...day, year: day.year - 1 } : day;
}

/** `doubted`: "Friday at midnight" may be where Friday begins, or where it ends. */
function clockOf(start: ParsedComponents | undefined, part: PartOfDay | undefined, doubted: boolean): ClockReading | undefined {
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

/** "5 in the evening" to "at 5pm", "12 at night" to "at 12am". */
function hourInPart(text: string): string {
  return text.replace(/\b(\d{1,2})(:\d{2})? (?:o'clock )?(?:in the (?=[maen])|at (?=n))(morning|afternoon|evening|night)\b/gi, (_, hour: string, minute: string | undefined, part: string) => {
    const small = /night/i.test(part) && Number(hour) % 12 < 5;
    return `at ${hour}${minute ?? ''}${/morning/i.test(part) || small ? 'am' : 'pm'}`;
  });
}
