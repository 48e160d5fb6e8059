import { MONTH, MONTHS, WEEKDAYS, smallNumber } from './small-numbers-en.js';
import { addDays, addMonths, existing, isoDate, lastOfMonth, nearestInYear, nearestOfMonth, weekdayOf } from './wall-clock.js';
import type { Tense, WallDate } from './wall-clock.js';

const AWAY = new Map([['next', 1], ['following', 1], ['coming', 1], ['this', 0], ['current', 0], ['same', 0], ['the', 0], ['last', -1], ['previous', -1]]);
const WHICH = '(next|following|coming|this|current|same|last|previous)';
const WEEKDAY = `(${WEEKDAYS.join('|')})`;
const COUNT = '(an?|one|two|three|four|five|six|seven|eight|nine|ten|\\d{1,2})';
const WEEK_OF = '(?:the )?(week after next|(?:next|following|coming|this|last) week)';
/** "The second tuesday in december", of which the words of the ordinals were left as they are. */
const NTH = '(?:the )?(?:(\\d)(?:st|nd|rd|th)|(first|second|third|fourth|fifth|last))';
const COUNTED = ['first', 'second', 'third', 'fourth', 'fifth'];
const MONDAY = 1;
const WEDNESDAY = 3;
const FRIDAY = 5;
/** Where only "late December" is said. */
const LATE_IN_MONTH = 25;
const MID_MONTH = 15;
/** Any: it has every day that a year can have. */
const LEAP_YEAR = 2028;

/** By then, and not the day before. */
const BEFORE_END = /\bbefore (?=(?:the )?(?:very )?end of\b)/g;

/** The text with days in it written as "december 5 2026"; undefined where one was named that no calendar has. */
export interface DatedText {
  readonly text: string;
  /** Only a week, a month or a part of it was named. */
  readonly vague: boolean;
}

/**
 * "The 5th of next month", "the end of next month", "the 30th", "Wednesday week" with their
 * month and year, of which the library would read the month or the weekday alone, or
 * nothing. `text` is as `figuresOfTime` leaves it.
 */
export function namedDates(text: string, now: WallDate, tense: Tense): DatedText | undefined {
  let malformed = false;
  const dated = (date: WallDate | undefined): string => {
    malformed ||= date === undefined;
    return date === undefined ? ' ' : `${MONTHS[date.month - 1] ?? ''} ${date.day} ${date.year}`;
  };
  const said = text.replace(BEFORE_END, 'by ');
  const exact = besideDate(inMonths(inWeeks(said, now, dated), now, tense, dated), now, tense, dated);
  const loose = malformed ? exact : sideOfDate(partsOfTime(exact, now, tense, dated), now, tense, dated);
  return malformed ? undefined : { text: loose, vague: loose !== exact || said !== text };
}

type Dated = (date: WallDate | undefined) => string;

/** "Next week wednesday", "friday week", "two weeks on monday", "a week tomorrow". */
function inWeeks(text: string, now: WallDate, dated: Dated): string {
  const ofWeek = (name: string, week: string): string => dated(addDays(now, isoWeekday(name) - weekdayOf(now) + 7 * weeksAway(week)));
  return text
    .replace(/\b(?:in )?(an?|one|two|three|four|\d) weeks?'?s?'? time\b/g, 'in $1 weeks')
    .replace(new RegExp(`\\b(?:on )?${WEEKDAY},?(?: of| in)? ${WEEK_OF}\\b`, 'g'), (_, name: string, week: string) => ofWeek(name, week))
    .replace(new RegExp(`\\b${WEEK_OF},? (?:on )?(?:the )?${WEEKDAY}\\b`, 'g'), (_, week: string, name: string) => ofWeek(name, week))
    .replace(new RegExp(`\\b(?:on )?(?:${WEEKDAY}|(today|tomorrow)) week\\b`, 'g'), (_, name: string | undefined, near = '') => dated(weeksFrom('one', name ?? String(near), now)))
    .replace(new RegExp(`\\b(?:in )?${COUNT} weeks? (?:(?:from|on) )?(today|now|tomorrow|${WEEKDAYS.join('|')})\\b`, 'g'), (_, count: string, name: string) => dated(weeksFrom(count, name, now)));
}

