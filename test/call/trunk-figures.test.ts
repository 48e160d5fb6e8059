import t from 'tap';
import { TrunkHour, isEffective } from '../../src/call/trunk-figures.js';
import { ManualClock } from '../support/manual-clock.js';

t.test('ratios and averages of the last hour, and of no more', async (t) => {
  const clock = new ManualClock();
  const hour = new TrunkHour(clock);
  t.same(hour.of('a'), { attempts: 0, answered: 0, effective: 0, asr: undefined, ner: undefined, acdMs: undefined, pddMs: undefined });
  hour.tried('a', 200, 1_000);
  hour.tried('a', 486, 3_000);
  hour.tried('a', 503, undefined);
  hour.tried('a', undefined, undefined);
  hour.talked('a', 60_000);
  hour.talked('a', 30_000);
  hour.tried('b', 200, 5);
  t.same(hour.of('a'), { attempts: 4, answered: 1, effective: 2, asr: 0.25, ner: 0.5, acdMs: 45_000, pddMs: 2_000 });
  clock.advance(30 * 60_000);
  hour.tried('a', 200, 500);
  t.equal(hour.of('a').attempts, 5);
  clock.advance(30 * 60_000);
  t.same(hour.of('a'), { attempts: 1, answered: 1, effective: 1, asr: 1, ner: 1, acdMs: undefined, pddMs: 500 });
  clock.advance(31 * 60_000);
  t.equal(hour.of('a').attempts, 0);
});

t.test('a busy trunk for many hours, and many names, stay small', async (t) => {
  const clock = new ManualClock();
  const hour = new TrunkHour(clock);
  for (let minute = 0; minute < 300; minute++) {
    hour.tried('a', 200, 10);
    clock.advance(60_000);
  }
  t.equal(hour.of('a').attempts, 59);
  for (let n = 0; n < 1_000; n++) hour.tried(`t${n}`, 200, 1);
  t.equal(hour.of('a').attempts, 0, 'the one that was not used for longest is forgotten');
  t.equal(hour.of('t0').attempts, 1);
});

t.test('the callee was reached, or not', async (t) => {
  for (const status of [200, 480, 486, 487, 600, 603]) t.ok(isEffective(status), `${status}`);
  for (const status of [undefined, 301, 403, 404, 408, 500, 503]) t.notOk(isEffective(status), `${status}`);
});
