import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../../src/kernel/clock.js';
import { silentLogger } from '../../../../src/kernel/log.js';
import type { SipMessage } from '../../../../src/sip/embedded/message/message.js';
import type { SipParseError } from '../../../../src/sip/embedded/message/parse-error.js';
import { parseVia } from '../../../../src/sip/embedded/message/via.js';
import { SipTransport } from '../../../../src/sip/embedded/transport/sip-transport.js';
import type { SipTransportOptions } from '../../../../src/sip/embedded/transport/sip-transport.js';
import type { Source } from '../../../../src/sip/embedded/transport/transport.js';
import { ManualClock } from '../../../support/manual-clock.js';

type Arrival = { message: SipMessage; source: Source };

/** A transport on loopback whose arrivals are awaited one by one. */
async function open(t: Test, options: Partial<SipTransportOptions> = {}) {
  const transport = new SipTransport({ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger, ...options });
  const arrived: Arrival[] = [];
  const failures: { error: SipParseError; source: Source }[] = [];
  let wake: (() => void) | undefined;
  transport.onMessage((message, source) => {
    arrived.push({ message, source });
    wake?.();
  });
  transport.onParseFailure((error, source) => {
    failures.push({ error, source });
    wake?.();
  });
  await transport.start();
  t.teardown(() => transport.close());
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return {
    transport,
    port: transport.listeners[0]!.port,
    failures,
    arrived,
    next: async (): Promise<Arrival> => {
      await until(() => arrived.length > 0);
      return arrived.shift()!;
    },
    failed: async (): Promise<SipParseError> => {
      await until(() => failures.length > 0);
      return failures.shift()!.error;
    },
  };
}

function options(via: string, callId = 'x', body = ''): Buffer {
  const lines = ['OPTIONS sip:a SIP/2.0', `Via: ${via}`, 'From: <sip:b>;tag=1', 'To: <sip:a>', `Call-ID: ${callId}`, 'CSeq: 1 OPTIONS', `Content-Length: ${Buffer.byteLength(body)}`];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

async function dial(t: Test, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** The far end closed the connection, politely or not. */
function gone(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => {
    socket.once('end', resolve);
    socket.once('close', () => resolve());
  });
}

/** Reads until the text so far matches. */
async function read(socket: Socket, pattern: RegExp): Promise<string> {
  let text = '';
  while (!pattern.test(text)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString();
  }
  return text;
}

t.test('UDP and TCP listen on the same port; a taken port is TRK_PORT_IN_USE and leaves nothing open', async (t) => {
  const { transport, port } = await open(t);
  t.same(transport.listeners, [
    { protocol: 'udp', address: '127.0.0.1', port },
    { protocol: 'tcp', address: '127.0.0.1', port },
  ]);
  const second = new SipTransport({ address: '127.0.0.1', port, clock: systemClock, log: silentLogger });
  await t.rejects(second.start(), { code: 'TRK_PORT_IN_USE' });
  t.same(second.listeners, []);
  await transport.close();
  t.same(transport.listeners, []);
  await second.start();
  await second.close();
  await t.rejects(new SipTransport({ address: '192.0.2.1', port: 0, clock: systemClock, log: silentLogger }).start(), { code: 'TRK_SIP_TRANSPORT' });
});

t.test('a TCP port that is taken frees the UDP port again', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  t.teardown(() => blocker.close());
  const { port } = blocker.address() as { port: number };
  await t.rejects(new SipTransport({ address: '127.0.0.1', port, clock: systemClock, log: silentLogger }).start(), { code: 'TRK_PORT_IN_USE' });
  const udp = createSocket('udp4');
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  udp.close();
});

