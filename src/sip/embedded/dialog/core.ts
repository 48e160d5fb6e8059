/**
 * Joins the transaction layer below and the applications above: who gets a new
 * request, which dialog a message belongs to, and what is answered at once.
 */
import type { Application, DownwardAnswer, DownwardMessage, SipCore } from '../application.js';
import { cseqOf, fromTag, toTag, type SipRequest, type SipResponse } from '../message/message.js';
import type { ServerTransaction } from '../transaction/server-transaction.js';
import type { Source } from '../transport/transport.js';
import { parseApplicationMessage, Refusal, unfitForFrame, type ApplicationMessage } from './application-message.js';
import type { Call } from './call.js';
import { sequenceOf } from './call-table.js';
import { metaOf, newTransactionId, text, type DialogContext } from './context.js';
import { endCall } from './farewell.js';
import { IncomingInvite } from './incoming-invite.js';
import { answerAlone, IncomingRequest, rackOf, type Answerable } from './incoming-request.js';
import { sendAck, sendInvite, sendReinvite, type Cancellable } from './outgoing-invite.js';
import { NO_DIALOG, refused, sendInside, sendOutside, type Answer, type ApplicationRequest } from './outgoing-request.js';
import { agree, MIN_SE, tooShort } from './session-terms.js';
import { applicationDialogId, DialogState } from './dialog-state.js';

/** Requests that only make sense in a dialog. */
const IN_DIALOG_ONLY: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK']);
const RETRY_AFTER: ReadonlyArray<readonly [string, string]> = [['Retry-After', '5']];

export interface Addresses {
  external(): readonly string[];
  local(): readonly string[];
}

export class DialogCore implements SipCore {
  private readonly verbs = new Map<Application, Set<string>>();
  /** Requests of the network that wait for their final response, by transaction id. */
  readonly open = new Map<string, Answerable>();
  /** INVITEs of applications that wait for theirs. */
  readonly running = new Map<string, Cancellable>();
  private readonly inviteOf = new WeakMap<ServerTransaction, IncomingInvite>();
  private turn = 0;
  /** Seconds for Retry-After; `undefined` while calls are taken. */
  private draining: number | undefined;

  constructor(
    private readonly context: DialogContext,
    private readonly addresses: Addresses,
  ) {}

  // ---- the application's side ----

  attach(application: Application): void {
    this.verbs.set(application, new Set());
  }

  suspend(application: Application): void {
    // It says again what it wants to hear when it comes back.
    this.verbs.set(application, new Set());
    for (const request of [...this.open.values()]) if (request.application === application) request.abandon();
    for (const invite of [...this.running.values()]) if (invite.application === application) invite.cancel([]);
  }

  detach(application: Application): void {
    this.verbs.delete(application);
    // A call whose application is gone would be silence until the far end hangs up.
    for (const call of this.context.calls.of(application)) endCall(this.context, call, 'application lost');
  }

  route(application: Application, verb: string): void {
    this.verbs.get(application)?.add(verb);
  }

  removeRoute(application: Application, verb: string): void {
    this.verbs.get(application)?.delete(verb);
  }

  hostports(): { external: string; local: string } {
    return { external: this.addresses.external().join(','), local: this.addresses.local().join(',') };
  }

  send(application: Application, frame: DownwardMessage, answer: Answer): void {
    let message: ApplicationMessage;
    try {
      message = parseApplicationMessage(frame.message);
    } catch (error) {
      if (error instanceof Refusal) return answer(refused(error.message));
      throw error;
    }
    if (message.kind === 'response') return answer(this.respond(application, frame.transactionId, message));
    if (message.method === 'CANCEL') return answer(this.cancel(application, frame.transactionId, message));
    if (frame.dialogId !== '') return this.sendInside(frame.dialogId, message, answer);
    if (message.method === 'INVITE') return sendInvite(this.context, this, application, message, frame.nextHop, answer);
    return sendOutside(this.context, application, message, frame.nextHop, answer);
  }

  private respond(application: Application, transactionId: string, message: ApplicationMessage & { kind: 'response' }): DownwardAnswer {
    const request = this.open.get(transactionId);
    if (!request || request.application !== application) return refused('transaction is unknown or finished');
    return request.respond(message);
  }

  private cancel(application: Application, transactionId: string, message: ApplicationRequest): DownwardAnswer {
    const invite = this.running.get(transactionId);
    if (!invite || invite.application !== application) return refused('transaction is unknown or finished');
    const reason = message.headers.get('Reason');
    return invite.cancel(reason === undefined ? [] : [['Reason', reason]]);
  }

