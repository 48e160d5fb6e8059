import t from 'tap';
import { viewOf } from '../../../src/sip/trace/call-view.js';
import { ladder } from '../../../src/sip/trace/ladder.js';
import { TraceRing } from '../../../src/sip/trace/trace-ring.js';
import type { CallTrace, TapPath } from '../../../src/sip/trace/trace.js';
import { ManualClock } from '../../support/manual-clock.js';

const PATH: TapPath = { protocol: 'udp', localAddress: '127.0.0.1', localPort: 5060, remoteAddress: '127.0.0.9', remotePort: 5070 };
const SDP = (direction: string): string => `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=${direction}\r\n`;

function message(start: string, cseq: string, options: { tag?: boolean; body?: string; extra?: string } = {}): string {
  const body = options.body ?? '';
  return `${start}\r\nTo: <sip:bob@127.0.0.9>${options.tag === true ? ';tag=t1' : ''}\r\nCall-ID: a@x\r\nCSeq: ${cseq}\r\n${options.extra ?? ''}${body === '' ? '' : 'Content-Type: application/sdp\r\n'}\r\n${body}`;
}

function call(): CallTrace {
  const clock = new ManualClock();
  const ring = new TraceRing(clock, { maxBytes: 1e6, maxCalls: 10, perCall: 100, keepMs: 1e6 });
  const sip = (afterMs: number, direction: 'in' | 'out', text: string, path = PATH): void => {
    clock.advance(afterMs);
    ring.message(direction, text, path);
  };
  ring.note('call_1', 'started');
  ring.leg('call_1', 'a@x');
  const invite = message('INVITE sip:bob@127.0.0.9 SIP/2.0', '1 INVITE', { body: SDP('sendrecv') });
  sip(1, 'out', invite);
  sip(500, 'out', invite);
  sip(10, 'in', message('SIP/2.0 100 Trying', '1 INVITE'));
  sip(40, 'in', message('SIP/2.0 180 Ringing', '1 INVITE', { tag: true }));
  sip(900.25, 'in', message('SIP/2.0 200 OK', '1 INVITE', { tag: true, body: SDP('sendrecv') }));
  ring.note('call_1', 'answered');
  sip(1, 'out', message('ACK sip:bob@127.0.0.9:5071 SIP/2.0', '1 ACK', { tag: true }), { ...PATH, remotePort: 5071 });
  sip(5_000, 'in', message('INVITE sip:us@127.0.0.1 SIP/2.0', '7 INVITE', { tag: true, body: SDP('sendonly') }));
  sip(2, 'out', message('SIP/2.0 200 OK', '7 INVITE', { tag: true, body: SDP('recvonly') }));
  sip(3_000, 'in', message('INVITE sip:us@127.0.0.1 SIP/2.0', '8 INVITE', { tag: true, body: SDP('sendrecv') }));
  ring.note('call_1', 'dtmf');
  sip(10, 'in', message('BYE sip:us@127.0.0.1 SIP/2.0', '9 BYE', { tag: true, extra: 'Reason: Q.850;cause=16;text="Normal call clearing"\r\n' }));
  sip(1, 'out', message('SIP/2.0 200 OK', '9 BYE', { tag: true }));
  ring.ended('call_1');
  const found = ring.find('call_1');
  ring.close();
  if (found === undefined) throw new Error('no trace');
  return found;
}

t.test('a view tells what each message is about', async (t) => {
  const view = viewOf(call());
  t.equal(view.startedAt, Date.UTC(2026, 0, 1));
  const sip = view.rows.filter((row) => row.kind === 'sip');
  t.same(sip[0] && { method: sip[0].method, status: sip[0].status, repeated: sip[0].repeated, inDialog: sip[0].inDialog, sdp: sip[0].sdp }, {
    method: 'INVITE', status: undefined, repeated: false, inDialog: false,
    sdp: { codecs: ['PCMA', 'PCMU', 'telephone-event'], direction: 'sendrecv', address: '127.0.0.1', port: 20000, encrypted: false },
  });
  t.equal(sip[1]?.repeated, true);
  t.same([sip[4]?.status, sip[4]?.phrase, sip[4]?.method, sip[4]?.cseq], [200, 'OK', 'INVITE', 1]);
  t.same(view.rows.filter((row) => row.kind === 'event').map((row) => [row.event, row.detail]), [['started', undefined], ['answered', undefined], ['hold', 'by the far end'], ['resume', 'by the far end'], ['dtmf', undefined], ['hangup', 'by the far end']]);
});