function inMonths(text: string, now: WallDate, tense: Tense, dated: Dated): string {
  const inMonth = (day: string, which: string): string => dated(existing({ ...addMonths({ ...now, day: 1 }, AWAY.get(which) ?? 0), day: Number(day) }));
  const endOf = (which: string): string => dated(lastOfMonth(now.year, now.month + (AWAY.get(which) ?? 0)));
  return text
    .replace(new RegExp(`\\b(?:on )?${NTH} ${WEEKDAY} (?:of|in) (?:(?:the )?${WHICH} month|(the) month|(${MONTH}))\\b`, 'g'), (_, figure: string | undefined, word: string | undefined, name: string, which: string | undefined, the: string | undefined, month = '') => dated(nthWeekday(figure ?? word ?? '', name, which ?? the ?? String(month), now, tense)))
    .replace(new RegExp(`\\bin ${COUNT} months?( and a half)?\\b|\\b${COUNT} months?( and a half)? (ago|later|from now|from today)\\b`, 'g'), (_, ahead: string | undefined, half: string | undefined, count = '', countHalf: string | undefined, side = '') => dated(monthsFrom(ahead ?? String(count), (half ?? countHalf) !== undefined, side === 'ago' ? -1 : 1, now)))
    .replace(/\b(?:the )?(?:very )?(?:last day|end) of (?:the|this) year\b/g, () => dated({ year: now.year - (tense === 'past' && isoDate({ year: now.year, month: 12, day: 31 }) > isoDate(now) ? 1 : 0), month: 12, day: 31 }))
    .replace(new RegExp(`\\b(?:the )?(?:very )?(?:last day|end) of (?:the )?${WHICH} month\\b`, 'g'), (_, away: string) => endOf(away))
    .replace(/\b(?:the )?(?:very )?(?:last day|end) of the month\b/g, () => endOf(tense === 'past' && lastOfMonth(now.year, now.month).day > now.day ? 'last' : 'this'))
    .replace(new RegExp(`\\b(?:the )?(?:very )?last day of (?=${MONTH}\\b)`, 'g'), 'end of ')
    .replace(new RegExp(`\\b(?:on )?(?:the )?(\\d{1,2})(?:st|nd|rd|th)?(?: day)? of (?:the )?${WHICH} month\\b`, 'g'), (_, day: string, away: string) => inMonth(day, away))
    .replace(new RegExp(`\\b(?:on )?(?:the )?(\\d{1,2})(?:st|nd|rd|th) ${WHICH} month\\b`, 'g'), (_, day: string, away: string) => inMonth(day, away))
    .replace(new RegExp(`\\b${WHICH} month,? (?:on )?(?:the )?(\\d{1,2})(?:st|nd|rd|th)\\b`, 'g'), (_, away: string, day: string) => inMonth(day, away))
    .replace(new RegExp(`\\b(${MONTH}),? (?:the )?(\\d{2})(?:st|nd|rd|th)?\\b(?!:)`, 'g'), (words, month: string, day: string) => (existing({ year: LEAP_YEAR, month: monthOf(month), day: Number(day) }) === undefined ? dated(undefined) : words))
    .replace(new RegExp(`(?<!\\b${MONTH}\\.?,? (?:the )?)\\b(?:on )?(?:the )?(\\d{1,2})(?:st|nd|rd|th)(?: of the month)?\\b(?!(?: day)?(?: of)? ${MONTH}\\b)(?! (?:one|1|option|choice|time|person|floor|avenue|street)\\b)`, 'g'), (words, day: string) => (Number(day) < 1 || Number(day) > 31 ? words : dated(nearestOfMonth(Number(day), now, tense))));
}

