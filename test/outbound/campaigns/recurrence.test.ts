import t from 'tap';
import { wallTime } from '../../../src/dialogue/slots/wall-clock.js';
import { instantOnWall, nextRoundAt } from '../../../src/outbound/campaigns/recurrence.js';
import type { Recurrence } from '../../../src/outbound/campaigns/recurrence.js';
import fc from '../../support/property.js';

/** The first `count` rounds after `from`, as the wall shows them. */
function rounds(recurrence: Recurrence, timeZone: string, from: string, count: number): string[] {
  const first = Date.parse(from);
  const seen: string[] = [];
  let at = first;
  for (let index = 0; index < count; index++) {
    at = nextRoundAt(recurrence, timeZone, first, at) ?? NaN;
    seen.push(new Date(wallTime(at, timeZone)).toISOString().slice(0, 16));
  }
  return seen;
}

t.test('every day, over both nights in which clocks change', async (t) => {
  t.same(rounds({ every: 'day', at: '09:30' }, 'America/New_York', '2026-03-06T18:00:00Z', 3), ['2026-03-07T09:30', '2026-03-08T09:30', '2026-03-09T09:30']);
  t.same(rounds({ every: 'day', at: '09:30' }, 'Europe/Berlin', '2026-10-24T18:00:00Z', 3), ['2026-10-25T09:30', '2026-10-26T09:30', '2026-10-27T09:30']);
  t.same(rounds({ every: 'day', at: '09:00' }, 'Asia/Shanghai', '2026-03-06T00:30:00Z', 2), ['2026-03-06T09:00', '2026-03-07T09:00'], 'today, if its time is yet to come');
});

t.test('a time that the night leaves out comes later, one that it has twice comes once', async (t) => {
  for (const [timeZone, from] of [['America/New_York', '2026-03-07T12:00:00Z'], ['Europe/Berlin', '2026-03-28T12:00:00Z']] as const) {
    t.match(rounds({ every: 'day', at: '02:30' }, timeZone, from, 2), [/T03:30$/, /T02:30$/], timeZone);
  }
  t.match(rounds({ every: 'day', at: '02:15' }, 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 2), [/T02:45$/, /T02:15$/], 'half an hour');
  for (const [timeZone, from, wanted] of [['America/New_York', '2026-10-31T12:00:00Z', '2026-11-01T05:30:00.000Z'], ['Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T00:30:00.000Z']] as const) {
    const at = timeZone === 'Europe/Berlin' ? '02:30' : '01:30';
    const first = nextRoundAt({ every: 'day', at }, timeZone, Date.parse(from), Date.parse(from)) ?? NaN;
    t.equal(new Date(first).toISOString(), wanted, `${timeZone}: the first of the two`);
    const second = nextRoundAt({ every: 'day', at }, timeZone, Date.parse(from), first) ?? NaN;
    t.equal(second - first, 25 * 3_600_000, `${timeZone}: not again an hour later`);
  }
});

t.test('weeks and months', async (t) => {
  t.same(rounds({ every: 'week', on: ['mon', 'thu'], at: '10:00' }, 'Europe/London', '2026-11-24T12:00:00Z', 3), ['2026-11-26T10:00', '2026-11-30T10:00', '2026-12-03T10:00']);
  t.same(rounds({ every: 'week', at: '10:00' }, 'Europe/London', '2026-11-24T12:00:00Z', 2), ['2026-12-01T10:00', '2026-12-08T10:00'], 'the weekday of the first round');
  t.same(rounds({ every: 'month', on: [31], at: '10:00' }, 'Asia/Shanghai', '2026-01-05T00:00:00Z', 4), ['2026-01-31T10:00', '2026-02-28T10:00', '2026-03-31T10:00', '2026-04-30T10:00']);
  t.same(rounds({ every: 'month', on: [1, 'last'], at: '10:00' }, 'Asia/Shanghai', '2028-02-01T12:00:00Z', 3), ['2028-02-29T10:00', '2028-03-01T10:00', '2028-03-31T10:00']);
  t.same(rounds({ every: 'month', at: '10:00' }, 'Asia/Shanghai', '2026-01-30T12:00:00Z', 2), ['2026-02-28T10:00', '2026-03-30T10:00'], 'the day of the first round');
});

t.test('days may be left out', async (t) => {
  const from = Date.parse('2026-12-24T12:00:00Z');
  const at = nextRoundAt({ every: 'day', at: '10:00' }, 'Europe/London', from, from, ({ month, day }) => month === 12 && (day === 25 || day === 26));
  t.equal(new Date(at ?? NaN).toISOString(), '2026-12-27T10:00:00.000Z');
  t.equal(nextRoundAt({ every: 'day', at: '10:00' }, 'Europe/London', from, from, () => true), undefined, 'where none is left, none comes');
});

t.test('whatever the zone and the time: rounds only go forward, and show the time that was asked for', async (t) => {
  const zones = ['America/New_York', 'America/Sao_Paulo', 'Asia/Shanghai', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/Dublin', 'Pacific/Apia', 'Africa/Casablanca', 'UTC'];
  t.doesNotThrow(() => fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2032, 0, 1) }), (timeZone, hour, minute, after) => {
      const at = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
      const next = nextRoundAt({ every: 'day', at }, timeZone, after, after) ?? NaN;
      const shown = new Date(wallTime(next, timeZone));
      const late = (shown.getUTCHours() * 60 + shown.getUTCMinutes() - hour * 60 - minute + 1_440) % 1_440;
      return next > after && next - after <= 25 * 3_600_000 && (late === 0 || late === 30 || late === 60) && instantOnWall({ year: shown.getUTCFullYear(), month: shown.getUTCMonth() + 1, day: shown.getUTCDate(), hour: shown.getUTCHours(), minute: shown.getUTCMinutes() }, timeZone) <= next;
    }),
    { numRuns: 500 },
  ));
});
