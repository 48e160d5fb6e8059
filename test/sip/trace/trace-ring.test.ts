import t from 'tap';
import { TraceRing } from '../../../src/sip/trace/trace-ring.js';
import type { TraceLimits } from '../../../src/sip/trace/trace-ring.js';
import type { TapPath } from '../../../src/sip/trace/trace.js';
import { ManualClock } from '../../support/manual-clock.js';

type Teardown = { teardown(fn: () => void): void };

const PATH: TapPath = { protocol: 'udp', localAddress: '127.0.0.1', localPort: 5060, remoteAddress: '127.0.0.9', remotePort: 5070 };
const LIMITS: TraceLimits = { maxBytes: 1_000_000, maxCalls: 1_000, perCall: 40, keepMs: 60_000 };

const request = (callId: string, method = 'INVITE', extra = ''): string => `${method} sip:bob@127.0.0.9 SIP/2.0\r\nCall-ID: ${callId}\r\nCSeq: 1 ${method}\r\n${extra}\r\n`;

function ring(t: Teardown, limits: Partial<TraceLimits> = {}): { ring: TraceRing; clock: ManualClock } {
  const clock = new ManualClock();
  const made = new TraceRing(clock, { ...LIMITS, ...limits });
  t.teardown(() => made.close());
  return { ring: made, clock };
}

t.test('finds a call by our id and by each of its Call-IDs', async (t) => {
  const { ring: traces } = ring(t);
  traces.leg('call_1', 'a@x');
  traces.message('out', request('a@x'), PATH);
  traces.leg('call_1', 'a.2@x');
  traces.message('out', Buffer.from(request('a.2@x')), PATH);
  for (const id of ['call_1', 'a@x', 'a.2@x']) t.same(traces.find(id)?.messages.map((m) => m.sipCallId), ['a@x', 'a.2@x'], id);
  t.same(traces.find('call_1')?.sipCallIds, ['a@x', 'a.2@x']);
  t.equal(traces.find('call_2'), undefined);
});

t.test('an INVITE that came before the call had an id is part of it', async (t) => {
  const { ring: traces, clock } = ring(t);
  traces.message('in', request('in@y'), PATH);
  t.equal(traces.find('in@y')?.callId, undefined);
  clock.advance(3);
  traces.note('call_1', 'started');
  traces.leg('call_1', 'in@y');
  traces.message('out', 'SIP/2.0 200 OK\r\ni: in@y\r\n\r\n', PATH);
  const found = traces.find('call_1');
  t.same(found?.messages.map((m) => [m.direction, m.atMs]), [['in', found?.messages[0]?.atMs], ['out', (found?.messages[0]?.atMs ?? 0) + 3]]);
  t.equal(traces.find('in@y')?.callId, 'call_1');
  t.same(found?.events.map((e) => e.event), ['started']);
});

t.test('a call of ours that a proxy sends back to us is two calls', async (t) => {
  const { ring: traces } = ring(t);
  traces.leg('call_out', 'a@x');
  traces.message('out', request('a@x'), PATH);
  traces.leg('call_in', 'a@x');
  traces.message('out', request('a@x', 'BYE'), PATH);
  t.equal(traces.find('call_out')?.messages.length, 1);
  t.equal(traces.find('call_in')?.messages.length, 1);
  traces.close();
  t.equal(traces.bytes, 0);
});

t.test('a retransmission is known by its bytes and direction', async (t) => {
  const { ring: traces } = ring(t);
  traces.leg('call_1', 'a@x');
  traces.message('out', request('a@x'), PATH);
  const before = traces.bytes;
  traces.message('out', request('a@x'), PATH);
  traces.message('in', request('a@x'), PATH);
  t.same(traces.find('call_1')?.messages.map((m) => m.repeated), [false, true, false]);
  t.ok(traces.bytes - before < 2 * 400 + request('a@x').length + 1, 'its text is kept once');
});

t.test('a call with too many messages keeps its beginning and its end', async (t) => {
  const { ring: traces } = ring(t, { perCall: 8 });
  traces.leg('call_1', 'a@x');
  for (let n = 0; n < 20; n++) {
    traces.message('out', request('a@x', 'OPTIONS', `X: ${n}\r\n`), PATH);
    traces.note('call_1', 'dtmf');
  }
  const found = traces.find('call_1');
  t.same(found?.messages.map((m) => /X: (\d+)/.exec(m.raw)?.[1]), ['0', '1', '14', '15', '16', '17', '18', '19']);
  t.equal(found?.events.length, 8);
  t.equal(found?.leftOut, 24);
});

