/**
 * An established call on a drachtio server. srf has no deadlines and its
 * `modify` never recovers from a refusal, so both are done here: re-INVITEs go
 * out one at a time by `dialog.request`, and every answer is waited for by the
 * clock.
 */
import type { Clock, Timer } from '../../kernel/clock.js';
import { delay } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import { fraction, type Random } from '../../kernel/random.js';
import type { Dialog, DialogEnd, SipHeaders, SipReply, SipRequestInfo } from '../signalling.js';
import { headersOf, outgoingHeaders, replyWith, requestInfo, sendResponse } from './headers.js';
import { srfFailure, type SrfDialog, type SrfRequest, type SrfResponse } from './srf-types.js';

/** The server makes up a 408 after 64*T1 = 32 s; this is for a server that does not, ms. */
export const ANSWER_DEADLINE_MS = 36_000;
/** How often a re-INVITE is tried again after 491. */
const GLARE_RETRIES = 2;
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY, MESSAGE';

export interface DialogContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly userAgent: string;
  /** The dialog ended, whoever did it. */
  readonly onEnded: (dialog: DrachtioDialog) => void;
}

export class DrachtioDialog implements Dialog {
  readonly callId: string;
  remoteSdp: string;
  localSdp: string;
  private end: DialogEnd | undefined;
  private hangingUp: Promise<void> | undefined;
  private modifyHandler: ((remoteSdp: string) => string | Promise<string>) | undefined;
  private requestHandler: ((request: SipRequestInfo) => SipReply | Promise<SipReply>) | undefined;
  private readonly endListeners: Array<(end: DialogEnd) => void> = [];
  /** Settles when the re-INVITE in progress has: RFC 3261 14.1 allows one at a time. */
  private modifying: Promise<unknown> = Promise.resolve();
  /** A re-INVITE of ours waits for its final response. */
  private inviting = false;
  /** The next ACK carries the answer to an offer that we made in a 200. */
  private answerInAck = false;
  private readonly waiting = new Set<(error: TrunklineError) => void>();

  constructor(
    private readonly srfDialog: SrfDialog,
    private readonly context: DialogContext,
  ) {
    this.callId = srfDialog.sip.callId;
    this.remoteSdp = srfDialog.remote.sdp ?? '';
    this.localSdp = srfDialog.local.sdp ?? '';
    srfDialog.on('destroy', (bye, reason) => this.onBye(bye, reason));
    srfDialog.on('modify', (request, response) => void this.onModifyRequest(request, response));
    srfDialog.on('update', (request, response) => void this.onModifyRequest(request, response));
    srfDialog.on('ack', (ack) => this.onAck(ack));
    for (const event of ['info', 'refer', 'notify', 'options', 'message', 'publish', 'subscribe'] as const) {
      srfDialog.on(event, (request, response) => void this.onAnyRequest(request, response));
    }
  }

  /** drachtio's id of the dialog. */
  get id(): string {
    return this.srfDialog.id;
  }

  get ended(): boolean {
    return this.end !== undefined;
  }

  onEnd(listener: (end: DialogEnd) => void): void {
    if (this.end) listener(this.end);
    else this.endListeners.push(listener);
  }

  onModify(handler: (remoteSdp: string) => string | Promise<string>): void {
    this.modifyHandler = handler;
  }

  onRequest(handler: (request: SipRequestInfo) => SipReply | Promise<SipReply>): void {
    this.requestHandler = handler;
  }

  /** The connection to the server broke: the server ends the call, and nothing can be sent any more. */
  lost(): void {
    this.finish({ by: 'system', reason: 'lost the SIP server' });
  }

  modify(localSdp: string): Promise<string> {
    const result = this.modifying.then(() => this.reinvite(localSdp));
    this.modifying = result.catch(() => undefined);
    return result;
  }

  async request(method: string, options: { headers?: SipHeaders; body?: string } = {}): Promise<{ status: number; headers: SipHeaders; body: string }> {
    const response = await this.exchange(method, options.headers, options.body);
    return { status: response.status, headers: headersOf(response), body: response.body ?? '' };
  }

  hangup(headers?: SipHeaders): Promise<void> {
    this.hangingUp ??= this.end ? Promise.resolve() : this.sendBye(headers);
    return this.hangingUp;
  }