t.test('RFC 3261 18.2.1, RFC 3581 4: received and rport are filled in on arrival', async (t) => {
  const { port, next } = await open(t);
  const phone = createSocket('udp4');
  t.teardown(() => phone.close());
  phone.bind(0, '127.0.0.1');
  await once(phone, 'listening');
  const own = phone.address().port;
  const cases: [via: string, received: string | undefined, rport: string | undefined][] = [
    [`SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK1`, undefined, undefined],
    [`SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK1;rport`, '127.0.0.1', String(own)],
    ['SIP/2.0/UDP phone.example.com;branch=z9hG4bK1', '127.0.0.1', undefined],
    ['SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport', '127.0.0.1', String(own)],
    ['SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;received=203.0.113.7', undefined, undefined],
    ['SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=203.0.113.7', '127.0.0.1', undefined],
    ['SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK2', '127.0.0.1', undefined],
  ];
  for (const [via, received, rport] of cases) {
    phone.send(options(via), port, '127.0.0.1');
    const { message, source } = await next();
    const stamped = parseVia(message.headers.get('Via')!);
    t.same([stamped.params.get('received'), stamped.params.get('rport'), stamped.params.get('branch')], [received, rport, 'z9hG4bK1'], via);
    t.equal(message.headers.getAll('Via').length, via.split(', ').length);
    t.match(source, { protocol: 'udp', address: '127.0.0.1', port: own, localAddress: '127.0.0.1', localPort: port });
  }
});

t.test('UDP keep-alives are silence; rubbish is a parse failure; the largest datagram passes', async (t) => {
  const { port, next, failed, failures } = await open(t);
  const phone = createSocket('udp4');
  t.teardown(() => phone.close());
  for (const data of ['', '\r\n', '\r\n\r\n', '\0', '\0\0\0\0']) phone.send(data, port, '127.0.0.1');
  phone.send(options('SIP/2.0/UDP a;branch=z9hG4bK1', 'after'), port, '127.0.0.1');
  t.equal((await next()).message.headers.get('Call-ID'), 'after');
  t.equal(failures.length, 0);
  phone.send('rubbish', port, '127.0.0.1');
  t.equal((await failed()).responseStatus, undefined);
  const head = options('SIP/2.0/UDP a;branch=z9hG4bK1', 'big').length + 4;
  phone.send(options('SIP/2.0/UDP a;branch=z9hG4bK1', 'big', 'x'.repeat(65_507 - head)), port, '127.0.0.1');
  t.equal((await next()).message.body.length, 65_507 - head);
});

t.test('TCP: answers use the connection of the request, and so do requests to its address and port', async (t) => {
  const { transport, port, next } = await open(t);
  const phone = await dial(t, port);
  phone.write(options('SIP/2.0/TCP a;branch=z9hG4bK1'));
  const { source } = await next();
  t.ok(source.connection?.open);
  await transport.send(Buffer.from('answer'), { protocol: 'tcp', address: '192.0.2.1', port: 1 }, { connection: source.connection });
  t.equal(await read(phone, /answer/), 'answer');
  await transport.send(Buffer.from('request'), { protocol: 'tcp', address: '127.0.0.1', port: phone.localPort! });
  t.equal(await read(phone, /request/), 'request');
  phone.destroy();
});

t.test('RFC 5923: alias lets requests to the sent-by port of the same address use the connection, and of no other address', async (t) => {
  const { transport, port, next } = await open(t);
  const phone = await dial(t, port);
  phone.write(options('SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK1;alias'));
  await next();
  await transport.send(Buffer.from('reused'), { protocol: 'tcp', address: '127.0.0.1', port: 9 });
  t.equal(await read(phone, /reused/), 'reused');
  const thief = await dial(t, port);
  thief.write(options('SIP/2.0/TCP 127.0.0.2:9;branch=z9hG4bK2;alias'));
  await next();
  await t.rejects(transport.send(Buffer.from('stolen'), { protocol: 'tcp', address: '127.0.0.2', port: 9 }), { code: 'TRK_SIP_TRANSPORT' });
});

t.test('18.2.2: when the connection is gone the answer opens a new one to the destination', async (t) => {
  const { transport, port, next } = await open(t);
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.teardown(() => listener.close());
  const phone = await dial(t, port);
  phone.write(options('SIP/2.0/TCP a;branch=z9hG4bK1'));
  const { source } = await next();
  phone.resetAndDestroy();
  while (source.connection!.open) await new Promise((resolve) => setImmediate(resolve));
  const accepted = once(listener, 'connection') as Promise<[Socket]>;
  await transport.send(Buffer.from('late answer'), { protocol: 'tcp', address: '127.0.0.1', port: (listener.address() as { port: number }).port }, { connection: source.connection });
  const [socket] = await accepted;
  t.equal(await read(socket, /late answer/), 'late answer');
  socket.destroy();
});

