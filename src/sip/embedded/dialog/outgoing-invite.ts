/** INVITE of an application: the one that begins a call (with its forks) and re-INVITE. */
import type { Application, DownwardAnswer } from '../application.js';
import type { Timer } from '../../../kernel/clock.js';
import { fromTag, toTag, type SipRequest, type SipResponse } from '../message/message.js';
import type { ClientTransaction } from '../transaction/client-transaction.js';
import { T1 } from '../transaction/timers.js';
import type { Destination } from '../transport/transport.js';
import { Refusal } from './application-message.js';
import { Attempts } from './attempts.js';
import { Call } from './call.js';
import { sequenceOf } from './call-table.js';
import { metaOf, newTransactionId, ResponsePath, text, type DialogContext } from './context.js';
import { agreed } from './session-terms.js';
import { applicationDialogId, DialogState } from './dialog-state.js';
import { endCall } from './farewell.js';
import { madeUp, prepareInside, prepareOutside, refused, startRequest, type Answer, type ApplicationRequest } from './outgoing-request.js';

/** How long the application may take for its ACK: the far end repeats its 2xx for 64*T1 and then hangs up. */
const ACK_WAIT_MS = 64 * T1;

/** An INVITE that can be cancelled by its transaction id. */
export interface Cancellable {
  readonly application: Application;
  cancel(headers: Iterable<readonly [string, string]>): DownwardAnswer;
}

export interface OutgoingInvites {
  /** By transaction id, until the final response. */
  readonly running: Map<string, Cancellable>;
}

export function sendInvite(context: DialogContext, invites: OutgoingInvites, application: Application, message: ApplicationRequest, nextHop: string, answer: Answer): void {
  prepareOutside(context, message, nextHop, answer, (request, destinations) => {
    const invite = new OutgoingInvite(context, invites, application, request, new Attempts(context, destinations), message.headers.get('Contact'));
    invite.start(answer);
  });
}

class OutgoingInvite implements Cancellable {
  private readonly transactionId: string;
  private readonly dialogId: string;
  private readonly path: ResponsePath;
  private readonly early = new Map<string, Call>();
  private transaction: ClientTransaction | undefined;
  private cancelled = false;

  constructor(
    private readonly context: DialogContext,
    private readonly invites: OutgoingInvites,
    readonly application: Application,
    private request: SipRequest,
    private readonly attempts: Attempts,
    private readonly contact: string | undefined,
  ) {
    this.transactionId = newTransactionId(context);
    this.dialogId = applicationDialogId(request.headers.get('Call-ID') ?? '', fromTag(request) ?? '');
    this.path = new ResponsePath(application, context.clock);
  }

  start(answer: Answer): void {
    const { context, request } = this;
    this.transaction = startRequest(
      context,
      request,
      this.attempts.current,
      this.transactionId,
      {
        onResponse: (response) => this.onResponse(response),
        onTimeout: () => this.onResponse(madeUp(request, this.cancelled ? 487 : 408)),
        onTransportError: (error) => this.onResponse(madeUp(request, 503, error)),
      },
      answer,
    );
    if (!this.transaction) return;
    this.request = this.transaction.request;
    this.invites.running.set(this.transactionId, this);
  }

  cancel(headers: Iterable<readonly [string, string]>): DownwardAnswer {
    if (!this.transaction) return refused('nothing to cancel');
    this.cancelled = true;
    const cancel = this.transaction.cancel(headers);
    const { destination } = this.transaction;
    const local = this.context.localEnd(destination);
    return { sent: 'request', meta: { protocol: destination.protocol, address: local.host, port: local.port }, transactionId: newTransactionId(this.context), message: text(cancel.request) };
  }

