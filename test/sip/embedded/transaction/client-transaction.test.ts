import t from 'tap';
import { TrunklineError } from '../../../../src/kernel/errors.js';
import { parseVia } from '../../../../src/sip/embedded/message/via.js';
import { answer, bench, listener, request, settle, tcpPeer, udpPeer } from './setup.js';
import type { Bench } from './setup.js';

/** Times in ms, counted from now, at which something is sent during `ms`. */
function sendTimes({ clock, transport }: Bench, ms: number): number[] {
  const times: number[] = [];
  let seen = transport.sent.length;
  for (let at = 1; at <= ms; at++) {
    clock.advance(1);
    if (transport.sent.length > seen) times.push(at);
    seen = transport.sent.length;
  }
  return times;
}

t.test('RFC 3261 17.1.1.2: INVITE is repeated by timer A at 500, 1500, 3500... and B gives up at 32 s', (t) => {
  const b = bench();
  const events = listener();
  const invite = b.layer.request(request('INVITE'), udpPeer, events);
  t.same(sendTimes(b, 31_999), [500, 1_500, 3_500, 7_500, 15_500, 31_500]);
  t.same(events.heard, []);
  b.clock.advance(1);
  t.same(events.heard, ['timeout']);
  t.equal(invite.state, 'terminated');
  t.equal(b.layer.size, 0);
  t.equal(b.clock.pending, 0);
  t.end();
});

t.test('17.1.1.2: a provisional response stops A and B', (t) => {
  const b = bench();
  const events = listener();
  const invite = b.layer.request(request('INVITE'), udpPeer, events);
  b.transport.receive(answer(invite.request, 100));
  b.transport.receive(answer(invite.request, 180));
  b.transport.receive(answer(invite.request, 180));
  t.equal(invite.state, 'proceeding');
  t.same(sendTimes(b, 120_000), []);
  t.same(events.heard, ['100', '180', '180']);
  t.end();
});

t.test('17.1.1.2, 17.1.1.3: a 486 is acked by the layer, each time it comes, passed up once, and D keeps Completed for 32 s', (t) => {
  const b = bench();
  const events = listener();
  const invite = b.layer.request(request('INVITE', { headers: 'Route: <sip:a;lr>, <sip:b;lr>' }), udpPeer, events);
  b.transport.take();
  b.transport.receive(answer(invite.request, 486));
  b.transport.receive(answer(invite.request, 486));
  t.same(b.transport.log, ['ACK', 'ACK']);
  t.same(events.heard, ['486']);
  const ack = b.transport.lastRequest;
  t.equal(ack.uri, invite.request.uri);
  t.equal(ack.headers.get('Via'), invite.request.headers.get('Via'), 'same branch');
  t.same(ack.headers.getAll('Route'), ['<sip:a;lr>', '<sip:b;lr>']);
  t.match(ack.headers.get('To'), /;tag=callee1$/, 'To of the response');
  t.equal(ack.headers.get('CSeq'), '1 ACK');
  t.equal(ack.headers.get('From'), invite.request.headers.get('From'));
  b.clock.advance(31_999);
  t.equal(b.layer.size, 1);
  b.clock.advance(1);
  t.equal(b.layer.size, 0);
  t.end();
});

t.test('17.1.1.2: on TCP nothing is repeated, B still runs, and D is 0', (t) => {
  const b = bench();
  const events = listener();
  const lost = b.layer.request(request('INVITE'), tcpPeer, events);
  t.same(sendTimes(b, 32_000), []);
  t.same(events.heard, ['timeout']);
  t.equal(lost.state, 'terminated');
  const invite = b.layer.request(request('INVITE'), tcpPeer, events);
  t.equal(parseVia(invite.request.headers.get('Via')!).protocol, 'TCP');
  b.transport.receive(answer(invite.request, 404), { protocol: 'tcp' });
  t.equal(b.transport.lastRequest.method, 'ACK', 'an ACK is sent on TCP too');
  t.equal(invite.state, 'terminated');
  t.end();
});