  private sendBye(headers?: SipHeaders): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        deadline.cancel();
        this.finish({ by: 'local', reason: 'BYE' });
        resolve();
      };
      // A far end that hangs up at the same moment, or a lost server, settles it as well.
      this.onEnd(() => {
        deadline.cancel();
        resolve();
      });
      const deadline: Timer = this.context.clock.after(ANSWER_DEADLINE_MS, done);
      let checked: Record<string, string>;
      try {
        checked = outgoingHeaders(this.context.userAgent, headers);
      } catch {
        checked = outgoingHeaders(this.context.userAgent);
      }
      // srf calls back on any response to BYE and on any refusal; either way the dialog is over.
      this.srfDialog.destroy({ headers: checked }, done);
    });
  }

  private async reinvite(localSdp: string): Promise<string> {
    for (let attempt = 0; ; attempt += 1) {
      this.inviting = true;
      const response = await this.exchange('INVITE', undefined, localSdp).finally(() => (this.inviting = false));
      if (response.status === 491 && attempt < GLARE_RETRIES) {
        // RFC 3261 14.1: who owns the Call-ID waits 2.1-4 s, the other 0-2 s; we take the safe side of both by chance.
        await delay(this.context.clock, 2_100 + Math.floor(fraction(this.context.random) * 190) * 10);
        continue;
      }
      if (response.status >= 300) {
        throw new TrunklineError('TRK_SIP_REJECTED', { params: { status: response.status }, cause: { status: response.status, reason: response.reason ?? '' } });
      }
      this.localSdp = localSdp;
      this.srfDialog.local.sdp = localSdp;
      this.remoteSdp = response.body ?? '';
      return this.remoteSdp;
    }
  }

  /** Sends a request and waits for its final response. */
  private exchange(method: string, headers: SipHeaders | undefined, body: string | undefined): Promise<SrfResponse> {
    return new Promise((resolve, reject) => {
      if (this.end || this.hangingUp) return reject(new TrunklineError('TRK_SIP_DIALOG_GONE'));
      const checked = outgoingHeaders(this.context.userAgent, headers);
      const settle = (): void => {
        deadline.cancel();
        this.waiting.delete(fail);
      };
      const fail = (error: TrunklineError): void => {
        settle();
        reject(error);
      };
      const deadline: Timer = this.context.clock.after(ANSWER_DEADLINE_MS, () => fail(new TrunklineError('TRK_SIP_TIMEOUT')));
      this.waiting.add(fail);
      this.srfDialog.request({ method, headers: checked, ...(body === undefined ? {} : { body }) }, (error, response) => {
        if (error || !response) return fail(this.failureOf(error));
        if (response.status < 200) return;
        // RFC 3261 12.2.1.2: 481 says that the far end has no such dialog; the server made up the 408.
        if (response.status === 481 || (response.status === 408 && method === 'INVITE')) this.abandon();
        if (response.status === 481) return fail(new TrunklineError('TRK_SIP_DIALOG_GONE'));
        if (response.status === 408) return fail(new TrunklineError('TRK_SIP_TIMEOUT'));
        settle();
        resolve(response);
      });
    });
  }

  /** The far end lost the dialog. The embedded server has hung up by now; to a real drachtio-server that is the application's duty (RFC 3261 12.2.1.2). */
  private abandon(): void {
    if (this.end || this.hangingUp) return;
    this.srfDialog.destroy({ headers: outgoingHeaders(this.context.userAgent) }, () => undefined);
    // After the failure of the request itself, which tells more.
    queueMicrotask(() => this.finish({ by: 'system', reason: 'the far end has no such dialog' }));
  }

  private failureOf(error: unknown): TrunklineError {
    const failure = srfFailure(error);
    if (failure.code === 'ENODIALOG' || failure.code === 'ESOCKETDESTROYED') return new TrunklineError('TRK_SIP_DIALOG_GONE', { cause: error });
    return new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: failure.reason }, cause: error });
  }

  private onBye(bye: SrfRequest, reason: string | undefined): void {
    const remote = bye.source === 'network';
    this.finish(remote ? { by: 'remote', reason: bye.get('Reason') ?? 'BYE' } : { by: 'system', reason: reason ?? 'the SIP server ended the call' });
  }

  private finish(end: DialogEnd): void {
    if (this.end) return;
    this.end = end;
    for (const fail of [...this.waiting]) fail(new TrunklineError('TRK_SIP_DIALOG_GONE'));
    this.context.onEnded(this);
    for (const listener of this.endListeners) listener(end);
  }

  /** re-INVITE, or UPDATE with an offer. */
  private async onModifyRequest(request: SrfRequest, response: SrfResponse): Promise<void> {
    const offer = request.body ?? '';
    const headers = outgoingHeaders(this.context.userAgent);
    // RFC 3261 14.2, RFC 3311 5.2: offers that cross. The embedded server says so itself, a real drachtio-server passes them on.
    if (this.inviting && (offer !== '' || request.method === 'INVITE')) return sendResponse(response, 491, undefined, { headers });
    if (offer === '') {
      // RFC 3261 14.2: a re-INVITE without an offer gets one in the 2xx; an UPDATE without one is a refresh.
      this.answerInAck = request.method === 'INVITE';
      return sendResponse(response, 200, undefined, request.method === 'INVITE' ? { headers: { ...headers, 'Content-Type': 'application/sdp' }, body: this.localSdp } : { headers });
    }
    try {
      const answer = this.modifyHandler ? await this.modifyHandler(offer) : this.localSdp;
      this.remoteSdp = offer;
      this.localSdp = answer;
      this.srfDialog.local.sdp = answer;
      sendResponse(response, 200, undefined, { headers: { ...headers, 'Content-Type': 'application/sdp' }, body: answer });
    } catch (error) {
      this.context.log.info({ callId: this.callId, err: error }, 'refused to modify a call');
      sendResponse(response, 488, undefined, { headers });
    }
  }

  private onAck(ack: SrfRequest): void {
    if (!this.answerInAck || !ack.body) return;
    this.answerInAck = false;
    this.remoteSdp = ack.body;
    const answer = ack.body;
    // The far end's answer is news for the media, too; what the handler returns has nowhere to go.
    Promise.resolve()
      .then(() => this.modifyHandler?.(answer))
      .catch((error: unknown) => this.context.log.warn({ callId: this.callId, err: error }, 'the answer of the far end could not be used'));
  }

  private onAnyRequest(request: SrfRequest, response: SrfResponse): Promise<void> {
    const handler = this.requestHandler;
    const byDefault = (): SipReply => (request.method === 'INFO' || request.method === 'OPTIONS' ? { status: 200 } : { status: 501, headers: { Allow: ALLOW } });
    return replyWith(
      response,
      this.context.userAgent,
      () => (handler ? handler(requestInfo(request)) : byDefault()),
      (error) => this.context.log.warn({ callId: this.callId, err: error }, 'handler of an in-dialog request failed'),
    );
  }
}
