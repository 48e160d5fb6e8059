import t from 'tap';
import { ALL_THERE_IS_MS, isOpen, nextOpen, openBut, weekOf } from '../../../src/outbound/rules/calling-hours.js';
import type { Opening } from '../../../src/outbound/rules/calling-hours.js';
import { changeOfClocks, dayOf, isoDay, offsetAt, startOfDay, wallOf } from '../../../src/outbound/rules/zone-clock.js';
import type { WeekHours } from '../../../src/store/campaigns.js';
import fc from '../../support/property.js';

const ZONES = ['America/New_York', 'America/Los_Angeles', 'Europe/Berlin', 'Europe/London', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Africa/Cairo', 'America/Santiago', 'Asia/Shanghai', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const MINUTE = 60_000;
const every = (from: string, to: string): WeekHours => Object.fromEntries(DAYS.map((day) => [day, [{ from, to }]]));
const opening = (zone: string, hours: WeekHours, name = 'test'): Opening => ({ name, zone, week: weekOf(hours, 'hours') });
const at = (text: string): number => Date.parse(text);

const formats = new Map(ZONES.map((timeZone) => [timeZone, new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })]));

/** What the platform itself says, another way: formatted text. */
function clockOf(zone: string, ms: number): { day: string; time: string } {
  const parts = formats.get(zone)!.formatToParts(ms);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return { day: part('weekday').toLowerCase(), time: `${part('hour')}:${part('minute')}` };
}

const openByText = (zone: string, hours: WeekHours, ms: number): boolean => {
  const { day, time } = clockOf(zone, ms);
  return (hours[day as 'mon'] ?? []).some(({ from, to }) => time >= from && time < to);
};

t.test('the wall is read as the platform reads it', async (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2037-01-01T00:00:00Z') }), (zone, ms) => {
      const wall = new Date(wallOf(zone, ms));
      return clockOf(zone, ms).time === wall.toISOString().slice(11, 16) && clockOf(zone, ms).day === DAYS[wall.getUTCDay()];
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

t.test('never open outside the hours, whatever the zone and the night', async (t) => {
  const time = fc.integer({ min: 0, max: 95 }).map((quarter) => `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`);
  const span = fc.tuple(time, time).filter(([from, to]) => from < to).map(([from, to]) => ({ from, to }));
  const hours = fc.record(Object.fromEntries(DAYS.map((day) => [day, fc.array(span, { maxLength: 3 })])), { requiredKeys: [] }) as fc.Arbitrary<WeekHours>;
  // Half of the instants lie in the nights on which clocks change.
  const changes = ZONES.flatMap((zone) => {
    const found: number[] = [];
    for (let from = at('2026-01-01T00:00:00Z'); from < at('2027-12-31T00:00:00Z'); ) {
      const change = changeOfClocks(zone, from, at('2027-12-31T00:00:00Z'));
      if (change === undefined) break;
      found.push(change);
      from = change;
    }
    return found;
  });
  t.ok(changes.length > 20, 'clocks do change');
  const instant = fc.oneof(fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z') }), fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -7_200_000, max: 7_200_000 })).map(([change, away]) => change + away));
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), hours, instant, (zone, week, ms) => isOpen(opening(zone, week), ms) === openByText(zone, week, ms)),
    { numRuns: 3_000 },
  );
  // The answer is inside the hours of every zone, and a quarter of an hour before there was none.
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...ZONES), { minLength: 1, maxLength: 3 }), hours, instant, (zones, week, ms) => {
      const all = zones.map((zone) => opening(zone, week));
      const next = nextOpen(all, ms, ms + 9 * 86_400_000);
      const limit = next ?? ms + 9 * 86_400_000;
      if (next !== undefined && !zones.every((zone) => openByText(zone, week, next))) return false;
      for (let before = ms; before < limit; before += 15 * MINUTE) if (zones.every((zone) => openByText(zone, week, before))) return false;
      return true;
    }),
    { numRuns: 60 },
  );
  t.pass();
});