t.test('a ladder is readable at 100 columns', async (t) => {
  const text = ladder(viewOf(call()));
  for (const line of text.split('\n')) t.ok(line.length <= 100, line);
  const expected = [
    'call_1',
    'Call-ID a@x',
    'times in ms from 2026-01-01T00:00:00.000Z',
    '',
    '       0.0 * call started',
    '           127.0.0.1:5060          udp 127.0.0.9:5070',
    '       1.0 |--------------- INVITE ---------------->|  SDP PCMA PCMU telephone-event',
    '           |                                        |      sendrecv 127.0.0.1:20000',
    '     501.0 |----------- INVITE (again) ------------>|',
    '     511.0 |<------------- 100 Trying --------------|',
    '     551.0 |<------------- 180 Ringing -------------|',
    '    1451.3 |<--------------- 200 OK ----------------|  SDP PCMA PCMU telephone-event',
    '           |                                        |      sendrecv 127.0.0.1:20000',
    '    1451.3 * answered',
    '           127.0.0.1:5060          udp 127.0.0.9:5071',
    '    1452.3 |----------------- ACK ----------------->|',
    '           127.0.0.1:5060          udp 127.0.0.9:5070',
    '    6452.3 |<--------------- INVITE ----------------|  SDP PCMA PCMU telephone-event',
    '           |                                        |      sendonly 127.0.0.1:20000',
    '    6452.3 * hold: by the far end',
    '    6454.3 |--------------- 200 OK ---------------->|  SDP PCMA PCMU telephone-event',
    '           |                                        |      recvonly 127.0.0.1:20000',
    '    9454.3 |<--------------- INVITE ----------------|  SDP PCMA PCMU telephone-event',
    '           |                                        |      sendrecv 127.0.0.1:20000',
    '    9454.3 * hold ended: by the far end',
    '    9454.3 * DTMF received',
    '    9464.3 |<----------------- BYE -----------------|  Reason: Q.850;cause=16;text="Normal call clea',
    '           |                                        |  ring"',
    '    9464.3 * hang-up: by the far end',
    '    9465.3 |--------------- 200 OK ---------------->|  to BYE',
    '',
  ];
  t.equal(text, expected.join('\n'));
});

t.test('what comes from the network cannot steer a terminal, nor break the picture', async (t) => {
  const clock = new ManualClock();
  const ring = new TraceRing(clock, { maxBytes: 1e6, maxCalls: 10, perCall: 100, keepMs: 1e6 });
  ring.message('in', Buffer.from(`SIP/2.0 486 \u001b[2J\u009b31m Besetzt für ${'x'.repeat(200)}\r\nCall-ID: a@x\r\nReason: ${'y'.repeat(300)}\r\nContent-Type: application/sdp\r\n\r\nnot sdp`), { ...PATH, remoteAddress: '2001:db8::1' });
  ring.message('in', 'garbage\r\nCall-ID: a@x', PATH);
  ring.leg('call_1', 'a@x');
  ring.leg('call_1', `\u001b]0;title\u0007${'c'.repeat(200)}@x`);
  ring.message('out', 'BYE sip:x SIP/2.0\r\nCall-ID: a@x\r\n\r\n', { ...PATH, remoteAddress: `${'h'.repeat(150)}\u001b.example` });
  ring.note('call_1', 'ended', `failed, by caller: \u001b[31m${'r'.repeat(200)}`);
  const found = ring.find('a@x');
  ring.close();
  const text = found === undefined ? '' : ladder(viewOf(found));
  t.notMatch(text, /(?!\n)\p{Cc}/u);
  t.match(text, /486 \?\[2J\?31m Besetzt für x+/);
  t.match(text, /udp \[2001:db8::1\]:5070/);
  for (const line of text.split('\n')) t.ok(line.length <= 100, line);
});
