import t from 'tap';
import { AbandonLedger, wasAbandoned } from '../../../src/outbound/dialing/abandon-ledger.js';
import { AiPacing, ceilingOf } from '../../../src/outbound/dialing/ai-pacing.js';
import { Brakes } from '../../../src/outbound/dialing/brakes.js';
import type { BrakeSettings } from '../../../src/outbound/dialing/brakes.js';
import { ManualClock } from '../../support/manual-clock.js';
import fc from '../../support/property.js';

const limits: BrakeSettings = { replyP95Ms: 1_000, workersBusyPercent: 90, trunkFailuresPercent: 50, storeP95Ms: 200, windowMs: 60_000 };

t.test('the scarcest part decides', async (t) => {
  t.equal(ceilingOf({ media: 100, ears: 16, mouths: 32, minds: undefined }), 16);
  t.equal(ceilingOf({ media: 100, ears: 16, mouths: 32, minds: 4 }), 4);
  t.equal(ceilingOf({ media: 2.5, ears: 16, mouths: 32, minds: 4 }), 2);
  t.equal(ceilingOf({ media: -1, ears: 16, mouths: 32, minds: undefined }), 0);
});

t.test('slower at once, faster bit by bit', async (t) => {
  const pacing = new AiPacing();
  t.equal(pacing.allowed(0, 8, false), 8);
  t.equal(pacing.allowed(3_000, 16, false), 11, 'what has come to be there is tried bit by bit');
  t.equal(pacing.allowed(60_000, 16, false), 16);
  t.equal(pacing.allowed(60_000, 16, true), 8, 'half');
  t.equal(pacing.allowed(61_000, 16, true), 8, 'and time to see what that does');
  t.equal(pacing.allowed(65_000, 16, true), 4);
  t.equal(pacing.allowed(90_000, 16, true), 2);
  t.equal(pacing.allowed(120_000, 16, true), 1);
  t.equal(pacing.allowed(150_000, 16, true), 1, 'one call goes on measuring');
  t.equal(pacing.allowed(151_000, 16, false), 2);
  t.equal(pacing.allowed(152_000, 0, false), 0);
});

t.test('never more than the ceiling, whatever happens', async () => {
  const step = fc.record({ ms: fc.integer({ min: 0, max: 20_000 }), ceiling: fc.integer({ min: 0, max: 64 }), braked: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pacing = new AiPacing();
      let now = 0;
      return steps.every(({ ms, ceiling, braked }) => {
        now += ms;
        const allowed = pacing.allowed(now, ceiling, braked);
        return Number.isInteger(allowed) && allowed <= ceiling && allowed >= Math.min(1, ceiling);
      });
    }),
  );
});

t.test('each brake at its limit, and off well below it', async (t) => {
  const clock = new ManualClock();
  const brakes = new Brakes(clock, limits);
  for (let reply = 0; reply < 7; reply += 1) brakes.replied(5_000);
  t.same(brakes.look(), [], 'seven replies prove nothing');
  brakes.replied(5_000);
  t.same(brakes.look(), [{ brake: 'reply_slow', on: true, measured: 5_000, limit: 1_000 }]);
  t.same(brakes.look(), [], 'said once');
  t.same(brakes.on, ['reply_slow']);
  clock.advance(60_001);
  for (let reply = 0; reply < 8; reply += 1) brakes.replied(900);
  t.same(brakes.look(), [], 'below the limit, but not by a fifth');
  clock.advance(60_001);
  t.same(brakes.look(), [{ brake: 'reply_slow', on: false, measured: 0, limit: 1_000 }], 'nothing to measure any more');
  for (let call = 0; call < 10; call += 1) brakes.attempted(call < 6);
  t.same(brakes.look(), [{ brake: 'trunk_failures', on: true, measured: 60, limit: 50 }]);
  for (let call = 0; call < 10; call += 1) brakes.attempted(false);
  t.same(brakes.look(), [{ brake: 'trunk_failures', on: false, measured: 30, limit: 50 }]);
  for (let save = 0; save < 8; save += 1) brakes.saved(201);
  t.same(brakes.look(), [{ brake: 'store_slow', on: true, measured: 201, limit: 200 }]);
  brakes.busy(95);
  t.same(brakes.look(), [{ brake: 'workers_busy', on: true, measured: 95, limit: 90 }]);
  brakes.busy(60);
  t.same(brakes.look(), [{ brake: 'workers_busy', on: false, measured: 60, limit: 90 }]);
});

t.test('a limit of 0 is none', async (t) => {
  const brakes = new Brakes(new ManualClock(), { ...limits, replyP95Ms: 0, workersBusyPercent: 0, trunkFailuresPercent: 0, storeP95Ms: 0 });
  for (let sample = 0; sample < 20; sample += 1) {
    brakes.replied(1e6);
    brakes.attempted(true);
    brakes.saved(1e6);
  }
  brakes.busy(100);
  t.same(brakes.look(), []);
});

