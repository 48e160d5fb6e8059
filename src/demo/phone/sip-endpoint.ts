import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Random } from '../../kernel/random.js';
import { hex } from '../../kernel/random.js';
import { formatMessage, header, headerList, parameter, parseMessage, parseTarget, sequence } from './sip-message.js';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from './sip-message.js';

/** RFC 3261 17.1.1.1. */
const T1_MS = 500;
const T2_MS = 4000;
const TRANSACTION_MS = 64 * T1_MS;
/** Above this the phone answers 503 rather than remember more. */
const MAX_TRANSACTIONS = 4096;

export interface Peer {
  readonly address: string;
  readonly port: number;
}

export interface ResponseParts {
  readonly headers?: readonly SipHeader[];
  readonly body?: string;
}

/** A request that was received; repetitions of it get the last response again. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly peer: Peer;
  /** Tag that our responses carry in To. */
  readonly localTag: string;
  /** A final response to INVITE is repeated until `acknowledge`; `onTimeout` after 32 s without it. */
  respond(status: number, reason: string, parts?: ResponseParts): void;
  acknowledge(): void;
  onTimeout: (() => void) | undefined;
}

export interface EndpointHandlers {
  /** A new request; ACK comes without a transaction. */
  onRequest(transaction: ServerTransaction): void;
  onAck(request: SipRequest, atMs: number): void;
  /** An INVITE was seen again. */
  onRepetition(request: SipRequest): void;
}

interface ServerState extends ServerTransaction {
  last: Buffer | undefined;
  timer: Timer | undefined;
}

interface ClientState {
  readonly request: SipRequest;
  readonly peer: Peer;
  readonly onResponse: (response: SipResponse | undefined) => void;
  answered: boolean;
  final: boolean;
  timer: Timer | undefined;
}

/** SIP over one UDP socket: transactions of RFC 3261 17, reduced to what a telephone needs. */
export class SipEndpoint {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #handlers: EndpointHandlers;
  readonly #socket: Socket;
  readonly #servers = new Map<string, ServerState>();
  readonly #clients = new Map<string, ClientState>();
  readonly #timers = new Set<Timer>();
  #closed = false;

  private constructor(socket: Socket, clock: Clock, random: Random, handlers: EndpointHandlers) {
    this.#socket = socket;
    this.#clock = clock;
    this.#random = random;
    this.#handlers = handlers;
    socket.on('message', (bytes, from) => this.#onDatagram(bytes, from));
    // ICMP "port unreachable" of an earlier datagram; the transaction's own timer decides.
    socket.on('error', () => undefined);
  }

  /** TRK_PORT_IN_USE. */
  static open(address: string, port: number, clock: Clock, random: Random, handlers: EndpointHandlers): Promise<SipEndpoint> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    return new Promise((resolve, reject) => {
      socket.once('error', (cause) => reject(new TrunklineError('TRK_PORT_IN_USE', { params: { port, transport: 'udp' }, cause })));
      socket.bind(port, address, () => {
        socket.removeAllListeners('error');
        resolve(new SipEndpoint(socket, clock, random, handlers));
      });
    });
  }

  get address(): Peer {
    const { address, port } = this.#socket.address();
    return { address, port };
  }

