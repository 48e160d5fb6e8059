import * as chrono from 'chrono-node';
import { formatWall as format, instantOf, wallTime } from '../slots/wall-clock.js';

export interface HeardTime {
  /** Ms since the Unix epoch. */
  readonly at: number;
  /** RFC 3339, UTC. */
  readonly iso: string;
}

const NUMBERS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');
const MINUTES = new Map(Object.entries({ ten: 10, fifteen: 15, twenty: 20, thirty: 30, forty: 40, 'forty five': 45, fifty: 50 }));
/** Hour of the day for a day without an hour: when offices are open, and few are still asleep. */
const DEFAULT_HOUR = 10;
const PARTS_OF_DAY: readonly (readonly [RegExp, number])[] = [
  [/\bmorning\b/i, 10],
  [/\bnoon\b|\bmidday\b/i, 12],
  [/\bafternoon\b/i, 15],
  [/\bevening\b|\btonight\b|\bnight\b/i, 19],
];

/**
 * When the caller wants to be called: "tomorrow at three", "in half an hour", "Monday
 * morning". The words mean wall time in `timeZone`; undefined if there is no time in
 * them, or only one that is past.
 */
export function heardTime(text: string, nowMs: number, timeZone: string): HeardTime | undefined {
  const zoneNow = wallTime(nowMs, timeZone);
  const reference = { instant: new Date(nowMs), timezone: Math.round((zoneNow - nowMs) / 60_000) };
  const results = chrono.casual.parse(spelledTime(text), reference, { forwardDate: true });
  const start = results[0]?.start;
  if (start === undefined) return undefined;
  const relative = start.isCertain('minute') && start.isCertain('second');
  if (relative) return heard(start.date().getTime(), nowMs);
  const namesDay = start.isCertain('day');
  const namesWeekday = start.isCertain('weekday');
  const today = new Date(zoneNow);
  const wall =
    namesDay || namesWeekday || start.isCertain('month') || !isToday(start, today)
      ? { year: start.get('year') ?? 1970, month: start.get('month') ?? 1, day: start.get('day') ?? 1 }
      : { year: today.getUTCFullYear(), month: today.getUTCMonth() + 1, day: today.getUTCDate() };
  const clock = clockOf(start, text);
  const at = instantOf({ ...wall, ...clock }, timeZone);
  // "At nine", said in the evening, is tomorrow's; "Monday morning", said on Monday at noon, next week's.
  const step = namesWeekday && !namesDay ? 7 : namesDay ? 0 : 1;
  return heard(at <= nowMs && step > 0 ? instantOf({ ...wall, day: wall.day + step, ...clock }, timeZone) : at, nowMs);
}

function heard(at: number, nowMs: number): HeardTime | undefined {
  return at > nowMs ? { at, iso: new Date(at).toISOString().replace('.000Z', 'Z') } : undefined;
}

function clockOf(start: chrono.ParsedComponents, text: string): { hour: number; minute: number } {
  if (!start.isCertain('hour')) return { hour: PARTS_OF_DAY.find(([words]) => words.test(text))?.[1] ?? DEFAULT_HOUR, minute: 0 };
  const hour = start.get('hour') ?? DEFAULT_HOUR;
  // "At three" is in the afternoon: nobody wants to be called at night.
  const afternoon = !start.isCertain('meridiem') && hour >= 1 && hour < 8;
  return { hour: afternoon ? hour + 12 : hour, minute: start.get('minute') ?? 0 };
}

/** An hour alone: the library moves a past one to tomorrow before it is known to be in the afternoon. */
function isToday(start: chrono.ParsedComponents, today: Date): boolean {
  const day = Date.UTC(start.get('year') ?? 0, (start.get('month') ?? 1) - 1, start.get('day') ?? 1);
  return start.isCertain('hour') || day === Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate());
}

/** As it is said to the caller: "today at 3 PM", "tomorrow at 9:30 AM", "Monday, November 23 at 10 AM". */
export function spokenTime(iso: string, nowMs: number, timeZone: string): string {
  const at = Date.parse(iso);
  if (!Number.isFinite(at)) return iso;
  const day = (ms: number): string => format(ms, timeZone, { year: 'numeric', month: 'numeric', day: 'numeric' });
  const time = format(at, timeZone, { hour: 'numeric', minute: '2-digit', hour12: true }).replace(':00', '').replace(/\s/g, ' ');
  if (day(at) === day(nowMs)) return `today at ${time}`;
  if (day(at) === day(nowMs + 86_400_000)) return `tomorrow at ${time}`;
  return `${format(at, timeZone, { weekday: 'long', month: 'long', day: 'numeric' })} at ${time}`;
}

