import t from 'tap';
import { assumed, dialMs, finishAt } from '../../../src/outbound/campaigns/forecast.js';

const work = { tasks: 100, maxAttempts: 3, calls: 5, callsPerSecond: 10, experience: { attemptMs: 30_000, answerRate: 1 } };

t.test('how long the dialling takes', async (t) => {
  t.equal(dialMs(work), (100 * 30_000) / 5);
  t.equal(dialMs({ ...work, experience: { attemptMs: 30_000, answerRate: 0 } }), (3 * 100 * 30_000) / 5, 'nobody answers: all dials are used up');
  t.equal(dialMs({ ...work, experience: { attemptMs: 30_000, answerRate: 0.5 } }), (1.75 * 100 * 30_000) / 5);
  t.equal(dialMs({ ...work, calls: 1_000 }), 100 * 100, 'calls per second are the limit then');
  t.equal(dialMs({ ...work, maxAttempts: 1, experience: { attemptMs: undefined, answerRate: undefined } }), (100 * assumed.attemptMs) / 5, 'something is assumed while nothing is known');
  t.equal(dialMs({ ...work, calls: 0 }), undefined);
  t.equal(dialMs({ ...work, tasks: 0, calls: 0 }), 0);
});

t.test('only hours in which calls may be made count', async (t) => {
  // Open from 10 to 20 of each 100.
  const hours = {
    nextOpen: (at: number) => (at % 100 < 10 ? at - (at % 100) + 10 : at % 100 < 20 ? at : at - (at % 100) + 110),
    nextClosed: (at: number) => at - (at % 100) + 20,
  };
  t.equal(finishAt(0, 5, hours), 15);
  t.equal(finishAt(15, 5, hours), 20);
  t.equal(finishAt(15, 6, hours), 111);
  t.equal(finishAt(0, 35, hours), 315);
  t.equal(finishAt(30, 5, { ...hours, nextOpen: () => undefined }), undefined);
  t.equal(finishAt(12, 1e6, { ...hours, nextClosed: () => undefined }), 12 + 1e6, 'always open');
});
