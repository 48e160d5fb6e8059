import type { Clock } from '../../../kernel/clock.js';
import { asTrunklineError, TrunklineError } from '../../../kernel/errors.js';
import { serialize, toTag } from '../message/message.js';
import type { SipRequest, SipResponse } from '../message/message.js';
import type { SipTransportLayer, Source } from '../transport/transport.js';
import { responseRoute } from './response-route.js';
import type { ResponseRoute } from './response-route.js';
import { inviteServerMachine, nonInviteServerMachine } from './server-machines.js';
import type { ServerAction, ServerEvent, ServerState } from './server-machines.js';
import { T1, T2, T4, TIMEOUT, TimerSet } from './timers.js';

export interface ServerTransactionContext {
  readonly transport: SipTransportLayer;
  readonly clock: Clock;
  readonly terminated: (transaction: ServerTransaction) => void;
  readonly ack: (ack: SipRequest, source: Source) => void;
  /** A final response goes out for the first time. */
  readonly answered?: (response: SipResponse, transaction: ServerTransaction) => void;
}

/** One incoming request and our answers to it (RFC 3261 17.2). Made by `TransactionLayer` only. */
export class ServerTransaction {
  /** Opaque, unique for the life of the process. */
  readonly id: string;
  readonly request: SipRequest;
  readonly source: Source;
  /** Tag that our final or last provisional response put into To. */
  localTag: string | undefined;

  readonly #context: ServerTransactionContext;
  readonly #timers: TimerSet;
  #route: ResponseRoute;
  readonly #invite: boolean;
  readonly #reliable: boolean;
  readonly #onTerminated: (() => void)[] = [];
  readonly #onTransportError: ((error: TrunklineError) => void)[] = [];
  readonly #onAckTimeout: (() => void)[] = [];
  #state: ServerState;
  #interval = T1;
  #lastStatus = 0;
  #lastResponse: Buffer | undefined;
  #sending: Promise<void> = Promise.resolve();
  /** What the step in hand is about, for `pass-ack`. */
  #ack: { ack: SipRequest; source: Source } | undefined;

  constructor(id: string, request: SipRequest, source: Source, context: ServerTransactionContext) {
    this.id = id;
    this.request = request;
    this.source = source;
    this.#context = context;
    this.#timers = new TimerSet(context.clock);
    this.#route = responseRoute(request, source);
    this.#invite = request.method === 'INVITE';
    this.#reliable = source.protocol !== 'udp';
    this.#state = this.#invite ? 'proceeding' : 'trying';
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Status that was sent last; 0 before the first. */
  get lastStatus(): number {
    return this.#lastStatus;
  }

  /**
   * Sends a response and resolves when the transport took it. A further 100 is
   * ignored. In `accepted` each 2xx is sent again as it is: repeating it until
   * the ACK is the dialog's work (RFC 3261 13.3.1.4).
   *
   * Rejects with TRK_CONFLICT after a final response, TRK_SIP_TRANSPORT, TRK_CLOSED.
   */
  respond(response: SipResponse): Promise<void> {
    // One 100 has gone out with the arrival of the INVITE; a later one says less than what was sent since.
    if (response.status === 100 && this.#lastStatus >= 100) return Promise.resolve();
    const event: ServerEvent = response.status < 200 ? '1xx' : response.status < 300 ? '2xx' : '3xx-6xx';
    if (!this.#machine[this.#state][event]) {
      return Promise.reject(new TrunklineError('TRK_CONFLICT', { params: { reason: 'The final response was already sent.' } }));
    }
    if (response.status >= 200 && this.#lastStatus < 200) this.#context.answered?.(response, this);
    this.#lastStatus = response.status;
    this.#lastResponse = serialize(response);
    this.localTag = toTag(response) ?? this.localTag;
    this.#step(event);
    return this.#sending;
  }

  /** Runs when the transaction is forgotten; at once if it already is. */
  onTerminated(listener: () => void): void {
    if (this.#state === 'terminated') listener();
    else this.#onTerminated.push(listener);
  }

  /** A response could not be sent, a repetition included. The transaction goes on. */
  onTransportError(listener: (error: TrunklineError) => void): void {
    this.#onTransportError.push(listener);
  }

  /** No ACK came for a 3xx-6xx to an INVITE (timer H). */
  onAckTimeout(listener: () => void): void {
    this.#onAckTimeout.push(listener);
  }

  /**
   * The request came again. If it came by another way, e.g. on a new connection because the
   * first one broke, that is where its sender listens now. For the layer.
   */
  receiveAgain(copy: SipRequest, source: Source): void {
    this.#route = responseRoute(copy, source);
    this.#step('request');
  }

  /** For the layer. */
  receiveAck(ack: SipRequest, source: Source): void {
    this.#ack = { ack, source };
    this.#step('ack');
    this.#ack = undefined;
  }

  /** Forgets everything without a further message. For the layer. */
  destroy(): void {
    this.#timers.clear();
    this.#enter('terminated');
  }

  get #machine(): typeof inviteServerMachine {
    return this.#invite ? inviteServerMachine : nonInviteServerMachine;
  }

  #step(event: ServerEvent): void {
    const step = this.#machine[this.#state][event];
    if (!step) return;
    this.#enter(step.to);
    for (const action of step.run) this.#run(action);
  }

  #enter(state: ServerState): void {
    if (this.#state === state) return;
    this.#state = state;
    if (state !== 'terminated') return;
    this.#timers.clear();
    this.#context.terminated(this);
    for (const listener of this.#onTerminated.splice(0)) listener();
  }

  #run(action: ServerAction): void {
    const timers = this.#timers;
    switch (action) {
      case 'send':
        this.#sending = this.#transmit();
        return;
      case 'resend':
        this.#transmit().catch(() => undefined);
        return;
      case 'pass-ack':
        if (this.#ack) this.#context.ack(this.#ack.ack, this.#ack.source);
        return;
      case 'no-ack':
        for (const listener of this.#onAckTimeout) listener();
        return;
      case 'set-G':
        if (!this.#reliable) timers.set('G', this.#interval, () => this.#step('G'));
        return;
      case 'double-G':
        this.#interval = Math.min(2 * this.#interval, T2);
        return timers.set('G', this.#interval, () => this.#step('G'));
      case 'stop-G':
        return timers.stop('G');
      case 'set-H':
        return timers.set('H', TIMEOUT, () => this.#step('H'));
      case 'stop-H':
        return timers.stop('H');
      case 'set-I':
        return timers.set('I', this.#reliable ? 0 : T4, () => this.#step('I'));
      case 'set-J':
        return timers.set('J', this.#reliable ? 0 : TIMEOUT, () => this.#step('J'));
      case 'set-L':
        return timers.set('L', TIMEOUT, () => this.#step('L'));
    }
  }

  async #transmit(): Promise<void> {
    if (!this.#lastResponse) return;
    try {
      await this.#context.transport.send(this.#lastResponse, this.#route.destination, { connection: this.#route.connection });
    } catch (thrown) {
      const error = asTrunklineError(thrown);
      // RFC 3261 17.2.4 leaves the rest to the user. The transaction stays, so that a repetition
      // of the request is not taken for a new one.
      for (const listener of this.#onTransportError) listener(error);
      throw error;
    }
  }
}