t.test('no brake flutters: within a fifth of its limit nothing changes', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 80, max: 100 }), { minLength: 1, maxLength: 100 }), (busy) => {
      const brakes = new Brakes(new ManualClock(), { ...limits, workersBusyPercent: 100 });
      let changes = 0;
      for (const percent of busy) {
        brakes.busy(percent);
        changes += brakes.look().length;
      }
      return changes === 0;
    }),
  );
});

const turn = { turn: 1, node: 'a', lastSpeechMs: undefined, pauseSeenMs: undefined, finalTextMs: undefined, decisionMs: 0, audioHandedMs: 0 };

t.test('who was abandoned', async (t) => {
  const base = { disposition: 'answered_human', answeredAt: 1_000, endedAt: 9_000, endedBy: 'caller' } as const;
  t.equal(wasAbandoned({ ...base, turns: [{ ...turn, firstPacketMs: 2_000 }] }), false);
  t.equal(wasAbandoned({ ...base, turns: [{ ...turn, firstPacketMs: 2_001 }] }), true);
  t.equal(wasAbandoned({ ...base, turns: [{ ...turn, firstPacketMs: undefined }] }), true);
  t.equal(wasAbandoned({ ...base, turns: [] }), true);
  t.equal(wasAbandoned({ ...base, endedAt: 3_000, turns: [] }), false, 'the callee hung up within two seconds');
  t.equal(wasAbandoned({ ...base, answeredAt: undefined, turns: [] }), false);
  t.equal(wasAbandoned({ ...base, disposition: 'answered_machine', turns: [] }), false);
  for (const endedBy of ['bot', 'system'] as const) {
    t.equal(wasAbandoned({ ...base, endedAt: 1_300, endedBy, disposition: 'failed', turns: [] }), true, 'we hung up before a word, whatever the result calls it');
    t.equal(wasAbandoned({ ...base, endedAt: 1_300, endedBy, turns: [{ ...turn, firstPacketMs: 40 }] }), false);
  }
});

t.test('the hard stop', async (t) => {
  const day = 24 * 3_600_000;
  const ledger = new AbandonLedger({ limitPercent: 3, windowMs: day });
  ledger.note(0, 'camp_a', { answered: 32, abandoned: 0 });
  t.equal(ledger.stopped(0, 'camp_a'), false);
  ledger.note(0, 'camp_a', { answered: 1, abandoned: 1 });
  t.equal(ledger.stopped(0, 'camp_a'), true, '1 of 33 is more than 3 %');
  t.equal(ledger.stopped(0, 'camp_b'), false, 'each answers for itself');
  ledger.note(0, 'camp_a', { answered: 1, abandoned: 0 });
  t.equal(ledger.stopped(0, 'camp_a'), false, '1 of 34 is not');
  ledger.note(60_000, 'camp_b', { answered: 1, abandoned: 1 });
  t.equal(ledger.stopped(60_000, 'camp_b'), true);
  t.same(ledger.figures(60_000), { answered: 35, abandoned: 2 });
  t.equal(ledger.stopped(60_000 + day, 'camp_b'), false, 'a day later it is over');
  t.same(ledger.figures(60_000 + day), { answered: 0, abandoned: 0 });
});

t.test('what other servers know counts once', async (t) => {
  const ledger = new AbandonLedger({ limitPercent: 3, windowMs: 3_600_000 });
  ledger.note(61_000, 'camp_a', { answered: 4, abandoned: 0 });
  ledger.note(125_000, 'camp_a', { answered: 1, abandoned: 0 });
  ledger.note(62_000, 'camp_a', { answered: 1, abandoned: 0 });
  ledger.learn(60_000, 'camp_a', { answered: 30, abandoned: 2 });
  ledger.learn(60_000, 'camp_a', { answered: 30, abandoned: 2 });
  t.same(ledger.figures(130_000, 'camp_a'), { answered: 31, abandoned: 2 });
  t.equal(ledger.stopped(130_000, 'camp_a'), true);
  ledger.learn(120_000, 'camp_a', { answered: 0, abandoned: 0 });
  t.same(ledger.figures(130_000, 'camp_a'), { answered: 31, abandoned: 2 }, 'what is not saved yet stays');
});

t.test('a limit of 0 stops at the first one', async (t) => {
  const ledger = new AbandonLedger({ limitPercent: 0, windowMs: 60_000 });
  ledger.note(0, '', { answered: 1_000, abandoned: 1 });
  t.equal(ledger.stopped(0, ''), true);
});
