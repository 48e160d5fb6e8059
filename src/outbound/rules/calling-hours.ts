import { TrunklineError } from '../../kernel/errors.js';
import type { WeekHours } from '../../store/campaigns.js';
import { changeOfClocks, dayOf, isoDay, offsetAt, wallOf, weekdayOf } from './zone-clock.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Sunday first, as `weekdayOf` counts. */
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
/** A year and a day: every week, holiday and change of clocks has come by. */
export const ALL_THERE_IS_MS = 366 * DAY_MS;

/** Minutes of a day; `from` <= t < `to`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** When one clock on one wall allows calls. A dial is allowed where all of its openings are. */
export interface Opening {
  /** Which law or setting it is, for records: `US-FL`, `campaign`. */
  readonly name: string;
  readonly zone: string;
  /** By day of the week, Sunday first; ordered, without overlaps. */
  readonly week: readonly (readonly Span[])[];
  /** Whole days without any, by `2026-12-25`. */
  readonly closed?: ((day: string) => boolean) | undefined;
}

/** Hours as they are written; TRK_INVALID_REQUEST names what is wrong, below `field`. */
export function weekOf(hours: WeekHours, field: string): Opening['week'] {
  return DAYS.map((day) => {
    const spans = (hours[day] ?? []).map(({ from, to }, index): Span => {
      const at = `${field}.${day}[${index}]`;
      const span = { from: minutesOf(from, `${at}.from`), to: minutesOf(to, `${at}.to`) };
      if (span.to > span.from) return span;
      throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'must be after `from`; hours over midnight are two: until 24:00, and from 00:00 of the next day' }, field: `${at}.to` });
    });
    return merged(spans);
  });
}

function minutesOf(text: string, field: string): number {
  const [, hour, minute] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  const minutes = Number(hour) * 60 + Number(minute);
  if (!(minutes <= 1_440)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'must be a time of the day such as 09:00; 24:00 is its end' }, field });
  return minutes;
}

function merged(spans: readonly Span[]): readonly Span[] {
  const ordered: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = ordered.at(-1);
    if (last !== undefined && span.from <= last.to) ordered[ordered.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else ordered.push(span);
  }
  return ordered;
}

/** Read off the wall, so both nights on which clocks change are right: a missing hour never comes, a doubled one counts twice. */
export function isOpen(opening: Opening, at: number): boolean {
  const wall = wallOf(opening.zone, at);
  return nextOnWall(opening, wall, wall) === wall;
}

/** The first instant from `from` on, up to `until`, at which every opening allows calls; undefined if there is none. */
export function nextOpen(openings: readonly Opening[], from: number, until: number): number | undefined {
  let at = from;
  for (;;) {
    let latest = at;
    for (const opening of openings) {
      const opens = nextOfOne(opening, at, until);
      if (opens === undefined) return undefined;
      latest = Math.max(latest, opens);
    }
    if (latest === at) return at;
    // Before it, one of them is closed all the time.
    at = latest;
  }
}

function nextOfOne(opening: Opening, from: number, until: number): number | undefined {
  let at = from;
  while (at <= until) {
    const offset = offsetAt(opening.zone, at);
    const wall = nextOnWall(opening, at + offset, until + offset + DAY_MS);
    if (wall === undefined) return undefined;
    const opens = wall - offset;
    // Clocks that are changed on the way may open it sooner or later than that.
    const change = changeOfClocks(opening.zone, at, opens);
    if (change === undefined) return opens <= until ? opens : undefined;
    at = change;
  }
  return undefined;
}

/** As if clocks never changed. */
function nextOnWall({ week, closed }: Opening, wall: number, until: number): number | undefined {
  for (let day = dayOf(wall); day * DAY_MS <= until; day++) {
    if (closed?.(isoDay(day)) === true) continue;
    for (const span of week[weekdayOf(day)] ?? []) {
      if (wall < day * DAY_MS + span.to * MINUTE_MS) return Math.max(wall, day * DAY_MS + span.from * MINUTE_MS);
    }
  }
  return undefined;
}

const ALL_DAY: readonly Span[] = [{ from: 0, to: 1_440 }];

/** Always open but for whole days. */
export function openBut(name: string, zone: string, closed: (day: string) => boolean): Opening {
  return { name, zone, week: DAYS.map(() => ALL_DAY), closed };
}
