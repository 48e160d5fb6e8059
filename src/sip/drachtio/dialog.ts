/**
 * An established call on a drachtio server. srf has no deadlines and its
 * `modify` never recovers from a refusal, so both are done here: re-INVITEs go
 * out one at a time by `dialog.request`, and every answer is waited for by the
 * clock.
 */
import type { Clock } from '../../kernel/clock.js';
import { delay } from '../../kernel/clock.js';
import { asTrunklineError, TrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import { fraction, type Random } from '../../kernel/random.js';
import { sdpRefusal } from '../../sdp/refusal.js';
import type { Dialog, DialogEnd, DialogPeer, SipHeaders, SipReply, SipRequestInfo } from '../signalling.js';
import { headersOf, listsToken, outgoingHeaders, replyWith, requestInfo, sendResponse } from './headers.js';
import { DialogRequests, type RequestContext } from './dialog-requests.js';
import type { SrfDialog, SrfInstance, SrfRequest, SrfResponse } from './srf-types.js';

/** How often a re-INVITE is tried again after 491. */
const GLARE_RETRIES = 2;
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY, MESSAGE';
/** Extensions of ours (RFC 3261 20.37). */
export const SUPPORTED = '100rel, timer, replaces, norefersub';

export interface DialogContext extends RequestContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly userAgent: string;
  /** The dialog ended, whoever did it. */
  readonly onEnded: (dialog: DrachtioDialog) => void;
}

export class DrachtioDialog implements Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly peer: DialogPeer;
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
  private readonly requests: DialogRequests;

  constructor(
    private readonly srfDialog: SrfDialog,
    private readonly context: DialogContext,
  ) {
    this.callId = srfDialog.sip.callId;
    this.requests = new DialogRequests(srfDialog, context);
    this.localTag = srfDialog.sip.localTag ?? '';
    this.remoteTag = srfDialog.sip.remoteTag ?? '';
    this.peer = peerOf(srfDialog);
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

  /** The connection to the server broke: the call goes on, but nothing can be said in it. */
  suspend(): void {
    this.requests.suspend();
  }

  /** A new connection stands, and the server still knows the dialog or not: `gone` comes if it does not. */
  resume(srf: SrfInstance): void {
    if (!this.end) this.requests.resume(srf);
  }

  /** The server knows no such dialog any more. */
  gone(): void {
    this.finish({ by: 'system', reason: 'ended while the SIP server was out of reach' });
  }

  /** The connection stayed away too long; BYE is owed to the next one. */
  lost(): void {
    if (this.end) return;
    void this.hangup({ Reason: 'SIP;cause=503;text="lost the SIP server"' });
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

  private async sendBye(headers?: SipHeaders): Promise<void> {
    let checked: Record<string, string>;
    try {
      checked = outgoingHeaders(this.context.userAgent, headers);
    } catch {
      checked = outgoingHeaders(this.context.userAgent);
    }
    // A far end that hangs up at the same moment settles it as well.
    await Promise.race([this.requests.bye(checked), new Promise<void>((resolve) => this.onEnd(() => resolve()))]);
    this.finish({ by: 'local', reason: 'BYE' });
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
  private async exchange(method: string, headers: SipHeaders | undefined, body: string | undefined): Promise<SrfResponse> {
    if (this.end || this.hangingUp) throw new TrunklineError('TRK_SIP_DIALOG_GONE');
    const response = await this.requests.send(method, outgoingHeaders(this.context.userAgent, headers), body);
    // RFC 3261 12.2.1.2: 481 says that the far end has no such dialog; the server made up the 408.
    if (response.status === 481 || (response.status === 408 && method === 'INVITE')) this.abandon();
    if (response.status === 481) throw new TrunklineError('TRK_SIP_DIALOG_GONE');
    if (response.status === 408) throw new TrunklineError('TRK_SIP_TIMEOUT');
    return response;
  }

  /** The far end lost the dialog. The embedded server has hung up by now; to a real drachtio-server that is the application's duty (RFC 3261 12.2.1.2). */
  private abandon(): void {
    if (this.end || this.hangingUp) return;
    this.srfDialog.destroy({ headers: outgoingHeaders(this.context.userAgent) }, () => undefined);
    // After the failure of the request itself, which tells more.
    queueMicrotask(() => this.finish({ by: 'system', reason: 'the far end has no such dialog' }));
  }

  private onBye(bye: SrfRequest, reason: string | undefined): void {
    const remote = bye.source === 'network';
    this.finish(remote ? { by: 'remote', reason: bye.get('Reason') ?? 'BYE' } : { by: 'system', reason: reason ?? 'the SIP server ended the call' });
  }

  private finish(end: DialogEnd): void {
    if (this.end) return;
    this.end = end;
    this.requests.failAll(new TrunklineError('TRK_SIP_DIALOG_GONE'));
    this.srfDialog.srf.removeDialog(this.srfDialog);
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
      this.context.log.info({ sipCallId: this.callId, err: error }, 'refused to modify a call');
      // RFC 3261 14.2: the call goes on as it was.
      const refusal = sdpRefusal(asTrunklineError(error));
      sendResponse(response, 488, undefined, { headers: refusal ? { ...headers, Warning: refusal.warning } : headers });
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
      .catch((error: unknown) => this.context.log.warn({ sipCallId: this.callId, err: error }, 'the answer of the far end could not be used'));
  }

  private onAnyRequest(request: SrfRequest, response: SrfResponse): Promise<void> {
    const handler = this.requestHandler;
    const byDefault = (): SipReply => (request.method === 'INFO' || request.method === 'OPTIONS' ? { status: 200 } : { status: 501, headers: { Allow: ALLOW } });
    return replyWith(
      response,
      this.context.userAgent,
      () => (handler ? handler(requestInfo(request)) : byDefault()),
      (error) => this.context.log.warn({ sipCallId: this.callId, err: error }, 'handler of an in-dialog request failed'),
    );
  }
}

function peerOf(dialog: SrfDialog): DialogPeer {
  const said = dialog.type === 'uas' ? dialog.req : dialog.res;
  const allow = said.get('Allow');
  const supported = said.get('Supported');
  return {
    uri: dialog.remote.uri ?? '',
    allows: (method) => allow === undefined || listsToken(allow, method),
    supports: (option) => listsToken(supported, option),
  };
}