t.test('RFC 6026 7.2: after the first 2xx, copies and other branches are strays; M ends Accepted at 64*T1, and later ones still come up', (t) => {
  const b = bench();
  const events = listener();
  const invite = b.layer.request(request('INVITE'), udpPeer, events);
  b.transport.receive(answer(invite.request, 200, 'one'));
  b.transport.receive(answer(invite.request, 200, 'one'));
  b.transport.receive(answer(invite.request, 200, 'two'));
  b.transport.receive(answer(invite.request, 180, 'two'));
  b.transport.receive(answer(invite.request, 486, 'two'));
  t.equal(invite.state, 'accepted');
  t.same(events.heard, ['200']);
  t.equal(b.strays.length, 2);
  b.clock.advance(31_999);
  t.equal(b.layer.size, 1);
  b.clock.advance(1);
  t.equal(b.layer.size, 0);
  b.transport.receive(answer(invite.request, 200, 'one'));
  t.equal(b.strays.length, 3);
  b.transport.receive(answer(invite.request, 486, 'one'));
  t.equal(b.strays.length, 3, 'nothing but a 2xx is a stray');
  t.same(b.transport.log, ['INVITE'], 'ACK to a 2xx is the work of the user');
  t.end();
});

t.test('17.1.2.2: other requests are repeated by E at 500, 1500, 3500, then every 4 s, until F at 32 s', (t) => {
  const b = bench();
  const events = listener();
  b.layer.request(request('OPTIONS'), udpPeer, events);
  t.same(sendTimes(b, 31_999), [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
  b.clock.advance(1);
  t.same(events.heard, ['timeout']);
  t.equal(b.layer.size, 0);
  t.end();
});

t.test('17.1.2.2: in Proceeding E is T2 from its next firing, and F still ends it', (t) => {
  const b = bench();
  const events = listener();
  const options = b.layer.request(request('OPTIONS'), udpPeer, events);
  b.transport.receive(answer(options.request, 100));
  t.equal(options.state, 'proceeding');
  t.same(sendTimes(b, 31_999), [500, 4_500, 8_500, 12_500, 16_500, 20_500, 24_500, 28_500]);
  b.clock.advance(1);
  t.same(events.heard, ['100', 'timeout']);
  t.end();
});

t.test('17.1.2.2: copies of the final response are absorbed for T4 on UDP, not at all on TCP', (t) => {
  const b = bench();
  const events = listener();
  const options = b.layer.request(request('OPTIONS'), udpPeer, events);
  b.transport.receive(answer(options.request, 200));
  b.transport.receive(answer(options.request, 200));
  t.same(events.heard, ['200']);
  b.clock.advance(4_999);
  t.equal(b.layer.size, 1);
  b.clock.advance(1);
  t.equal(b.layer.size, 0);
  const tcp = b.layer.request(request('OPTIONS'), tcpPeer, events);
  b.transport.receive(answer(tcp.request, 200));
  t.equal(b.layer.size, 0);
  t.end();
});

t.test('17.1.3: a response needs our branch and the method of our CSeq', (t) => {
  const b = bench();
  const events = listener();
  const options = b.layer.request(request('OPTIONS'), udpPeer, events);
  const wrongBranch = answer(options.request, 200);
  wrongBranch.headers.set('Via', wrongBranch.headers.get('Via')!.replace('z9hG4bK', 'z9hG4bKx'));
  b.transport.receive(wrongBranch);
  const wrongMethod = answer(options.request, 200);
  wrongMethod.headers.set('CSeq', '1 INFO');
  b.transport.receive(wrongMethod);
  t.same(events.heard, []);
  t.end();
});

t.test('18.1.2, 8.1.3.3: a response with a sent-by that is not ours, or two Vias, is discarded', (t) => {
  const b = bench();
  const events = listener();
  const invite = b.layer.request(request('INVITE'), udpPeer, events);
  const foreign = answer(invite.request, 200);
  foreign.headers.set('Via', foreign.headers.get('Via')!.replace('192.0.2.1', '192.0.2.66'));
  b.transport.receive(foreign);
  const two = answer(invite.request, 200);
  two.headers.add('Via', 'SIP/2.0/UDP 192.0.2.50;branch=z9hG4bKx');
  b.transport.receive(two);
  t.same([events.heard, b.strays], [[], []]);
  t.end();
});

t.test('the request goes out with our Via alone, rport, Max-Forwards, and the given object stays as it was', (t) => {
  const b = bench();
  const given = request('INFO');
  given.headers.delete('Max-Forwards');
  const before = [...given.headers.entries()];
  const sent = b.layer.request(given, udpPeer, listener()).request;
  t.same([...given.headers.entries()], before);
  t.equal(sent.headers.getAll('Via').length, 1);
  t.match(sent.headers.get('Via'), /^SIP\/2\.0\/UDP 192\.0\.2\.1:5060;branch=z9hG4bK[0-9a-f]{24};rport$/);
  t.equal(sent.headers.get('Max-Forwards'), '70');
  t.end();
});

t.test('9.1: CANCEL is held until a provisional response, then equals its INVITE where it must', (t) => {
  const b = bench();
  const events = listener();
  const invite = b.layer.request(request('INVITE', { headers: 'Route: <sip:a;lr>' }), udpPeer, events);
  const cancel = invite.cancel([['Reason', 'SIP;cause=200'], ['From', 'sip:forged@x']]);
  t.equal(invite.cancel(), cancel);
  t.equal(cancel.state, 'held');
  b.clock.advance(400);
  t.same(b.transport.log, ['INVITE']);
  b.transport.receive(answer(invite.request, 100));
  t.same(b.transport.log, ['INVITE', 'CANCEL']);
  const sent = b.transport.lastRequest;
  for (const name of ['Via', 'From', 'To', 'Call-ID', 'Route']) t.equal(sent.headers.get(name), invite.request.headers.get(name), name);
  t.equal(sent.headers.get('CSeq'), '1 CANCEL');
  t.equal(sent.headers.get('Reason'), 'SIP;cause=200');
  t.equal(sent.uri, invite.request.uri);
  b.transport.receive(answer(sent, 200));
  t.same(events.heard, ['100'], 'the answer to CANCEL stays here');
  b.transport.receive(answer(invite.request, 487));
  t.same(events.heard, ['100', '487']);
  b.clock.advance(32_000);
  t.equal(b.layer.size, 0);
  t.same(events.heard, ['100', '487']);
  t.equal(b.clock.pending, 0);
  t.end();
});

t.test('9.1: a final response that overtakes a held CANCEL: it is never sent', (t) => {
  for (const status of [200, 486]) {
    const b = bench();
    const invite = b.layer.request(request('INVITE'), udpPeer, listener());
    const cancel = invite.cancel();
    b.transport.receive(answer(invite.request, status));
    t.equal(cancel.state, 'terminated');
    t.notOk(b.transport.log.includes('CANCEL'));
    b.clock.advance(60_000);
    t.equal(b.layer.size, 0);
  }
  t.end();
});

t.test('9.1: a 200 that crosses the CANCEL on the way is passed up', (t) => {
  const b = bench();
  const events = listener();
  const invite = b.layer.request(request('INVITE'), udpPeer, events);
  b.transport.receive(answer(invite.request, 180));
  invite.cancel();
  b.transport.receive(answer(invite.request, 200));
  t.same(events.heard, ['180', '200']);
  b.clock.advance(32_000);
  t.same(events.heard, ['180', '200'], 'and no timeout follows');
  t.end();
});

t.test('9.1: CANCEL after the final response, or for another method, sends nothing', (t) => {
  const b = bench();
  const invite = b.layer.request(request('INVITE'), udpPeer, listener());
  b.transport.receive(answer(invite.request, 486));
  t.equal(invite.cancel().state, 'terminated');
  const options = b.layer.request(request('OPTIONS'), udpPeer, listener());
  t.equal(options.cancel().state, 'terminated');
  t.same(b.transport.log, ['INVITE', 'ACK', 'OPTIONS']);
  t.end();
});

t.test('9.1: no final response 64*T1 after the CANCEL: timeout', (t) => {
  const b = bench();
  const events = listener();
  const invite = b.layer.request(request('INVITE'), udpPeer, events);
  b.transport.receive(answer(invite.request, 180));
  b.clock.advance(10_000);
  invite.cancel();
  t.same(sendTimes(b, 31_999).slice(0, 4), [500, 1_500, 3_500, 7_500], 'a lost CANCEL is repeated like any request');
  t.same(events.heard, ['180']);
  b.clock.advance(1);
  t.same(events.heard, ['180', 'timeout']);
  t.equal(b.layer.size, 0);
  t.end();
});

t.test('a held CANCEL dies with its INVITE', (t) => {
  const b = bench();
  const events = listener();
  const cancel = b.layer.request(request('INVITE'), udpPeer, events).cancel();
  b.clock.advance(32_000);
  t.same(events.heard, ['timeout']);
  t.equal(cancel.state, 'terminated');
  t.notOk(b.transport.log.includes('CANCEL'));
  t.end();
});

t.test('17.1.4: a transport failure is told once, after request() returned', async (t) => {
  const b = bench();
  b.transport.refuse = () => new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: 'no route' } });
  for (const method of ['INVITE', 'OPTIONS']) {
    const events = listener();
    const transaction = b.layer.request(request(method), tcpPeer, events);
    t.same(events.heard, []);
    await settle();
    t.same(events.heard, ['TRK_SIP_TRANSPORT']);
    t.equal(transaction.state, 'terminated');
  }
  t.equal(b.layer.size, 0);
  t.equal(b.clock.pending, 0);
});

