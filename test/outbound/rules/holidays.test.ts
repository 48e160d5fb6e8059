import t from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { createLogger } from '../../../src/kernel/log.js';
import { Holidays } from '../../../src/outbound/rules/holidays.js';

/** The calendars themselves, by the process that reads them; the years are fixed, so that the answer is. */
const clock = { ...systemClock, now: () => Date.parse('2026-06-01T00:00:00Z') };

t.test('holidays of real calendars', async (t) => {
  const holidays = new Holidays({ clock, log: createLogger({ level: 'silent', pii: false }) });
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
