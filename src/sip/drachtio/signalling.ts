/**
 * Signalling over drachtio's application protocol. The same code speaks to the
 * embedded server and to a real drachtio-server.
 */
import type { Clock } from '../../kernel/clock.js';
import { delay } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import { systemRandom, type Random } from '../../kernel/random.js';
import type { Dialog, IncomingCall, OutgoingCallRequest, Signalling, SignallingState, SipHeaders, SipReply, SipRequestInfo } from '../signalling.js';
import { DrachtioConnection } from './connection.js';
import { ALLOW, DrachtioDialog } from './dialog.js';
import { headersOf, outgoingHeaders, replyWith, requestInfo } from './headers.js';
import { DrachtioIncomingCall, refuse } from './incoming-call.js';
import { OutgoingCall, sendRequest } from './outgoing-call.js';
import type { SrfDialog, SrfInstance, SrfRequest, SrfResponse } from './srf-types.js';
import { checkUri } from './uri.js';

export interface DrachtioSignallingOptions {
  readonly host: string;
  /** TCP port of the application protocol. */
  readonly port: number;
  /** Empty or a published default is refused with TRK_DRACHTIO_SECRET. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** For back-off jitter. Default: the system's. */
  readonly random?: Random;
  /** `trunkline/<version>`. */
  readonly userAgent: string;
}

/** Methods outside a dialog that the server shall send us. */
const OTHER_METHODS = ['options', 'message', 'info', 'notify', 'refer', 'register', 'subscribe', 'publish'] as const;
/** How long `close` waits for the answers to its BYEs, ms. */
const CLOSE_MS = 3_000;

type RequestHandler = (request: SipRequestInfo & { readonly uri: string }) => SipReply | Promise<SipReply>;

/** Throws TRK_DRACHTIO_SECRET and TRK_CONFIG_INVALID. */
export function createDrachtioSignalling(options: DrachtioSignallingOptions): Signalling {
  return new DrachtioSignalling(options);
}

