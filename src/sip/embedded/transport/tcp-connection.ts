import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../kernel/clock.js';
import { TrunklineError } from '../../../kernel/errors.js';
import type { SipMessage } from '../message/message.js';
import type { SipParseError } from '../message/parse-error.js';
import { plainAddress } from './addresses.js';
import { StreamFramer } from './stream-framer.js';
import type { Frame } from './stream-framer.js';
import type { SipConnection } from './transport.js';

/** Times in ms, sizes in bytes. */
export interface TcpLimits {
  /** A connection on which nothing was said for so long is closed. */
  readonly idleMs: number;
  /** After this silence within a message, what there is of it is judged. */
  readonly stallMs: number;
  /** After this silence within a message it is given up: 400, and the connection ends. */
  readonly incompleteMs: number;
  /** However slowly it keeps coming, a message must be whole after this time. */
  readonly messageMs: number;
  /** A stranger's first message must be whole after this time; empty lines are none. */
  readonly firstMessageMs: number;
  /** After the peer ended its side it gets answers for so long; whether it can still read them nobody knows. */
  readonly halfClosedMs: number;
  /** Unsent bytes at which a peer that does not read is cut off. */
  readonly unsentBytes: number;
  readonly connectMs: number;
  /** Connections in all, and from one source: an IPv4 address, or an IPv6 /64. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

export const defaultTcpLimits: TcpLimits = {
  idleMs: 300_000,
  stallMs: 500,
  incompleteMs: 5_000,
  messageMs: 32_000,
  firstMessageMs: 10_000,
  halfClosedMs: 2_000,
  unsentBytes: 1024 * 1024,
  connectMs: 4_000,
  connections: 2_000,
  connectionsPerAddress: 500,
};

export interface TcpConnectionEvents {
  onMessage(message: SipMessage, connection: TcpConnection): void;
  onParseFailure(error: SipParseError, connection: TcpConnection): void;
  onClose(connection: TcpConnection): void;
}

const PONG = Buffer.from('\r\n');
/** Time that a peer gets to read our last answers before the connection is cut, ms. */
const LINGER_MS = 1_000;

/** One TCP connection, whoever opened it. */
export class TcpConnection implements SipConnection {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;

  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #limits: TcpLimits;
  readonly #events: TcpConnectionEvents;
  readonly #framer = new StreamFramer();
  #open = true;
  /** Our last bytes are on their way; nothing more is taken in. */
  #ending = false;
  #readEnded = false;
  #heardAt: number;
  #partialSince: number | undefined;
  #idleTimer: Timer | undefined;
  #stallTimer: Timer | undefined;
  #firstTimer: Timer | undefined;

  constructor(id: number, socket: Socket, clock: Clock, limits: TcpLimits, events: TcpConnectionEvents) {
    this.id = id;
    this.address = plainAddress(socket.remoteAddress ?? '');
    this.port = socket.remotePort ?? 0;
    this.localAddress = plainAddress(socket.localAddress ?? '');
    this.localPort = socket.localPort ?? 0;
    this.#socket = socket;
    this.#clock = clock;
    this.#limits = limits;
    this.#events = events;
    this.#heardAt = clock.monotonic();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#finishReading());
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
    this.#watchIdle(limits.idleMs);
  }

  get open(): boolean {
    return this.#open;
  }

  /** Whether a new request may go out on it: not after the peer ended its side, for its answer could not come back. */
  get usable(): boolean {
    return this.#open && !this.#ending && !this.#readEnded;
  }

  /** Resolves when the system has the bytes. TRK_SIP_TRANSPORT. */
  write(data: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string, cause?: unknown): void => reject(new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason }, cause }));
      if (!this.#open || !this.#socket.writable) return fail('TCP connection is closed');
      if (this.#socket.writableLength > this.#limits.unsentBytes) {
        this.destroy();
        return fail('TCP peer does not read');
      }
      this.#heardAt = this.#clock.monotonic();
      this.#socket.write(data, (error) => (error ? fail('TCP write failed', error) : resolve()));
    });
  }

  /** Cuts the connection unless a whole message comes within `ms`. */
  expectMessage(ms: number): void {
    this.#firstTimer = this.#clock.after(ms, () => this.destroy(), { keepAlive: false });
  }

  /** Cuts the connection. */
  destroy(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#firstTimer?.cancel();
    this.#idleTimer?.cancel();
    this.#stallTimer?.cancel();
    this.#socket.destroy();
    this.#events.onClose(this);
  }

  /** Sends what is queued, then closes. */
  #end(): void {
    if (!this.#open || this.#ending) return;
    this.#ending = true;
    this.#setStall(LINGER_MS, () => this.destroy());
    // Answers to what was just read are written within this turn. What still comes in is read and
    // dropped: closing with unread bytes would make the system throw our answers away.
    setImmediate(() => this.#socket.end());
  }

  #read(chunk: Buffer): void {
    if (this.#ending) return;
    this.#heardAt = this.#clock.monotonic();
    this.#deliver(this.#framer.push(chunk));
    if (this.#ending || !this.#open) return;
    this.#watchStall();
  }

  #deliver(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (!this.#open) return;
      if (frame.kind === 'message') {
        this.#firstTimer?.cancel();
        this.#events.onMessage(frame.message, this);
      }
      else if (frame.kind === 'ping') this.write(PONG).catch(() => undefined);
      else {
        this.#events.onParseFailure(frame.error, this);
        if (frame.fatal) return this.#end();
      }
    }
  }

  /** The peer sends nothing more but may still wait for answers, as `nc -N` does. */
  #finishReading(): void {
    this.#readEnded = true;
    if (this.#ending) return;
    this.#deliver(this.#framer.finish());
    if (this.#open && !this.#ending) this.#setStall(this.#limits.halfClosedMs, () => this.destroy());
  }

  #watchStall(): void {
    if (!this.#framer.partial) {
      if (this.#partialSince === undefined) return;
      this.#partialSince = undefined;
      this.#stallTimer?.cancel();
      return;
    }
    this.#partialSince ??= this.#clock.monotonic();
    if (this.#clock.monotonic() - this.#partialSince >= this.#limits.messageMs) return this.#giveUp();
    this.#setStall(this.#limits.stallMs, () => this.#judge());
  }

  #setStall(ms: number, fn: () => void): void {
    this.#stallTimer?.cancel();
    this.#stallTimer = this.#clock.after(ms, fn, { keepAlive: false });
  }

  #judge(): void {
    const frames = this.#framer.openEnded ? this.#framer.flush() : this.#framer.judge();
    if (frames.length === 0) return this.#setStall(this.#limits.incompleteMs - this.#limits.stallMs, () => this.#giveUp());
    this.#partialSince = undefined;
    return this.#deliver(frames);
  }

  /** RFC 4475 3.1.2.2: the rest of the body never came; 400, and the connection is of no more use. */
  #giveUp(): void {
    this.#deliver(this.#framer.finish());
    this.#end();
  }

  #watchIdle(ms: number): void {
    this.#idleTimer = this.#clock.after(
      ms,
      () => {
        const left = this.#heardAt + this.#limits.idleMs - this.#clock.monotonic();
        if (left <= 0) this.destroy();
        else this.#watchIdle(left);
      },
      { keepAlive: false },
    );
  }
}
