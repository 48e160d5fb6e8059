/** Parts of a day in which people are reached or not. */
export type DayPart = 'morning' | 'afternoon' | 'evening';

const STEP_MS = 15 * 60_000;
const DAY_STEPS = 24 * 4;

/** In the zone `timeZone` (IANA): `morning` before 12, `afternoon` before 17, `evening` after. */
export function dayPartAt(at: number, timeZone: string): DayPart {
  const hour = hourIn(timeZone)(at);
  return hour < 12 ? 'morning' : hour < 17 ? 'afternoon' : 'evening';
}

/**
 * The first instant from `from` on that lies in none of the `tried` parts; `from` itself
 * if all were tried or none is left within a day. Found by looking, quarter by quarter:
 * zones move their clocks by whole quarters, and a night that has an hour too many or
 * too few needs no case of its own.
 */
export function nextUntriedPart(from: number, tried: ReadonlySet<DayPart>, timeZone: string): number {
  if (tried.size >= 3 || !tried.has(dayPartAt(from, timeZone))) return from;
  const first = Math.ceil((from + 1) / STEP_MS) * STEP_MS;
  for (let step = 0; step < DAY_STEPS; step += 1) {
    const at = first + step * STEP_MS;
    if (!tried.has(dayPartAt(at, timeZone))) return at;
  }
  return from;
}

const readers = new Map<string, (at: number) => number>();
/** There are some 600 zones; names come from tasks, which were checked. */
const MAX_READERS = 1_000;

function hourIn(timeZone: string): (at: number) => number {
  const known = readers.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' });
  const reader = (at: number): number => Number(format.format(at));
  if (readers.size >= MAX_READERS) readers.clear();
  readers.set(timeZone, reader);
  return reader;
}
