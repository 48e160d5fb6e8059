import t from 'tap';
import { Rounds } from '../../src/kernel/rounds.js';
import { ManualClock } from '../support/manual-clock.js';

t.test('rounds, naps and wakes', async (t) => {
  const clock = new ManualClock();
  let done = 0;
  let during: (() => void) | undefined;
  const rounds = new Rounds(clock, () => {
    done += 1;
    during?.();
    during = undefined;
    return Promise.resolve(100);
  });
  await clock.run(500);
  t.equal(done, 0, 'nothing before it is started');
  rounds.start();
  rounds.start();
  await clock.run(0);
  t.equal(done, 1, 'one loop');
  await clock.run(99);
  t.equal(done, 1);
  await clock.run(1);
  t.equal(done, 2);
  rounds.wake();
  await clock.run(0);
  t.equal(done, 3, 'a wake ends the nap');
  during = () => rounds.wake();
  rounds.wake();
  await clock.run(0);
  t.equal(done, 5, 'one that comes during a round is not lost');
  await rounds.stop();
  rounds.wake();
  await clock.run(1_000);
  t.equal(done, 5);
  t.equal(clock.pending, 0);
});

t.test('a stop waits for the round that runs, and tells it', async (t) => {
  const clock = new ManualClock();
  let end: (() => void) | undefined;
  let told = false;
  const rounds = new Rounds(clock, (signal) => new Promise((resolve) => {
    signal.addEventListener('abort', () => (told = true));
    end = () => resolve(0);
  }));
  rounds.start();
  let stopped = false;
  const stopping = rounds.stop().then(() => (stopped = true));
  await clock.run(0);
  t.same([told, stopped], [true, false]);
  end?.();
  await stopping;
  t.equal(stopped, true);
});
