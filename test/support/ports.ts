import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Above the ports that Linux hands out by itself (32768 to 60999), and apart from those for RTP. */
const SINGLE_PORTS = [61_000, 65_535] as const;
/**
 * Who takes many pairs uses few of them, and may come upon any of a range that is looked at elsewhere: so those
 * of which each must be free are apart. In between are the native tests' own (24000 to 27999).
 */
const WIDE_RANGES = [10_000, 23_999] as const;
const NARROW_RANGES = [28_000, 31_999] as const;
const ATTEMPTS = 50;
const STARTS = 5;
/** How programs say that a port is somebody else's. */
export const IN_USE = /address already in use|in use by another|unable to bind/i;
/** Ports of a narrow range. Wider ones need not all be free, unless that is asked for: a server passes over what is taken. */
const CHECKED_PORTS = 16;

/** A port of the loopback that nobody else gets until it is released, for UDP and for TCP. */
export interface HeldPort {
  readonly port: number;
  /** To be called just before the start of the program that binds it; does nothing the second time. */
  release(): Promise<void>;
}

export async function holdPort(): Promise<HeldPort> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(SINGLE_PORTS[0], SINGLE_PORTS[1] + 1);
    const udp = await bound(port);
    if (udp === undefined) continue;
    const tcp = await listening(port);
    const release = async (): Promise<void> => {
      await closed(udp);
      if (tcp !== undefined) await closed(tcp);
    };
    if (tcp === undefined) {
      await release();
      continue;
    }
    let released: Promise<void> | undefined;
    return { port, release: () => (released ??= release()) };
  }
  throw new Error('no free port');
}

/** A port of the loopback that is free now, for UDP and for TCP. */
export async function freePort(): Promise<number> {
  const held = await holdPort();
  await held.release();
  return held.port;
}

/**
 * What `start` gives. Somebody else may take a port between the look at it and the start of the program that binds it:
 * whoever fails for that, and says so in its error, is started again, on ports that it looks for anew.
 */
export async function startOnFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === STARTS || !IN_USE.test((error as Error).message)) throw error;
    }
  }
}

/** A range of RTP pairs that is free now; apart from the ports that the system hands out. `each` of a wide one is free for who needs all of it. */
export async function freeMediaRange(pairs: number, each = 2 * pairs <= CHECKED_PORTS): Promise<{ port_min: number; port_max: number }> {
  const [lowest, highest] = each ? NARROW_RANGES : WIDE_RANGES;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const first = lowest + 2 * randomInt((highest + 1 - lowest) / 2 - pairs + 1);
    const range = { port_min: first, port_max: first + 2 * pairs - 1 };
    if (await allFree(range.port_min, each ? range.port_max : Math.min(range.port_max, range.port_min + CHECKED_PORTS - 1))) return range;
  }
  throw new Error('no free RTP ports');
}

/** The same as an engine in the test's own process names it. */
export async function freeMediaPorts(pairs: number): Promise<{ portMin: number; portMax: number }> {
  const { port_min: portMin, port_max: portMax } = await freeMediaRange(pairs);
  return { portMin, portMax };
}

async function allFree(first: number, last: number): Promise<boolean> {
  // Not all at once: each look takes a descriptor.
  for (let from = first; from <= last; from += CHECKED_PORTS) {
    const ports = Array.from({ length: Math.min(last - from + 1, CHECKED_PORTS) }, (_, index) => from + index);
    if (!(await Promise.all(ports.map(isFree))).every(Boolean)) return false;
  }
  return true;
}

async function isFree(port: number): Promise<boolean> {
  const socket = await bound(port);
  if (socket === undefined) return false;
  await closed(socket);
  return true;
}

function bound(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => socket.once('error', () => resolve(undefined)).bind(port, '127.0.0.1', () => resolve(socket)));
}

function listening(port: number): Promise<Server | undefined> {
  // Who connects already is turned away, as by a port that is closed; a connection would outlive the hold.
  const server = createServer((socket) => socket.resetAndDestroy());
  return new Promise((resolve) => server.once('error', () => resolve(undefined)).listen(port, '127.0.0.1', () => resolve(server)));
}

function closed(held: { close(done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => held.close(() => resolve()));
}