  private onResponse(response: SipResponse): void {
    // The application has no use for 100, and srf loops on a wrong password when it sees one between request and 401.
    if (response.status <= 100) return;
    if (response.status < 200) return this.onProvisional(response);
    // Who has rung there has been called: only silence and refusals before that let the next place try.
    const again = this.cancelled || this.early.size > 0 ? undefined : this.attempts.after(response, this.request, this.contact === undefined);
    if (again) {
      this.request = again;
      return this.start((sent) => {
        if (sent.sent === 'nothing') this.onFinal(madeUp(again, 503));
      });
    }
    return this.onFinal(response);
  }

  private onFinal(response: SipResponse): void {
    this.invites.running.delete(this.transactionId);
    if (response.status < 300) return this.onAnswer(response);
    // RFC 3261 12.3: a final response other than 2xx ends the early dialogs.
    for (const call of this.early.values()) this.context.calls.remove(call);
    return this.up(response);
  }

  private onProvisional(response: SipResponse): void {
    const tag = toTag(response);
    if (tag !== undefined) {
      const call = this.callOf(tag, response);
      if (response.headers.includes('Require', '100rel') && !isNextReliable(call, response)) return;
    }
    this.up(response);
  }

  private onAnswer(response: SipResponse): void {
    const { context } = this;
    const call = this.callOf(toTag(response) ?? '', response);
    for (const other of this.early.values()) if (other !== call) context.calls.remove(other);
    call.stage = 'confirmed';
    call.state.confirm(response);
    call.learnAllow(response);
    call.session.arm(agreed(response));
    const sequence = call.state.inviteSequence;
    const doomed = this.doom(response);
    awaitAck(context, call, sequence, true, () => {
      if (doomed !== undefined) endCall(context, call, doomed);
    });
    this.up(response);
  }

  /** Why a call that was answered cannot stand. */
  private doom(response: SipResponse): string | undefined {
    if (this.cancelled) return '200 OK after CANCEL';
    // srf takes a 2xx other than 200 for a failure, and cannot make a dialog without Contact.
    if (response.status !== 200) return 'unusable answer';
    return response.headers.has('Contact') ? undefined : 'answer without Contact';
  }

  private callOf(tag: string, response: SipResponse): Call {
    const known = this.early.get(tag);
    if (known) return known;
    const call = new Call(DialogState.uac(this.request, response), this.application, this.context);
    call.contact = this.contact;
    call.describedBy(this.request.body);
    call.calledAt = this.transaction?.destination ?? this.attempts.current;
    this.early.set(tag, call);
    this.context.calls.add(call);
    return call;
  }

  private up(response: SipResponse): void {
    this.path.deliver({ source: 'network', meta: metaOf(this.attempts.current), transactionId: this.transactionId, dialogId: this.dialogId, message: text(response) });
  }
}

/** RFC 3262 4: in order and once; a gap or a repetition is not passed on. */
function isNextReliable(call: Call, response: SipResponse): boolean {
  const rseq = Number(response.headers.get('RSeq'));
  if (!Number.isInteger(rseq) || rseq < 1) return false;
  if (call.remoteRseq !== undefined && rseq !== call.remoteRseq + 1) return false;
  call.remoteRseq = rseq;
  return true;
}

/** Expects the application's ACK; without one the far end gets an empty ACK and BYE. */
function awaitAck(context: DialogContext, call: Call, sequence: number, initial: boolean, acknowledged: () => void): void {
  // An application that is away sends none. What began without it ends; a re-INVITE that it sent before is as it wanted.
  const nobody = call.application.away;
  const timer: Timer = context.clock.after(nobody ? 0 : ACK_WAIT_MS, () => {
    call.unacknowledged = undefined;
    const { request, nextHop } = call.state.newRequest('ACK', sequence);
    call.route(nextHop, (destination) => {
      if (!(destination instanceof Refusal)) call.sendAck(sequence, request, destination);
    });
    if (initial || !nobody) endCall(context, call, 'no ACK by the application');
  }, { keepAlive: false });
  call.unacknowledged = {
    sequence,
    acknowledged: () => {
      timer.cancel();
      call.unacknowledged = undefined;
      acknowledged();
    },
  };
}