/** "The week after next", "the end of the week", "early next month": a day that stands for them. "This week" stands for none. */
function partsOfTime(text: string, now: WallDate, tense: Tense, dated: Dated): string {
  const inWeek = (weeks: number, weekday: number): string => dated(addDays(now, weekday - weekdayOf(now) + 7 * weeks));
  const inMonth = (months: number, day: number): string => dated({ ...addMonths({ ...now, day: 1 }, months), day });
  const begins = '(?:(?:the )?(?:beginning|start|first half) of (?:the )?|early (?:in )?(?:the )?)';
  const middle = '(?:(?:the )?middle of (?:the )?|mid[ -]?(?:of )?(?:the )?)';
  const ends = '(?:(?:the )?(?:end|second half) of (?:the )?|late (?:in )?(?:the )?)';
  const ofMonth = (pattern: string, day: number, given: string): string => given.replace(new RegExp(`\\b${pattern}(${MONTH})\\b(?! \\d)`, 'g'), (_, month: string) => dated(nearestInYear({ month: monthOf(month), day }, now, tense)));
  const weeks = text
    .replace(new RegExp(`\\b(?:by |at |towards )?${ends}week after next\\b`, 'g'), () => inWeek(2, FRIDAY))
    .replace(new RegExp(`\\b(?:by |at |towards )?${ends}next week\\b`, 'g'), () => inWeek(1, FRIDAY))
    .replace(new RegExp(`\\b(?:by |at |towards )?${ends}(?:this )?week\\b`, 'g'), () => inWeek(0, weekdayOf(now) <= FRIDAY ? FRIDAY : 7))
    .replace(new RegExp(`\\b${begins}(?:next )?week\\b`, 'g'), () => inWeek(1, MONDAY))
    .replace(new RegExp(`\\b${middle}(next )?week\\b`, 'g'), (_, next: string | undefined) => inWeek(next === undefined && weekdayOf(now) <= WEDNESDAY ? 0 : 1, WEDNESDAY))
    .replace(new RegExp(`\\b(?:on )?(?:the )?${WEEKDAY} after next\\b(?! (?:week|month)\\b)`, 'g'), (_, name: string) => inWeek(2, isoWeekday(name)))
    .replace(/\b(?:the )?week after next\b/g, () => dated(addDays(now, 14)))
    .replace(/(?<!\bin the )\bnext week\b(?!end)/g, () => dated(addDays(now, 7)))
    .replace(/\b(?:some ?time |any ?time |later )?this (?:week|month|year)\b/g, ' ');
  const months = weeks
    .replace(new RegExp(`\\b${begins}(?:next|following) month\\b`, 'g'), () => inMonth(1, 1))
    .replace(new RegExp(`\\b${middle}(?:next|following) month\\b`, 'g'), () => inMonth(1, MID_MONTH))
    .replace(new RegExp(`\\b${begins}month\\b`, 'g'), () => dated(nearestOfMonth(1, now, tense)))
    .replace(new RegExp(`\\b${middle}month\\b`, 'g'), () => dated(nearestOfMonth(MID_MONTH, now, tense)))
    .replace(new RegExp(`\\b${begins}(?:next )?year\\b`, 'g'), () => dated({ year: now.year + 1, month: 1, day: 1 }))
    .replace(/\b(?:the )?month after next\b/g, () => dated(addMonths(now, 2)))
    .replace(/(?<!\bin the )\b(next|last) month\b/g, (_, which: string) => dated(addMonths(now, which === 'next' ? 1 : -1)));
  return ofMonth(`(?:${ends})`, LATE_IN_MONTH, ofMonth(middle, MID_MONTH, ofMonth(begins, 1, months.replace(new RegExp(`\\b(?:the )?end of (?=${MONTH}\\b)`, 'g'), 'end-of ')))).replaceAll('end-of ', 'end of ');
}

/** A day by its name or by its date, with the year if it was found before. */
const DATE = `(?:the )?(?:(${WEEKDAYS.join('|')}|today|tomorrow)|(${MONTH}) (\\d{1,2})(?:st|nd|rd|th)?(?:,? (\\d{4}))?|(\\d{1,2})(?:st|nd|rd|th)? (?:of )?(${MONTH}))\\b`;

function dateOf([name, month, day, year, dayFirst, monthLast]: readonly (string | undefined)[], now: WallDate, tense: Tense): WallDate | undefined {
  if (name !== undefined) return addDays(now, name === 'today' ? 0 : name === 'tomorrow' ? 1 : (isoWeekday(name) - weekdayOf(now) + 7) % 7);
  const named = { month: monthOf(month ?? monthLast ?? ''), day: Number(day ?? dayFirst) };
  return year === undefined ? nearestInYear(named, now, tense) : existing({ ...named, year: Number(year) });
}

