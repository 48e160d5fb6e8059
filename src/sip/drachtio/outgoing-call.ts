/**
 * One INVITE of ours from request to dialog or failure. The far end's final
 * answer decides; our own deadlines only send CANCEL, and a 200 that crosses it
 * is hung up at once.
 */
import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError, type ErrorCode } from '../../kernel/errors.js';
import type { Random } from '../../kernel/random.js';
import { ChallengeAnswers } from '../digest/answers.js';
import type { OutgoingCallRequest, PlaceFailure } from '../signalling.js';
import { redirectContacts } from './contacts.js';
import { ALLOW, SUPPORTED, type DrachtioDialog } from './dialog.js';
import { headersOf, outgoingHeaders } from './headers.js';
import { localFailure } from './local-failure.js';
import { againOptions, peerOf, type DialogCredentials } from './challenged.js';
import { srfFailure, type SrfDialog, type SrfInstance, type SrfRequest, type SrfResponse, type SrfUacOptions } from './srf-types.js';
import { checkCallId, checkUri, fromHeader } from './uri.js';

const DEFAULT_RING_TIMEOUT_MS = 60_000;
/** How long the 487 may take after our CANCEL before the caller hears that it is over, ms. */
const CANCEL_WAIT_MS = 5_000;
const TAG = /;\s*tag=([^;\s]+)/i;
/** Early dialogs of one call whose answers are kept. */
const MAX_FORKS = 32;

type End = 'timeout' | 'cancelled';