t.test('requests to one peer share one connection, also while it is being opened', async (t) => {
  const { transport } = await open(t);
  let connections = 0;
  let text = '';
  const listener = createServer((socket) => {
    connections++;
    socket.on('data', (data) => (text += data.toString()));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.teardown(() => listener.close());
  const destination = { protocol: 'tcp', address: '127.0.0.1', port: (listener.address() as { port: number }).port } as const;
  await Promise.all(['a', 'b', 'c'].map((part) => transport.send(Buffer.from(part), destination)));
  await transport.send(Buffer.from('d'), destination);
  while (text.length < 4) await new Promise((resolve) => setImmediate(resolve));
  t.equal(connections, 1);
  await transport.close();
});

t.test('refused connections, closed transports and names without address are coded errors', async (t) => {
  const { transport } = await open(t);
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as { port: number };
  closed.close();
  await once(closed, 'close');
  await t.rejects(transport.send(Buffer.from('x'), { protocol: 'tcp', address: '127.0.0.1', port }), { code: 'TRK_SIP_TRANSPORT' });
  await t.rejects(transport.send(Buffer.from('x'), { protocol: 'udp', address: '127.0.0.1', port: 0 }), { code: 'TRK_SIP_TRANSPORT' });
  await t.rejects(transport.send(Buffer.alloc(70_000), { protocol: 'udp', address: '127.0.0.1', port: 9 }), { code: 'TRK_SIP_TRANSPORT' });
  await transport.close();
  await t.rejects(transport.send(Buffer.from('x'), { protocol: 'udp', address: '127.0.0.1', port: 9 }), { code: 'TRK_CLOSED' });
});

t.test('RFC 5626 3.5.1: a ping on TCP gets its pong', async (t) => {
  const { port } = await open(t);
  const phone = await dial(t, port);
  phone.write('\r\n\r\n');
  t.equal(await read(phone, /\r\n/), '\r\n');
});

t.test('connections are capped in all and per address, and a place that is left can be taken', async (t) => {
  const { port, next } = await open(t, { tcp: { connections: 3, connectionsPerAddress: 2 } });
  const first = await dial(t, port);
  const second = await dial(t, port);
  const connections = [];
  for (const phone of [first, second]) {
    phone.write(options('SIP/2.0/TCP a;branch=z9hG4bK1'));
    connections.push((await next()).source.connection!);
  }
  await gone(await dial(t, port));
  first.resetAndDestroy();
  while (connections[0]!.open) await new Promise((resolve) => setImmediate(resolve));
  const again = await dial(t, port);
  again.write(options('SIP/2.0/TCP a;branch=z9hG4bK1', 'again'));
  t.equal((await next()).message.headers.get('Call-ID'), 'again');
});

t.test('a peer that ended its side still gets answers for a while, but no new requests', async (t) => {
  const clock = new ManualClock();
  const { transport, port, next } = await open(t, { clock });
  const phone = await dial(t, port);
  phone.end(options('SIP/2.0/TCP a;branch=z9hG4bK1'));
  const { source } = await next();
  // Its idle timer and the one that its end has set.
  while (clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
  await t.rejects(transport.send(Buffer.from('request'), { protocol: 'tcp', address: '127.0.0.1', port: phone.localPort! }), { code: 'TRK_SIP_TRANSPORT' });
  await transport.send(Buffer.from('answer'), { protocol: 'tcp', address: '127.0.0.1', port: 9 }, { connection: source.connection });
  t.equal(await read(phone, /answer/), 'answer');
  const ended = gone(phone);
  clock.advance(2_000);
  await ended;
  t.notOk(source.connection!.open);
});

t.test('idle, stalled and endless TCP messages end by the clock', async (t) => {
  const clock = new ManualClock();
  const { port, next, failed } = await open(t, { clock });
  const idle = await dial(t, port);
  const idleGone = gone(idle);
  idle.write(options('SIP/2.0/TCP a;branch=z9hG4bK1'));
  await next();
  clock.advance(299_000);
  t.notOk(idle.readableEnded);
  clock.advance(1_000);
  await idleGone;

  const stalled = await dial(t, port);
  const stalledGone = gone(stalled);
  stalled.write(options('SIP/2.0/TCP a;branch=z9hG4bK1', 'stalled', 'body').subarray(0, -2));
  // Its idle timer and its stall timer.
  while (clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(5_000);
  const error = await failed();
  t.equal(error.responseStatus, 400);
  t.equal(error.partial?.headers.get('Call-ID'), 'stalled');
  await stalledGone;
});

t.test('18.1.2: which sent-by is ours', async (t) => {
  const { transport, port } = await open(t, { externalAddress: '203.0.113.1' });
  const via = (host: string, at: number | undefined) => parseVia(`SIP/2.0/UDP ${host}${at === undefined ? '' : `:${at}`};branch=z9hG4bK1`);
  t.ok(transport.isOwnSentBy(via('127.0.0.1', port)));
  t.ok(transport.isOwnSentBy(via('203.0.113.1', port)));
  t.notOk(transport.isOwnSentBy(via('127.0.0.1', port + 1)));
  t.notOk(transport.isOwnSentBy(via('203.0.113.2', port)));
  t.notOk(transport.isOwnSentBy(via('127.0.0.1', undefined)));
  t.same(transport.localAddressFor({ protocol: 'udp', address: '127.0.0.1', port: 9 }), { address: '127.0.0.1', port });
  t.same(transport.localAddressFor({ protocol: 'udp', address: '198.51.100.9', port: 9 }), { address: '203.0.113.1', port });
});

t.test('bound to all addresses, the one towards the peer is told', async (t) => {
  const { transport, port } = await open(t, { address: '0.0.0.0' });
  t.same(transport.localAddressFor({ protocol: 'udp', address: '127.0.0.1', port: 9 }), { address: '127.0.0.1', port });
  const outside = transport.localAddressFor({ protocol: 'udp', address: '198.51.100.9', port: 9 });
  t.not(outside.address, '0.0.0.0');
  t.ok(transport.isOwnSentBy(parseVia(`SIP/2.0/UDP ${outside.address}:${port};branch=z9hG4bK1`)));
});

t.test('IPv6: a request over ::1 is stamped and answered', async (t) => {
  const { transport, port, next } = await open(t, { address: '::1' });
  const phone = createSocket('udp6');
  t.teardown(() => phone.close());
  phone.bind(0, '::1');
  await once(phone, 'listening');
  phone.send(options('SIP/2.0/UDP [::1]:9;branch=z9hG4bK1;rport'), port, '::1');
  const { message, source } = await next();
  t.equal(parseVia(message.headers.get('Via')!).params.get('received'), '::1');
  t.equal(source.address, '::1');
  await transport.send(Buffer.from('six'), { protocol: 'udp', address: source.address, port: source.port });
  const [data] = (await once(phone, 'message')) as [Buffer];
  t.equal(data.toString(), 'six');
});

t.test('a handler that throws costs one message', async (t) => {
  const { transport, port } = await open(t);
  let calls = 0;
  const heard = new Promise<void>((resolve) =>
    transport.onMessage(() => {
      if (++calls === 2) resolve();
      throw new Error('bug');
    }),
  );
  const phone = createSocket('udp4');
  t.teardown(() => phone.close());
  phone.send(options('SIP/2.0/UDP a;branch=z9hG4bK1'), port, '127.0.0.1');
  phone.send(options('SIP/2.0/UDP a;branch=z9hG4bK2'), port, '127.0.0.1');
  await heard;
});

t.test('bound to ::, peers of both families are heard and answered over UDP', async (t) => {
  const { transport, port, next } = await open(t, { address: '::' });
  for (const [type, address] of [['udp4', '127.0.0.1'], ['udp6', '::1']] as const) {
    const phone = createSocket(type);
    t.teardown(() => phone.close());
    phone.bind(0, address);
    await once(phone, 'listening');
    phone.send(options(`SIP/2.0/UDP ${address === '::1' ? '[::1]' : address};branch=z9hG4bK${type};rport`), port, address);
    const { source } = await next();
    t.match(source, { protocol: 'udp', address, port: phone.address().port, localAddress: address });
    const heard = once(phone, 'message');
    await transport.send(Buffer.from('SIP/2.0 200 OK\r\n\r\n'), { protocol: 'udp', address, port: source.port });
    t.match(((await heard) as [Buffer])[0].toString(), /^SIP\/2\.0 200/);
    t.equal(transport.localAddressFor({ protocol: 'udp', address, port: 5060 }).address, address);
  }
});