const large = 'X-Large: ' + 'x'.repeat(1_300);

t.test('18.1.1: a request over 1300 bytes goes by TCP with a Via that says so, unless the peer fixed its protocol', (t) => {
  const b = bench();
  const big = b.layer.request(request('INVITE', { headers: large }), udpPeer, listener());
  t.equal(big.destination.protocol, 'tcp');
  t.match(big.request.headers.get('Via'), /^SIP\/2\.0\/TCP /);
  const fixed = b.layer.request(request('INVITE', { headers: large }), { ...udpPeer, protocolFixed: true }, listener());
  t.equal(fixed.destination.protocol, 'udp');
  const small = b.layer.request(request('INVITE'), udpPeer, listener());
  t.equal(small.destination.protocol, 'udp');
  t.end();
});

t.test('18.1.1: when TCP is refused the large request goes by UDP, is repeated there, and a held CANCEL follows', async (t) => {
  const b = bench();
  b.transport.refuse = (destination) => (destination.protocol === 'tcp' ? new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: 'refused' } }) : undefined);
  const events = listener();
  const invite = b.layer.request(request('INVITE', { headers: large }), udpPeer, events);
  const cancel = invite.cancel();
  await settle();
  t.equal(invite.destination.protocol, 'udp');
  t.match(invite.request.headers.get('Via'), /^SIP\/2\.0\/UDP /);
  t.same(b.transport.log, ['INVITE']);
  t.same(events.heard, []);
  t.same(sendTimes(b, 1_500), [500, 1_500]);
  b.transport.receive(answer(invite.request, 180));
  t.equal(b.transport.lastRequest.method, 'CANCEL');
  t.equal(cancel.request.headers.get('Via'), invite.request.headers.get('Via'));
  t.equal(b.transport.sent.at(-1)!.destination.protocol, 'udp');
});