t.test('memory stays under its limit with 1,000 busy calls and a flood of strangers', async (t) => {
  const maxBytes = 2_000_000;
  const { ring: traces } = ring(t, { maxBytes });
  const body = 'v=0\r\n'.padEnd(700, 'a');
  let most = 0;
  for (let round = 0; round < 10; round++) {
    for (let n = 0; n < 1_000; n++) {
      traces.note(`call_${n}`, 'started');
      traces.leg(`call_${n}`, `${n}@x`);
      traces.message(round % 2 === 0 ? 'in' : 'out', request(`${n}@x`, 'INFO', `X: ${round}\r\n`) + body, PATH);
      traces.message('in', request(`stranger-${round}-${n}@z`, 'OPTIONS') + body, PATH);
      most = Math.max(most, traces.bytes);
    }
  }
  t.ok(most <= maxBytes, `${most} bytes at most`);
  t.ok(traces.calls <= 1_000);
  t.ok(traces.bytes > maxBytes / 2, 'the room is used');
  t.ok(traces.find('call_999')?.messages.length, 'the newest is there');
  t.equal(traces.find('call_0')?.messages.length, undefined, 'the oldest is gone');
});

t.test('strangers cost no call its trace, and calls that are over go before those that are up', async (t) => {
  const { ring: traces } = ring(t, { maxBytes: 40_000 });
  traces.leg('call_live', 'live@x');
  traces.message('out', request('live@x'), PATH);
  traces.leg('call_over', 'over@x');
  traces.message('out', request('over@x'), PATH);
  traces.ended('call_over');
  for (let n = 0; n < 200; n++) traces.message('in', request(`s${n}@z`, 'OPTIONS'), PATH);
  t.ok(traces.find('call_live') && traces.find('call_over'));
  t.equal(traces.find('s0@z'), undefined);
  t.ok(traces.find('s199@z'));
  let n = 0;
  for (; n < 100 && traces.find('call_over') !== undefined; n++) {
    traces.leg(`call_${n}`, `${n}@x`);
    traces.message('out', request(`${n}@x`), PATH);
  }
  t.ok(n > 15 && n < 30, `room for ${n} calls`);
  t.ok(traces.find('call_live'));
});

t.test('ended calls and strangers are forgotten after their time, live ones are not', async (t) => {
  const { ring: traces, clock } = ring(t);
  traces.leg('call_live', 'live@x');
  traces.leg('call_over', 'over@x');
  traces.message('in', request('s@z', 'OPTIONS'), PATH);
  traces.ended('call_over');
  clock.advance(59_000);
  t.ok(traces.find('call_over'));
  clock.advance(2_000);
  t.equal(traces.find('call_over'), undefined);
  t.equal(traces.find('over@x'), undefined);
  t.equal(traces.find('s@z'), undefined);
  t.ok(traces.find('call_live'));
});

t.test('old calls go by themselves, without anybody asking', async (t) => {
  const { ring: traces, clock } = ring(t);
  traces.leg('call_over', 'over@x');
  traces.ended('call_over');
  clock.advance(59_000);
  t.equal(traces.calls, 1);
  clock.advance(40_000);
  t.equal(traces.calls, 0);
  t.equal(traces.bytes, 0);
});

t.test('bytes are counted back to nothing', async (t) => {
  const { ring: traces } = ring(t, { perCall: 5 });
  for (let n = 0; n < 50; n++) {
    traces.message('in', request(`${n % 7}@x`, 'INVITE', `X: ${n % 3}\r\n`), PATH);
    if (n % 2 === 0) traces.leg(`call_${n % 5}`, `${n % 7}@x`);
    traces.note(`call_${n % 5}`, 'dtmf');
    if (n % 9 === 0) traces.ended(`call_${n % 5}`);
  }
  traces.close();
  t.equal(traces.bytes, 0);
  t.equal(traces.calls, 0);
});

t.test('what has no Call-ID, or an endless one, is passed over', async (t) => {
  const { ring: traces } = ring(t);
  traces.message('in', 'INVITE sip:x SIP/2.0\r\nTo: <sip:x>\r\n\r\nCall-ID: body@x\r\n', PATH);
  traces.message('in', request('x'.repeat(400)), PATH);
  t.equal(traces.bytes, 0);
  traces.message('in', 'INVITE sip:x SIP/2.0\r\ni:  short@x \r\n\r\n', PATH);
  t.ok(traces.find('short@x'));
});