const COUNTED = '((?:twenty|thirty|forty|fifty)[ -]five|five|ten|fifteen|twenty|thirty|forty|fifty)';
const COUNTS = new Map([...MINUTES, ['five', 5], ['twenty five', 25], ['thirty five', 35], ['fifty five', 55]]);

function minutesOf(words: string): number {
  return COUNTS.get(words.replace('-', ' ')) ?? 0;
}

/** Minutes before the hour belong to the hour before. */
function clockText(hour: number, minutes: number): string {
  return minutes < 0 ? `${hour === 1 ? 12 : hour - 1}:${60 + minutes}` : `${hour}:${String(minutes).padStart(2, '0')}`;
}

/** Number words beside words of time, as figures: "half past three" to "3:30", "three thirty" to "3:30". */
export function spelledTime(text: string): string {
  const hour = `(${NUMBERS.slice(1).join('|')}|\\d{1,2})`;
  const figure = (word: string): number => (NUMBERS.includes(word) ? NUMBERS.indexOf(word) : Number(word));
  return text
    .toLowerCase()
    .replace(/[\u2019]/g, "'")
    .replace(new RegExp(`^\\W*${hour}\\W*$`), (_, word: string) => `at ${figure(word)}`)
    .replace(new RegExp(`(?:\\bat )?\\b${hour} o'?\\s?clock\\b`, 'g'), (_, word: string) => `at ${figure(word)}`)
    .replace(/\b([ap])\.?\s?m\b\.?/g, '$1m')
    .replace(new RegExp(`\\b${COUNTED}(?= (?:minutes|hours|days|weeks)\\b)`, 'g'), (words) => String(minutesOf(words)))
    .replace(new RegExp(`\\b${COUNTED} (?:minutes )?(past|to) ${hour}\\b`, 'g'), (_, minutes: string, side: string, word: string) => clockText(figure(word), side === 'past' ? minutesOf(minutes) : -minutesOf(minutes)))
    .replace(/\bhalf an hour\b/g, '30 minutes')
    .replace(/\ban hour and a half\b/g, '90 minutes')
    .replace(/\b(?:a )?couple (?:of )?(hours|minutes|days|weeks)\b/g, '2 $1')
    .replace(/\ba few (minutes)\b/g, '10 $1')
    .replace(/\ba few (hours|days)\b/g, '3 $1')
    .replace(new RegExp(`\\bhalf past ${hour}\\b`, 'g'), (_, word: string) => `${figure(word)}:30`)
    .replace(new RegExp(`\\b(?:a )?quarter past ${hour}\\b`, 'g'), (_, word: string) => `${figure(word)}:15`)
    .replace(new RegExp(`\\b(?:a )?quarter to ${hour}\\b`, 'g'), (_, word: string) => `${figure(word) === 1 ? 12 : figure(word) - 1}:45`)
    .replace(new RegExp(`\\b${hour} (forty five|ten|fifteen|twenty|thirty|forty|fifty)\\b`, 'g'), (_, word: string, minute: string) => `${figure(word)}:${MINUTES.get(minute) ?? 0}`)
    .replace(new RegExp(`\\b(?:after|around|about|by|before|from|past|until|till)\\s+${hour}(?=\\b(?!\\s+(?:minutes|hours|days|weeks)))`, 'g'), (_, word: string) => `at ${figure(word)}`)
    .replace(/\b(?:after|around|about|at) (?:lunch|lunchtime)\b/g, 'at 1pm')
    .replace(/\bafter (?:work|dinner)\b/g, 'at 6pm')
    .replace(new RegExp(`\\b(${NUMBERS.slice(1).join('|')})(?=\\s*(?:[ap]m\\b|$|[,.?!]|in the|at night|tomorrow|today|tonight|on\\b|this|would|is|please))`, 'g'), (word) => String(figure(word)))
    .replace(new RegExp(`\\bat (${NUMBERS.slice(1).join('|')})\\b`, 'g'), (_, word: string) => `at ${figure(word)}`);
}