  private sendInside(dialogId: string, message: ApplicationRequest, answer: Answer): void {
    const { context } = this;
    const { calls } = context;
    if (message.method === 'ACK') {
      return sendAck(context, calls.withId(dialogId).find((call) => call.unacknowledged), message, answer);
    }
    if (message.method === 'PRACK') {
      const rseq = Number(message.headers.get('RAck')?.trim().split(/\s+/)[0]);
      const call = calls.withId(dialogId).find((early) => early.remoteRseq === rseq);
      return call ? sendInside(context, call, message, answer) : answer(NO_DIALOG);
    }
    const call = calls.named(dialogId);
    if (!call) return answer(NO_DIALOG);
    if (message.method === 'INVITE') return sendReinvite(context, this, call, message, answer);
    return sendInside(context, call, message, answer);
  }

  // ---- the network's side ----

  onRequest(transaction: ServerTransaction, request: SipRequest): void {
    this.context.counters.requestsIn += 1;
    const callId = request.headers.get('Call-ID') ?? '';
    // They become fields of a frame.
    if (unfitForFrame(callId) || unfitForFrame(fromTag(request) ?? '')) return answerAlone(this.context, transaction, 400);
    const call = this.context.calls.ofRequest(request);
    if (call) return this.onInside(call, transaction, request);
    // RFC 3261 12.2.2: a To tag means a dialog, and there is none.
    if (toTag(request) !== undefined || IN_DIALOG_ONLY.has(request.method)) {
      this.context.counters.unknownDialogs += 1;
      return answerAlone(this.context, transaction, 481);
    }
    return this.onOutside(transaction, request);
  }

  onCancel(cancel: ServerTransaction, invite: ServerTransaction | undefined): void {
    const incoming = invite && this.inviteOf.get(invite);
    if (incoming) incoming.cancelled(cancel);
    else answerAlone(this.context, cancel, invite ? 200 : 481);
  }

  onAck(ack: SipRequest, source: Source): void {
    const call = this.context.calls.ofRequest(ack);
    const sequence = cseqOf(ack)?.sequence;
    if (!call || call.invite?.sequence !== sequence || !call.invite?.onAck()) return;
    call.application.deliver({ source: 'network', meta: metaOf(source), transactionId: newTransactionId(this.context), dialogId: call.id, message: text(ack) });
  }

  /** A 2xx to an INVITE that was answered before (RFC 3261 13.2.2.4). */
  onStrayResponse(response: SipResponse): void {
    const { calls, counters } = this.context;
    counters.strayResponses += 1;
    const callId = response.headers.get('Call-ID') ?? '';
    const localTag = fromTag(response) ?? '';
    const sequence = cseqOf(response)?.sequence ?? 0;
    const call = calls.get(callId, localTag, toTag(response) ?? '');
    if (call) return call.repeatAck(sequence);
    // Another branch of a fork: it is told that the call was taken elsewhere.
    const answered = calls.withId(applicationDialogId(callId, localTag)).find((other) => other.state.role === 'uac' && other.stage === 'confirmed' && other.state.inviteSequence === sequence);
    if (answered) this.dismissFork(answered, response);
  }

  /** From now on no new call is taken; dialogs and our own requests go on. */
  drain(retryAfterSeconds: number): void {
    this.draining = retryAfterSeconds;
  }

  /** BYE to every call; for the end of the server. */
  endAll(reason: string): void {
    for (const request of [...this.open.values()]) request.abandon();
    for (const invite of [...this.running.values()]) invite.cancel([]);
    for (const call of this.context.calls.all()) endCall(this.context, call, reason);
  }

  private onOutside(transaction: ServerTransaction, request: SipRequest): void {
    const { context } = this;
    // RFC 3261 21.5.4; 11.2: OPTIONS gets what an INVITE would get, so that a balancer turns elsewhere.
    if (this.draining !== undefined && (request.method === 'INVITE' || request.method === 'OPTIONS')) {
      return answerAlone(context, transaction, 503, [['Retry-After', String(this.draining)]]);
    }
    // RFC 3261 8.1.1.8.
    if (request.method === 'INVITE' && !request.headers.has('Contact')) return answerAlone(context, transaction, 400);
    if (request.method === 'INVITE' && tooShort(request)) return answerAlone(context, transaction, 422, [['Min-SE', String(MIN_SE)]]);
    const application = this.applicationFor(request.method.toLowerCase());
    if (!application) {
      context.counters.refusedWithoutApplication += 1;
      return answerAlone(context, transaction, 503, RETRY_AFTER);
    }
    if (request.method === 'INVITE') this.inviteOf.set(transaction, new IncomingInvite(context, this, application, transaction, undefined));
    else new IncomingRequest(context, this, application, transaction, undefined);
  }

