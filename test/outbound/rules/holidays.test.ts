import HolidayCalendar from 'date-holidays';
import t from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { allCalendars, calendarOf } from '../../../src/outbound/rules/holiday-places.js';
import { Holidays } from '../../../src/outbound/rules/holidays.js';
import type { HolidayHelper, HolidayOrder } from '../../../src/outbound/rules/holidays.js';
import { ManualClock } from '../../support/manual-clock.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');
/** The calendars themselves, by the process that reads them; the years are fixed, so that the answer is. */
const clock = { ...systemClock, now: () => NOW };

t.test('holidays of real calendars', async (t) => {
  const holidays = new Holidays({ clock, log: silentLogger });
  t.equal(holidays.isHoliday('CN', '2026-10-01'), undefined, 'not known before it was looked up');
  await holidays.load(['CN', 'US-CA', 'DE-BY', 'US-ZZ', 'XX']);
  t.equal(holidays.isHoliday('CN', '2026-10-01'), true, 'National Day');
  t.equal(holidays.isHoliday('CN', '2026-02-17'), true, 'Spring Festival, by the moon');
  t.equal(holidays.isHoliday('CN', '2026-03-17'), false, 'a day of work');
  t.equal(holidays.isHoliday('US-CA', '2026-11-26'), true, 'Thanksgiving');
  t.equal(holidays.isHoliday('DE-BY', '2026-01-06'), true, 'Epiphany in Bavaria');
  t.equal(holidays.isHoliday('US-ZZ', '2026-07-04'), true, 'a region that is not known has the holidays of its country');
  t.equal(holidays.isHoliday('XX', '2026-01-01'), false, 'a country without a calendar has none');
  t.equal(holidays.isHoliday('CN', '2031-10-01'), undefined, 'far years are not known');
});

t.test('the table of places is that of the package', async (t) => {
  const calendar = new HolidayCalendar();
  const states = (country: string): readonly string[] => Object.keys(calendar.getStates(country) ?? {}).filter((code) => /^[A-Z0-9]{1,3}$/.test(code));
  const there = Object.keys(calendar.getCountries()).flatMap((country) => [country, ...states(country).map((code) => `${country}-${code}`)]);
  t.same([...allCalendars()].sort(), there.sort());
});

t.test('the calendar of a place', async (t) => {
  const places: readonly (readonly [country: string, region: string | undefined, calendar: string | undefined])[] = [
    ['US', 'CA', 'US-CA'], ['US', 'us-ca', 'US-CA'], ['US', 'California', 'US-CA'], ['CA', 'Québec', 'CA-QC'], ['DE', 'by', 'DE-BY'], ['DE', 'Bayern', 'DE'], ['AU', 'victoria', 'AU-VIC'],
    ['US', 'PR', 'US'], ['US', undefined, 'US'], ['CN', '浙江省', 'CN'], ['CN', '杭州', 'CN'], ['CN', 'ZJ', 'CN'], ['FR', '75', 'FR'], ['XX', 'YY', undefined],
  ];
  for (const [country, region, calendar] of places) t.equal(calendarOf({ country, region }), calendar, `${country} ${region}`);
});

/** Answers when it is told to. */
class Helpers {
  readonly orders: HolidayOrder[] = [];
  running = 0;
  mostRunning = 0;
  answer: (place: string) => void = () => undefined;
  end: () => void = () => undefined;

  readonly start = (order: HolidayOrder): HolidayHelper => {
    this.orders.push(order);
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    return {
      onMessage: (listener) => (this.answer = (place) => listener({ place, days: ['2026-07-04'] })),
      onEnd: (listener) => (this.end = listener),
      terminate: async () => void this.running--,
    };
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('one process at a time, one place after the other', async (t) => {
  const helpers = new Helpers();
  const holidays = new Holidays({ clock: new ManualClock(NOW), log: silentLogger }, helpers.start);
  for (const region of ['浙江省', '杭州', 'Zhejiang', '上海']) holidays.isHoliday(`CN-${region}`, '2026-07-04');
  const states = Array.from({ length: 200 }, (_, index) => `US-${['CA', 'NY', 'TX', 'nowhere'][index % 4]}`);
  const loaded = holidays.load(states);
  await turn();
  t.match(helpers.orders, [{ places: ['CN', 'US-CA', 'US-NY', 'US-TX', 'US'] }], 'what has no calendar of its own is its country');
  helpers.answer('CN');
  holidays.isHoliday('DE', '2026-07-04');
  t.equal(holidays.isHoliday('CN-杭州', '2026-07-04'), true, 'each is known as soon as it is there');
  for (const place of ['US-CA', 'US-NY', 'US-TX', 'US']) helpers.answer(place);
  await loaded;
  await turn();
  t.equal(helpers.orders.length, 2, 'what has come meanwhile is next');
  helpers.answer('DE');
  await turn();
  t.equal(helpers.mostRunning, 1);
  t.equal(helpers.running, 0, 'and then there is none');
});

t.test('a place at which the process fails is given up, those behind it are not', async (t) => {
  const helpers = new Helpers();
  const time = new ManualClock(NOW);
  const holidays = new Holidays({ clock: time, log: silentLogger }, helpers.start);
  const first = holidays.load(['CN', 'DE']);
  const third = holidays.load(['FR']);
  await turn();
  helpers.end();
  await turn();
  t.same(helpers.orders[1]?.places, ['DE', 'FR'], 'the process died at the first');
  time.advance(60_000);
  await first;
  await turn();
  t.same(helpers.orders[2]?.places, ['FR'], 'and was silent at the second');
  helpers.answer('FR');
  await third;
  await turn();
  t.equal(holidays.isHoliday('FR', '2026-07-04'), true);
  t.equal(holidays.isHoliday('CN', '2026-07-04'), undefined);
  await turn();
  t.same(helpers.orders[3]?.places, ['CN'], 'it is tried again when it is asked for');
  t.equal(helpers.mostRunning, 1);
});
