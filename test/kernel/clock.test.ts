import t from 'tap';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { ManualClock } from '../support/manual-clock.js';

t.test('delay resolves at its time and not before', async (t) => {
  const clock = new ManualClock();
  let done = false;
  const waiting = delay(clock, 100).then(() => (done = true));
  await clock.run(99);
  t.equal(done, false);
  await clock.run(1);
  t.equal(done, true);
  await waiting;
});

t.test('an aborted delay rejects with the reason and leaves no timer', async (t) => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const waiting = delay(clock, 100, controller.signal);
  controller.abort(new Error('enough'));
  await t.rejects(waiting, { message: 'enough' });
  t.equal(clock.pending, 0);
  await t.rejects(delay(clock, 100, controller.signal), { message: 'enough' });
  t.equal(clock.pending, 0);
});

t.test('after a delay its signal has no listener of ours left', async (t) => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const waiting = delay(clock, 10, controller.signal);
  await clock.run(10);
  await waiting;
  controller.abort();
  t.equal(clock.pending, 0);
});

t.test('the system clock: monotonic is that of CLOCK_MONOTONIC, timers can be cancelled twice', async (t) => {
  const before = Number(process.hrtime.bigint()) / 1e6;
  const now = systemClock.monotonic();
  t.ok(now >= before && now < before + 1000);
  let fired = 0;
  const timer = systemClock.after(0, () => fired++);
  timer.cancel();
  timer.cancel();
  await new Promise<void>((resolve) => systemClock.after(1, resolve));
  t.equal(fired, 0);
});

t.test('a delay longer than Node can count does not fire at once', async (t) => {
  let fired = false;
  const timer = systemClock.after(2 ** 40, () => (fired = true));
  await new Promise<void>((resolve) => systemClock.after(5, resolve));
  timer.cancel();
  t.equal(fired, false);
});

t.test('ManualClock: order by time, then by setting; time stands still within a timer', async (t) => {
  const clock = new ManualClock();
  const seen: string[] = [];
  clock.after(20, () => seen.push(`late ${clock.monotonic()}`));
  clock.after(10, () => {
    seen.push(`first ${clock.monotonic()}`);
    clock.after(0, () => seen.push(`nested ${clock.monotonic()}`));
  });
  clock.after(10, () => seen.push('second'));
  clock.advance(20);
  t.same(seen, ['first 10', 'second', 'nested 10', 'late 20']);
});
