import { addDays, instantOf, today, weekdayOf } from '../slots/wall-clock.js';

/** When a person may be called again, by the clock on their wall. */
export interface CallingHours {
  /** `09:00`. */
  readonly from: string;
  /** `20:00`; the last minute before it is still allowed. */
  readonly to: string;
  /** Monday is 1, Sunday 7. */
  readonly days: readonly number[];
}

const MINUTE_MS = 60_000;
/** A week and a day: further on there is nothing that was not seen. */
const MAX_DAYS = 8;

/** The same moment if it is inside, else the next opening; undefined where no day is allowed at all. */
export function nextInside(hours: CallingHours, atMs: number, timeZone: string): number | undefined {
  for (let days = 0; days <= MAX_DAYS; days++) {
    const day = addDays(today(atMs, timeZone), days);
    if (!hours.days.includes(weekdayOf(day))) continue;
    const opens = instantOf({ ...day, ...clock(hours.from) }, timeZone);
    const closes = instantOf({ ...day, ...clock(hours.to) }, timeZone);
    if (closes <= opens) return undefined;
    if (atMs < opens) return opens;
    if (atMs <= closes - MINUTE_MS) return atMs;
  }
  return undefined;
}

function clock(text: string): { hour: number; minute: number } {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return { hour, minute };
}
