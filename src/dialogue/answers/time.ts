import { formatWall as format } from '../slots/wall-clock.js';
import { datetime } from '../slots/when.js';

export interface HeardTime {
  /** Ms since the Unix epoch. */
  readonly at: number;
  /** RFC 3339, UTC. */
  readonly iso: string;
}

/**
 * When the caller wants to be called: "tomorrow at three", "in half an hour", "Monday
 * morning". The words mean wall time in `timeZone`; undefined if there is no time in
 * them, or only one that is past.
 */
export function heardTime(text: string, nowMs: number, timeZone: string): HeardTime | undefined {
  const reading = datetime.hear(text, { language: 'en', nowMs, timeZone, settings: {}, previous: undefined });
  return reading?.kind === 'value' ? { at: Date.parse(String(reading.value)), iso: String(reading.value) } : undefined;
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
