import { addDays, existing, instantOf, isoDate, today, wallTime, weekdayOf } from '../../dialogue/slots/wall-clock.js';
import type { WallDate } from '../../dialogue/slots/wall-clock.js';
import type { Campaign, CampaignSettings } from '../../store/campaigns.js';

export type Recurrence = NonNullable<CampaignSettings['recurrence']>;

export const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A month and a day: whatever recurs has come by then. */
const MAX_DAYS = 63;
const HOUR_MS = 3_600_000;

/**
 * The first time of the recurrence after `after`; undefined if none comes. `first` is the
 * moment of the first round: its weekday, or its day of the month, is meant where `on` is absent.
 *
 * A day that a month does not have is its last day. `skip` leaves days out, e.g. holidays.
 */
export function nextRoundAt(recurrence: Recurrence, timeZone: string, first: number, after: number, skip: (date: WallDate) => boolean = () => false): number | undefined {
  const [hour = 0, minute = 0] = recurrence.at.split(':').map(Number);
  const start = today(after, timeZone);
  for (let days = 0; days <= MAX_DAYS; days++) {
    const date = addDays(start, days);
    if (!isDay(recurrence, date, today(first, timeZone))) continue;
    const at = instantOnWall({ ...date, hour, minute }, timeZone);
    if (at <= after || skip(date)) continue;
    return at;
  }
  return undefined;
}

/** Days on which a campaign begins no round. */
export type DaysOff = (countries: readonly string[], day: string) => boolean;

/** When the round after the present one begins; undefined if none does before the campaign ends. */
export function roundAfter(settings: CampaignSettings, { startedAt }: Pick<Campaign, 'startedAt'>, now: number, isDayOff: DaysOff): number | undefined {
  const { recurrence, timeZone, endsAt } = settings;
  if (recurrence === undefined) return undefined;
  const calendars = calendarsOf(settings);
  const next = nextRoundAt(recurrence, timeZone, startedAt ?? now, now, (date) => isDayOff(calendars, isoDate(date)));
  return next === undefined || next >= (endsAt ?? Infinity) ? undefined : next;
}

/** The same once its settings are others: what has not changed comes when it would have come. */
export function roundAfterChange(before: Campaign, settings: CampaignSettings, now: number, isDayOff: DaysOff): number | undefined {
  // Before the first round none is planned; a round that begins plans the next.
  if (before.round === 0) return undefined;
  const same = JSON.stringify([before.recurrence, before.holidays]) === JSON.stringify([settings.recurrence, settings.holidays]);
  if (!same || before.nextRoundAt === undefined) return roundAfter(settings, before, now, isDayOff);
  return before.nextRoundAt < (settings.endsAt ?? Infinity) ? before.nextRoundAt : undefined;
}

/** Countries on whose holidays no round begins: a day without calls is no day for the round of a day; longer rounds just wait for the next one. */
export function calendarsOf({ recurrence, holidays }: Pick<CampaignSettings, 'recurrence' | 'holidays'>): readonly string[] {
  return recurrence?.every === 'day' ? holidays.filter((country) => country !== 'callee') : [];
}

function isDay({ every, on }: Recurrence, date: WallDate, first: WallDate): boolean {
  switch (every) {
    case 'day':
      return true;
    case 'week':
      return (on ?? [weekDays[weekdayOf(first) - 1]]).some((day) => day === weekDays[weekdayOf(date) - 1]);
    case 'month':
      return (on ?? [first.day]).some((day) => date.day === dayOfMonth(day, date));
  }
}

function dayOfMonth(day: number | string | undefined, { year, month }: WallDate): number {
  if (typeof day === 'number' && existing({ year, month, day }) !== undefined) return day;
  return addDays({ year, month: month + 1, day: 1 }, -1).day;
}

/**
 * The instant at which the clock on the wall shows this. In the night in which it is put
 * forward, a time that is left out is as much later; in the night in which it is put back,
 * a time that comes twice is the first of the two.
 */
export function instantOnWall(wall: WallDate & { readonly hour: number; readonly minute: number }, timeZone: string): number {
  const wanted = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  const guess = instantOf(wall, timeZone);
  const shown = wallTime(guess, timeZone);
  if (shown < wanted) return guess + (wanted - shown);
  for (const earlier of [guess - HOUR_MS, guess - HOUR_MS / 2]) if (wallTime(earlier, timeZone) === wanted) return earlier;
  return guess;
}
