import { createSocket } from 'node:dgram';
import { createServer, isIPv6 } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config/schema.js';
import { TrunklineError } from './kernel/errors.js';
import type { Lifetime } from './kernel/lifetime.js';
import type { Logger } from './kernel/log.js';

/** RTP ports that are tried out: enough to see another server in the range. */
const TRIED = 8;

/** A port that is held for somebody who comes later. */
export interface HeldPort {
  free(): Promise<void>;
}

/**
 * Sees to it, before anything slow begins, that the ports of the API and of RTP can be had,
 * and holds that of the API. TRK_PORT_IN_USE with `field`.
 */
export async function checkPorts(config: Config, log: Logger, lifetime: Lifetime): Promise<HeldPort> {
  await checkMediaPorts(config, log);
  const held = await hold(config);
  lifetime.onClose(() => held.free());
  return held;
}

/** TRK_PORT_IN_USE. */
export async function listen(api: FastifyInstance, config: Config): Promise<string> {
  try {
    return await api.listen({ host: config.api.address, port: config.api.port });
  } catch (error) {
    throw portError(error, config);
  }
}

function hold(config: Config): Promise<HeldPort> {
  // Any free port will do then.
  if (config.api.port === 0) return Promise.resolve({ free: () => Promise.resolve() });
  return new Promise((resolve, reject) => {
    // Who asks too early sees a connection that ends at once.
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => reject(portError(error, config)));
    server.listen({ host: config.api.address, port: config.api.port }, () => {
      let freed: Promise<void> | undefined;
      resolve({ free: () => (freed ??= new Promise((done) => server.close(() => done()))) });
    });
  });
}

function portError(error: unknown, config: Config): Error {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error as Error;
  return new TrunklineError('TRK_PORT_IN_USE', { params: { port: config.api.port, transport: 'http' }, field: 'api.port', cause: error });
}

/** One taken port is passed over when a call comes; where all that are tried are taken, another server has the range. */
async function checkMediaPorts(config: Config, log: Logger): Promise<void> {
  const { address, port_min: first, port_max: last } = config.media;
  const pairs = Math.floor((last - first + 1) / 2);
  const tried = [...new Set(Array.from({ length: TRIED }, (_, index) => first + 2 * Math.floor((index * pairs) / TRIED)))];
  const free = await Promise.all(tried.map((port) => isFree(address, port)));
  const taken = tried.filter((_, index) => free[index] === false);
  if (taken.length === tried.length) throw new TrunklineError('TRK_PORT_IN_USE', { params: { port: first, transport: 'RTP' }, field: 'media.port_min' });
  if (taken.length > 0) log.warn({ ports: taken }, 'RTP ports are in use by another program');
}

function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    // Whatever else is wrong with the address is said by the engine, which needs it.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(error.code !== 'EADDRINUSE');
    });
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
