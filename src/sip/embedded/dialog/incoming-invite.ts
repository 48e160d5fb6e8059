/** An INVITE of the network, initial or in a dialog, until its ACK. */
import type { Timer } from '../../../kernel/clock.js';
import { hex } from '../../../kernel/random.js';
import type { Application, DownwardAnswer } from '../application.js';
import { createResponse, fromTag, toTag, type SipRequest, type SipResponse } from '../message/message.js';
import { cancelFor } from '../transaction/derived-requests.js';
import type { ServerTransaction } from '../transaction/server-transaction.js';
import { AnswerRepetition } from './answer-repetition.js';
import { contactOf, givenToTag, isSips, Refusal, responseHeaders } from './application-message.js';
import { Call, type PendingInvite } from './call.js';
import { sequenceOf } from './call-table.js';
import { metaOf, newTransactionId, text, type DialogContext } from './context.js';
import { applicationDialogId, DialogState } from './dialog-state.js';
import { endCall } from './farewell.js';
import { answerAlone, passUp, respondOn, type Answerable, type ApplicationResponse, type IncomingRequests } from './incoming-request.js';
import { agree, sayAgreement } from './session-terms.js';
import { refusalOf, refused } from './outgoing-request.js';
import { ReliableProvisionals } from './reliable-provisional.js';

/** An application that lets a caller ring for longer has forgotten the call, ms. */
const ANSWER_WAIT_MS = 180_000;

export class IncomingInvite implements Answerable, PendingInvite {
  readonly sequence: number;
  answered = false;
  private readonly transactionId: string;
  private readonly dialogId: string;
  private readonly timer: Timer;
  private readonly reliable: ReliableProvisionals;
  private readonly initial: boolean;
  private localTag: string | undefined;
  private finished = false;
  private acknowledged = false;
  private repetition: AnswerRepetition | undefined;

  constructor(
    private readonly context: DialogContext,
    private readonly requests: IncomingRequests,
    readonly application: Application,
    private readonly transaction: ServerTransaction,
    private call: Call | undefined,
  ) {
    const { request } = transaction;
    this.initial = call === undefined;
    this.sequence = sequenceOf(request);
    this.transactionId = newTransactionId(context);
    this.dialogId = call?.id ?? applicationDialogId(request.headers.get('Call-ID') ?? '', fromTag(request) ?? '');
    this.localTag = toTag(request);
    if (call) call.invite = this;
    const first = 1 + (Buffer.from(context.random.bytes(2)).readUInt16BE(0) % 10_000);
    // RFC 3262 3: no PRACK within 64*T1: the INVITE SHOULD be refused with a 5xx.
    this.reliable = new ReliableProvisionals(context.clock, first, (response) => respondOn(context, transaction, response), () => this.onNoPrack());
    requests.open.set(this.transactionId, this);
    this.timer = context.clock.after(
      ANSWER_WAIT_MS,
      () => {
        context.counters.unansweredByApplication += 1;
        this.giveUp(480);
      },
      { keepAlive: false },
    );
    passUp(application, transaction, this.transactionId, call?.id ?? '');
  }

  /** 200 or 481 to the CANCEL and all that follows (RFC 3261 9.2). */
  cancelled(cancel: ServerTransaction): void {
    if (this.answered) {
      // Real drachtio's way: the caller wants no call and may never see our 200, so it gets a BYE.
      answerAlone(this.context, cancel, 481);
      if (this.call && this.initial) endCall(this.context, this.call, 'CANCEL after 200 OK');
      return;
    }
    this.ensureTag();
    // RFC 3261 9.2: the To tag of the answer to CANCEL SHOULD be that of the answers to the INVITE.
    respondOn(this.context, cancel, createResponse(cancel.request, 200, undefined, this.tagOption()));
    if (this.finished) return;
    passUp(this.application, cancel, this.transactionId, this.dialogId);
    this.finish();
    respondOn(this.context, this.transaction, createResponse(this.transaction.request, 487, undefined, this.tagOption()));
  }

  respond(message: ApplicationResponse): DownwardAnswer {
    if (this.finished) return refused('transaction is finished');
    const { context, transaction } = this;
    const { source } = transaction;
    this.ensureTag(givenToTag(message));
    let response: SipResponse;
    try {
      response = this.build(message);
    } catch (error) {
      return refusalOf(error);
    }
    if (message.status < 200) this.sendProvisional(response);
    else if (message.status < 300) this.sendAnswer(response);
    else {
      this.finish();
      respondOn(context, transaction, response);
    }
    return { sent: 'response', meta: metaOf(source), transactionId: this.transactionId, dialogId: this.dialogId, message: text(response) };
  }

  abandon(): void {
    if (this.answered) {
      this.stopRepeating();
      return;
    }
    // RFC 5057 5.1: a 480 to a re-INVITE would end the call.
    this.giveUp(this.initial ? 480 : 500);
  }

  onAck(): boolean {
    if (!this.answered || this.acknowledged) return false;
    this.acknowledged = true;
    this.stopRepeating();
    this.call?.runAfterAck();
    return true;
  }