/** "The day after Thanksgiving", "two weeks before December 25", "the Tuesday after Christmas". */
function besideDate(text: string, now: WallDate, tense: Tense, dated: Dated): string {
  const from = (date: WallDate | undefined, days: number): string => dated(date === undefined ? undefined : addDays(date, days));
  const sign = (side: string): number => (side === 'after' ? 1 : -1);
  return text
    .replace(new RegExp(`\\b(?:on )?(?:the day|${COUNT} (day|week)s?) (after|before) ${DATE}`, 'g'), (_, count: string | undefined, unit: string | undefined, side: string, ...date: (string | undefined)[]) => from(dateOf(date, now, tense), sign(side) * counted(count ?? 'one') * (unit === 'week' ? 7 : 1)))
    .replace(new RegExp(`\\b(?:on )?(?:the )?(?:first )?${WEEKDAY} (?:right )?(after|before) ${DATE}`, 'g'), (_, name: string, side: string, ...date: (string | undefined)[]) => {
      const day = dateOf(date, now, tense);
      const away = day === undefined ? 0 : (sign(side) * (isoWeekday(name) - weekdayOf(day)) + 6) % 7;
      return from(day, sign(side) * ((away + 7) % 7 + 1));
    })
    // The library takes the start of "the day after payday" for tomorrow.
    .replace(new RegExp(`\\b(?:the|${COUNT}) (?:day|week|month)s? (?:after|before)(?= (?!${DATE}|next\\b|tomorrow\\b|yesterday\\b|at\\b|please\\b)[a-z])`, 'g'), ' ');
}

const DENIED = /(?:\b(?:not|never|no|cannot)|n't)\b(?![^,.;!?]*\b(?:until|till|til)\s*$)[^,.;!?]{0,40}$/;

/** "After Wednesday", "before the 15th", "the week after Christmas": the day beside it stands for all of them. "I can't before Friday" is Friday. */
function sideOfDate(text: string, now: WallDate, tense: Tense, dated: Dated): string {
  if (tense === 'past') return text;
  return text.replace(new RegExp(`\\b(?:any ?time |some ?time |right |shortly |soon )?(the week )?(after|before) ${DATE}(?! (?:at\\b|\\d))`, 'g'), (words, week: string | undefined, side: string, ...rest: (string | number | undefined)[]) => {
    const date = dateOf(rest.slice(0, 6) as (string | undefined)[], now, tense);
    if (date === undefined || DENIED.test(text.slice(0, Number(rest[6])))) return words;
    const day = addDays(date, (side === 'after' ? 1 : -1) * (week === undefined ? 1 : 7));
    return dated(isoDate(day) < isoDate(now) ? now : day);
  });
}

function monthOf(name: string): number {
  return MONTHS.findIndex((month) => month.startsWith(name.slice(0, 3))) + 1;
}

function isoWeekday(name: string): number {
  return WEEKDAYS.indexOf(name) || 7;
}

function weeksAway(week: string): number {
  return week === 'week after next' ? 2 : (AWAY.get(week.split(' ')[0] ?? '') ?? 0);
}

function counted(word: string): number {
  return /^an?$/.test(word) ? 1 : (smallNumber(word) ?? Number(word));
}

/** The library moves the day before last of January by a month into March. */
function monthsFrom(count: string, half: boolean, sign: 1 | -1, now: WallDate): WallDate {
  return addDays(addMonths(now, sign * counted(count)), half ? sign * 15 : 0);
}

/** "A week from today", "two weeks on Monday". */
function weeksFrom(count: string, name: string, now: WallDate): WallDate {
  const weekday = WEEKDAYS.indexOf(name);
  const days = name === 'tomorrow' ? 1 : weekday < 0 ? 0 : (weekday - (weekdayOf(now) % 7) + 6) % 7 + 1;
  return addDays(now, days + counted(count) * 7);
}

/** Undefined where the month has no fifth such day. Of the month now, or of the next, or the last, with the name. */
function nthWeekday(place: string, name: string, of: string, now: WallDate, tense: Tense): WallDate | undefined {
  const away = AWAY.get(of);
  const month = away === undefined ? monthOf(of) : now.month + away;
  const at = (year: number): WallDate | undefined => {
    const first = addDays({ year, month, day: 1 }, 0);
    const last = lastOfMonth(first.year, first.month);
    const day = (isoWeekday(name) - weekdayOf(first) + 7) % 7 + 1;
    const count = place === 'last' ? Math.floor((last.day - day) / 7) : (COUNTED.includes(place) ? COUNTED.indexOf(place) : Number(place) - 1);
    return existing({ ...first, day: day + 7 * count });
  };
  const years = away === undefined ? (tense === 'past' ? [0, -1] : [0, 1]) : [0];
  const days = years.map((one) => at(now.year + one));
  return days.find((day) => day !== undefined && (away !== undefined || (tense === 'past' ? isoDate(day) <= isoDate(now) : isoDate(day) >= isoDate(now)))) ?? (days.includes(undefined) ? undefined : days[0]);
}
