import { createHmac } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.js';
import { TrunklineError } from '../../../kernel/errors.js';
import type { Logger } from '../../../kernel/log.js';
import { hex } from '../../../kernel/random.js';
import type { Random } from '../../../kernel/random.js';
import type { Failure } from '../doors/doors.js';
import { inspectStructure } from '../message/inspect.js';
import { createResponse, cseqOf, serialize, toTag, topVia } from '../message/message.js';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js';
import type { SipParseError } from '../message/parse-error.js';
import { bracketed, MAGIC_COOKIE } from '../message/via.js';
import type { Destination, SipTransportLayer, Source } from '../transport/transport.js';
import { ClientTransaction } from './client-transaction.js';
import type { ClientEvents, ClientTransactionContext } from './client-transaction.js';
import { clientKey, mergeKey, responseKey, serverKey } from './match.js';
import { responseRoute } from './response-route.js';
import { ServerTransaction } from './server-transaction.js';
import type { ServerTransactionContext } from './server-transaction.js';

export type RequestHandler = (transaction: ServerTransaction, request: SipRequest, source: Source) => void;
export type AckHandler = (ack: SipRequest, source: Source) => void;
export type StrayResponseHandler = (response: SipResponse, source: Source) => void;
export type CancelHandler = (cancelTransaction: ServerTransaction, cancel: SipRequest, inviteTransaction: ServerTransaction | undefined) => void;

export interface TransactionLayerOptions {
  readonly transport: SipTransportLayer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** With this many transactions new requests get a stateless 503; ours may take a quarter more, so that calls can still end. */
  readonly maxTransactions: number;
  /** The same limit in bytes of kept requests. Default 128 MiB. */
  readonly maxBytes?: number;
  /** Told of each request that was refused or could not be read. */
  readonly onFailure?: ((source: Source, failure: Failure) => void) | undefined;
}

/** Seconds that a refused caller is asked to wait (RFC 3261 21.5.4). */
const RETRY_AFTER_S = 5;

/** A request larger than this goes by TCP unless the peer fixed its protocol (RFC 3261 18.1.1). */
const LARGE_REQUEST_BYTES = 1_300;

/** What a transaction costs besides its request: an estimate, for `maxBytes`. */
const TRANSACTION_BYTES = 4_096;

/** Request and last response, which repeats many of its headers. */
function weight(request: SipRequest): number {
  return TRANSACTION_BYTES + request.body.length + 2 * request.headers.characters;
}

/**
 * RFC 3261 section 17 with RFC 6026. Answers by itself: 100 to each INVITE at once,
 * 400 and its like to what cannot be read, 482 to merged requests, 503 when full.
 * Screening for content (416, 420...) is `screenRequests`.
 */
export class TransactionLayer {
  readonly #options: TransactionLayerOptions;
  readonly #maxBytes: number;
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #serverKeys = new Map<ServerTransaction, { key: string; callId: string; merge: string | undefined; bytes: number }>();
  readonly #merge = new Map<string, ServerTransaction>();
  /** How many server transactions have a Call-ID. */
  readonly #callIds = new Map<string, number>();
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #serverContext: ServerTransactionContext;
  readonly #clientContext: ClientTransactionContext;
  /** Makes the To tags of stateless answers, which must be the same for each copy of a request. */
  readonly #secret: Uint8Array;
  readonly #idPrefix: string;
  #nextId = 1;
  #bytes = 0;
  #closed = false;
  #unreadable = 0;
  #onRequest: RequestHandler | undefined;
  #onAck: AckHandler | undefined;
  #onStrayResponse: StrayResponseHandler | undefined;
  #onCancel: CancelHandler | undefined;

