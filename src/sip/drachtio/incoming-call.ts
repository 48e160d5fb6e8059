import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Dialog, IncomingCall, SipHeaders, SipReplyHeaders } from '../signalling.js';
import { ALLOW, SUPPORTED, type DrachtioDialog } from './dialog.js';
import { ANSWER_DEADLINE_MS } from './dialog-requests.js';
import { headersOf, listsToken, outgoingHeaders, sendResponse } from './headers.js';
import { srfFailure, type SrfDialog, type SrfInstance, type SrfRequest, type SrfResponse } from './srf-types.js';
import { userPart } from './uri.js';

export interface IncomingContext {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly adopt: (dialog: SrfDialog) => DrachtioDialog;
  /** A final response was sent, or the caller gave up. */
  readonly onDecided: (call: DrachtioIncomingCall) => void;
  /** The dialog that the call wants to take the place of. */
  readonly replaces: Dialog | undefined;
}

type State = 'waiting' | 'answering' | 'cancelled' | 'done';

/** An INVITE that waits for its answer. */
export class DrachtioIncomingCall implements IncomingCall {
  readonly callId: string;
  readonly uri: string;
  readonly to: string;
  readonly from: string;
  readonly headers: SipHeaders;
  readonly sdp: string;
  readonly source: IncomingCall['source'];
  readonly replaces: Dialog | undefined;
  private state: State = 'waiting';
  /** A reliable response waits for its PRACK. */
  private unacknowledged: Promise<unknown> | undefined;
  private readonly cancelListeners: Array<() => void> = [];
  private readonly abandon = new Set<(error: TrunklineError) => void>();

  constructor(
    private readonly srf: SrfInstance,
    private readonly request: SrfRequest,
    private readonly response: SrfResponse,
    private readonly context: IncomingContext,
  ) {
    this.callId = request.get('Call-ID') ?? '';
    this.uri = request.uri;
    this.to = userPart(request.get('To') ?? '');
    this.from = userPart(request.get('From') ?? '');
    this.headers = headersOf(request);
    this.sdp = request.body ?? '';
    const protocol = request.protocol === 'tcp' || request.protocol === 'tls' ? request.protocol : 'udp';
    this.source = { address: request.source_address, port: request.source_port, protocol };
    this.replaces = context.replaces;
    request.on('cancel', () => this.onCancelled());
  }

  onCancel(listener: () => void): void {
    if (this.state === 'cancelled') listener();
    else this.cancelListeners.push(listener);
  }

  progress(options: { sdp?: string; reliable?: boolean } = {}): Promise<void> {
    // RFC 3262 3: reliably only to a caller that said it can, and always to one that demands it.
    const demanded = listsToken(this.headers['Require'], '100rel');
    const reliable = demanded || (options.reliable === true && listsToken(this.headers['Supported'], '100rel'));
    const sent = this.sendProgress(options, reliable);
    if (reliable) {
      const settled = sent.catch(() => undefined).then(() => {
        if (this.unacknowledged === settled) this.unacknowledged = undefined;
      });
      this.unacknowledged = settled;
    }
    return sent;
  }

