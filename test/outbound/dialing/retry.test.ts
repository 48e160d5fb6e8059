import t from 'tap';
import { retryAfter, singleCall } from '../../../src/outbound/dialing/retry.js';
import type { RetryFacts } from '../../../src/outbound/dialing/retry.js';
import { dayPartAt, nextUntriedPart } from '../../../src/outbound/dialing/day-parts.js';
import type { RetryPolicy } from '../../../src/store/campaigns.js';
import type { Disposition } from '../../../src/store/store.js';
import fc from '../../support/property.js';

const threeTries: RetryPolicy = {
  maxAttempts: 3,
  delays: {
    busy: [10 * 60_000, 60 * 60_000],
    no_answer: [2 * 60 * 60_000, 24 * 60 * 60_000],
    congestion: [5 * 60_000, 30 * 60_000],
    unreachable: [30 * 60_000, 4 * 60 * 60_000],
    failed: [5 * 60_000, 30 * 60_000],
    answered_machine: [4 * 60 * 60_000],
  },
  varyDayPart: true,
};

const HOUR = 3_600_000;
const noon = Date.UTC(2026, 2, 2, 12);

function facts(changes: Partial<RetryFacts> = {}): RetryFacts {
  const made = changes.attempts?.length ?? 1;
  return { made, now: noon, disposition: 'busy', verdict: { kind: 'end', reason: '486' }, attempts: [noon - 30_000], policy: { ...threeTries, varyDayPart: false }, expiresAt: undefined, timeZone: 'UTC', ...changes };
}

t.test('by disposition', async (t) => {
  t.same(retryAfter(facts()), { again: true, at: noon + 10 * 60_000, by: 'policy' });
  t.same(retryAfter(facts({ attempts: [noon - 2 * HOUR, noon] })), { again: true, at: noon + 60 * 60_000, by: 'policy' }, 'the next delay');
  t.same(retryAfter(facts({ disposition: 'invalid_number' })), { again: false, reason: 'done' });
  t.same(retryAfter(facts({ policy: singleCall })), { again: false, reason: 'done' });
  const one: RetryPolicy = { maxAttempts: 5, delays: { busy: [1_000] }, varyDayPart: false };
  t.same(retryAfter(facts({ policy: one, attempts: [1, 2, 3, 4] })), { again: true, at: noon + 1_000, by: 'policy' }, 'the last delay is used again');
});

t.test('what the callee asks for goes before the policy', async (t) => {
  const verdict = { kind: 'redial_at', at: new Date(noon + 5 * HOUR).toISOString(), reason: 'later' } as const;
  t.same(retryAfter(facts({ disposition: 'answered_human', verdict })), { again: true, at: noon + 5 * HOUR, by: 'verdict' });
  t.same(retryAfter(facts({ verdict: { ...verdict, at: new Date(noon - HOUR).toISOString() } })), { again: true, at: noon, by: 'verdict' }, 'a time that is over is now');
  t.same(retryAfter(facts({ disposition: 'answered_human', verdict: { ...verdict, at: 'tomorrow or so' } })), { again: false, reason: 'done' }, 'nonsense is no wish');
});

t.test('but not before budget and window', async (t) => {
  const verdict = { kind: 'redial_at', at: new Date(noon + 5 * HOUR).toISOString(), reason: 'later' } as const;
  t.same(retryAfter(facts({ verdict, attempts: [1, 2, 3] })), { again: false, reason: 'budget' });
  t.same(retryAfter(facts({ verdict, policy: singleCall })), { again: false, reason: 'budget' });
  t.same(retryAfter(facts({ verdict, expiresAt: noon + 5 * HOUR })), { again: false, reason: 'window' });
  t.match(retryAfter(facts({ verdict, expiresAt: noon + 5 * HOUR + 1 })), { again: true });
});

t.test('a conversation, a stop and a crash end a task whatever the policy says', async (t) => {
  for (const disposition of ['answered_human', 'cancelled', 'unknown'] as const) {
    t.same(retryAfter(facts({ disposition, policy: { maxAttempts: 20, delays: { [disposition]: [1] }, varyDayPart: false } })), { again: false, reason: 'done' }, disposition);
  }
});

