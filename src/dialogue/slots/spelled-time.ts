import { spelledDays } from './spelled-days.js';
import { MINUTE_WORDS, MONTH, UNIT_WORDS, WEEKDAYS, smallNumber } from './small-numbers-en.js';

const HOURS = 'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve';
const HOUR = `(${HOURS}|\\d{1,2})`;
const LATE_HOURS = 'thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty(?:[ -](?:one|two|three))?';
/** Minutes that follow their hour; "five oh three" has a rule of its own, "five three" is none. */
const AFTER_HOUR = '(?:(?:twenty|thirty|forty|fifty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)';
const PERIODS = '(?:minutes?|mins?|hours?|days?|weeks?|months?|years?)';
/** What makes a count of a number that could be an hour. */
const COUNTED = `(?! ?(?:${PERIODS}|hundred|thousand|percent|dollars?|bucks?|euros?|pounds?|cents?|people|persons?|times)\\b)`;
const SIDES = '(past|after|to|till|til|until|before|of)';
/** After a day an hour needs no "at": "Thursday three". */
const DAY_BEFORE = `(?<=\\b(?:${WEEKDAYS.join('|')}|tomorrow|today|tonight|morning|afternoon|evening),? )`;
const FULL_HOUR = '(?=\\s*(?:$|[,.?!]|or\\b|please\\b|works\\b|would\\b|is\\b|if\\b|then\\b))';

const asFigure = (word: string): number => smallNumber(word) ?? Number(word);

/** Minutes before the hour belong to the hour before. */
function clockText(hour: number, minutes: number): string {
  return minutes < 0 ? `${hour === 1 ? 12 : hour - 1}:${60 + minutes}` : `${hour}:${String(minutes).padStart(2, '0')}`;
}

/** "Ten after four" is an hour, "two after four", "ten before four" and "from ten to four" are not. */
function besideHour(words: string, minutesText: string, named: string | undefined, [side, hourText]: readonly [string, string]): string {
  const quarter = minutesText.endsWith('quarter');
  const minutes = quarter ? 15 : minutesText === 'half' ? 30 : asFigure(minutesText);
  const hour = asFigure(hourText);
  const after = side === 'past' || side === 'after';
  if (minutes < 1 || minutes > 59 || hour < 1 || hour > 12 || (minutesText === 'half' && side !== 'past')) return words;
  const round = minutes % 5 === 0;
  const plain = side === 'past' || ((side === 'after' || side === 'to' || side === 'till' || side === 'til') && round);
  if (!quarter && named === undefined && !plain) return words;
  return clockText(hour, after ? minutes : -minutes);
}

/** Of "between two and four pm" the first, in the half of the day of the last where it can lie there. */
function rangeStart(from: string, half: string | undefined, to: string, lastHalf: string | undefined): string {
  const [first, last] = [from, to].map((time) => Number(time.split(':')[0]) % 12);
  return `at ${from}${half ?? (lastHalf !== undefined && (first ?? 0) < (last ?? 0) ? lastHalf : '')}`;
}

/**
 * English as recognisers write it, with the numbers that name a day or an hour as figures:
 * "half past three" and "three thirty" to "3:30", "December twenty five" to "december 25".
 * Its own outcome is left as it is.
 */
export function figuresOfTime(text: string): string {
  return spelledTime(spelledDays(text.toLowerCase().replace(/\u2019/g, "'")));
}

