import HolidayCalendar from 'date-holidays';
import { helperPort } from '../../kernel/helper-process.js';
import type { HolidayAnswer } from './holidays.js';

/** Program of the process that looks holidays up. */
const port = helperPort();
const { place, years } = port.argument as { place: string; years: readonly number[] };
port.post({ place, days: daysOf(place) } satisfies HolidayAnswer);

function daysOf(of: string): readonly string[] | undefined {
  const [country = '', region] = of.split('-');
  const calendar = new HolidayCalendar();
  if (!(country in (calendar.getCountries() ?? {}))) return undefined;
  const known = region !== undefined && region in (calendar.getStates(country) ?? {});
  if (known) calendar.init(country, region);
  else calendar.init(country);
  return years.flatMap((year) => calendar.getHolidays(year).filter(({ type }) => type === 'public').flatMap(({ start, end, date }) => daysBetween(date, start, end)));
}

/** A holiday may last some days; `date` is its first, on the wall of the place. */
function daysBetween(date: string, start: Date, end: Date): readonly string[] {
  const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
  const count = Math.max(1, Math.round((end.getTime() - start.getTime()) / 86_400_000));
  return Array.from({ length: count }, (_, index) => new Date(first + index * 86_400_000).toISOString().slice(0, 10));
}
