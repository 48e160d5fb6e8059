import type { Clock } from '../../../kernel/clock.js';
import { asTrunklineError } from '../../../kernel/errors.js';
import type { TrunklineError } from '../../../kernel/errors.js';
import { serialize } from '../message/message.js';
import type { SipRequest, SipResponse } from '../message/message.js';
import type { Destination, SipTransportLayer, Source } from '../transport/transport.js';
import { inviteClientMachine, nonInviteClientMachine } from './client-machines.js';
import type { ClientAction, ClientEvent, ClientState } from './client-machines.js';
import { ackForFailure, cancelFor } from './derived-requests.js';
import { T1, T2, T4, TIMEOUT, TimerSet } from './timers.js';

/** What a request leads to. Exactly one of: a final response, `onTimeout`, `onTransportError`; never before `request()` returned. */
export interface ClientEvents {
  /** Every provisional response (100 too) and the first final one. */
  onResponse(response: SipResponse, source: Source): void;
  /** No final answer: timer B or F, or 64*T1 after a CANCEL. Treat as 408 (RFC 3261 8.1.3.1). */
  onTimeout(): void;
  /** TRK_SIP_TRANSPORT or TRK_CLOSED. Treat as 503 (RFC 3261 8.1.3.1). */
  onTransportError(error: TrunklineError): void;
}

export interface ClientTransactionContext {
  readonly transport: SipTransportLayer;
  readonly clock: Clock;
  readonly terminated: (transaction: ClientTransaction) => void;
  readonly strayResponse: (response: SipResponse, source: Source) => void;
  /** The request with our Via for `destination`; keeps `branch`. */
  readonly withVia: (request: SipRequest, destination: Destination) => SipRequest;
  /** Makes the layer know a CANCEL transaction. */
  readonly register: (transaction: ClientTransaction) => void;
}

export interface ClientTransactionInit {
  readonly id: string;
  readonly branch: string;
  readonly request: SipRequest;
  readonly destination: Destination;
  /** Where the request goes if it was moved to TCP for its size and TCP is refused. */
  readonly fallback?: Destination | undefined;
  readonly events: ClientEvents;
}

const noEvents: ClientEvents = { onResponse: () => undefined, onTimeout: () => undefined, onTransportError: () => undefined };

/** One request of ours and the answers to it (RFC 3261 17.1). Made by `TransactionLayer` only. */
export class ClientTransaction {
  /** Opaque, unique for the life of the process. */
  readonly id: string;
  readonly branch: string;

  readonly #context: ClientTransactionContext;
  readonly #events: ClientEvents;
  readonly #timers: TimerSet;
  readonly #invite: boolean;
  #request: SipRequest;
  #destination: Destination;
  #fallback: Destination | undefined;
  #bytes: Buffer;
  #state: ClientState = 'held';
  #interval = T1;
  #cancel: ClientTransaction | undefined;
  #ack: Buffer | undefined;
  /** What the step in hand is about, for the actions. */
  #response: { response: SipResponse; source: Source } | undefined;
  #error: TrunklineError | undefined;

  constructor(init: ClientTransactionInit, context: ClientTransactionContext) {
    this.id = init.id;
    this.branch = init.branch;
    this.#context = context;
    this.#events = init.events;
    this.#timers = new TimerSet(context.clock);
    this.#invite = init.request.method === 'INVITE';
    this.#request = init.request;
    this.#destination = init.destination;
    this.#fallback = init.fallback;
    this.#bytes = serialize(init.request);
  }

  /** As sent, with our Via. */
  get request(): SipRequest {
    return this.#request;
  }

  get destination(): Destination {
    return this.#destination;
  }

  get state(): ClientState {
    return this.#state;
  }

