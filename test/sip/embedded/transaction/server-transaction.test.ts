import t from 'tap';
import { createResponse } from '../../../../src/sip/embedded/message/message.js';
import { bench, request, settle } from './setup.js';


t.test('RFC 3261 17.2.1: INVITE gets 100 at once, then the user hears of it', (t) => {
  const { transport, requests } = bench();
  transport.receive(request('INVITE'));
  t.same(transport.log, ['100']);
  t.equal(transport.lastResponse.headers.has('To'), true);
  t.notMatch(transport.lastResponse.headers.get('To'), /tag=/, '100 carries no To tag of ours');
  t.equal(requests.length, 1);
  t.equal(requests[0]!.transaction.state, 'proceeding');
  t.end();
});

t.test('17.2.1: a repeated INVITE in Proceeding gets the last provisional response and is not passed up again', async (t) => {
  const { transport, requests } = bench();
  transport.receive(request('INVITE'));
  transport.receive(request('INVITE'));
  t.same(transport.log, ['100', '100']);
  await requests[0]!.transaction.respond(createResponse(requests[0]!.request, 180, undefined, { toTag: 'us' }));
  transport.receive(request('INVITE'));
  t.same(transport.log, ['100', '100', '180', '180']);
  t.equal(requests.length, 1);
});