  newTag(): string {
    return hex(this.#random, 8);
  }

  /** Value for Via of a new transaction. */
  newVia(): string {
    const { address, port } = this.address;
    return `SIP/2.0/UDP ${address.includes(':') ? `[${address}]` : address}:${port};branch=z9hG4bK${hex(this.#random, 10)};rport`;
  }

  /** Sends and repeats; `onResponse` gets every response, or undefined after 32 s without a final one. */
  request(request: SipRequest, peer: Peer, onResponse: (response: SipResponse | undefined) => void): void {
    const key = `${parameter(header(request, 'via'), 'branch')} ${request.method}`;
    const state: ClientState = { request, peer, onResponse, answered: false, final: false, timer: undefined };
    this.#clients.set(key, state);
    const repeat = (interval: number): void => {
      this.send(request, peer);
      // Timer A doubles without end, timer E up to T2; both stop at the first (INVITE) or final answer.
      state.timer = this.#after(interval, () => {
        if (state.final || (state.answered && request.method === 'INVITE')) return;
        repeat(request.method === 'INVITE' ? interval * 2 : Math.min(interval * 2, T2_MS));
      });
    };
    repeat(T1_MS);
    this.#after(TRANSACTION_MS, () => {
      if (!state.final && !(state.answered && request.method === 'INVITE')) {
        state.final = true;
        onResponse(undefined);
      }
      if (state.final) this.#clients.delete(key);
    });
  }

  /** Sends without a transaction: ACK. */
  send(message: SipMessage, peer: Peer): void {
    this.#sendBytes(formatMessage(message), peer);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#socket.close();
  }

  #sendBytes(bytes: Buffer, peer: Peer): void {
    if (!this.#closed) this.#socket.send(bytes, peer.port, peer.address, () => undefined);
  }

  #after(ms: number, run: () => void): Timer {
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
    return timer;
  }

  #onDatagram(bytes: Buffer, from: RemoteInfo): void {
    const atMs = this.#clock.monotonic();
    const message = parseMessage(bytes);
    if (message === undefined) return;
    const peer = { address: from.address, port: from.port };
    if (message.kind === 'response') this.#onResponse(message);
    else if (message.method === 'ACK') this.#onAck(message, atMs);
    else this.#onRequest(message, peer);
  }

  #onResponse(response: SipResponse): void {
    const key = `${parameter(header(response, 'via'), 'branch')} ${sequence(response).method}`;
    const state = this.#clients.get(key);
    if (state === undefined) return;
    state.answered = true;
    const first = !state.final;
    if (response.status >= 200) {
      state.final = true;
      state.timer?.cancel();
      if (first) this.#after(TRANSACTION_MS, () => void this.#clients.delete(key));
      // RFC 3261 17.1.1.3: a refusal is acknowledged within the transaction, each time that it comes.
      if (state.request.method === 'INVITE' && response.status >= 300) this.send(acknowledgement(state.request, response), state.peer);
    }
    // Repeated 2xx go up, since only the dialog can acknowledge them (RFC 3261 13.2.2.4).
    if (first || (state.request.method === 'INVITE' && response.status < 300 && response.status >= 200)) state.onResponse(response);
  }

  #onAck(request: SipRequest, atMs: number): void {
    for (const state of this.#servers.values()) {
      if (state.request.method !== 'INVITE' || header(state.request, 'call-id') !== header(request, 'call-id')) continue;
      if (sequence(state.request).number === sequence(request).number) state.acknowledge();
    }
    this.#handlers.onAck(request, atMs);
  }

  #onRequest(request: SipRequest, peer: Peer): void {
    const key = `${parameter(header(request, 'via'), 'branch')} ${request.method} ${header(request, 'call-id')}`;
    const known = this.#servers.get(key);
    if (known !== undefined) {
      if (request.method === 'INVITE') this.#handlers.onRepetition(request);
      if (known.last !== undefined) this.#sendBytes(known.last, peer);
      return;
    }
    const state = this.#serverTransaction(request, peer);
    if (this.#servers.size >= MAX_TRANSACTIONS) return state.respond(503, 'Service Unavailable');
    this.#servers.set(key, state);
    this.#after(TRANSACTION_MS * 4, () => void this.#servers.delete(key));
    this.#handlers.onRequest(state);
  }

  #serverTransaction(request: SipRequest, peer: Peer): ServerState {
    const localTag = parameter(header(request, 'to'), 'tag') ?? this.newTag();
    const state: ServerState = {
      request,
      peer,
      localTag,
      last: undefined,
      timer: undefined,
      onTimeout: undefined,
      acknowledge: () => state.timer?.cancel(),
      respond: (status, reason, parts) => {
        state.last = formatMessage(responseTo(request, peer, status, reason, localTag, parts));
        this.#sendBytes(state.last, peer);
        state.timer?.cancel();
        if (request.method === 'INVITE' && status >= 200) this.#repeatFinal(state, T1_MS, TRANSACTION_MS);
      },
    };
    return state;
  }

  /** RFC 3261 13.3.1.4 and 17.2.1: the final response to INVITE is repeated until its ACK. */
  #repeatFinal(state: ServerState, interval: number, left: number): void {
    const wait = Math.min(interval, left);
    state.timer = this.#after(wait, () => {
      if (wait >= left) return state.onTimeout?.();
      this.#sendBytes(state.last!, state.peer);
      this.#repeatFinal(state, Math.min(interval * 2, T2_MS), left - wait);
    });
  }
}

function responseTo(request: SipRequest, peer: Peer, status: number, reason: string, tag: string, parts: ResponseParts = {}): SipResponse {
  const copied: SipHeader[] = [];
  let topmost = true;
  for (const via of headerList(request, 'via')) {
    // RFC 3581 4: the top Via learns where the request really came from.
    copied.push(['via', topmost && /;\s*rport(?![=\w])/i.test(via) ? `${via.replace(/;\s*rport(?![=\w])/i, `;rport=${peer.port}`)};received=${peer.address}` : via]);
    topmost = false;
  }
  for (const [name, value] of request.headers) {
    if (name === 'from' || name === 'call-id' || name === 'cseq' || (name === 'record-route' && status > 100 && status < 300)) copied.push([name, value]);
    if (name === 'to') copied.push([name, status === 100 || parameter(value, 'tag') !== undefined ? value : `${value};tag=${tag}`]);
  }
  return { kind: 'response', status, reason, headers: [...copied, ...(parts.headers ?? [])], body: parts.body ?? '' };
}

function acknowledgement(invite: SipRequest, response: SipResponse): SipRequest {
  const kept = invite.headers.filter(([name]) => ['via', 'from', 'call-id', 'route', 'max-forwards'].includes(name));
  return {
    kind: 'request',
    method: 'ACK',
    uri: invite.uri,
    headers: [...kept, ['to', header(response, 'to')], ['cseq', `${sequence(invite).number} ACK`]],
    body: '',
  };
}

/** Where a request to `uri` goes; undefined for what a telephone without DNS cannot reach. */
export function peerOf(uri: string): Peer | undefined {
  const target = parseTarget(uri);
  if (target === undefined) return undefined;
  const address = target.host === 'localhost' ? '127.0.0.1' : target.host;
  return /^[0-9.]+$|:/.test(address) ? { address, port: target.port } : undefined;
}