/** The application's ACK to a 2xx. */
export function sendAck(context: DialogContext, call: Call | undefined, message: ApplicationRequest, answer: Answer): void {
  const waiting = call?.unacknowledged;
  // For other final responses the ACK was the server's own, and srf sends one nevertheless.
  if (!call || !waiting) return answer(refused('no answer waits for an ACK'));
  prepareInside(
    context,
    call,
    message,
    answer,
    (request, destination) => {
      call.sendAck(waiting.sequence, request, destination);
      const local = context.localEnd(destination);
      answer({ sent: 'request', meta: { protocol: destination.protocol, address: local.host, port: local.port }, transactionId: newTransactionId(context), message: text(request) });
      waiting.acknowledged();
    },
    waiting.sequence,
  );
}

export function sendReinvite(context: DialogContext, invites: OutgoingInvites, call: Call, message: ApplicationRequest, answer: Answer): void {
  if (call.stage !== 'confirmed' || call.leaving) return answer(refused('unable to find dialog'));
  // RFC 3261 14.1: one INVITE transaction at a time, in either direction.
  if (call.invitingOut || call.unacknowledged || call.invite) return answer(refused('another INVITE is in progress'));
  prepareInside(context, call, message, answer, (request, destination) => new Reinvite(context, invites, call, request, destination, message.headers.get('Contact')).start(answer));
}

class Reinvite implements Cancellable {
  private readonly transactionId: string;
  private readonly path: ResponsePath;
  private transaction: ClientTransaction | undefined;

  constructor(
    private readonly context: DialogContext,
    private readonly invites: OutgoingInvites,
    private readonly call: Call,
    private readonly request: SipRequest,
    private readonly destination: Destination,
    private readonly contact: string | undefined,
  ) {
    this.transactionId = newTransactionId(context);
    this.path = new ResponsePath(call.application, context.clock);
  }

  get application(): Application {
    return this.call.application;
  }

  start(answer: Answer): void {
    const { request } = this;
    this.call.invitingOut = true;
    this.transaction = startRequest(
      this.context,
      request,
      this.destination,
      this.transactionId,
      {
        onResponse: (response) => this.onResponse(response),
        onTimeout: () => this.onResponse(madeUp(request, 408)),
        onTransportError: (error) => this.onResponse(madeUp(request, 503, error)),
      },
      answer,
    );
    if (this.transaction) this.invites.running.set(this.transactionId, this);
    else this.call.invitingOut = false;
  }

  cancel(headers: Iterable<readonly [string, string]>): DownwardAnswer {
    if (!this.transaction) return refused('nothing to cancel');
    const cancel = this.transaction.cancel(headers);
    const local = this.context.localEnd(this.destination);
    return { sent: 'request', meta: { protocol: this.destination.protocol, address: local.host, port: local.port }, transactionId: newTransactionId(this.context), message: text(cancel.request) };
  }

  private onResponse(response: SipResponse): void {
    if (response.status <= 100) return;
    const { call, context } = this;
    if (response.status >= 200) {
      this.invites.running.delete(this.transactionId);
      call.invitingOut = false;
    }
    if (response.status >= 200 && response.status < 300) {
      call.state.refreshTarget(response);
      call.describedBy(this.request.body);
      call.learnAllow(response);
      call.session.renewed(response);
      if (this.contact !== undefined && this.contact !== 'undefined') call.contact = this.contact;
      awaitAck(context, call, sequenceOf(this.request), false, () => undefined);
    }
    this.path.deliver({ source: 'network', meta: metaOf(this.destination), transactionId: this.transactionId, dialogId: call.id, message: text(response) });
    // RFC 3261 12.2.1.2: 481, 408 or no answer at all to a request in a dialog ends the dialog.
    if (response.status === 481 || response.status === 408) endCall(context, call, 'no answer to a re-INVITE');
  }
}