function spelledTime(text: string): string {
  const clock = `(\\d{1,2}(?::\\d{2})?) ?([ap]m)?`;
  return text
    .replace(new RegExp(`^\\W*${HOUR}\\W*$`), (_, word: string) => `at ${asFigure(word)}`)
    .replace(new RegExp(`(?:\\bat )?\\b${HOUR} o'?\\s?clock\\b`, 'g'), (_, word: string) => `at ${asFigure(word)}`)
    .replace(/\b([ap])\.?\s?m\b\.?/g, '$1m')
    .replace(/\b([1-9]|1[0-2]) ?([0-5]\d) ?(?=[ap]m\b)/g, '$1:$2')
    .replace(new RegExp(`(?<!\\b(?:from|between|${MONTH}) )\\b((?:a )?quarter|half|${MINUTE_WORDS}|\\d{1,2})( minutes?| mins?)? ${SIDES} ${HOUR}\\b(?!:|[ -](?:oh|${AFTER_HOUR})\\b)${COUNTED}`, 'g'), (words, minutes: string, named: string | undefined, side: string, hour: string) => besideHour(words, minutes, named, [side, hour]))
    .replace(new RegExp(`(?<!\\b(?:and a|and|a|one) )\\bhalf (${HOURS})\\b${COUNTED}`, 'g'), (_, word: string) => `${asFigure(word)}:30`)
    .replace(/\bhalf an hour\b/g, '30 minutes')
    .replace(/\b(?:a )?quarter of an hour\b/g, '15 minutes')
    .replace(/\bthree quarters of an hour\b/g, '45 minutes')
    .replace(/\b(?:an|one) hour and a half\b/g, '90 minutes')
    .replace(new RegExp(`\\b(${MINUTE_WORDS}|\\d{1,2}) and a half hours\\b`, 'g'), (_, word: string) => `${asFigure(word) * 60 + 30} minutes`)
    .replace(/\b(?:a )?couple (?:of )?(hours|minutes|days|weeks|months)\b/g, '2 $1')
    .replace(/\ba few (minutes)\b/g, '10 $1')
    .replace(/\ba few (hours|days|weeks)\b/g, '3 $1')
    .replace(/\bin a (?:little )?(?:while|bit)\b/g, 'in 30 minutes')
    .replace(/\b(an?|one) (hour|day|week|month) or (?:two|so)\b/g, '1 $2')
    // "In two or three days": the first may be too early, the last too late for what was promised.
    .replace(new RegExp(`\\b(${MINUTE_WORDS}|\\d{1,2}),? (?:or|to) (?:${MINUTE_WORDS}|\\d{1,2}) (?=${PERIODS}\\b)`, 'g'), (_, word: string) => `${asFigure(word)} `)
    .replace(new RegExp(`(?<!\\b(?:oh|o|zero) )\\b(${MINUTE_WORDS})(?= ${PERIODS}\\b)`, 'g'), (words) => String(asFigure(words)))
    .replace(new RegExp(`\\b(${LATE_HOURS}) hundred\\b(?: hours\\b)?${COUNTED}`, 'g'), (_, word: string) => `${asFigure(word)}:00`)
    .replace(new RegExp(`\\b(?:(?:oh|zero) (${HOURS}) hundred(?: hours)?|(${HOURS}) hundred hours)\\b`, 'g'), (_, word: string | undefined, plain = '') => `${asFigure(word ?? String(plain))}:00`)
    .replace(new RegExp(`(?<!\\b(?:twenty|thirty|forty|fifty)[ -])(?<!\\b${MONTH} )\\b(${LATE_HOURS}|${HOURS}|\\d{1,2})[ -](?:(?:oh|o|zero)[ -](${UNIT_WORDS})\\b(?: hours\\b)?|(${AFTER_HOUR})\\b${COUNTED})`, 'g'), (words, word: string, unit: string | undefined, minute = '') => (asFigure(word) > 23 ? words : clockText(asFigure(word), asFigure(unit ?? String(minute)))))
    .replace(new RegExp(`\\b(?:between|from) (${HOURS}|\\d{1,2}(?::\\d{2})?)( ?[ap]m)? (and|to|till|until) (${HOURS}|\\d{1,2}(?::\\d{2})?)\\b( ?[ap]m\\b)?${COUNTED}`, 'g'), (_, from: string, half: string | undefined, __: string, to: string, lastHalf: string | undefined) => rangeStart(/\d/.test(from) ? from : String(asFigure(from)), half, /\d/.test(to) ? to : String(asFigure(to)), lastHalf))
    .replace(new RegExp(`${DAY_BEFORE}${clock} (?:to|till|until) ${clock}\\b`, 'g'), (_, from: string, half: string | undefined, to: string, lastHalf: string | undefined) => rangeStart(from, half, to, lastHalf))
    .replace(new RegExp(`\\b(after|around|about|by|before|from|past|until|till)\\s+${HOUR}(?=\\b(?!\\s+${PERIODS}\\b)(?![\\d:]))`, 'g'), (_, side: string, word: string) => `${side} at ${asFigure(word)}`)
    .replace(new RegExp(`\\b(but|maybe|do|say|make it|make that|prefer|then|it's) (${HOURS})\\b${FULL_HOUR}`, 'g'), (_, before: string, word: string) => `${before} at ${asFigure(word)}`)
    .replace(new RegExp(`^((?:(?:yes|yeah|no|well|um|uh|so|okay|then),? )*)(${HOURS})(?= (?:would|is|works|suits)\\b)`), (_, before: string, word: string) => `${before}at ${asFigure(word)}`)
    .replace(new RegExp(`${DAY_BEFORE}(${HOURS})\\b${FULL_HOUR}`, 'g'), (word) => `at ${asFigure(word)}`)
    .replace(/\b(?:after|around|about|at) (?:lunch|lunchtime)\b/g, 'at 1pm')
    .replace(/\bafter (?:work|dinner)\b/g, 'at 6pm')
    .replace(new RegExp(`\\b(${HOURS})(?=\\s*(?:[ap]m\\b|$|[,.?!]|in the|at night|tomorrow|today|tonight|on\\b|this|would|is|please))`, 'g'), (word) => String(asFigure(word)))
    .replace(new RegExp(`\\bat (${HOURS})\\b`, 'g'), (_, word: string) => `at ${asFigure(word)}`);
}
