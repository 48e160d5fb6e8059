/**
 * The session timer of one call (RFC 4028): refreshes of ours at half time, and
 * BYE when none of theirs comes. The application sees nothing but that BYE.
 */
import type { Timer } from '../../../kernel/clock.js';
import { fraction } from '../../../kernel/random.js';
import type { SipRequest, SipResponse } from '../message/message.js';
import { cseqOf } from '../message/message.js';
import { contactOf, isSips, Refusal } from './application-message.js';
import type { Call } from './call.js';
import type { DialogContext } from './context.js';
import { endCall } from './farewell.js';
import { agreed, MIN_SE, type SessionTerms } from './session-terms.js';

/** How long a refresh waits for a request in progress, ms. */
const BUSY_RETRY_MS = 2_000;
/** After an answer that is neither 2xx nor one that ends the dialog, ms. */
const FAILED_RETRY_MS = 10_000;

export class SessionTimer {
  private terms: SessionTerms | undefined;
  private refresh: Timer | undefined;
  private expiry: Timer | undefined;
  private stopped = false;

  constructor(
    private readonly context: DialogContext,
    private readonly call: Call,
  ) {}

  /** Starts anew with each agreement; `undefined`: no timer. Nothing expires before the call is answered. */
  arm(terms: SessionTerms | undefined): void {
    if (this.call.stage !== 'confirmed') return;
    this.cancel();
    this.terms = terms;
    if (!terms || this.stopped) return;
    const ms = terms.interval * 1000;
    // RFC 4028 10: refresh at half time; who waits in vain sends BYE the smaller of 32 s and a third before the end.
    if (terms.weRefresh) this.refreshIn(ms / 2);
    this.expiry = this.after(ms - Math.min(32_000, ms / 3), () => endCall(this.context, this.call, 'Session timer expired'));
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
  }

  /** RFC 4028 7.4: each INVITE and UPDATE of ours says again what was agreed, or the timer would be off. */
  describe(request: SipRequest): void {
    const { headers } = request;
    if (!this.terms || headers.has('Session-Expires')) return;
    headers.set('Session-Expires', `${this.terms.interval};refresher=${this.terms.weRefresh ? 'uac' : 'uas'}`);
    headers.set('Min-SE', String(MIN_SE));
    if (!headers.includes('Supported', 'timer')) headers.add('Supported', 'timer');
  }

  /** A 2xx to such a request. */
  renewed(response: SipResponse): void {
    const { terms } = this;
    // RFC 4028 7.2: a far end that names no timer wants none; our own refreshes still show that it lives.
    this.arm(agreed(response) ?? (terms?.weRefresh ? terms : undefined));
  }

  private cancel(): void {
    this.refresh?.cancel();
    this.expiry?.cancel();
  }

  private after(ms: number, run: () => void): Timer {
    return this.context.clock.after(ms, run, { keepAlive: false });
  }

  private refreshIn(ms: number): void {
    this.refresh?.cancel();
    this.refresh = this.after(ms, () => this.sendRefresh());
  }

  private sendRefresh(): void {
    const { call, context } = this;
    if (this.stopped || call.leaving) return;
    const busy = call.invitingOut || call.unacknowledged || call.invite || call.updatingOut || call.updatingIn;
    if (busy) return this.refreshIn(BUSY_RETRY_MS);
    // RFC 4028 7.4: UPDATE without an offer disturbs nothing; a far end that does not allow it gets the same SDP again.
    const method = call.remoteAllowsUpdate || call.localSdp === undefined ? 'UPDATE' : 'INVITE';
    const { request: bare, nextHop } = call.state.newRequest(method);
    call.route(nextHop, (destination) => {
      if (this.stopped) return;
      if (destination instanceof Refusal) return this.refreshIn(FAILED_RETRY_MS);
      const local = context.localEnd(destination);
      bare.headers.set('Contact', call.contact ?? contactOf({ ...local, sips: isSips(bare.uri) }));
      this.describe(bare);
      const body = method === 'INVITE' ? call.localSdp : undefined;
      if (body) bare.headers.set('Content-Type', 'application/sdp');
      const request = body ? { ...bare, body } : bare;
      if (method === 'INVITE') call.invitingOut = true;
      const failed = (): void => this.onFinal(request, undefined);
      try {
        context.transactions.request(request, destination, {
          onResponse: (response) => {
            if (response.status >= 200) this.onFinal(request, response);
          },
          onTimeout: failed,
          onTransportError: failed,
        });
        context.counters.requestsOut += 1;
      } catch (error) {
        call.invitingOut = false;
        context.log.info({ sipCallId: call.state.callId, err: error }, 'session refresh could not be sent');
        this.refreshIn(FAILED_RETRY_MS);
      }
    });
  }

  private onFinal(request: SipRequest, response: SipResponse | undefined): void {
    const { call, context } = this;
    if (request.method === 'INVITE') call.invitingOut = false;
    const status = response?.status ?? 408;
    if (response && status < 300) {
      call.state.refreshTarget(response);
      if (request.method === 'INVITE') this.acknowledge(request);
      if (!this.stopped) this.renewed(response);
      return;
    }
    if (this.stopped) return;
    // RFC 4028 10, RFC 3261 12.2.1.2: no answer, or a far end that knows no such dialog.
    if (status === 408 || status === 481) return endCall(context, call, 'Session timer expired');
    const least = Number(response?.headers.get('Min-SE'));
    if (status === 422 && this.terms && least > this.terms.interval && least <= 86_400) {
      // RFC 4028 7.3: again at once, with what a hop on the way asks for; what was agreed before runs on.
      this.terms = { ...this.terms, interval: least };
      return this.refreshIn(0);
    }
    if (status === 405 || status === 501) call.remoteAllowsUpdate = false;
    // RFC 3261 14.1: after 491, 2.1 to 4 s in units of 10 ms.
    this.refreshIn(status === 491 ? 2_100 + Math.floor(fraction(context.random) * 191) * 10 : FAILED_RETRY_MS);
  }

  private acknowledge(request: SipRequest): void {
    const { call } = this;
    const sequence = cseqOf(request)?.sequence ?? 0;
    const { request: ack, nextHop } = call.state.newRequest('ACK', sequence);
    call.route(nextHop, (destination) => {
      if (!(destination instanceof Refusal)) call.sendAck(sequence, ack, destination);
    });
  }
}