t.test('17.2.1: timer G repeats a 486 at 500, 1000, 2000, 4000, 4000 ms and H ends it at 32 s, telling the user', async (t) => {
  const { transport, requests, clock, layer } = bench();
  transport.receive(request('INVITE'));
  const { transaction } = requests[0]!;
  let noAck = 0;
  let terminated = 0;
  transaction.onAckTimeout(() => noAck++);
  transaction.onTerminated(() => terminated++);
  transport.take();
  await transaction.respond(createResponse(transaction.request, 486, undefined, { toTag: 'us' }));
  t.equal(transaction.state, 'completed');
  const times: number[] = [];
  let seen = transport.sent.length;
  for (let ms = 1; ms <= 40_000; ms++) {
    clock.advance(1);
    if (transport.sent.length > seen) {
      seen = transport.sent.length;
      times.push(ms);
    }
    if (ms === 31_999) t.same([noAck, terminated], [0, 0]);
    if (ms === 32_000) t.same([noAck, terminated], [1, 1]);
  }
  t.same(times, [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
  t.equal(transaction.state, 'terminated');
  t.equal(layer.size, 0);
  t.equal(clock.pending, 0);
});

t.test('17.2.1: the ACK to a 486 stops G, is absorbed, and timer I keeps Confirmed for T4', async (t) => {
  const { transport, requests, clock, acks, layer } = bench();
  transport.receive(request('INVITE'));
  const { transaction } = requests[0]!;
  await transaction.respond(createResponse(transaction.request, 486, undefined, { toTag: 'us' }));
  transport.take();
  transport.receive(request('ACK', { to: ';tag=us' }));
  transport.receive(request('ACK', { to: ';tag=us' }));
  t.equal(transaction.state, 'confirmed');
  transport.receive(request('INVITE'));
  clock.advance(4_999);
  t.equal(layer.size, 1);
  clock.advance(1);
  t.equal(transaction.state, 'terminated');
  t.same(transport.log, [], 'neither repetitions nor answers');
  t.same(acks, []);
  t.equal(clock.pending, 0);
});

t.test('17.2.1: on TCP a 486 is not repeated, H still runs, and the ACK ends the transaction at once', async (t) => {
  for (const acked of [true, false]) {
    const { transport, requests, clock } = bench();
    transport.receive(request('INVITE'), { protocol: 'tcp' });
    const { transaction } = requests[0]!;
    await transaction.respond(createResponse(transaction.request, 486, undefined, { toTag: 'us' }));
    transport.take();
    clock.advance(31_000);
    t.same(transport.log, []);
    if (acked) transport.receive(request('ACK', { to: ';tag=us' }), { protocol: 'tcp' });
    else clock.advance(1_000);
    t.equal(transaction.state, 'terminated');
  }
});

t.test('RFC 6026 7.1: 2xx leads to Accepted: the user repeats it, INVITEs are absorbed, timer L ends it at 64*T1', async (t) => {
  const { transport, requests, clock, layer } = bench();
  transport.receive(request('INVITE'));
  const { transaction } = requests[0]!;
  const ok = createResponse(transaction.request, 200, undefined, { toTag: 'us' });
  await transaction.respond(ok);
  t.equal(transaction.state, 'accepted');
  transport.receive(request('INVITE'));
  clock.advance(5_000);
  t.same(transport.log, ['100', '200'], 'the transaction itself repeats nothing');
  await transaction.respond(ok);
  t.same(transport.log, ['100', '200', '200']);
  await t.rejects(transaction.respond(createResponse(transaction.request, 486)), { code: 'TRK_CONFLICT' });
  clock.advance(26_999);
  t.equal(layer.size, 1);
  clock.advance(1);
  t.equal(transaction.state, 'terminated');
  await t.rejects(transaction.respond(ok), { code: 'TRK_CONFLICT' });
});

t.test('17.2.1: an ACK to a 2xx has its own branch and goes to the user, each copy of it', async (t) => {
  const { transport, requests, acks } = bench();
  transport.receive(request('INVITE'));
  await requests[0]!.transaction.respond(createResponse(requests[0]!.request, 200, undefined, { toTag: 'us' }));
  transport.receive(request('ACK', { branch: 'z9hG4bKtwo', to: ';tag=us' }));
  transport.receive(request('ACK', { branch: 'z9hG4bKtwo', to: ';tag=us' }));
  // RFC 6026 7.1: so does one that wrongly repeats the branch of the INVITE.
  transport.receive(request('ACK', { to: ';tag=us' }));
  t.equal(acks.length, 3);
  t.equal(requests[0]!.transaction.state, 'accepted');
});

t.test('an ACK before any final response changes nothing', (t) => {
  const { transport, requests, acks } = bench();
  transport.receive(request('INVITE'));
  transport.receive(request('ACK'));
  t.equal(requests[0]!.transaction.state, 'proceeding');
  t.same(acks, []);
  t.end();
});

t.test('17.2.2: a repeated request is discarded in Trying, answered again in Proceeding and Completed; J ends it at 64*T1', async (t) => {
  const { transport, requests, clock, layer } = bench();
  transport.receive(request('OPTIONS'));
  transport.receive(request('OPTIONS'));
  t.same(transport.log, []);
  const { transaction } = requests[0]!;
  t.equal(transaction.state, 'trying');
  await transaction.respond(createResponse(transaction.request, 183));
  transport.receive(request('OPTIONS'));
  t.same(transport.log, ['183', '183']);
  await transaction.respond(createResponse(transaction.request, 200));
  transport.receive(request('OPTIONS'));
  t.same(transport.log, ['183', '183', '200', '200']);
  await t.rejects(transaction.respond(createResponse(transaction.request, 200)), { code: 'TRK_CONFLICT' });
  clock.advance(31_999);
  t.equal(layer.size, 1);
  clock.advance(1);
  t.equal(layer.size, 0);
  t.equal(requests.length, 1);
});

t.test('17.2.2: on TCP timer J is 0', async (t) => {
  const { transport, requests, layer } = bench();
  transport.receive(request('BYE', { to: ';tag=us' }), { protocol: 'tcp' });
  await requests[0]!.transaction.respond(createResponse(requests[0]!.request, 200));
  t.equal(layer.size, 0);
});

t.test('9.2: CANCEL finds its INVITE by branch and sent-by, has its own transaction, and does not find another INVITE', (t) => {
  const { transport, cancels, requests } = bench();
  transport.receive(request('INVITE'));
  transport.receive(request('CANCEL'));
  transport.receive(request('CANCEL'));
  transport.receive(request('CANCEL', { branch: 'z9hG4bKother' }));
  t.equal(cancels.length, 2, 'the repetition is absorbed');
  t.equal(cancels[0]!.invite, requests[0]!.transaction);
  t.not(cancels[0]!.cancel.id, requests[0]!.transaction.id);
  t.equal(cancels[1]!.invite, undefined);
  t.end();
});

t.test('17.2.3: the same branch from another sent-by is another transaction', (t) => {
  const { transport, requests } = bench();
  transport.receive(request('OPTIONS', { callId: 'a' }));
  transport.receive(request('OPTIONS', { callId: 'b', via: 'SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKone' }));
  transport.receive(request('OPTIONS', { callId: 'c', via: 'SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKone' }));
  t.equal(requests.length, 3);
  t.end();
});

t.test('17.2.3: a branch that is not as unique as it says: Call-ID and CSeq keep two requests apart', (t) => {
  const { transport, requests } = bench();
  transport.receive(request('OPTIONS', { callId: 'a' }));
  transport.receive(request('OPTIONS', { callId: 'b' }));
  transport.receive(request('OPTIONS', { callId: 'b', cseq: 2 }));
  t.equal(requests.length, 3);
  t.end();
});

t.test('a repetition that comes by another way is answered there', async (t) => {
  const { transport, requests } = bench();
  const via = 'SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKone;rport';
  const connection = (id: number) => ({ id, open: true });
  transport.receive(request('OPTIONS', { via }), { protocol: 'tcp', port: 40_000, connection: connection(1) });
  transport.receive(request('OPTIONS', { via }), { protocol: 'tcp', port: 40_001, connection: connection(2) });
  await requests[0]!.transaction.respond(createResponse(requests[0]!.request, 200));
  t.equal(requests.length, 1);
  t.match(transport.sent[0], { destination: { port: 40_001 }, options: { connection: { id: 2 } } });
});

t.test('17.2.3, RFC 2543 peers: without the cookie the headers tell repetitions, CANCEL and ACK', async (t) => {
  for (const via of ['SIP/2.0/UDP 192.0.2.9', 'SIP/2.0/UDP 192.0.2.9;branch=1', 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK']) {
    const { transport, requests, cancels, acks } = bench();
    transport.receive(request('INVITE', { via }));
    transport.receive(request('INVITE', { via }));
    transport.receive(request('CANCEL', { via }));
    t.equal(requests.length, 1, via);
    t.equal(cancels[0]?.invite, requests[0]!.transaction, via);
    const { transaction } = requests[0]!;
    await transaction.respond(createResponse(transaction.request, 487, undefined, { toTag: 'us' }));
    transport.receive(request('ACK', { via, to: ';tag=them' }));
    t.equal(transaction.state, 'completed', 'the To tag of the ACK must be that of our answer');
    transport.receive(request('ACK', { via, to: ';tag=us' }));
    t.equal(transaction.state, 'confirmed', via);
    t.equal(acks.length, 1);
    transport.receive(request('INVITE', { via, cseq: 2, to: ';tag=us' }));
    t.equal(requests.length, 2, 'another CSeq is another request');
    transport.receive(request('INFO', { via, cseq: 3, to: ';tag=us' }));
    transport.receive(request('INFO', { via, cseq: 3, to: ';tag=us', uri: 'sip:other@192.0.2.1' }));
    t.equal(requests.length, 4, 'and so is another Request-URI');
  }
});

t.test('8.2.2.2: the same request by another way gets 482; with a To tag, or after the first is gone, it does not', async (t) => {
  const { transport, requests, clock } = bench();
  transport.receive(request('OPTIONS', { branch: 'z9hG4bKa' }));
  transport.receive(request('OPTIONS', { branch: 'z9hG4bKb' }));
  t.same(transport.log, ['482']);
  transport.receive(request('OPTIONS', { branch: 'z9hG4bKc', to: ';tag=us' }));
  t.equal(requests.length, 2);
  for (const { transaction } of requests) await transaction.respond(createResponse(transaction.request, 200));
  clock.advance(32_000);
  transport.receive(request('OPTIONS', { branch: 'z9hG4bKd' }));
  t.equal(requests.length, 3);
});

t.test('over the limit new requests get a stateless 503 with Retry-After; known ones and ACKs still work', async (t) => {
  const { transport, requests, layer, acks } = bench({ maxTransactions: 2 });
  transport.receive(request('INVITE', { branch: 'z9hG4bK1', callId: '1' }));
  transport.receive(request('INVITE', { branch: 'z9hG4bK2', callId: '2' }));
  transport.take();
  transport.receive(request('INVITE', { branch: 'z9hG4bK3', callId: '3' }));
  transport.receive(request('INVITE', { branch: 'z9hG4bK3', callId: '3' }));
  t.same(transport.log, ['503', '503']);
  const [first, second] = transport.take();
  t.match(first!.headers.get('Retry-After'), /^\d+$/);
  t.equal(first!.headers.get('To'), second!.headers.get('To'), 'RFC 3261 8.2.7: the same To tag for each copy');
  t.match(first!.headers.get('To'), /;tag=\w+/);
  t.equal(layer.size, 2);
  await requests[0]!.transaction.respond(createResponse(requests[0]!.request, 486, undefined, { toTag: 'us' }));
  transport.receive(request('ACK', { branch: 'z9hG4bK1', callId: '1', to: ';tag=us' }));
  t.equal(requests[0]!.transaction.state, 'confirmed');
  transport.receive(request('ACK', { branch: 'z9hG4bK3', callId: '3', to: ';tag=x' }));
  t.equal(acks.length, 1);
});

t.test('kept bytes are limited as transactions are, headers included, and given back', async (t) => {
  const { transport, requests, clock } = bench({ maxBytes: 20_000 });
  const heavy = (n: number) => request('OPTIONS', { branch: `z9hG4bK${n}`, callId: `${n}`, headers: `X: ${'x'.repeat(8_000)}` });
  for (const n of [1, 2]) transport.receive(heavy(n));
  t.equal(requests.length, 1);
  t.same(transport.log, ['503']);
  await requests[0]!.transaction.respond(createResponse(requests[0]!.request, 200));
  clock.advance(32_000);
  transport.receive(heavy(3));
  t.equal(requests.length, 2);
});

t.test('structure: missing or doubled headers get a stateless 400, and an ACK nothing', (t) => {
  const { transport, requests, layer, acks } = bench();
  const broken = request('INVITE');
  broken.headers.delete('From');
  transport.receive(broken);
  const doubled = request('OPTIONS');
  doubled.headers.add('Call-ID', 'second');
  transport.receive(doubled);
  t.same(transport.log, ['400', '400']);
  const ack = request('ACK');
  ack.headers.delete('To');
  transport.receive(ack);
  t.same(transport.log, ['400', '400']);
  t.same([requests.length, layer.size, acks.length], [0, 0, 0]);
  t.end();
});

t.test('18.2.2, RFC 3581 4: where answers go', async (t) => {
  const cases: [via: string, port: number, expected: number, why: string][] = [
    ['SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bK1', 40_000, 5080, 'sent-by is the source: its port'],
    ['SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1', 40_000, 5060, 'sent-by is the source: default port'],
    ['SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bK1;rport', 40_000, 40_000, 'rport'],
    ['SIP/2.0/UDP 10.0.0.1:5080;branch=z9hG4bK1', 40_000, 40_000, 'behind a NAT: the port that is open'],
    ['SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1;maddr=203.0.113.5', 40_000, 5060, 'maddr is not obeyed'],
  ];
  for (const [via, port, expected, why] of cases) {
    const { transport, requests } = bench();
    transport.receive(request('OPTIONS', { via }), { port });
    await requests[0]!.transaction.respond(createResponse(requests[0]!.request, 200));
    t.match(transport.sent[0]!.destination, { protocol: 'udp', address: '192.0.2.9', port: expected }, why);
  }
});

t.test('a failed send is told, rejects, and leaves the transaction in place', async (t) => {
  const { transport, requests, layer } = bench();
  transport.receive(request('OPTIONS'));
  const { transaction } = requests[0]!;
  const errors: string[] = [];
  transaction.onTransportError((error) => errors.push(error.code));
  transport.refuse = () => new Error('cable cut');
  await t.rejects(transaction.respond(createResponse(transaction.request, 200)));
  t.same(errors, ['TRK_INTERNAL']);
  t.equal(layer.size, 1);
  transport.refuse = undefined;
  transport.receive(request('OPTIONS'));
  await settle();
  t.same(transport.log, ['200'], 'the repetition gets the answer');
});

t.test('a handler that throws costs a 500, not the layer', (t) => {
  const { transport, layer } = bench();
  layer.onRequest(() => {
    throw new Error('bug');
  });
  transport.receive(request('OPTIONS'));
  t.same(transport.log, ['500']);
  t.end();
});