t.test('other parts of the day are tried first', async (t) => {
  const policy: RetryPolicy = { maxAttempts: 5, delays: { no_answer: [2 * HOUR] }, varyDayPart: true };
  const morning = Date.UTC(2026, 2, 2, 8);
  const at = (attempts: number[], now: number): number => {
    const decision = retryAfter(facts({ disposition: 'no_answer', policy, attempts, now }));
    return decision.again ? decision.at : NaN;
  };
  t.equal(at([morning], morning), Date.UTC(2026, 2, 2, 12), '10 is morning again: noon');
  t.equal(at([morning, Date.UTC(2026, 2, 2, 13)], Date.UTC(2026, 2, 2, 13)), Date.UTC(2026, 2, 2, 17), 'then the evening');
  t.equal(at([morning, Date.UTC(2026, 2, 2, 13), Date.UTC(2026, 2, 2, 18)], Date.UTC(2026, 2, 2, 18)), Date.UTC(2026, 2, 2, 20), 'then as the delay says');
  t.equal(dayPartAt(Date.UTC(2026, 2, 2, 8), 'Asia/Shanghai'), 'afternoon', 'in the zone of the callee');
});

t.test('nights in which clocks are moved', async (t) => {
  for (const [zone, day] of [['America/New_York', Date.UTC(2026, 2, 8)], ['America/New_York', Date.UTC(2026, 10, 1)], ['Europe/Berlin', Date.UTC(2026, 2, 29)], ['Australia/Lord_Howe', Date.UTC(2026, 3, 5)]] as const) {
    for (let hour = 0; hour < 48; hour += 1) {
      const from = day + hour * HOUR;
      const part = dayPartAt(from, zone);
      const next = nextUntriedPart(from, new Set([part]), zone);
      if (dayPartAt(next, zone) === part || next <= from) t.fail(`${zone} ${new Date(from).toISOString()}`);
      if (dayPartAt(next - 60_000, zone) !== part) t.fail(`${zone} ${new Date(from).toISOString()}: not the first such moment`);
    }
  }
  t.pass();
});

t.test('whatever the facts, never beyond budget and window, never in the past', async (t) => {
  const disposition = fc.constantFrom<Disposition>('answered_human', 'answered_machine', 'answered_screening', 'busy', 'no_answer', 'rejected', 'invalid_number', 'unreachable', 'congestion', 'failed', 'cancelled', 'unknown');
  const delays = fc.dictionary(disposition, fc.array(fc.integer({ min: 0, max: 48 * HOUR }), { maxLength: 4 })) as fc.Arbitrary<RetryPolicy['delays']>;
  let again = 0;
  fc.assert(
    fc.property(
      disposition,
      delays,
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: noon - 72 * HOUR, max: noon }), { minLength: 1, maxLength: 20 }),
      fc.option(fc.integer({ min: noon - HOUR, max: noon + 72 * HOUR }), { nil: undefined }),
      fc.option(fc.integer({ min: noon - HOUR, max: noon + 72 * HOUR }), { nil: undefined }),
      fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York', 'Asia/Kathmandu'),
      fc.boolean(),
      (how, byDisposition, maxAttempts, attempts, expiresAt, wanted, timeZone, varyDayPart) => {
        const verdict = wanted === undefined ? ({ kind: 'end', reason: '' } as const) : ({ kind: 'redial_at', at: new Date(wanted).toISOString(), reason: '' } as const);
        const decision = retryAfter({ now: noon, disposition: how, verdict, made: attempts.length, attempts, policy: { maxAttempts, delays: byDisposition, varyDayPart }, expiresAt, timeZone });
        if (!decision.again) return true;
        again += 1;
        if (decision.by === 'verdict' && decision.at !== Math.max(wanted ?? NaN, noon)) return false;
        if (decision.by === 'policy' && (how === 'answered_human' || how === 'cancelled' || how === 'unknown')) return false;
        return attempts.length < maxAttempts && decision.at >= noon && (expiresAt === undefined || decision.at < expiresAt);
      },
    ),
    { numRuns: 2_000 },
  );
  t.ok(again > 100, 'and often there is another attempt');
});
