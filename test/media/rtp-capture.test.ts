import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import t from 'tap';
import { NativeEngine } from '../../src/media/native/engine.js';
import type { NativeSession } from '../../src/media/native/session.js';
import type { RtpHeader } from '../../src/media/media-session.js';
import { freeMediaPorts } from '../support/ports.js';

async function farEnd(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { socket, port: socket.address().port };
}

async function call(t: { teardown(fn: () => unknown): void }): Promise<{ session: NativeSession; socket: Socket; port: number }> {
  const engine = new NativeEngine({ address: '127.0.0.1', ...(await freeMediaPorts(4)), timeoutMs: 0 });
  const { socket, port } = await farEnd();
  t.teardown(async () => {
    socket.close();
    await engine.close();
  });
  const session = engine.createSession({ codecs: ['PCMA'] });
  await session.acceptOffer(`v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\n`);
  return { session, socket, port };
}

function rtp(sequence: number): Buffer {
  const packet = Buffer.alloc(172, 0xd5);
  packet.set([0x80, 8]);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(sequence * 160, 4);
  packet.writeUInt32BE(7, 8);
  return packet;
}

/** Resolves when the capture holds what `wanted` looks for; a frame comes every 20 ms. */
function captured(session: NativeSession, read: () => readonly RtpHeader[], wanted: (headers: readonly RtpHeader[]) => boolean): Promise<readonly RtpHeader[]> {
  return new Promise((resolve) => session.onFrame(() => {
    const headers = read();
    if (wanted(headers)) resolve(headers);
  }));
}

t.test('headers of both directions, refused ones too, and none of the audio', async (t) => {
  const { session, socket, port } = await call(t);
  const capture = session.captureRtp(1_000);
  if (capture === undefined) throw new Error('no capture');
  t.equal(capture.maxBytes, 48_000);
  const stranger = await farEnd();
  t.teardown(() => stranger.socket.close());
  socket.send(rtp(1), session.localPort, '127.0.0.1');
  socket.send(rtp(2), session.localPort, '127.0.0.1');
  stranger.socket.send(rtp(900), session.localPort, '127.0.0.1');
  const headers = await captured(session, () => capture.read(), (all) => all.filter(({ direction }) => direction === 'in').length === 3 && all.some(({ direction }) => direction === 'out'));
  const incoming = headers.filter(({ direction }) => direction === 'in');
  t.same(incoming.map(({ header, remote, length, local }) => [Buffer.from(header).readUInt16BE(2), remote, length, local]), [
    [1, { address: '127.0.0.1', port }, 172, { address: '127.0.0.1', port: session.localPort }],
    [2, { address: '127.0.0.1', port }, 172, { address: '127.0.0.1', port: session.localPort }],
    [900, { address: '127.0.0.1', port: stranger.port }, 172, { address: '127.0.0.1', port: session.localPort }],
  ]);
  const out = headers.find(({ direction }) => direction === 'out');
  t.match(out, { remote: { address: '127.0.0.1', port }, length: 172 });
  t.ok(headers.every(({ header }) => header.length === 12), 'a header is all there is');
  t.ok(headers.every(({ atMs }, index) => index === 0 || atMs - (headers[index - 1]?.atMs ?? 0) > -25), 'in the order of their times, but for the batch of a tick');
  session.close();
  t.ok(capture.read().length >= headers.length, 'it outlives the session');
});

t.test('the newest stay, a second capture begins anew, and a closed session has none', async (t) => {
  const { session } = await call(t);
  const capture = session.captureRtp(100);
  if (capture === undefined) throw new Error('no capture');
  const headers = await captured(session, () => capture.read(), (all) => all.length === 100);
  const numbers = headers.map(({ header }) => Buffer.from(header).readUInt16BE(2));
  t.ok(numbers.every((number, index) => index === 0 || number === ((numbers[index - 1] ?? 0) + 1) % 65_536), 'one after the other');
  const second = session.captureRtp(100);
  t.ok((second?.read().length ?? 100) < 100);
  t.ok(capture.read().length >= 100, 'the first keeps what it had');
  session.close();
  t.equal(session.captureRtp(100), undefined);
});
