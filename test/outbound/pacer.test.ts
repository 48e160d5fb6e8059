import t from 'tap';
import { Pacer } from '../../src/outbound/pacer.js';

/** Times at which calls go if the dialer looks each `stepMs` for `forMs`. */
function goes(perSecond: number, stepMs: number, forMs: number, from = 0): number[] {
  const pacer = new Pacer(perSecond);
  const times: number[] = [];
  for (let now = from; now < from + forMs; now += stepMs) {
    while (pacer.waitMs(now) === 0) {
      pacer.take(now);
      times.push(now);
    }
  }
  return times;
}

t.test('evenly', async (t) => {
  t.same(goes(2, 1, 2000), [0, 500, 1000, 1500]);
  t.equal(goes(10, 7, 10_000).length, 100, 'looking too rarely costs nothing, and makes no burst');
  t.same(new Set(goes(10, 7, 10_000)).size, goes(10, 7, 10_000).length);
});

t.test('a high rate is reached though timers are coarse', async (t) => {
  const times = goes(1000, 5, 1000);
  t.ok(times.length >= 996 && times.length <= 1050, `${times.length} in a second`);
});

t.test('a round that always takes a while does not slow the rate', async (t) => {
  const pacer = new Pacer(20);
  let calls = 0;
  let now = 0;
  while (now < 10_000) {
    now += pacer.waitMs(now);
    // Looking, deciding and the disk take 9 ms, now and then 80.
    now += calls % 50 === 49 ? 80 : 9;
    for (let ready = pacer.ready(now); ready > 0; ready -= 1) {
      pacer.take(now);
      calls += 1;
    }
  }
  t.ok(Math.abs(calls - now / 50) <= 2, `${calls} in ${now} ms`);
});

t.test('a pause is not made up for', async (t) => {
  const pacer = new Pacer(2);
  pacer.take(0);
  t.equal(pacer.waitMs(100), 400);
  t.equal(pacer.waitMs(60_000), 0);
  pacer.take(60_000);
  t.equal(pacer.waitMs(60_000), 500, 'no burst after a minute of nothing');
});