export interface OutgoingContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent: string;
  readonly adopt: (dialog: SrfDialog, credentials?: DialogCredentials) => DrachtioDialog;
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
  private readonly answers: ChallengeAnswers;
  /** Where the challenge that we answered came from. */
  private challenger: string | undefined;
  /** SDP of provisional responses by To tag: each fork has its own. */
  private readonly earlySdp = new Map<string, string>();
  private readonly onAbort = (): void => this.giveUp('cancelled');

  constructor(
    private readonly srf: SrfInstance,
    private readonly request: OutgoingCallRequest,
    private readonly context: OutgoingContext,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.answers = new ChallengeAnswers(request.auth, context.random);
    const options = inviteOptions(request, context.userAgent);
    if (request.signal?.aborted) {
      this.fail('TRK_SIP_CANCELLED', { status: 487, reason: 'cancelled' });
      return;
    }
    request.signal?.addEventListener('abort', this.onAbort, { once: true });
    this.timer = context.clock.after(request.ringTimeoutMs ?? DEFAULT_RING_TIMEOUT_MS, () => this.giveUp('timeout'));
    this.send(options);
  }

  private send(options: SrfUacOptions): void {
    this.sent = undefined;
    try {
      this.srf.createUAC(options, { cbRequest: (error, sent) => this.onSent(error, sent), cbProvisional: (response) => this.onProvisional(response) }, (error, dialog) => this.onFinal(options, error, dialog));
    } catch (error) {
      // srf asserts that a socket is there; it can go between our check and the call.
      this.fail('TRK_SIP_NOT_CONNECTED', { status: 503, reason: 'no connection to the SIP server' }, error);
    }
  }

  /** CANCEL, as by the caller's signal. */
  cancel(): void {
    this.giveUp('cancelled');
  }

  /** The INVITE as it went out last; undefined before that. */
  get invite(): SrfRequest | undefined {
    return this.sent;
  }

  /** The connection broke before the end. */
  lost(): void {
    this.fail('TRK_SIP_NOT_CONNECTED', { status: 503, reason: 'lost the SIP server' });
  }

  private onSent(error: unknown, sent: SrfRequest | undefined): void {
    if (error || !sent) return;
    this.sent = sent;
    sent.on('update', (update) => this.onEarlyUpdate(update));
    if (this.given) this.sendCancel();
  }

  /** RFC 3311 5.2: the far end describes its early media anew, e.g. when an announcement ends and a gateway takes over. */
  private onEarlyUpdate(update: SrfRequest): void {
    const sdp = update.body;
    if (this.settled || !sdp || !/application\/sdp/i.test(update.get('Content-Type') ?? '')) return;
    const tag = TAG.exec(update.get('From') ?? '')?.[1] ?? '';
    if (this.earlySdp.has(tag)) this.earlySdp.set(tag, sdp);
    this.request.onProgress?.({ status: 183, sdp });
  }

  private onProvisional(response: SrfResponse): void {
    this.heard = true;
    if (this.settled || response.status <= 100) return;
    const sdp = response.body && /application\/sdp/i.test(response.get('Content-Type') ?? '') ? response.body : undefined;
    if (sdp !== undefined && this.earlySdp.size < MAX_FORKS) this.earlySdp.set(tagOf(response), sdp);
    this.request.onProgress?.({ status: response.status, sdp });
  }

  private onFinal(options: SrfUacOptions, error: unknown, dialog: SrfDialog | undefined): void {
    if (dialog) {
      const leg = this.context.adopt(dialog, this.credentialsFor(dialog));
      // RFC 3264 4, RFC 3262 5: a reliable 183 was the answer already, and the 200 need not repeat it.
      if (leg.remoteSdp === '') leg.remoteSdp = this.earlySdp.get(leg.remoteTag) ?? '';
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
    if ((status === 401 || status === 407) && response) return this.onChallenge(options, status, failure, response);
    // RFC 3261 8.1.3.4: whether to go there is for those to decide who know where calls may go.
    if (status >= 300 && status < 400 && response) return this.fail('TRK_SIP_REJECTED', { ...failure, contacts: redirectContacts(response.get('Contact')) });
    const local = status === 503 && response ? localFailure(response) : undefined;
    if (local) return this.fail(local.code, { status, reason: local.reason });
    return this.fail('TRK_SIP_REJECTED', failure);
  }

  private onChallenge(options: SrfUacOptions, status: number, failure: PlaceFailure, response: SrfResponse): void {
    const { sent, request } = this;
    if (!sent) return this.fail('TRK_SIP_REJECTED', failure);
    const verdict = this.answers.judge(status, headersOf(response), { method: 'INVITE', uri: sent.uri, body: request.sdp });
    if (verdict.kind === 'credentials') return this.fail('TRK_SIP_CREDENTIALS', failure);
    if (verdict.kind === 'unsupported') return this.fail('TRK_SIP_CHALLENGE', { status, reason: verdict.reason });
    this.challenger = peerOf(response);
    this.send({ ...options, ...againOptions(options, sent, response, verdict.headers) });
  }

  /** What the dialog may use of the credentials: with who was given them for the INVITE. */
  private credentialsFor(dialog: SrfDialog): DialogCredentials | undefined {
    const { auth } = this.request;
    const [first] = this.answers.challengers;
    if (!auth || !first || this.challenger === undefined || peerOf(dialog.res) !== this.challenger) return undefined;
    return { ...auth, challengers: this.answers.challengers, peer: this.challenger };
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

function tagOf(response: SrfResponse): string {
  return TAG.exec(response.get('To') ?? '')?.[1] ?? '';
}

/** Throws TRK_SIP_URI and TRK_INVALID_REQUEST. */
function inviteOptions(request: OutgoingCallRequest, userAgent: string): SrfUacOptions {
  return {
    uri: checkUri(request.to, 'to'),
    headers: {
      // RFC 3261 13.2.1: what a far end may use: timers by UPDATE (RFC 4028 7.1), reliable early media, transfers.
      Supported: SUPPORTED,
      Allow: ALLOW,
      ...outgoingHeaders(userAgent, request.headers),
      From: fromHeader(request.from, request.displayName),
      // RFC 3261 19.1.1, table 1: no URI parameters such as transport in To.
      To: `<${request.to.replace(/^(sips?:(?:[^@]*@)?[^;]*).*$/, '$1')}>`,
      'Call-ID': checkCallId(request.callId),
    },
    localSdp: request.sdp,
    ...(request.nextHop === undefined ? {} : { proxy: checkUri(request.nextHop, 'nextHop') }),
  };
}
