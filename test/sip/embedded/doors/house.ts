/** The embedded server behind its doors, with real trunks, and far ends on loopback addresses of their own. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import type { Test } from 'tap';
import { networkList } from '../../../../src/config/doors-schema.js';
import { parseConfig } from '../../../../src/config/load.js';
import { systemClock } from '../../../../src/kernel/clock.js';
import type { Clock } from '../../../../src/kernel/clock.js';
import { silentLogger } from '../../../../src/kernel/log.js';
import { systemRandom } from '../../../../src/kernel/random.js';
import { createDrachtioSignalling } from '../../../../src/sip/drachtio/signalling.js';
import { Doors } from '../../../../src/sip/embedded/doors/doors.js';
import type { DoorsSettings, UnknownSourcePolicy } from '../../../../src/sip/embedded/doors/doors.js';
import { startEmbeddedSipServer } from '../../../../src/sip/embedded/server.js';
import type { EmbeddedSipServer } from '../../../../src/sip/embedded/server.js';
import type { Signalling } from '../../../../src/sip/signalling.js';
import { TrunkBook } from '../../../../src/sip/trunk/trunk-book.js';
import { routeInbound } from '../../../../src/trunk-wiring.js';
import { SDP } from '../../../contract/sip-peer.js';
import { trunkOf } from '../../trunk/settings.js';

/** The trunk's calls come from here; no other address belongs to anybody. */
export const CARRIER = '127.0.0.9';
/** The number that a flow answers. */
export const NUMBER = '+15550100';

export interface House {
  readonly server: EmbeddedSipServer;
  readonly signalling: Signalling;
  readonly doors: Doors;
  readonly trunks: TrunkBook;
  readonly port: number;
  /** Numbers whose calls were answered. */
  readonly answered: string[];
  udp(address: string): Promise<FarEnd>;
}

export interface HouseOptions {
  readonly policy?: UnknownSourcePolicy;
  readonly doors?: Partial<DoorsSettings>;
  readonly clock?: Clock;
  readonly maxTransactions?: number;
}

export async function house(t: Test, options: HouseOptions = {}): Promise<House> {
  const { policy = 'reject', clock = systemClock, maxTransactions = 1_000 } = options;
  const allow = networkList([]);
  if (typeof allow === 'number') throw new Error('no list');
  const doors = new Doors({
    clock,
    log: silentLogger,
    policy,
    settings: { requestsPerSecond: 0, burst: 1, totalPerSecond: 0, banAfter: 0, banMs: 60_000, maxSources: 100, connectionsPerSource: 5, allow, ...options.doors },
  });
  const secret = randomBytes(16).toString('hex');
  const parts = { clock, random: systemRandom, log: silentLogger };
  const server = await startEmbeddedSipServer({ ...parts, address: '127.0.0.1', port: 0, maxTransactions, secret, doors });
  const signalling = createDrachtioSignalling({ ...parts, host: '127.0.0.1', port: server.adminPort, secret, userAgent: 'trunkline/test' });
  await signalling.start();
  const noName = (): Promise<never> => Promise.reject(new Error('no such name'));
  const trunks = new TrunkBook({ ...parts, signalling, dns: { resolveSrv: noName, resolve4: noName, resolve6: noName }, caller: 'x', unknownSources: policy });
  trunks.put(trunkOf({ name: 'carrier', acl: [`${CARRIER}/32`], keepalive_s: 0 }));
  doors.know(trunks);
  const answered: string[] = [];
  const config = parseConfig(JSON.stringify({ inbound: [{ number: NUMBER, flow: 'x' }] }));
  routeInbound(config, signalling, trunks, { answer: async (call: { uri: string; answer(sdp: string): Promise<unknown> }) => { answered.push(call.uri); await call.answer(SDP); } } as never, { clock, random: systemRandom, log: silentLogger });
  const ends: FarEnd[] = [];
  t.teardown(async () => {
    await signalling.close();
    await server.close();
    await Promise.all(ends.map((end) => end.close()));
  });
  const port = server.listeners[0]?.port ?? 0;
  return {
    server,
    signalling,
    doors,
    trunks,
    port,
    answered,
    udp: async (address) => {
      const end = await FarEnd.bind(address, port);
      ends.push(end);
      return end;
    },
  };
}

/** Sends and receives datagrams from one address. */
export class FarEnd {
  readonly received: string[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #socket = createSocket('udp4');
  readonly #serverPort: number;
  readonly address: string;

  private constructor(address: string, serverPort: number) {
    this.address = address;
    this.#serverPort = serverPort;
    this.#socket.on('message', (data) => {
      this.received.push(data.toString('latin1'));
      for (const look of [...this.#watchers]) look();
    });
  }

  static async bind(address: string, serverPort: number): Promise<FarEnd> {
    const end = new FarEnd(address, serverPort);
    end.#socket.bind(0, address);
    await once(end.#socket, 'listening');
    return end;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(message: string | Buffer): Promise<void> {
    return this.sendTo(message, this.#serverPort, '127.0.0.1');
  }

  sendTo(message: string | Buffer, port: number, address: string): Promise<void> {
    return new Promise((resolve, reject) => this.#socket.send(message, port, address, (error) => (error ? reject(error) : resolve())));
  }

  request(method: string, options: RequestOptions = {}): string {
    return requestText(method, this.address, this.port, options);
  }

  next(matches: (message: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const index = this.received.findIndex(matches);
        if (index < 0) return;
        this.#watchers.delete(look);
        resolve(this.received.splice(index, 1)[0]!);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** The status of the answer to `request`. */
  async ask(request: string): Promise<string> {
    await this.send(request);
    return await this.answerTo(request);
  }

  /** Of a request that was sent, or will be. */
  answerTo(request: string): Promise<string> {
    const callId = /Call-ID: (\S+)/.exec(request)![1]!;
    return this.next((message) => message.startsWith('SIP/2.0 ') && message.includes(callId) && !message.startsWith('SIP/2.0 100'));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

export interface RequestOptions {
  readonly to?: string;
  readonly toTag?: string;
  readonly callId?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly transport?: string;
}

export function requestText(method: string, host: string, port: number, options: RequestOptions = {}): string {
  const { to = NUMBER, toTag, callId = randomBytes(8).toString('hex'), headers = [], body = method === 'INVITE' ? SDP : '', transport = 'UDP' } = options;
  return [
    `${method} sip:${to}@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/${transport} ${host}:${port};branch=z9hG4bK${randomBytes(8).toString('hex')};rport`,
    `From: <sip:someone@${host}>;tag=${randomBytes(4).toString('hex')}`,
    `To: <sip:${to}@127.0.0.1>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:someone@${host}:${port}>`,
    'Max-Forwards: 70',
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/**
 * Everything that was sent before has been judged, and what was answered has arrived: the carrier
 * asked later on the same socket and has its answer, and its own datagram came after all answers.
 */
export async function settled(carrier: FarEnd, other: FarEnd): Promise<void> {
  await carrier.ask(carrier.request('OPTIONS'));
  const marker = `marker ${randomBytes(4).toString('hex')}`;
  await carrier.sendTo(marker, other.port, other.address);
  await other.next((message) => message === marker);
}

/** A TCP connection from `address` whose end can be awaited. */
export async function dial(port: number, address: string): Promise<{ socket: Socket; text(): string; closed: Promise<void> }> {
  const socket = createConnection({ host: '127.0.0.1', port, localAddress: address });
  let text = '';
  socket.on('data', (data: Buffer) => (text += data.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await Promise.race([once(socket, 'connect'), closed]);
  return { socket, text: () => text, closed };
}