  /**
   * Cancels an INVITE (RFC 3261 9.1). The CANCEL is held until a provisional response
   * has come; if a final one comes first, or has come, it is never sent and the
   * returned transaction is `terminated`. Its own answer is absorbed: what counts is
   * the final response to the INVITE, or `onTimeout` 64*T1 after the CANCEL. A second
   * call returns the same transaction. For other methods nothing is sent.
   */
  cancel(extraHeaders: Iterable<readonly [name: string, value: string]> = []): ClientTransaction {
    if (this.#cancel) return this.#cancel;
    this.#cancel = new ClientTransaction(
      {
        id: `${this.id}-cancel`,
        branch: this.branch,
        request: cancelFor(this.#request, extraHeaders),
        destination: this.#destination,
        events: noEvents,
      },
      this.#context,
    );
    if (this.#invite && this.#state === 'proceeding') this.#sendCancel(this.#cancel);
    // 9.1: a CANCEL has no effect on a request that has its final response, and other methods answer at once anyway.
    else if (!this.#invite || this.#state !== 'calling') this.#cancel.destroy();
    return this.#cancel;
  }

  #sendCancel(cancel: ClientTransaction): void {
    if (cancel.state !== 'held') return;
    this.#context.register(cancel);
    cancel.start();
    this.#timers.set('cancel', TIMEOUT, () => this.#step('cancel'));
  }

  /** Sends the request. For the layer. */
  start(): void {
    this.#state = this.#invite ? 'calling' : 'trying';
    this.#transmit(this.#bytes);
    this.#setRetransmission();
    if (this.#invite) this.#timers.set('B', TIMEOUT, () => this.#step('B'));
    else this.#timers.set('F', TIMEOUT, () => this.#step('F'));
  }

  /** For the layer. */
  receive(response: SipResponse, source: Source): void {
    this.#response = { response, source };
    this.#step(response.status < 200 ? '1xx' : response.status < 300 ? '2xx' : '3xx-6xx');
    this.#response = undefined;
  }

  /** Forgets everything without a further message or event. For the layer. */
  destroy(): void {
    this.#cancel?.destroyIfHeld();
    this.#enter('terminated');
  }

  destroyIfHeld(): void {
    if (this.#state === 'held') this.destroy();
  }

  get #reliable(): boolean {
    return this.#destination.protocol !== 'udp';
  }

  #setRetransmission(): void {
    // RFC 3261 17.1.1.2, 17.1.2.2: timers A and E only on unreliable transports.
    if (this.#reliable) return;
    const name = this.#invite ? 'A' : 'E';
    this.#timers.set(name, this.#interval, () => this.#step(name));
  }

  #step(event: ClientEvent): void {
    const step = (this.#invite ? inviteClientMachine : nonInviteClientMachine)[this.#state][event];
    if (!step) return;
    const before = this.#state;
    this.#enter(step.to);
    for (const action of step.run) this.#run(action);
    if (!this.#cancel || before !== 'calling') return;
    // 9.1: a held CANCEL goes out with the first provisional response, and never after a final one.
    if (this.#state === 'proceeding') this.#sendCancel(this.#cancel);
    else if (this.#state !== 'calling') this.#cancel.destroyIfHeld();
  }

  #enter(state: ClientState): void {
    if (this.#state === state) return;
    this.#state = state;
    if (state !== 'terminated') return;
    this.#timers.clear();
    this.#context.terminated(this);
  }

  #run(action: ClientAction): void {
    const timers = this.#timers;
    switch (action) {
      case 'resend':
        return this.#transmit(this.#bytes);
      case 'pass':
        if (this.#response) this.#events.onResponse(this.#response.response, this.#response.source);
        return;
      case 'pass-again':
        if (this.#response) this.#context.strayResponse(this.#response.response, this.#response.source);
        return;
      case 'ack':
        return this.#sendAck();
      case 'timeout':
        return this.#events.onTimeout();
      case 'transport-error':
        if (this.#error) this.#events.onTransportError(this.#error);
        return;
      case 'double-A':
        // 17.1.1.2: A has no ceiling; B ends it.
        this.#interval *= 2;
        return this.#setRetransmission();
      case 'double-E':
        this.#interval = Math.min(2 * this.#interval, T2);
        return this.#setRetransmission();
      case 'set-E-to-T2':
        this.#interval = T2;
        return this.#setRetransmission();
      case 'set-D':
        return timers.set('D', this.#reliable ? 0 : TIMEOUT, () => this.#step('D'));
      case 'set-K':
        return timers.set('K', this.#reliable ? 0 : T4, () => this.#step('K'));
      case 'set-M':
        return timers.set('M', TIMEOUT, () => this.#step('M'));
      case 'stop-A':
        return timers.stop('A');
      case 'stop-B':
        return timers.stop('B');
      case 'stop-E':
        return timers.stop('E');
      case 'stop-F':
        return timers.stop('F');
      case 'stop-cancel':
        return timers.stop('cancel');
    }
  }

  #sendAck(): void {
    if (this.#response) this.#ack ??= serialize(ackForFailure(this.#request, this.#response.response));
    if (this.#ack) this.#transmit(this.#ack);
  }

  #transmit(bytes: Buffer): void {
    this.#context.transport.send(bytes, this.#destination).catch((thrown: unknown) => {
      if (this.#fallback && (this.#state === 'calling' || this.#state === 'trying')) return this.#fallBack(this.#fallback);
      // An ACK that is lost with its connection will be asked for again by the repeated response.
      if (this.#state === 'completed') return undefined;
      this.#error = asTrunklineError(thrown);
      return this.#step('error');
    });
  }

  /** RFC 3261 18.1.1: TCP was only tried for the size; when it is refused the request goes by UDP after all. */
  #fallBack(destination: Destination): void {
    this.#fallback = undefined;
    this.#destination = destination;
    this.#request = this.#context.withVia(this.#request, destination);
    this.#bytes = serialize(this.#request);
    if (this.#cancel?.state === 'held') this.#cancel.#follow(this.#request, destination);
    this.#transmit(this.#bytes);
    this.#setRetransmission();
  }

  /** A CANCEL must carry the top Via of its request and go where that went (RFC 3261 9.1). */
  #follow(request: SipRequest, destination: Destination): void {
    this.#request.headers.replaceFirst('Via', request.headers.get('Via') ?? '');
    this.#bytes = serialize(this.#request);
    this.#destination = destination;
  }
}
