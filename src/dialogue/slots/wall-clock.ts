/** Instants and what clocks on walls show; a zone is an IANA name. Times are ms since the Unix epoch. */

export interface WallDate {
  readonly year: number;
  /** 1 to 12; values beyond roll over, as of days. */
  readonly month: number;
  readonly day: number;
}

export interface WallTime extends WallDate {
  readonly hour: number;
  readonly minute: number;
}

export function formatWall(ms: number, timeZone: string, options: Intl.DateTimeFormatOptions, locale = 'en-US'): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(ms);
}

/** The wall clock of the zone, as if it were UTC. */
export function wallTime(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(ms);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** The offset is looked up twice: the first guess can fall on the other side of a change of clocks. */
export function instantOf(wall: WallTime, timeZone: string): number {
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  const guess = asUtc - (wallTime(asUtc, timeZone) - asUtc);
  return asUtc - (wallTime(guess, timeZone) - guess);
}

/** The day that it is in the zone; `day` may be moved by any number and is rolled over. */
export function today(nowMs: number, timeZone: string, days = 0): WallDate {
  const wall = new Date(wallTime(nowMs, timeZone) + days * 86_400_000);
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() };
}

/** Monday is 1, Sunday 7. */
export function weekdayOf(date: WallDate): number {
  return new Date(Date.UTC(date.year, date.month - 1, date.day)).getUTCDay() || 7;
}

export function addDays(date: WallDate, days: number): WallDate {
  const moved = new Date(Date.UTC(date.year, date.month - 1, date.day + days));
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** Undefined for days that no calendar has, e.g. 31 April. */
export function existing(date: WallDate): WallDate | undefined {
  const same = addDays(date, 0);
  return same.month === date.month && same.day === date.day ? date : undefined;
}

/** The same day of another month, or its last where it has no such day: a month after 31 January is 28 February. */
export function addMonths(date: WallDate, months: number): WallDate {
  const first = addDays({ ...date, month: date.month + months, day: 1 }, 0);
  return { ...first, day: Math.min(date.day, lastOfMonth(first.year, first.month).day) };
}

/** `month` may lie beyond the year. */
export function lastOfMonth(year: number, month: number): WallDate {
  return addDays({ year, month: month + 1, day: 1 }, -1);
}

/** Where a day without a year or a month lies: from today on, or up to today. */
export type Tense = 'future' | 'past';

/** "The third of December": the next one, or the last. */
export function nearestInYear({ month, day }: Pick<WallDate, 'month' | 'day'>, now: WallDate, tense: Tense): WallDate | undefined {
  return [0, 1].map((years) => existing({ year: now.year + (tense === 'past' ? -years : years), month, day })).find((date) => date !== undefined && isIn(date, now, tense));
}

/** "The third": of this month, or of the first one after or before that has it. */
export function nearestOfMonth(day: number, now: WallDate, tense: Tense): WallDate | undefined {
  return [0, 1, 2].map((months) => existing({ ...addMonths({ ...now, day: 1 }, tense === 'past' ? -months : months), day })).find((date) => date !== undefined && isIn(date, now, tense));
}

function isIn(date: WallDate, now: WallDate, tense: Tense): boolean {
  return tense === 'past' ? isoDate(date) <= isoDate(now) : isoDate(date) >= isoDate(now);
}

/** `2026-11-24`. */
export function isoDate(date: WallDate): string {
  return `${String(date.year).padStart(4, '0')}-${String(date.month).padStart(2, '0')}-${String(date.day).padStart(2, '0')}`;
}

export function parseIsoDate(text: string): WallDate | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return match === null ? undefined : existing({ year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) });
}

/** RFC 3339 in UTC, without fractions where there are none. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