  constructor(options: TransactionLayerOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? 128 * 1024 * 1024;
    const { transport, clock, random } = options;
    this.#secret = random.bytes(16);
    this.#idPrefix = hex(random, 8);
    this.#serverContext = {
      transport,
      clock,
      terminated: (transaction) => this.#forgetServer(transaction),
      ack: (ack, source) => this.#onAck?.(ack, source),
      answered: (response, transaction) => this.#judgeAnswer(response, transaction),
    };
    this.#clientContext = {
      transport,
      clock,
      terminated: (transaction) => this.#forgetClient(transaction),
      strayResponse: (response, source) => this.#onStrayResponse?.(response, source),
      withVia: (request, destination) => this.#withVia(request, destination, topVia(request)?.params.get('branch') ?? this.#newBranch()),
      register: (transaction) => this.#clients.set(clientKey(transaction.branch, transaction.request.method), transaction),
    };
    transport.onMessage((message, source) => this.#receive(message, source));
    transport.onParseFailure((error, source) => this.#answerUnreadable(error, source));
  }

  /** New requests other than ACK and CANCEL, each once. The INVITE's 100 has been sent. */
  onRequest(handler: RequestHandler): void {
    this.#onRequest = handler;
  }

  /** ACK to a 2xx (or to nothing that we know). Copies are passed on too. */
  onAck(handler: AckHandler): void {
    this.#onAck = handler;
  }

  /** A 2xx to an INVITE after the first one: a repetition, another branch of a fork (other To tag), or one that came after its transaction was gone. */
  onStrayResponse(handler: StrayResponseHandler): void {
    this.#onStrayResponse = handler;
  }

  /** The handler answers the CANCEL (200, or 481 without an INVITE) and the INVITE (487). Without a handler: 481. */
  onCancel(handler: CancelHandler): void {
    this.#onCancel = handler;
  }

  /** Messages so far that could not be read, answered or not. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Whether a request of ours with this branch and method waits for its answer. */
  expects(branch: string, method: string): boolean {
    return this.#clients.has(clientKey(branch, method));
  }

  /** Whether a request of theirs with this Call-ID is being answered, or may come again. */
  hasCallId(callId: string): boolean {
    return this.#callIds.has(callId);
  }

  /** Where the requests of ours went that still wait: address literals, or host names. */
  *peers(): Iterable<string> {
    for (const client of this.#clients.values()) yield client.destination.address;
  }

  /** Server and client transactions that live. */
  get size(): number {
    return this.#servers.size + this.#clients.size;
  }

  /**
   * Sends a request in a new client transaction. Via is ours (any other is dropped), Max-Forwards is
   * added if absent; the request as sent is in the result. Throws TRK_SIP_OVERLOAD, TRK_CLOSED.
   */
  request(request: SipRequest, destination: Destination, events: ClientEvents): ClientTransaction {
    if (this.#closed) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The SIP server' } });
    if (this.size >= this.#options.maxTransactions * 1.25) throw new TrunklineError('TRK_SIP_OVERLOAD');
    const branch = this.#newBranch();
    let sent = this.#withVia(request, destination, branch);
    let fallback: Destination | undefined;
    // RFC 3261 18.1.1: a large request MUST go by a congestion controlled transport, and Via must say so.
    if (destination.protocol === 'udp' && !destination.protocolFixed && serialize(sent).length > LARGE_REQUEST_BYTES) {
      fallback = { ...destination, protocolFixed: true };
      destination = { ...destination, protocol: 'tcp' };
      sent = this.#withVia(request, destination, branch);
    }
    const transaction = new ClientTransaction({ id: this.#newId(), branch, request: sent, destination, fallback, events }, this.#clientContext);
    this.#clients.set(clientKey(branch, request.method), transaction);
    transaction.start();
    return transaction;
  }

  /**
   * Sends the ACK to a 2xx: no transaction, no repetition (RFC 3261 13.2.2.4). The result
   * is the ACK as sent; give it in again to repeat it unchanged. Rejects with TRK_SIP_TRANSPORT, TRK_CLOSED.
   */
  async sendAck(ack: SipRequest, destination: Destination): Promise<SipRequest> {
    const via = topVia(ack);
    const sent = via && this.#options.transport.isOwnSentBy(via) ? ack : this.#withVia(ack, destination, this.#newBranch());
    await this.#options.transport.send(serialize(sent), destination);
    return sent;
  }

  /** Forgets every transaction without a word to anybody. */
  close(): void {
    this.#closed = true;
    for (const transaction of [...this.#servers.values()]) transaction.destroy();
    for (const transaction of [...this.#clients.values()]) transaction.destroy();
  }

  #receive(message: SipMessage, source: Source): void {
    if (this.#closed) return;
    if (message.kind === 'response') this.#receiveResponse(message, source);
    else this.#receiveRequest(message, source);
  }

  #receiveResponse(response: SipResponse, source: Source): void {
    const via = topVia(response);
    // RFC 3261 18.1.2: sent-by that is not ours: the response MUST be discarded.
    // RFC 3261 8.1.3.3: more than one Via: it was meant for somebody else (RFC 4475 3.3.10).
    if (!via || !this.#options.transport.isOwnSentBy(via) || response.headers.getAll('Via').length > 1) return;
    const client = this.#clients.get(responseKey(response) ?? '');
    if (client) client.receive(response, source);
    // RFC 3261 13.2.2.4: each 2xx needs its ACK, whenever it comes.
    else if (response.status >= 200 && response.status < 300 && cseqOf(response)?.method === 'INVITE') this.#onStrayResponse?.(response, source);
  }

  #receiveRequest(request: SipRequest, source: Source): void {
    // Before a word of it is believed: who is refused learns nothing about us, not even what we find wrong.
    if (source.refused) return this.#refuseStranger(request, source);
    const fault = inspectStructure(request);
    if (fault) this.#options.onFailure?.(source, 'garbage');
    if (fault) return this.#answerStatelessly(request, source, fault.status, fault.reason);
    if (request.method === 'ACK') return this.#receiveAck(request, source);
    const key = serverKey(request, request.method);
    const known = this.#servers.get(key);
    if (known) return known.receiveAgain(request, source);
    const merge = toTag(request) === undefined && request.method !== 'CANCEL' ? mergeKey(request) : undefined;
    // RFC 3261 8.2.2.2: the same request by another way: 482.
    if (merge !== undefined && this.#merge.has(merge)) return this.#answerStatelessly(request, source, 482);
    if (this.size >= this.#options.maxTransactions || this.#bytes >= this.#maxBytes) {
      return this.#answerStatelessly(request, source, 503, undefined, [['Retry-After', String(RETRY_AFTER_S)]]);
    }
    const transaction = new ServerTransaction(this.#newId(), request, source, this.#serverContext);
    this.#servers.set(key, transaction);
    // Measured once: the user above may change the headers.
    const bytes = weight(request);
    const callId = request.headers.get('Call-ID') ?? '';
    this.#serverKeys.set(transaction, { key, callId, merge, bytes });
    this.#callIds.set(callId, (this.#callIds.get(callId) ?? 0) + 1);
    if (merge !== undefined) this.#merge.set(merge, transaction);
    this.#bytes += bytes;
    this.#hand(transaction, request, source);
  }

  #hand(transaction: ServerTransaction, request: SipRequest, source: Source): void {
    // RFC 3261 17.2.1: 100 unless the user answers within 200 ms; sending it now spares the caller's repetitions.
    if (request.method === 'INVITE') this.#respond(transaction, createResponse(request, 100));
    try {
      if (request.method === 'CANCEL') {
        // RFC 3261 9.2: the transaction that matches as if the method were not CANCEL; only an INVITE can be cancelled.
        const invite = this.#servers.get(serverKey(request, 'INVITE'));
        if (this.#onCancel) this.#onCancel(transaction, request, invite);
        else this.#respond(transaction, createResponse(request, 481, undefined, { toTag: this.#statelessTag(request) }));
      } else if (this.#onRequest) this.#onRequest(transaction, request, source);
      else this.#respond(transaction, createResponse(request, 503, undefined, { toTag: this.#statelessTag(request) }));
    } catch (error) {
      this.#options.log.error({ err: error, method: request.method }, 'request handler failed');
      if (transaction.lastStatus < 200) this.#respond(transaction, createResponse(request, 500, undefined, { toTag: this.#statelessTag(request) }));
    }
  }

  #receiveAck(ack: SipRequest, source: Source): void {
    const invite = this.#servers.get(serverKey(ack, 'INVITE'));
    // RFC 3261 17.2.3, RFC 2543 peers: the To tag of the ACK is that of our response. A unique branch says it all.
    if (invite && (invite.localTag === undefined || toTag(ack) === undefined || toTag(ack) === invite.localTag)) invite.receiveAck(ack, source);
    else this.#onAck?.(ack, source);
  }

  #respond(transaction: ServerTransaction, response: SipResponse): void {
    transaction.respond(response).catch((error: unknown) => {
      this.#options.log.debug({ err: error, status: response.status }, 'response could not be sent');
    });
  }

  #answerUnreadable(error: SipParseError, source: Source): void {
    this.#unreadable += 1;
    if (this.#closed || source.refused || error.responseStatus === undefined || !error.partial) return;
    this.#options.log.debug({ reason: error.reason, status: error.responseStatus }, 'malformed request refused');
    this.#answerStatelessly(error.partial, source, error.responseStatus);
  }

  /** RFC 3261 21.4.4: 403 whatever was asked, and for whom, so that nobody can find out which numbers exist. */
  #refuseStranger(request: SipRequest, source: Source): void {
    if (inspectStructure(request)) return this.#options.onFailure?.(source, 'garbage');
    if (request.method === 'ACK') return;
    this.#options.onFailure?.(source, '403');
    this.#answerStatelessly(request, source, 403);
  }

  #judgeAnswer(response: SipResponse, { request, source }: ServerTransaction): void {
    const failure = failureOf(response, request);
    if (failure !== undefined) this.#options.onFailure?.(source, failure);
  }

  /** RFC 3261 8.2.7: an answer that leaves no state behind. ACK is never answered. */
  #answerStatelessly(request: SipRequest, source: Source, status: number, reason?: string, headers: readonly (readonly [string, string])[] = []): void {
    if (request.method === 'ACK') return;
    const response = createResponse(request, status, reason, { toTag: this.#statelessTag(request), headers });
    const route = responseRoute(request, source);
    this.#options.transport.send(serialize(response), route.destination, { connection: route.connection, ...(source.refused ? { untraced: true } : {}) }).catch((error: unknown) => {
      this.#options.log.debug({ err: error, status }, 'stateless answer could not be sent');
    });
  }

  #statelessTag(request: SipRequest): string {
    const { headers } = request;
    return createHmac('sha256', this.#secret).update(`${headers.get('Call-ID')}|${headers.get('From')}|${headers.get('CSeq')}`).digest('hex').slice(0, 16);
  }

  #withVia(request: SipRequest, destination: Destination, branch: string): SipRequest {
    const local = this.#options.transport.localAddressFor(destination);
    const headers = request.headers.clone().delete('Via');
    // RFC 3581 3: rport asks for the answer at the port that we send from.
    headers.prepend('Via', `SIP/2.0/${destination.protocol.toUpperCase()} ${bracketed(local.address)}:${local.port};branch=${branch};rport`);
    if (!headers.has('Max-Forwards')) headers.add('Max-Forwards', '70');
    return { ...request, headers };
  }

  #newBranch(): string {
    return MAGIC_COOKIE + hex(this.#options.random, 12);
  }

  #newId(): string {
    return `${this.#idPrefix}-${this.#nextId++}`;
  }

  #forgetServer(transaction: ServerTransaction): void {
    const keys = this.#serverKeys.get(transaction);
    if (!keys) return;
    this.#serverKeys.delete(transaction);
    this.#servers.delete(keys.key);
    if (keys.merge !== undefined && this.#merge.get(keys.merge) === transaction) this.#merge.delete(keys.merge);
    this.#bytes -= keys.bytes;
    const left = (this.#callIds.get(keys.callId) ?? 1) - 1;
    if (left > 0) this.#callIds.set(keys.callId, left);
    else this.#callIds.delete(keys.callId);
  }

  #forgetClient(transaction: ClientTransaction): void {
    const key = clientKey(transaction.branch, transaction.request.method);
    if (this.#clients.get(key) === transaction) this.#clients.delete(key);
  }
}

/** Of final answers to new requests those that tell of a guesser. */
function failureOf(response: SipResponse, request: SipRequest): Failure | undefined {
  if (toTag(request) !== undefined) return undefined;
  if (response.status === 403) return '403';
  if (response.status === 404) return '404';
  if (response.status !== 401 && response.status !== 407) return undefined;
  // RFC 7616 3.3: the first challenge is no failure, nor is a nonce that has grown old.
  const challenge = response.headers.get(response.status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate') ?? '';
  const tried = request.headers.has('Authorization') || request.headers.has('Proxy-Authorization');
  return tried && !/\bstale\s*=\s*"?true/i.test(challenge) ? 'credentials' : undefined;
}