t.test('both nights', async (t) => {
  // New York 2026: on 8 March 02:00 becomes 03:00, on 1 November 02:00 becomes 01:00.
  const early = opening('America/New_York', every('02:30', '04:00'));
  t.equal(nextOpen([early], at('2026-03-08T05:30:00Z'), at('2026-03-09T00:00:00Z')), at('2026-03-08T07:00:00Z'), 'half past two never comes: it opens when clocks have skipped it');
  t.notOk(isOpen(early, at('2026-03-08T06:59:59Z')));
  const night = opening('America/New_York', every('00:30', '01:30'));
  t.ok(isOpen(night, at('2026-11-01T05:15:00Z')), 'a quarter past one, for the first time');
  t.notOk(isOpen(night, at('2026-11-01T05:45:00Z')), 'a quarter to two, for the first time');
  t.ok(isOpen(night, at('2026-11-01T06:15:00Z')), 'a quarter past one, for the second time');
  t.equal(nextOpen([night], at('2026-11-01T05:45:00Z'), at('2026-11-02T00:00:00Z')), at('2026-11-01T06:00:00Z'), 'it opens again when clocks go back');
  // Berlin 2026: 29 March and 25 October.
  const morning = opening('Europe/Berlin', every('08:00', '21:00'));
  t.equal(nextOpen([morning], at('2026-03-28T21:00:00Z'), at('2026-04-01T00:00:00Z')), at('2026-03-29T06:00:00Z'), 'eight in summer time');
  t.equal(nextOpen([morning], at('2026-10-24T21:00:00Z'), at('2026-11-01T00:00:00Z')), at('2026-10-25T07:00:00Z'), 'eight in winter time');
  // Lord Howe moves by half an hour.
  const island = opening('Australia/Lord_Howe', every('02:10', '03:00'));
  t.equal(nextOpen([island], at('2026-10-03T15:00:00Z'), at('2026-10-04T15:00:00Z')), at('2026-10-03T15:40:00Z') - 10 * MINUTE, 'half an hour is skipped there');
});

t.test('all zones must allow', async (t) => {
  const law = every('08:00', '21:00');
  const both = [opening('America/New_York', law), opening('America/Los_Angeles', law)];
  t.equal(nextOpen(both, at('2026-11-30T13:00:00Z'), at('2026-12-02T00:00:00Z')), at('2026-11-30T16:00:00Z'), 'eight in Los Angeles');
  t.equal(nextOpen(both, at('2026-12-01T02:00:00Z'), at('2026-12-02T00:00:00Z')), at('2026-12-01T16:00:00Z'), 'nine in the evening in New York is too late');
});

t.test('no allowed hour ever is found out', async (t) => {
  const from = at('2026-11-29T12:00:00Z');
  t.equal(nextOpen([opening('UTC', {})], from, from + ALL_THERE_IS_MS), undefined, 'no hours at all');
  t.equal(nextOpen([opening('Asia/Shanghai', every('09:00', '10:00')), opening('America/New_York', every('09:00', '10:00'))], from, from + ALL_THERE_IS_MS), undefined, 'hours that never meet');
  t.equal(nextOpen([opening('UTC', { sun: [{ from: '09:00', to: '10:00' }] }), opening('UTC', { mon: [{ from: '09:00', to: '10:00' }] })], from, from + ALL_THERE_IS_MS), undefined, 'days that never meet');
  const summer = nextOpen([opening('UTC', every('12:30', '13:00')), opening('Europe/London', every('13:30', '14:00'))], from, from + ALL_THERE_IS_MS);
  t.equal(summer, at('2027-03-28T12:30:00Z'), 'hours that meet only in summer are found');
});

t.test('days without any', async (t) => {
  const closed = (day: string): boolean => day >= '2026-12-24' && day <= '2026-12-26';
  const hours = [opening('Europe/Berlin', every('08:00', '20:00')), openBut('DE', 'Europe/Berlin', closed)];
  t.equal(nextOpen(hours, at('2026-12-23T20:00:00Z'), at('2027-02-01T00:00:00Z')), at('2026-12-27T07:00:00Z'));
});

t.test('the start of a day, also where midnight is skipped or doubled', async (t) => {
  for (const zone of ZONES) {
    for (let day = dayOf(at('2026-01-01T00:00:00Z')); day < dayOf(at('2027-01-01T00:00:00Z')); day++) {
      const start = startOfDay(zone, day);
      if (dayOf(wallOf(zone, start)) !== day || dayOf(wallOf(zone, start - 1)) === day) t.fail(`${zone} ${isoDay(day)}: ${new Date(start).toISOString()}`);
    }
  }
  t.equal(offsetAt('America/Santiago', startOfDay('America/Santiago', dayOf(at('2026-09-06T00:00:00Z')))), -3 * 3_600_000, 'Santiago skips midnight on 6 September');
});

t.test('hours that are no hours are refused by their place', async (t) => {
  t.throws(() => weekOf({ mon: [{ from: '9:00', to: '10:00' }] }, 'hours'), { code: 'TRK_INVALID_REQUEST', field: 'hours.mon[0].from' });
  t.throws(() => weekOf({ mon: [{ from: '22:00', to: '02:00' }] }, 'hours'), { code: 'TRK_INVALID_REQUEST', field: 'hours.mon[0].to' });
  t.throws(() => weekOf({ fri: [{ from: '09:00', to: '24:01' }] }, 'hours'), { code: 'TRK_INVALID_REQUEST', field: 'hours.fri[0].to' });
  t.equal(nextOpen([opening('UTC', { mon: [{ from: '22:00', to: '24:00' }], tue: [{ from: '00:00', to: '02:00' }] })], at('2026-11-30T23:59:59Z'), at('2026-12-01T00:00:00Z')), at('2026-11-30T23:59:59Z'), '24:00 is the end of the day');
});
