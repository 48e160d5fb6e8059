/** What clocks on walls show, fast: at the instant of dialling, and over years when a campaign is made. Times are ms. */

const DAY_MS = 86_400_000;
/** Clocks are changed only at whole quarters of an hour, in every zone since 1973. */
const QUARTER_MS = 900_000;
/** No zone changes its clocks and changes them back within a week. */
const LOOK_EVERY_MS = 7 * DAY_MS;
const MOST_ZONES = 1_000;
const MOST_YEARS = 64;

/** A year of one zone: from each of `since` on, until the next, its clocks were that far from UTC. */
interface Year {
  readonly since: readonly number[];
  readonly offsets: readonly number[];
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly years: Map<number, Year>;
}

const zones = new Map<string, Zone>();

/** RangeError where there is no such zone. */
function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
  const zone = { format, years: new Map<number, Year>() };
  // There are about 600; more are other spellings.
  if (zones.size >= MOST_ZONES) zones.clear();
  zones.set(name, zone);
  return zone;
}

function yearOf(name: string, year: number): Year {
  const zone = zoneOf(name);
  let known = zone.years.get(year);
  if (known === undefined) {
    if (zone.years.size >= MOST_YEARS) zone.years.clear();
    known = readYear(zone.format, Date.UTC(year), Date.UTC(year + 1));
    zone.years.set(year, known);
  }
  return known;
}

function readYear(format: Intl.DateTimeFormat, start: number, end: number): Year {
  const since = [start];
  const offsets = [measure(format, start)];
  for (let from = start; from < end; ) {
    const to = Math.min(from + LOOK_EVERY_MS, end - QUARTER_MS);
    const before = offsets.at(-1)!;
    const after = measure(format, to);
    if (after !== before) {
      since.push(firstQuarter(from, to, (at) => measure(format, at) !== before));
      offsets.push(after);
    }
    from = to === end - QUARTER_MS ? end : to;
  }
  return { since, offsets };
}

/** The first quarter after `from` of which `is` holds; it holds of `to`, and not of `from`. */
function firstQuarter(from: number, to: number, is: (at: number) => boolean): number {
  let low = from / QUARTER_MS;
  let high = to / QUARTER_MS;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (is(middle * QUARTER_MS)) high = middle;
    else low = middle;
  }
  return high * QUARTER_MS;
}

/** Wall time minus UTC. */
export function offsetAt(name: string, at: number): number {
  const { since, offsets } = yearOf(name, new Date(at).getUTCFullYear());
  let index = since.length - 1;
  while (index > 0 && since[index]! > at) index--;
  return offsets[index]!;
}

function measure(format: Intl.DateTimeFormat, at: number): number {
  const wall = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of format.formatToParts(at)) if (type in wall) wall[type as keyof typeof wall] = Number(value);
  return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second) - at;
}

/** The wall clock as ms, as if it were UTC. */
export function wallOf(zone: string, at: number): number {
  return at + offsetAt(zone, at);
}

/** Days since 1 January 1970 on the wall. */
export function dayOf(wall: number): number {
  return Math.floor(wall / DAY_MS);
}

/** 0 is Sunday; 1 January 1970 was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** `2026-11-29`. */
export function isoDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The first instant after `from`, not after `to`, at which clocks were changed; undefined if they were not. */
export function changeOfClocks(zone: string, from: number, to: number): number | undefined {
  let before = offsetAt(zone, from);
  const last = new Date(to).getUTCFullYear();
  for (let year = new Date(from).getUTCFullYear(); year <= last; year++) {
    const { since, offsets } = yearOf(zone, year);
    for (const [index, at] of since.entries()) {
      if (at > to) return undefined;
      if (at > from && offsets[index] !== before) return at;
      if (at > from) before = offsets[index]!;
    }
  }
  return undefined;
}

/** When that day begins there. A day whose midnight clocks skip begins when they have. */
export function startOfDay(zone: string, day: number): number {
  const wall = day * DAY_MS;
  const guess = wall - offsetAt(zone, wall - offsetAt(zone, wall));
  const change = changeOfClocks(zone, guess - DAY_MS / 8, guess + DAY_MS / 8);
  if (change === undefined) return guess;
  // Near a change: the first reading that is really that day, or the change itself where it skips midnight.
  const readings = [wall - offsetAt(zone, change - 1), wall - offsetAt(zone, change), change];
  return Math.min(...readings.filter((at) => dayOf(wallOf(zone, at)) === day));
}
