/**
 * Sends SIP from many loopback addresses that nobody knows, as a scanner and a broken
 * program would: a program of its own, bounded in time, that sends to loopback only.
 *
 *     node flood-sender.ts PORT SECONDS SOURCES VALID_PER_SECOND GARBAGE_PER_SECOND
 *
 * One line of JSON at its end: what was handed to the system.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { delay, systemClock } from '../../src/kernel/clock.js';

const TARGET = '127.0.0.1';
const STEP_MS = 10;
const MOST_SECONDS = 300;
const MOST_PER_SECOND = 20_000;
const MOST_SOURCES = 1_000;
const GARBAGE_POOL = 400;
const SDP = ['v=0', 'o=- 1 1 IN IP4 127.1.0.1', 's=-', 'c=IN IP4 127.1.0.1', 't=0 0', 'm=audio 40000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000', 'a=sendrecv', ''].join('\r\n');
const METHODS = ['INVITE', 'REGISTER', 'OPTIONS', 'SUBSCRIBE'] as const;

let count = 0;

/** Well-formed, each with a Call-ID and a number of its own. */
function validRequest(host: string, port: number): Buffer {
  count += 1;
  const method = METHODS[count % METHODS.length]!;
  const body = method === 'INVITE' ? SDP : '';
  const number = 100 + (count % 9_000);
  return Buffer.from(
    [
      `${method} sip:${number}@${TARGET} SIP/2.0`,
      `Via: SIP/2.0/UDP ${host}:${port};branch=z9hG4bK${count.toString(16)};rport`,
      `From: <sip:${number}@${TARGET}>;tag=${count.toString(16)}`,
      `To: <sip:${number}@${TARGET}>`,
      `Call-ID: ${count}-${process.pid}@${host}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:${number}@${host}:${port}>`,
      'Max-Forwards: 70',
      'User-Agent: friendly-scanner',
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
}

/** Noise, SIP that is cut off, SIP with flipped bytes, and what other protocols send to such a port. */
function garbage(): Buffer {
  const kind = randomInt(4);
  if (kind === 0) return randomBytes(1 + randomInt(1_200));
  const message = validRequest('192.0.2.9', 5060);
  if (kind === 1) return message.subarray(0, 1 + randomInt(message.length - 1));
  if (kind === 2) {
    for (let flips = 0; flips < 20; flips += 1) message[randomInt(message.length)] = randomInt(256);
    return message;
  }
  return Buffer.from(`GET /${randomBytes(40).toString('hex')} HTTP/1.1\r\nHost: x\r\n\r\n`);
}

async function main(args: readonly string[]): Promise<void> {
  const [port = 0, seconds = 0, sources = 0, valid = 0, broken = 0] = args.map(Number);
  if (!(port > 0 && seconds > 0 && seconds <= MOST_SECONDS && sources > 0 && sources <= MOST_SOURCES && valid + broken <= MOST_PER_SECOND)) throw new Error('usage: PORT SECONDS SOURCES VALID_PER_SECOND GARBAGE_PER_SECOND');
  const hosts = Array.from({ length: sources }, (_, index) => `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`);
  const sockets: Socket[] = [];
  for (const host of hosts) {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_096 });
    // A full queue is a lost datagram, as on any network.
    socket.on('error', () => undefined);
    socket.bind(0, host);
    await once(socket, 'listening');
    sockets.push(socket);
  }
  const pool = Array.from({ length: GARBAGE_POOL }, garbage);
  const sent = { valid: 0, garbage: 0 };
  const start = systemClock.monotonic();
  const until = start + seconds * 1_000;
  for (let now = start; now < until; now = systemClock.monotonic()) {
    // What is due by the clock, so that a late turn is made up for.
    const elapsed = (now - start) / 1_000;
    const dueValid = Math.min(elapsed * valid, sent.valid + valid / 4);
    const dueGarbage = Math.min(elapsed * broken, sent.garbage + broken / 4);
    while (sent.valid < dueValid) {
      const index = sent.valid % sockets.length;
      sockets[index]!.send(validRequest(hosts[index]!, sockets[index]!.address().port), port, TARGET);
      sent.valid += 1;
    }
    while (sent.garbage < dueGarbage) {
      sockets[sent.garbage % sockets.length]!.send(pool[sent.garbage % pool.length]!, port, TARGET);
      sent.garbage += 1;
    }
    await delay(systemClock, STEP_MS);
  }
  for (const socket of sockets) socket.close();
  process.stdout.write(`${JSON.stringify({ ...sent, ms: Math.round(systemClock.monotonic() - start) })}\n`);
}

await main(process.argv.slice(2));