  onPrack(rack: { rseq: number; sequence: number; method: string }): boolean {
    return rack.method === 'INVITE' && rack.sequence === this.sequence && this.reliable.onPrack(rack.rseq);
  }

  /** Ends the wait without the application, which hears it as a CANCEL: there is no other word for it. */
  giveUp(status: number): void {
    if (this.finished) return;
    const { application, transaction } = this;
    this.ensureTag();
    this.finish();
    respondOn(this.context, transaction, createResponse(transaction.request, status, undefined, this.tagOption()));
    if (application.away) return;
    application.deliver({ source: 'network', meta: metaOf(transaction.source), transactionId: this.transactionId, dialogId: this.dialogId, message: text(cancelFor(transaction.request, [])) });
  }

  private onNoPrack(): void {
    const { call, context, transaction } = this;
    if (!this.answered) return this.giveUp(504);
    // The application thinks that it has answered, but its 2xx was held back for the PRACK.
    respondOn(context, transaction, createResponse(transaction.request, 504, undefined, this.tagOption()));
    if (call) endCall(context, call, 'PRACK timeout', { silent: true });
  }

  private build(message: ApplicationResponse): SipResponse {
    const { request, source } = this.transaction;
    const local = this.context.localEnd(source);
    const headers = responseHeaders(message, local);
    const reliable = message.status > 100 && message.status < 200 && headers.includes('Require', '100rel');
    // RFC 3262 3: only if the caller said that it can.
    if (reliable && !supportsReliable(request)) throw new Refusal('far end does not support 100rel');
    // RFC 3261 12.1.1: a response that makes a dialog has a Contact.
    if (message.status > 100 && message.status < 300 && !headers.has('Contact')) headers.set('Contact', this.call?.contact ?? contactOf({ ...local, protocol: source.protocol, sips: asksForSips(request) }));
    if (message.status >= 200 && message.status < 300) sayAgreement(request, headers);
    const response = createResponse(request, message.status, message.reason, { ...this.tagOption(), headers: headers.entries(), body: message.body });
    if (this.initial && message.status > 100 && message.status < 300) this.ensureCall(message.headers.get('Contact'));
    if (message.status < 300) this.call?.describedBy(message.body);
    return response;
  }

  private sendProvisional(response: SipResponse): void {
    if (response.headers.includes('Require', '100rel')) this.reliable.add(response);
    else respondOn(this.context, this.transaction, response);
  }

  private sendAnswer(response: SipResponse): void {
    const { call, context, transaction } = this;
    if (!call) return;
    this.finished = true;
    this.answered = true;
    this.timer.cancel();
    this.requests.open.delete(this.transactionId);
    call.stage = 'confirmed';
    call.invite = this;
    call.learnAllow(transaction.request);
    call.session.arm(agree(transaction.request)?.terms);
    // RFC 3261 12.2.2: the 2xx to a re-INVITE accepts its new target, too.
    if (!this.initial) call.state.refreshTarget(transaction.request);
    // RFC 3262 3: no 2xx while a reliable provisional response waits for its PRACK.
    this.reliable.whenEmpty(() => {
      respondOn(context, transaction, response);
      this.repetition = new AnswerRepetition(
        context.clock,
        () => respondOn(context, transaction, response),
        () => {
          context.counters.ackTimeouts += 1;
          this.stopRepeating();
          // RFC 3261 13.3.1.4: the dialog is confirmed, but the session is ended by BYE.
          endCall(context, call, 'ACK timeout');
        },
      );
    });
  }

  private ensureTag(given?: string): void {
    this.localTag ??= given ?? hex(this.context.random, 8);
  }

  private tagOption(): { toTag: string } {
    return { toTag: this.localTag ?? '' };
  }

  private ensureCall(contact: string | undefined): void {
    if (this.call) return;
    const { request, source } = this.transaction;
    const call = new Call(DialogState.uas(request, this.localTag ?? ''), this.application, this.context);
    call.peer = source;
    call.contact = contact;
    call.invite = this;
    this.call = call;
    this.context.calls.add(call);
  }

  private stopRepeating(): void {
    this.repetition?.stop();
    this.reliable.stop();
    if (this.call?.invite === this) this.call.invite = undefined;
  }

  private finish(): void {
    this.finished = true;
    this.timer.cancel();
    this.reliable.stop();
    this.requests.open.delete(this.transactionId);
    if (this.call?.invite === this) this.call.invite = undefined;
    if (this.call && this.initial) this.context.calls.remove(this.call);
  }
}

/** RFC 3261 12.1.1: a sips Request-URI, top Record-Route or Contact asks for a sips Contact. */
function asksForSips(request: SipRequest): boolean {
  const above = request.headers.get('Record-Route') ?? request.headers.get('Contact') ?? '';
  return isSips(request.uri) || /^[^<]*<?sips:/i.test(above);
}

function supportsReliable(request: SipRequest): boolean {
  return request.headers.includes('Supported', '100rel') || request.headers.includes('Require', '100rel');
}
