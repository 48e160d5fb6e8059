/** A request of the network other than INVITE on its way through the application. */
import type { Timer } from '../../../kernel/clock.js';
import { hex } from '../../../kernel/random.js';
import type { Application, DownwardAnswer } from '../application.js';
import { createResponse, type SipRequest, type SipResponse } from '../message/message.js';
import type { ServerTransaction } from '../transaction/server-transaction.js';
import { responseHeaders, type ApplicationMessage } from './application-message.js';
import type { Call } from './call.js';
import { metaOf, newTransactionId, text, type DialogContext } from './context.js';
import { sayAgreement } from './session-terms.js';
import { refusalOf, refused } from './outgoing-request.js';

export type ApplicationResponse = ApplicationMessage & { readonly kind: 'response' };

/** A far end gives up a non-INVITE request after 32 s; an application that needs longer is not answering, ms. */
const ANSWER_WAIT_MS = 25_000;

/** A request that an application may answer by its transaction id. */
export interface Answerable {
  readonly application: Application;
  respond(response: ApplicationResponse): DownwardAnswer;
  /** The application is gone. */
  abandon(): void;
}

export interface IncomingRequests {
  /** By transaction id, until the final response. */
  readonly open: Map<string, Answerable>;
}

/** Sends what the server answers by itself; a failure to send is the far end's to notice. */
export function answerAlone(context: DialogContext, transaction: ServerTransaction, status: number, headers: ReadonlyArray<readonly [string, string]> = []): void {
  const toTag = transaction.localTag ?? hex(context.random, 8);
  respondOn(context, transaction, createResponse(transaction.request, status, undefined, { toTag, headers }));
}

export function respondOn(context: DialogContext, transaction: ServerTransaction, response: SipResponse): void {
  transaction.respond(response).catch((error: unknown) => context.log.debug({ status: response.status, err: error }, 'response could not be sent'));
}

/** Hands a request up. `receivedOn` goes with requests outside a dialog only. */
export function passUp(application: Application, transaction: ServerTransaction, transactionId: string, dialogId: string): void {
  const { request, source } = transaction;
  application.deliver({
    source: 'network',
    meta: metaOf(source),
    transactionId,
    dialogId,
    message: text(request),
    ...(dialogId === '' ? { receivedOn: { address: source.localAddress, port: source.localPort } } : {}),
  });
}

export class IncomingRequest implements Answerable {
  private readonly transactionId: string;
  private readonly toTag: string;
  private readonly timer: Timer;
  private finished = false;

  constructor(
    private readonly context: DialogContext,
    private readonly requests: IncomingRequests,
    readonly application: Application,
    private readonly transaction: ServerTransaction,
    private readonly call: Call | undefined,
    /** Runs with the final status. */
    private readonly onFinal: (status: number) => void = () => undefined,
  ) {
    this.transactionId = newTransactionId(context);
    this.toTag = hex(context.random, 8);
    requests.open.set(this.transactionId, this);
    this.timer = context.clock.after(
      ANSWER_WAIT_MS,
      () => {
        context.counters.unansweredByApplication += 1;
        this.finishAlone(480);
      },
      { keepAlive: false },
    );
    passUp(application, transaction, this.transactionId, call?.id ?? '');
  }

  respond(message: ApplicationResponse): DownwardAnswer {
    if (this.finished) return refused('transaction is finished');
    const { context, transaction } = this;
    const { source, request } = transaction;
    let response: SipResponse;
    try {
      const headers = responseHeaders(message, context.localEnd(source));
      // RFC 4028 7.4: an UPDATE refreshes the session.
      if (request.method === 'UPDATE' && message.status >= 200 && message.status < 300) sayAgreement(request, headers);
      response = createResponse(request, message.status, message.reason, { toTag: this.toTag, headers: headers.entries(), body: message.body });
    } catch (error) {
      return refusalOf(error);
    }
    if (message.status >= 200) this.finish(message.status);
    if (request.method === 'UPDATE' && message.status < 300) this.call?.describedBy(message.body);
    respondOn(context, transaction, response);
    return { sent: 'response', meta: metaOf(source), transactionId: this.transactionId, dialogId: this.call?.id ?? '', message: text(response) };
  }

  abandon(): void {
    this.finishAlone(503);
  }

  private finishAlone(status: number): void {
    if (this.finished) return;
    this.finish(status);
    answerAlone(this.context, this.transaction, status);
  }

  private finish(status: number): void {
    this.finished = true;
    this.timer.cancel();
    this.requests.open.delete(this.transactionId);
    this.onFinal(status);
  }
}

/** Number and method that a PRACK acknowledges (RFC 3262 7.2). */
export function rackOf(request: SipRequest): { rseq: number; sequence: number; method: string } | undefined {
  const match = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\S+)\s*$/.exec(request.headers.get('RAck') ?? '');
  return match ? { rseq: Number(match[1]), sequence: Number(match[2]), method: match[3] ?? '' } : undefined;
}