t.test('sendAck: our Via with a branch of its own; given in again it goes out unchanged', async (t) => {
  const b = bench();
  const invite = b.layer.request(request('INVITE'), udpPeer, listener());
  const first = await b.layer.sendAck(request('ACK', { to: ';tag=callee1' }), udpPeer);
  const second = await b.layer.sendAck(first, udpPeer);
  t.same(b.transport.log, ['INVITE', 'ACK', 'ACK']);
  t.equal(second.headers.get('Via'), first.headers.get('Via'));
  t.not(first.headers.get('Via'), invite.request.headers.get('Via'));
  t.equal(b.layer.size, 1);
});

t.test('over the limit our own requests are refused, a quarter later than those of others', (t) => {
  const { layer, transport } = bench({ maxTransactions: 4 });
  for (let n = 0; n < 4; n++) layer.request(request('OPTIONS'), udpPeer, listener());
  transport.receive(request('OPTIONS', { callId: 'new' }));
  t.equal(transport.lastResponse.status, 503);
  layer.request(request('BYE'), udpPeer, listener());
  t.throws(() => layer.request(request('BYE'), udpPeer, listener()), { code: 'TRK_SIP_OVERLOAD' });
  t.end();
});

t.test('close forgets everything, silently', (t) => {
  const b = bench();
  const events = listener();
  b.layer.request(request('INVITE'), udpPeer, events).cancel();
  b.transport.receive(request('INVITE'));
  b.layer.close();
  t.equal(b.layer.size, 0);
  t.equal(b.clock.pending, 0);
  t.same(events.heard, []);
  t.throws(() => b.layer.request(request('INVITE'), udpPeer, events), { code: 'TRK_CLOSED' });
  b.transport.take();
  b.transport.receive(request('OPTIONS', { callId: 'late' }));
  t.same(b.transport.log, []);
  t.end();
});
