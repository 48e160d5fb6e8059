import { setImmediate as nextTurn } from 'node:timers/promises';
import HolidayCalendar from 'date-holidays';
import { helperPort } from '../../kernel/helper-process.js';
import type { HolidayAnswer, HolidayOrder } from './holidays.js';

/** Program of the process that looks holidays up. */
const port = helperPort();
const { places, years } = port.argument as HolidayOrder;
for (const place of places) {
  port.post({ place, days: daysOf(place) } satisfies HolidayAnswer);
  // Each answer goes off before the next look-up begins.
  await nextTurn();
}

/** Of a calendar in `holiday-places.ts`. */
function daysOf(place: string): readonly string[] {
  const [country = '', region] = place.split('-');
  const calendar = new HolidayCalendar();
  if (region === undefined) calendar.init(country);
  else calendar.init(country, region);
  return years.flatMap((year) => calendar.getHolidays(year).filter(({ type }) => type === 'public').flatMap(({ start, end, date }) => daysBetween(date, start, end)));
}

/** A holiday may last some days; `date` is its first, on the wall of the place. */
function daysBetween(date: string, start: Date, end: Date): readonly string[] {
  const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
  const count = Math.max(1, Math.round((end.getTime() - start.getTime()) / 86_400_000));
  return Array.from({ length: count }, (_, index) => new Date(first + index * 86_400_000).toISOString().slice(0, 10));
}