class DrachtioSignalling implements Signalling {
  private readonly connection: DrachtioConnection;
  private readonly dialogs = new Set<DrachtioDialog>();
  private readonly outgoing = new Set<OutgoingCall>();
  private readonly incoming = new Set<DrachtioIncomingCall>();
  private readonly lostRequests = new Set<() => void>();
  /** Dialogs that a broken connection left on the server. */
  private orphans: string[] = [];
  private inviteHandler: ((call: IncomingCall) => void) | undefined;
  private requestHandler: RequestHandler | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: DrachtioSignallingOptions) {
    const { host, port, secret, clock, log, random = systemRandom } = options;
    this.connection = new DrachtioConnection({
      host,
      port,
      secret,
      clock,
      log,
      random,
      prepare: (srf) => this.prepare(srf),
      onUp: (srf) => this.endOrphans(srf),
      onDown: () => this.onDown(),
    });
  }

  get state(): SignallingState {
    return this.connection.state;
  }

  get addresses(): readonly string[] {
    return this.connection.addresses;
  }

  onState(listener: (state: SignallingState) => void): void {
    this.connection.onState(listener);
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (state: SignallingState): void => {
        if (state === 'connected') resolve();
        if (state === 'closed') reject(this.connection.lastError ?? new TrunklineError('TRK_CLOSED', { params: { what: 'Signalling' } }));
      };
      this.connection.onState(check);
      check(this.connection.state);
      this.connection.open();
    });
  }

  async place(request: OutgoingCallRequest): Promise<Dialog> {
    if (this.closing) throw notConnected();
    const { clock, userAgent } = this.options;
    let srf: SrfInstance;
    try {
      srf = this.connection.srf;
    } catch {
      throw notConnected();
    }
    const call = new OutgoingCall(srf, request, { clock, userAgent, adopt: (dialog) => this.adopt(dialog) });
    this.outgoing.add(call);
    try {
      return await call.result;
    } finally {
      this.outgoing.delete(call);
    }
  }

  onInvite(handler: (call: IncomingCall) => void): void {
    this.inviteHandler = handler;
  }

  onRequest(handler: RequestHandler): void {
    this.requestHandler = handler;
  }

  async request(
    method: 'OPTIONS' | 'MESSAGE' | 'REGISTER',
    uri: string,
    options: { headers?: SipHeaders; body?: string; auth?: { username: string; password: string }; nextHop?: string } = {},
  ): Promise<{ status: number; headers: SipHeaders; body: string }> {
    checkUri(uri, 'uri');
    if (options.nextHop !== undefined) checkUri(options.nextHop, 'nextHop');
    const headers = outgoingHeaders(this.options.userAgent, options.headers);
    const response = await sendRequest(this.connection.srf, { ...options, uri, method, headers }, this.options.clock, this.lostRequests);
    return { status: response.status, headers: headersOf(response), body: response.body ?? '' };
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    const { clock } = this.options;
    if (this.state === 'connected') {
      const refused = [...this.incoming].map((call) => call.reject(503));
      for (const call of [...this.outgoing]) call.cancel();
      const ends = [...this.dialogs].map((dialog) => dialog.hangup());
      const placed = [...this.outgoing].map((call) => call.result.then((dialog) => dialog.hangup(), () => undefined));
      const stop = new AbortController();
      await Promise.race([Promise.allSettled([...refused, ...ends, ...placed]), delay(clock, CLOSE_MS, stop.signal).catch(() => undefined)]);
      stop.abort(new TrunklineError('TRK_CLOSED', { params: { what: 'Signalling' } }));
    }
    this.connection.close();
  }

  private prepare(srf: SrfInstance): void {
    srf.use('invite', (request, response) => this.onIncomingInvite(srf, request, response));
    for (const method of OTHER_METHODS) srf.use(method, (request, response) => void this.onOtherRequest(request, response));
  }

  private onIncomingInvite(srf: SrfInstance, request: SrfRequest, response: SrfResponse): void {
    const { clock, userAgent, log } = this.options;
    // RFC 3261 8.1.1.8: an INVITE has one. srf would answer 200 and then fail. It comes first: a malformed request is never worth another try.
    if (!request.has('Contact')) return refuse(response, userAgent, 400);
    if (!this.inviteHandler || this.closing) return refuse(response, userAgent, 503);
    const call = new DrachtioIncomingCall(srf, request, response, { clock, userAgent, adopt: (dialog) => this.adopt(dialog), onDecided: (decided) => this.incoming.delete(decided) });
    this.incoming.add(call);
    try {
      this.inviteHandler(call);
    } catch (error) {
      log.error({ callId: call.callId, err: error }, 'handler of an incoming call failed');
      void call.reject(500);
    }
  }

  private onOtherRequest(request: SrfRequest, response: SrfResponse): Promise<void> {
    const { userAgent, log } = this.options;
    // RFC 3261 12.2.2: a To tag names a dialog, and nobody here knows it. A real drachtio-server passes such a request on as a new one.
    if (/;\s*tag=/i.test(request.get('To') ?? '')) {
      refuse(response, userAgent, 481);
      return Promise.resolve();
    }
    const handler = this.requestHandler;
    return replyWith(
      response,
      userAgent,
      () => (handler ? handler({ ...requestInfo(request), uri: request.uri }) : defaultReply(request.method)),
      (error) => log.warn({ method: request.method, err: error }, 'handler of a request failed'),
    );
  }

  private adopt(srfDialog: SrfDialog): DrachtioDialog {
    const { clock, random = systemRandom, log, userAgent } = this.options;
    const dialog: DrachtioDialog = new DrachtioDialog(srfDialog, { clock, random, log, userAgent, onEnded: (ended) => this.dialogs.delete(ended) });
    this.dialogs.add(dialog);
    return dialog;
  }

  private onDown(): void {
    this.orphans.push(...[...this.dialogs].map((dialog) => dialog.id));
    for (const call of [...this.outgoing]) call.lost();
    for (const call of [...this.incoming]) call.lost();
    for (const fail of [...this.lostRequests]) fail();
    for (const dialog of [...this.dialogs]) dialog.lost();
  }

  /** A real drachtio-server keeps the dialogs of a lost application for ever, so the far ends would hear silence until they hang up. */
  private endOrphans(srf: SrfInstance): void {
    const ids = this.orphans;
    this.orphans = [];
    for (const stackDialogId of ids) {
      srf.app.request({ method: 'BYE', stackDialogId, headers: outgoingHeaders(this.options.userAgent) }, () => undefined);
    }
  }
}

function notConnected(): TrunklineError {
  return new TrunklineError('TRK_SIP_NOT_CONNECTED', { cause: { status: 503, reason: 'no connection to the SIP server' } });
}

function defaultReply(method: string): SipReply {
  // RFC 3261 11.2 and 8.2.1.
  if (method === 'OPTIONS') return { status: 200, headers: { Allow: ALLOW, Accept: 'application/sdp', Supported: '100rel, timer' } };
  return { status: 405, headers: { Allow: ALLOW } };
}
