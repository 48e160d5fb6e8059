import t from 'tap';
import { planPeople, planSingles } from './people.js';
import { FURTHEST_MS, planFaults } from './plan.js';

const NOW = Date.parse('2026-06-01T19:00:00Z');

t.test('a seed is a plan', async (t) => {
  for (const store of ['sqlite', 'postgres'] as const) {
    const faults = planFaults({ kills: 300, store, seed: 7 });
    t.same(planFaults({ kills: 300, store, seed: 7 }), faults);
    t.notSame(planFaults({ kills: 300, store, seed: 8 }), faults);
    const hit = faults.flatMap((fault) => (fault.kind === 'server' ? [fault.server] : []));
    t.same([...new Set(hit)].sort(), store === 'postgres' ? [0, 1] : [0], 'kills hit every server');
    t.equal(faults.some(({ kind }) => kind === 'database'), store === 'postgres');
    let off = 0;
    const furthest = Math.max(...faults.map((fault) => (fault.kind === 'clock_jump' ? Math.abs((off += fault.byMs)) : 0)));
    t.ok(furthest > FURTHEST_MS / 2 && furthest <= FURTHEST_MS, `the clock is off by at most ${furthest} ms`);
  }
  const told = (seed: number): unknown => planPeople({ contacts: 100, seed }).map((person) => [person.number, person.budget, person.suppressed, person.contact(NOW)]);
  t.same(told(7), told(7));
  t.notSame(told(7), told(8));
});

t.test('half are called by the campaign, and some of these must not be', async (t) => {
  const singles = planSingles({ contacts: 1_001 });
  const people = planPeople({ contacts: 1_001, seed: 7 });
  t.same([singles.length, people.length], [501, 500]);
  t.equal(new Set([...singles, ...people].map(({ number }) => number)).size, 1_001, 'each has a number of its own');
  const count = (fits: (person: (typeof people)[number]) => boolean): number => people.filter(fits).length;
  for (const [what, some] of Object.entries({
    'without consent': count(({ consents }) => !consents),
    'suppressed before': count(({ suppressed }) => suppressed === 'before'),
    'suppressed meanwhile': count(({ suppressed }) => suppressed === 'meanwhile'),
    'of two zones': count(({ hours }) => hours.zones.length > 1),
    'where it is night': count(({ hours }) => hours.zones.includes('Asia/Shanghai')),
    'of little patience': count(({ budget }) => budget === 2) / 5,
  })) t.ok(some > 10 && some < 100, `${some} ${what}`);
  t.ok(count(({ consents, suppressed, hours }) => consents && suppressed === undefined && hours.zones.length === 1) > 250);
});