  private sendProgress(options: { sdp?: string }, reliable: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.state !== 'waiting') return reject(this.tooLate());
      const headers = { ...outgoingHeaders(this.context.userAgent), ...(reliable ? { Require: '100rel' } : {}), ...(options.sdp === undefined ? {} : { 'Content-Type': 'application/sdp' }) };
      const settle = this.deadline(reject);
      const done = (): void => {
        settle();
        resolve();
      };
      const onSent = (error: unknown): void => {
        if (error) {
          settle();
          reject(this.state === 'cancelled' ? this.tooLate() : new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: srfFailure(error).reason } }));
        } else if (!reliable) done();
      };
      const status = options.sdp === undefined ? 180 : 183;
      this.response.send(status, undefined, { headers, ...(options.sdp === undefined ? {} : { body: options.sdp }) }, onSent, done);
    });
  }

  answer(sdp: string, headers?: SipHeaders): Promise<DrachtioDialog> {
    return new Promise((resolve, reject) => {
      if (this.state !== 'waiting') return reject(this.tooLate());
      // RFC 3261 13.3.1.4: a 2xx SHOULD say what we know.
      const checked = { Allow: ALLOW, Supported: SUPPORTED, ...outgoingHeaders(this.context.userAgent, headers), 'Content-Type': 'application/sdp' };
      this.state = 'answering';
      const settle = this.deadline((error) => {
        reject(error);
        // The server has given up by now; if not, its dialog must not stay behind.
        void answered?.hangup();
      });
      let answered: DrachtioDialog | undefined;
      this.srf.createUAS(this.request, this.response, { localSdp: sdp, headers: checked }, (error, srfDialog) => {
        if (answered) return;
        if (error || !srfDialog) {
          settle();
          const failure = srfFailure(error);
          // A CANCEL that met our 200 between us and the server: srf has forgotten the INVITE by then and
          // tells nobody, and the server refuses the 200 because the transaction is over.
          const met = /transaction/i.test(failure.reason);
          const cancelled = this.state === 'cancelled' || failure.status === 487 || met;
          this.decide(cancelled ? 'cancelled' : 'done');
          return reject(cancelled ? new TrunklineError('TRK_SIP_CANCELLED') : new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: failure.reason }, cause: error }));
        }
        const dialog = (answered = this.context.adopt(srfDialog));
        this.decide('done');
        srfDialog.on('ack', (ack) => {
          settle();
          // RFC 3261 13.2.1: to a late offer the answer comes in the ACK.
          if (this.sdp === '' && ack.body) dialog.remoteSdp = ack.body;
          resolve(dialog);
        });
        dialog.onEnd((end) => {
          settle();
          if (end.by === 'remote') resolve(dialog);
          else if (/cancel/i.test(end.reason)) reject(new TrunklineError('TRK_SIP_CANCELLED'));
          else reject(new TrunklineError(end.by === 'local' ? 'TRK_SIP_DIALOG_GONE' : 'TRK_SIP_TIMEOUT', { cause: end }));
        });
      });
    });
  }

  reject(status: number, options: { reason?: string; headers?: SipReplyHeaders } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.state !== 'waiting') return resolve();
      if (!Number.isInteger(status) || status < 300 || status > 699) {
        return reject(new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'a call is refused with a status from 300 to 699' }, field: 'status' }));
      }
      const headers = outgoingHeaders(this.context.userAgent, options.headers);
      this.decide('done');
      const settle = this.deadline(() => resolve());
      // A refusal by the server means that the caller gave up first: the wait is over either way.
      const send = (): void =>
        this.response.send(status, options.reason, { headers }, () => {
          settle();
          resolve();
        });
      // A real drachtio-server (0.9.10) dies of a final response to a call whose reliable one was not acknowledged yet.
      if (this.unacknowledged) void this.unacknowledged.then(send);
      else send();
    });
  }

  /** The connection broke, or signalling closes. */
  lost(): void {
    this.onCancelled();
    for (const fail of [...this.abandon]) fail(new TrunklineError('TRK_SIP_NOT_CONNECTED'));
  }

  private onCancelled(): void {
    if (this.state !== 'waiting' && this.state !== 'answering') return;
    this.decide('cancelled');
    for (const listener of this.cancelListeners) listener();
  }

  private decide(state: State): void {
    this.state = state;
    this.context.onDecided(this);
  }

  private tooLate(): TrunklineError {
    if (this.state === 'cancelled') return new TrunklineError('TRK_SIP_CANCELLED');
    return new TrunklineError('TRK_CONFLICT', { params: { reason: 'the incoming call was already answered or refused' } });
  }

  /** Fails after our own deadline or when the connection is lost; the returned function stops that. */
  private deadline(fail: (error: TrunklineError) => void): () => void {
    const settle = (): void => {
      timer.cancel();
      this.abandon.delete(onAbandon);
    };
    const onAbandon = (error: TrunklineError): void => {
      settle();
      fail(error);
    };
    const timer: Timer = this.context.clock.after(ANSWER_DEADLINE_MS, () => onAbandon(new TrunklineError('TRK_SIP_TIMEOUT')), { keepAlive: false });
    this.abandon.add(onAbandon);
    return settle;
  }
}

/** Default answer where nobody takes calls, or where we are closing. */
export function refuse(response: SrfResponse, userAgent: string, status: number): void {
  sendResponse(response, status, undefined, { headers: outgoingHeaders(userAgent) });
}
