import { addDays, instantOf, today, wallTime, weekdayOf } from '../slots/wall-clock.js';
import type { WallDate } from '../slots/wall-clock.js';

/** When a person may be called again, by the clock on their wall. */
export interface CallingHours {
  /** `09:00`. */
  readonly from: string;
  /** `20:00`; all before it is still allowed, to the last second. */
  readonly to: string;
  /** Monday is 1, Sunday 7. */
  readonly days: readonly number[];
}

const MINUTE_MS = 60_000;
const HALF_HOUR_MS = 30 * MINUTE_MS;
/** A week and a day: further on there is nothing that was not seen. */
const MAX_DAYS = 8;

/**
 * The same moment if it is inside, else the next opening; undefined where no day is
 * allowed at all. `from` <= t < `to`, read off the wall, as the rules of dialling
 * (`src/outbound/rules/calling-hours.ts`) have it: a test compares the two.
 */
export function nextInside(hours: CallingHours, atMs: number, timeZone: string): number | undefined {
  if (minutesOf(hours.from) >= minutesOf(hours.to)) return undefined;
  if (isInside(hours, atMs, timeZone)) return atMs;
  const first = today(atMs, timeZone);
  for (let days = 0; days <= MAX_DAYS; days++) {
    const day = addDays(first, days);
    if (!hours.days.includes(weekdayOf(day))) continue;
    const opens = openingOf(hours, day, timeZone, atMs);
    if (opens !== undefined) return opens;
  }
  return undefined;
}

function isInside({ from, to, days }: CallingHours, atMs: number, timeZone: string): boolean {
  const wall = new Date(wallTime(atMs, timeZone));
  const minutes = wall.getUTCHours() * 60 + wall.getUTCMinutes();
  return days.includes(wall.getUTCDay() || 7) && minutes >= minutesOf(from) && minutes < minutesOf(to);
}

/** On that day, after `afterMs`, which is outside. */
function openingOf(hours: CallingHours, day: WallDate, timeZone: string, afterMs: number): number | undefined {
  const [hour = 0, minute = 0] = hours.from.split(':').map(Number);
  const about = instantOf({ ...day, hour, minute }, timeZone);
  // In the night in which clocks are changed that hour may come twice, or be skipped.
  for (const near of [-2, -1, 0, 1, 2]) {
    const open = about + near * HALF_HOUR_MS;
    if (open > afterMs && isInside(hours, open, timeZone)) return firstInside(hours, Math.max(afterMs, open - HALF_HOUR_MS), open, timeZone);
  }
  return undefined;
}

/** Hours begin on whole minutes. */
function firstInside(hours: CallingHours, outsideMs: number, insideMs: number, timeZone: string): number {
  if (!isInside(hours, insideMs - MINUTE_MS, timeZone)) return insideMs;
  let closed = Math.floor(outsideMs / MINUTE_MS);
  let open = insideMs / MINUTE_MS;
  while (open - closed > 1) {
    const middle = (open + closed) >> 1;
    if (isInside(hours, middle * MINUTE_MS, timeZone)) open = middle;
    else closed = middle;
  }
  return open * MINUTE_MS;
}

function minutesOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}
