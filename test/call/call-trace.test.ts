import t from 'tap';
import type { CallEvent } from '../../src/call/call-service.js';
import { CallSight } from '../../src/call/call-trace.js';
import type { MediaSession } from '../../src/media/media-session.js';
import type { CallTracer } from '../../src/sip/trace/trace.js';

function setUp(limits: { all?: boolean; calls?: number } = {}) {
  const noted: string[] = [];
  const tracer: CallTracer = {
    leg: (callId, sipCallId) => void noted.push(`${callId} leg ${sipCallId}`),
    note: (callId, event, detail, atMs) => void noted.push(`${callId} ${event}${detail === undefined ? '' : ` (${detail})`}${atMs === undefined ? '' : ` @${atMs}`}`),
    rtp: (callId) => void noted.push(`${callId} captured`),
    ended: (callId) => void noted.push(`${callId} over`),
  };
  const sight = new CallSight(tracer, { all: limits.all ?? false, packets: 10, calls: limits.calls ?? 2 });
  let tell: (event: CallEvent) => void = () => undefined;
  sight.watch({ onEvent: (listener) => void (tell = listener) });
  return { noted, sight, tell: (event: object) => tell(event as CallEvent) };
}

function media(canCapture = true) {
  let frame: (samples: Int16Array, atMs: number) => void = () => undefined;
  let dtmf: (event: { digit: string; durationMs: number; atMs: number }) => void = () => undefined;
  const stats = { packetsReceived: 0, packetsSent: 0 };
  const session = { onFrame: (listener: typeof frame) => void (frame = listener), onDtmf: (listener: typeof dtmf) => void (dtmf = listener), stats: () => stats, ...(canCapture ? { captureRtp: () => ({ maxBytes: 1, read: () => [] }) } : {}) };
  return { session: session as unknown as MediaSession, stats, tick: (atMs: number) => frame(new Int16Array(), atMs), press: (digit: string) => dtmf({ digit, durationMs: 99.6, atMs: 700 }) };
}

const call = { id: 'call_1', direction: 'outbound', trunk: 'carrier' };

t.test('the life of a call, without its words and digits', async (t) => {
  const { noted, sight, tell } = setUp();
  const { session, stats, tick, press } = media();
  tell({ type: 'call.started', call });
  sight.leg('call_1', 'a@x', session);
  tick(20);
  stats.packetsSent = 1;
  tick(40);
  tell({ type: 'call.ringing', call });
  tell({ type: 'call.answered', call });
  stats.packetsReceived = 3;
  tick(60);
  tick(80);
  press('7');
  tell({ type: 'call.transcript', call, line: { speaker: 'bot', text: 'secret words', atMs: 1 }, replyMs: 412 });
  tell({ type: 'call.transcript', call, line: { speaker: 'caller', text: 'secret words', atMs: 1 }, decision: 'yes' });
  tell({ type: 'call.transfer', call, transfer: { mode: 'blind', outcome: 'completed', to: '+14155550100', ms: 1 } });
  tell({ type: 'call.ended', call, result: { disposition: 'answered_human', endedBy: 'bot', reason: 'flow_end' } });
  t.same(noted, [
    'call_1 started (outbound)',
    'call_1 leg a@x',
    'call_1 first_rtp_out @40',
    'call_1 ringing',
    'call_1 answered (by trunk carrier)',
    'call_1 first_rtp_in @60',
    'call_1 dtmf (100 ms) @700',
    "call_1 bot_turn (412 ms after the caller's last sound)",
    'call_1 caller_turn',
    'call_1 transfer (blind, completed)',
    'call_1 ended (answered_human, by bot: flow_end)',
    'call_1 over',
  ]);
});

t.test('captures are wanted by hand or of all calls, and bounded', async (t) => {
  const { noted, sight, tell } = setUp({ calls: 1 });
  t.throws(() => sight.capture('call_1'), { code: 'TRK_NOT_FOUND' });
  sight.leg('call_1', 'a@x', media().session);
  sight.leg('call_2', 'b@x', media().session);
  sight.capture('call_1');
  sight.capture('call_1');
  t.throws(() => sight.capture('call_2'), { code: 'TRK_CAPTURE_LIMIT' });
  sight.leg('call_1', 'a.2@x', media().session);
  t.same(noted.filter((line) => line.endsWith('captured')), ['call_1 captured', 'call_1 captured'], 'the next leg of the call, too');
  tell({ type: 'call.ended', call, result: { disposition: 'answered_human', endedBy: 'bot', reason: 'x' } });
  sight.capture('call_2');

  const all = setUp({ all: true, calls: 2 });
  for (const id of ['a', 'b', 'c']) all.sight.leg(id, `${id}@x`, media().session);
  t.same(all.noted.filter((line) => line.endsWith('captured')), ['a captured', 'b captured']);
});

t.test('an engine that cannot capture says so, and is no reason to stop', async (t) => {
  const { noted, sight } = setUp({ all: true });
  sight.leg('call_1', 'a@x', media(false).session);
  t.same(noted, ['call_1 leg a@x']);
  t.throws(() => sight.capture('call_1'), { code: 'TRK_MEDIA_STATE' });
});