  private applicationFor(verb: string): Application | undefined {
    const willing = [...this.verbs].filter(([application, verbs]) => verbs.has(verb) && !application.away);
    if (willing.length === 0) return undefined;
    this.turn += 1;
    return willing[this.turn % willing.length]?.[0];
  }

  private onInside(call: Call, transaction: ServerTransaction, request: SipRequest): void {
    const { context } = this;
    // RFC 3261 12.2.2: a lower number is out of order and MUST be refused with 500.
    if (!call.state.acceptSequence(request)) return answerAlone(context, transaction, 500);
    if ((request.method === 'INVITE' || request.method === 'UPDATE') && tooShort(request)) return answerAlone(context, transaction, 422, [['Min-SE', String(MIN_SE)]]);
    if (call.application.away) return this.onOrphan(call, transaction, request);
    switch (request.method) {
      case 'BYE':
        return this.onBye(call, transaction);
      case 'INVITE':
        return this.onReinvite(call, transaction);
      case 'PRACK': {
        const rack = rackOf(request);
        // RFC 3262 3: a PRACK that matches nothing gets 481.
        if (!rack || !call.invite?.onPrack(rack)) return answerAlone(context, transaction, 481);
        break;
      }
      case 'UPDATE':
        return this.onUpdate(call, transaction, request);
    }
    new IncomingRequest(context, this, call.application, transaction, call);
    return undefined;
  }

  private onBye(call: Call, transaction: ServerTransaction): void {
    const { context } = this;
    const { invite } = call;
    if (call.stage === 'early' && !invite) {
      // RFC 3261 15: a callee does not send BYE in an early dialog; it refuses the INVITE.
      return answerAlone(context, transaction, 481);
    }
    if (call.stage === 'early' && invite) {
      // RFC 3261 15.1.2: requests that still wait get a 487. The application has no dialog yet: it hears a CANCEL.
      answerAlone(context, transaction, 200);
      invite.giveUp(487);
      return;
    }
    invite?.abandon();
    context.calls.remove(call);
    call.unacknowledged = undefined;
    new IncomingRequest(context, this, call.application, transaction, call);
  }

  private onReinvite(call: Call, transaction: ServerTransaction): void {
    const { context } = this;
    // RFC 3261 14.2: while ours waits for an answer: 491; while theirs does: 500 with Retry-After.
    if (call.invitingOut || call.unacknowledged) return answerAlone(context, transaction, 491);
    if (call.invite) return answerAlone(context, transaction, 500, [['Retry-After', String(sequenceOf(transaction.request) % 11)]]);
    this.inviteOf.set(transaction, new IncomingInvite(context, this, call.application, transaction, call));
    return undefined;
  }

  private onUpdate(call: Call, transaction: ServerTransaction, request: SipRequest): void {
    const { context } = this;
    const offer = request.body.length > 0;
    const confirmed = call.stage === 'confirmed';
    // RFC 3311 5.2: 491 while our offer has no answer, 500 with Retry-After while theirs has none.
    if (offer && (call.updatingOut || (confirmed && call.invitingOut))) return answerAlone(context, transaction, 491);
    if (offer && (call.updatingIn || (confirmed && call.invite?.answered === false))) return answerAlone(context, transaction, 500, [['Retry-After', '1']]);
    if (offer) call.updatingIn = true;
    new IncomingRequest(context, this, call.application, transaction, call, (status) => {
      if (offer) call.updatingIn = false;
      if (status < 200 || status >= 300) return;
      call.state.refreshTarget(request);
      call.session.arm(agree(request)?.terms);
    });
    return undefined;
  }

  /** A request for an application that is away: BYE needs nobody, the rest may come again (RFC 3261 21.5.1; RFC 5057 5.1: a 500 harms no dialog). */
  private onOrphan(call: Call, transaction: ServerTransaction, request: SipRequest): void {
    if (request.method !== 'BYE') return answerAlone(this.context, transaction, 500, [['Retry-After', '2']]);
    call.invite?.abandon();
    this.context.calls.remove(call);
    call.application.deliver({ source: 'network', meta: metaOf(transaction.source), transactionId: newTransactionId(this.context), dialogId: call.id, message: text(request) });
    return answerAlone(this.context, transaction, 200);
  }

  private dismissFork(answered: Call, response: SipResponse): void {
    const { context } = this;
    const state = DialogState.fork(answered.state, response);
    const ack = state.newRequest('ACK', answered.state.inviteSequence);
    const bye = state.newRequest('BYE');
    context.nextHops.find(ack.nextHop, (destination) => {
      if (destination instanceof Refusal) return;
      context.transactions.sendAck(ack.request, destination).catch(() => undefined);
      context.transactions.request(bye.request, destination, { onResponse: () => undefined, onTimeout: () => undefined, onTransportError: () => undefined });
    });
  }
}
