import t from 'tap';
import type { PhoneEvent } from '../../../src/demo/phone/phone-event.js';
import { Recording } from '../../../src/demo/phone/recording.js';
import { distribution, percentile, summarize } from '../../../src/demo/phone/summary.js';

t.test('nearest-rank percentiles', async (t) => {
  const values = [15, 20, 35, 40, 50];
  t.same([5, 30, 40, 50, 95, 100].map((percent) => percentile(values, percent)), [15, 20, 20, 35, 50, 50]);
  t.equal(percentile([7], 50), 7);
  t.throws(() => percentile([], 50), RangeError);
  t.same(distribution([3, 1, 2.26]), { count: 3, p50: 2.3, p95: 3, max: 3 });
  t.equal(distribution([]), undefined);
});

t.test('a summary counts by label, and keeps what has no time apart', async (t) => {
  const event = (name: PhoneEvent['event'], more: Partial<PhoneEvent> = {}): PhoneEvent => ({ event: name, call: 'c', at: '', atMs: 0, script: 's', ...more });
  const stats = { packetsSent: 1, packetsReceived: 1, packetsLost: 2, packetsRefused: 0, worstSendLateMs: 3.14, longestGapMs: 0 };
  const summary = summarize([
    event('answered'),
    event('greeting', { ms: 12 }),
    event('reply', { ms: 300, label: 'a' }),
    event('reply', { ms: 500, label: 'a' }),
    event('reply', { ms: 900, label: 'b' }),
    event('barge_in', { ms: 120 }),
    event('barge_in'),
    event('talked_over'),
    event('no_reply'),
    event('ended', { stats }),
    event('ended'),
  ]);
  t.same(summary, {
    calls: 2,
    answered: 1,
    greeting: { count: 1, p50: 12, p95: 12, max: 12 },
    replies: { a: { count: 2, p50: 300, p95: 500, max: 500 }, b: { count: 1, p50: 900, p95: 900, max: 900 } },
    bargeIn: { count: 1, p50: 120, p95: 120, max: 120 },
    bargeInFailed: 1,
    talkedOver: 1,
    noReply: 1,
    worstSendLateMs: 3.1,
    packetsLost: 2,
  });
});

t.test('a recording keeps moments, grows, and stops at its limit', async (t) => {
  const recording = new Recording(10_000);
  recording.put(2, Int16Array.of(1, 2));
  t.same(recording.take(), Int16Array.of(...new Array<number>(16).fill(0), 1, 2));
  recording.put(9000, Int16Array.of(3));
  t.equal(recording.take().length, 72_001);
  recording.put(9999.9, new Int16Array(160).fill(4));
  t.equal(recording.take().length, 72_001, 'beyond the limit nothing is kept');
  recording.put(-5, Int16Array.of(9));
  t.equal(recording.take()[0], 9);
});
