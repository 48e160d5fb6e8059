/**
 * One INVITE of ours from request to dialog or failure. The far end's final
 * answer decides; our own deadlines only send CANCEL, and a 200 that crosses it
 * is hung up at once.
 */
import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError, type ErrorCode } from '../../kernel/errors.js';
import type { OutgoingCallRequest, PlaceFailure } from '../signalling.js';
import { ALLOW, ANSWER_DEADLINE_MS, type DrachtioDialog } from './dialog.js';
import { outgoingHeaders } from './headers.js';
import { srfFailure, type SrfDialog, type SrfInstance, type SrfRequest, type SrfResponse } from './srf-types.js';
import { checkCallId, checkUri, fromHeader } from './uri.js';

const DEFAULT_RING_TIMEOUT_MS = 60_000;
/** How long the 487 may take after our CANCEL before the caller hears that it is over, ms. */
const CANCEL_WAIT_MS = 5_000;
/** Put into a response that the embedded server made up because sending failed. */
export const LOCAL_FAILURE = 'trunkline transport';
const CERTIFICATE_FAILURE = /trunkline certificate: ([^"]*)/;

type End = 'timeout' | 'cancelled';

export interface OutgoingContext {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly adopt: (dialog: SrfDialog) => DrachtioDialog;
}

export class OutgoingCall {
  readonly result: Promise<DrachtioDialog>;
  private resolve!: (dialog: DrachtioDialog) => void;
  private reject!: (error: TrunklineError) => void;
  private settled = false;
  private sent: SrfRequest | undefined;
  /** Why we gave up, if we did. */
  private given: End | undefined;
  private heard = false;
  private timer: Timer | undefined;
  private readonly onAbort = (): void => this.giveUp('cancelled');

  constructor(
    srf: SrfInstance,
    private readonly request: OutgoingCallRequest,
    private readonly context: OutgoingContext,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    const options = inviteOptions(request, context.userAgent);
    if (request.signal?.aborted) {
      this.fail('TRK_SIP_CANCELLED', { status: 487, reason: 'cancelled' });
      return;
    }
    request.signal?.addEventListener('abort', this.onAbort, { once: true });
    this.timer = context.clock.after(request.ringTimeoutMs ?? DEFAULT_RING_TIMEOUT_MS, () => this.giveUp('timeout'));
    try {
      srf.createUAC(options, { cbRequest: (error, sent) => this.onSent(error, sent), cbProvisional: (response) => this.onProvisional(response) }, (error, dialog) => this.onFinal(error, dialog));
    } catch (error) {
      // srf asserts that a socket is there; it can go between our check and the call.
      this.fail('TRK_SIP_NOT_CONNECTED', { status: 503, reason: 'no connection to the SIP server' }, error);
    }
  }

  /** CANCEL, as by the caller's signal. */
  cancel(): void {
    this.giveUp('cancelled');
  }

  /** The connection broke before the end. */
  lost(): void {
    this.fail('TRK_SIP_NOT_CONNECTED', { status: 503, reason: 'lost the SIP server' });
  }

  private onSent(error: unknown, sent: SrfRequest | undefined): void {
    if (error || !sent) return;
    this.sent = sent;
    if (this.given) this.sendCancel();
  }

  private onProvisional(response: SrfResponse): void {
    this.heard = true;
    if (this.settled || response.status <= 100) return;
    const sdp = response.body && /application\/sdp/i.test(response.get('Content-Type') ?? '') ? response.body : undefined;
    this.request.onProgress?.({ status: response.status, sdp });
  }

  private onFinal(error: unknown, dialog: SrfDialog | undefined): void {
    if (dialog) {
      const leg = this.context.adopt(dialog);
      if (!this.settled && !this.given) return this.succeed(leg);
      // RFC 3261 15: the 200 won against our CANCEL, so there is a call that nobody wants.
      void leg.hangup();
      return this.failAsGiven();
    }
    if (this.given) return this.failAsGiven();
    const { status, code, reason, response } = srfFailure(error);
    if (status === undefined) {
      if (code === 'EDRACHTIO' && /uri/i.test(reason)) return this.fail('TRK_SIP_URI', { status: 400, reason }, error);
      return this.fail('TRK_SIP_TRANSPORT', { status: 503, reason }, error);
    }
    const failure = { status, reason: reason.startsWith('Sip non-success') ? '' : reason };
    if (status === 408) return this.fail('TRK_SIP_TIMEOUT', failure);
    const local = status === 503 && response ? localFailure(response) : undefined;
    if (local) return this.fail(local.code, { status, reason: local.reason });
    return this.fail('TRK_SIP_REJECTED', failure);
  }

  private giveUp(end: End): void {
    if (this.settled || this.given) return;
    this.given = end;
    this.timer?.cancel();
    this.timer = this.context.clock.after(CANCEL_WAIT_MS, () => this.failAsGiven());
    if (this.sent) this.sendCancel();
  }

  private sendCancel(): void {
    // A refusal means that the transaction is already over: its final response is on the way.
    const reason = this.given === 'timeout' ? 'SIP;cause=408;text="no answer"' : 'SIP;cause=487;text="cancelled"';
    try {
      this.sent?.cancel({ headers: { Reason: reason } }, () => undefined);
    } catch {
      // srf asserts that a socket is there; without one the connection is lost and `lost` settles the call.
    }
  }

  private failAsGiven(): void {
    if (this.given === 'timeout') this.fail('TRK_SIP_TIMEOUT', this.heard ? { status: 487, reason: 'no answer in time' } : { status: 408, reason: 'no response' });
    else this.fail('TRK_SIP_CANCELLED', { status: 487, reason: 'cancelled' });
  }

  private succeed(dialog: DrachtioDialog): void {
    this.settle();
    this.resolve(dialog);
  }

  private fail(code: ErrorCode, failure: PlaceFailure, error?: unknown): void {
    if (this.settled) return;
    this.settle();
    const params = { status: failure.status, reason: failure.reason };
    this.reject(new TrunklineError(code, { params, cause: error instanceof Error ? { ...failure, error } : failure }));
  }

  private settle(): void {
    this.settled = true;
    this.timer?.cancel();
    this.request.signal?.removeEventListener('abort', this.onAbort);
  }
}

/** Why a server made this 503 up; nothing if it came from the far end. */
function localFailure(response: SrfResponse): { code: 'TRK_SIP_CERTIFICATE' | 'TRK_SIP_TRANSPORT'; reason: string } | undefined {
  // Of a response that came from nowhere a real drachtio-server knows no source.
  if (response.source_address === '') return { code: 'TRK_SIP_TRANSPORT', reason: response.reason ?? 'not sent' };
  const warning = response.get('Warning');
  const certificate = CERTIFICATE_FAILURE.exec(warning ?? '')?.[1];
  if (certificate !== undefined) return { code: 'TRK_SIP_CERTIFICATE', reason: certificate };
  return warning?.includes(LOCAL_FAILURE) ? { code: 'TRK_SIP_TRANSPORT', reason: 'not sent' } : undefined;
}

/** Throws TRK_SIP_URI and TRK_INVALID_REQUEST. */
function inviteOptions(request: OutgoingCallRequest, userAgent: string): Parameters<SrfInstance['createUAC']>[0] {
  return {
    uri: checkUri(request.to, 'to'),
    headers: {
      // RFC 4028 7.1, RFC 3261 13.2.1: a far end that wants to know whether we live may ask, and by UPDATE.
      Supported: 'timer',
      Allow: ALLOW,
      ...outgoingHeaders(userAgent, request.headers),
      From: fromHeader(request.from, request.displayName),
      // RFC 3261 19.1.1, table 1: no URI parameters such as transport in To.
      To: `<${request.to.replace(/^(sips?:(?:[^@]*@)?[^;]*).*$/, '$1')}>`,
      'Call-ID': checkCallId(request.callId),
    },
    localSdp: request.sdp,
    ...(request.nextHop === undefined ? {} : { proxy: checkUri(request.nextHop, 'nextHop') }),
    ...(request.auth ? { auth: { ...request.auth } } : {}),
  };
}

export interface RequestOptions {
  readonly uri: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly auth?: { username: string; password: string };
  readonly nextHop?: string;
}

/** A request outside a dialog; resolves with the final response. TRK_SIP_TIMEOUT, TRK_SIP_TRANSPORT, TRK_SIP_NOT_CONNECTED. */
export function sendRequest(srf: SrfInstance, options: RequestOptions, clock: Clock, lost: Set<() => void>): Promise<SrfResponse> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      deadline.cancel();
      lost.delete(onLost);
    };
    const fail = (error: TrunklineError): void => {
      settle();
      reject(error);
    };
    const onLost = (): void => fail(new TrunklineError('TRK_SIP_NOT_CONNECTED'));
    const deadline = clock.after(ANSWER_DEADLINE_MS, () => fail(new TrunklineError('TRK_SIP_TIMEOUT')));
    lost.add(onLost);
    const { nextHop, auth, body, uri, method, headers } = options;
    const srfOptions = { uri, method, headers, ...(body === undefined ? {} : { body }), ...(nextHop === undefined ? {} : { proxy: nextHop }), ...(auth ? { auth: { ...auth } } : {}) };
    try {
      srf.app.request(srfOptions, (error, sent) => {
        if (error || !sent) return fail(new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: srfFailure(error).reason }, cause: error }));
        sent.on('response', (response) => {
          if (response.status < 200) return;
          if (response.status === 408) return fail(new TrunklineError('TRK_SIP_TIMEOUT'));
          const local = response.status === 503 ? localFailure(response) : undefined;
          if (local) return fail(new TrunklineError(local.code, { params: { reason: local.reason } }));
          settle();
          resolve(response);
        });
      });
    } catch (error) {
      fail(new TrunklineError('TRK_SIP_NOT_CONNECTED', { cause: error }));
    }
  });
}
