import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { systemClock } from '../../kernel/clock.js';
import { fraction, systemRandom } from '../../kernel/random.js';
import { RtpCall } from './rtp-call.js';
import type { FromThread, ToThread } from './thread-messages.js';

/**
 * The phone's RTP, on a thread of its own: nothing but packets happens here, so that
 * the moments it writes down are those of the wire.
 */
const FIRST_PORT = 40_000;
const PORT_PAIRS = 5000;
const PORT_TRIES = 50;
/** Behind by more than this, ticks are given up instead of sent in a burst. */
const GIVE_UP_MS = 200;

interface OpenCall {
  readonly call: RtpCall;
  readonly sockets: readonly Socket[];
}

const calls = new Map<string, OpenCall>();
let ticking = false;

const port = parentPort;
if (port === null) throw new Error('rtp-thread is started by the phone');

try {
  // On Linux this is the thread's own priority; only root may raise it, others measure without.
  setPriority(0, -15);
} catch {
  // A measurement with ordinary priority is still one; `worstSendLateMs` shows its error.
}

port.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'open':
      void open(message);
      return;
    case 'negotiated':
      calls.get(message.call)?.call.negotiated(message.remote);
      startTicking();
      return;
    case 'established':
      calls.get(message.call)?.call.established(message.atMs);
      return;
    case 'close':
      close(message.call);
      return;
  }
});

function report(message: FromThread): void {
  port!.postMessage(message);
}

async function open(order: ToThread & { type: 'open' }): Promise<void> {
  const pair = await bindPair(order.address);
  if (pair === undefined) return report({ type: 'failed', call: order.call, reason: 'no free pair of RTP ports' });
  const call = new RtpCall({
    socket: pair.rtp,
    script: order.script,
    record: order.record,
    ssrc: Math.floor(fraction(systemRandom) * 2 ** 32),
    onTalk: (event) => report({ type: 'talk', call: order.call, event }),
    onDigit: (digit, atMs) => report({ type: 'digit', call: order.call, digit, atMs }),
  });
  pair.rtp.on('message', (bytes, from) => call.received(bytes, from, systemClock.monotonic()));
  calls.set(order.call, { call, sockets: [pair.rtp, pair.rtcp] });
  report({ type: 'opened', call: order.call, port: pair.rtp.address().port });
}

function close(id: string): void {
  const open = calls.get(id);
  if (open === undefined) return;
  calls.delete(id);
  for (const socket of open.sockets) socket.close();
  report({ type: 'closed', call: id, ...open.call.close() });
}

/** An even port and the next one: RTCP of the far end must not fall into another call. */
async function bindPair(address: string): Promise<{ rtp: Socket; rtcp: Socket } | undefined> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const even = FIRST_PORT + 2 * Math.floor(fraction(systemRandom) * PORT_PAIRS);
    const rtp = await bind(address, even);
    if (rtp === undefined) continue;
    const rtcp = await bind(address, even + 1);
    if (rtcp !== undefined) return { rtp, rtcp };
    rtp.close();
  }
  return undefined;
}

function bind(address: string, number: number): Promise<Socket | undefined> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(undefined));
    socket.bind(number, address, () => {
      socket.removeAllListeners('error');
      // ICMP "port unreachable" is no reason to end a call.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function startTicking(): void {
  if (ticking) return;
  ticking = true;
  const tick = (dueMs: number): void => {
    if (calls.size === 0) {
      ticking = false;
      return;
    }
    const now = systemClock.monotonic();
    for (const { call } of calls.values()) call.tick(dueMs, systemClock.monotonic());
    const next = now - dueMs > GIVE_UP_MS ? now + RtpCall.frameMs : dueMs + RtpCall.frameMs;
    wait(next);
  };
  const wait = (dueMs: number): void => {
    const left = dueMs - systemClock.monotonic();
    // Timers have whole milliseconds and may fire one early; being early by less than one does no harm.
    if (left >= 1) systemClock.after(Math.floor(left), () => wait(dueMs));
    // Packets that wait in the socket are read between two ticks, even when we are behind.
    else setImmediate(() => tick(dueMs));
  };
  tick(systemClock.monotonic());
}
