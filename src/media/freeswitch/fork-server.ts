import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import { hex } from '../../kernel/random.js';
import type { Random } from '../../kernel/random.js';

/** What mod_audio_fork names unless its environment says otherwise. */
const PROTOCOL = 'audio.drachtio.org';
/** mod_audio_fork sends 20 ms frames, and after a stall at most what its buffer of 2 s holds. */
const MAX_MESSAGE_BYTES = 128 * 1024;
const MAX_FORKS = 1_000;
/** From the command until FreeSWITCH must have connected, ms. */
const CONNECT_MS = 5_000;

export interface ForkFormat {
  readonly sampleRate: 8000 | 16000;
  /** Interleaved: the far end, then us. */
  readonly channels: 1 | 2;
}

export interface ForkListener {
  /** Samples are valid only during the call. */
  onAudio(samples: Int16Array): void;
  /** The stream is over; an error if it broke or never came. Fires once. */
  onEnd(error: TrunklineError | undefined): void;
}

interface Fork {
  readonly listener: ForkListener;
  socket: WebSocket | undefined;
  end(error?: TrunklineError): void;
}

export interface ForkTicket {
  readonly url: string;
  /** Ends the stream from our side; `onEnd` fires without an error. */
  close(): void;
}

/**
 * Where FreeSWITCH's mod_audio_fork delivers audio for listeners: one WebSocket a
 * stream, L16 in the byte order of the machine, at an address nobody can guess.
 */
export class ForkServer {
  readonly #parts: { clock: Clock; random: Random; address: string };
  readonly #forks = new Map<string, Fork>();
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, clientTracking: false, handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false) });
  #http: Promise<Server> | undefined;
  #closed = false;

  /** `address`: numeric, where FreeSWITCH reaches us; loopback unless it runs on another machine. */
  constructor(parts: { clock: Clock; random: Random; address: string }) {
    this.#parts = parts;
  }

  /** An address for one stream. TRK_MEDIA_STATE when too many are open, TRK_CLOSED. */
  async expect(listener: ForkListener): Promise<ForkTicket> {
    if (this.#closed) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The media engine' } });
    if (this.#forks.size >= MAX_FORKS) throw new TrunklineError('TRK_MEDIA_STATE', { params: { reason: `${MAX_FORKS} streams are open` } });
    const { clock, random, address } = this.#parts;
    const token = hex(random, 16);
    const timer = clock.after(CONNECT_MS, () => fork.end(new TrunklineError('TRK_MEDIA_STATE', { params: { reason: 'FreeSWITCH did not open the stream' } })), { keepAlive: false });
    const fork: Fork = {
      listener,
      socket: undefined,
      end: (error) => {
        timer.cancel();
        if (!this.#forks.delete(token)) return;
        fork.socket?.terminate();
        listener.onEnd(error);
      },
    };
    this.#forks.set(token, fork);
    this.#http ??= this.#listen();
    const { port } = (await this.#http).address() as AddressInfo;
    return { url: `ws://${address.includes(':') ? `[${address}]` : address}:${port}/fork/${token}`, close: () => fork.end() };
  }

  get open(): number {
    return this.#forks.size;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const fork of [...this.#forks.values()]) fork.end();
    const http = await this.#http?.catch(() => undefined);
    if (http !== undefined) await new Promise<void>((resolve) => http.close(() => resolve()));
  }

  #listen(): Promise<Server> {
    const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (_request, response) => response.writeHead(404).end());
    server.maxConnections = MAX_FORKS * 2;
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(new TrunklineError('TRK_INTERNAL', { params: { reason: `no port for forked audio: ${error.code}` }, cause: error })));
      server.listen(0, this.#parts.address, () => resolve(server));
      server.unref();
    });
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fork = this.#forks.get(/^\/fork\/([0-9a-f]{32})$/.exec(request.url ?? '')?.[1] ?? '');
    // Each address is good for one stream.
    if (fork === undefined || fork.socket !== undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (opened) => {
      fork.socket = opened;
      opened.on('message', (data, isBinary) => {
        // The first message is text: what the command gave as metadata, nothing of ours.
        if (isBinary) fork.listener.onAudio(samplesOf(data));
      });
      opened.on('error', () => undefined);
      opened.on('close', () => fork.end());
    });
  }
}

function samplesOf(data: RawData): Int16Array {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
  // A view on 16-bit samples needs an even place in memory.
  const even = bytes.byteOffset % 2 === 0 ? bytes : Buffer.from(bytes);
  const aligned = even.byteOffset % 2 === 0 ? even : new Uint8Array(even);
  return new Int16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}
