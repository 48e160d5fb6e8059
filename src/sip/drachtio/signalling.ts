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
import type { DialogCredentials } from './challenged.js';
import type { SipTap } from '../trace/trace.js';
import { DrachtioConnection } from './connection.js';
import { ALLOW, DrachtioDialog, SUPPORTED } from './dialog.js';
import { headersOf, outgoingHeaders, replyWith, requestInfo } from './headers.js';
import { DrachtioIncomingCall, refuse } from './incoming-call.js';
import { OutgoingCall } from './outgoing-call.js';
import { sendRequest } from './outside-request.js';
import { replacement } from './replaces.js';
import { Survivors } from './survivors.js';
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
  /** Calls go on without the server for so long, ms. Default 30,000. */
  readonly lostLimitMs?: number | undefined;
  /** The dialogs of all servers of a pool: a call may come in by one and replace a call on another (RFC 3891). */
  readonly family?: Set<DrachtioDialog> | undefined;
  /** Sees what the server says that it received and sent. The embedded server has a better place for it. */
  readonly tap?: SipTap | undefined;
}

/** Methods outside a dialog that the server shall send us. */
const OTHER_METHODS = ['options', 'message', 'info', 'notify', 'refer', 'register', 'subscribe', 'publish'] as const;
/** How long `close` waits for the answers to its BYEs, ms. */
const CLOSE_MS = 3_000;

/** An orchestrator starts a lost server again in less, and far ends give up on silence in about as much, ms. */
export const LOST_LIMIT_MS = 30_000;

type RequestHandler = (request: SipRequestInfo & { readonly uri: string }) => SipReply | Promise<SipReply>;

/** Throws TRK_DRACHTIO_SECRET and TRK_CONFIG_INVALID. */
export function createDrachtioSignalling(options: DrachtioSignallingOptions): DrachtioSignalling {
  return new DrachtioSignalling(options);
}

class DrachtioSignalling implements Signalling {
  private readonly connection: DrachtioConnection;
  private readonly dialogs = new Set<DrachtioDialog>();
  private readonly outgoing = new Set<OutgoingCall>();
  private readonly incoming = new Set<DrachtioIncomingCall>();
  private readonly lostRequests = new Set<() => void>();
  private readonly survivors: Survivors;
  private inviteHandler: ((call: IncomingCall) => void) | undefined;
  private requestHandler: RequestHandler | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: DrachtioSignallingOptions) {
    const { host, port, secret, clock, log, random = systemRandom, lostLimitMs = LOST_LIMIT_MS } = options;
    this.survivors = new Survivors({ clock, log, limitMs: lostLimitMs, dialogs: this.dialogs });
    this.connection = new DrachtioConnection({
      host,
      port,
      secret,
      clock,
      log,
      random,
      tap: options.tap,
      prepare: (srf) => this.prepare(srf),
      onUp: (srf, hearsAll) => this.survivors.onUp(srf, hearsAll),
      onDown: () => this.onDown(),
    });
  }

  get state(): SignallingState {
    return this.connection.state;
  }

  get addresses(): readonly string[] {
    return this.connection.addresses;
  }

  /** Dialogs of now. */
  get calls(): number {
    return this.dialogs.size;
  }

  /** Round trip of the last ping on the application port, ms. */
  get pingMs(): number | undefined {
    return this.connection.pingMs;
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
    const { clock, random = systemRandom, userAgent } = this.options;
    let srf: SrfInstance;
    try {
      srf = this.connection.srf;
    } catch {
      throw notConnected();
    }
    const call = new OutgoingCall(srf, request, { clock, random, userAgent, adopt: (dialog, credentials) => this.adopt(dialog, credentials) });
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
    const { clock, random = systemRandom } = this.options;
    const response = await sendRequest(this.connection.srf, { ...options, uri, method, headers }, { clock, random, lost: this.lostRequests });
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
    this.survivors.stop();
    this.connection.close();
    this.survivors.endAll();
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
    const wanted = replacement(request.get('Replaces'), this.options.family ?? this.dialogs);
    if ('refuse' in wanted) return refuse(response, userAgent, wanted.refuse);
    const call = new DrachtioIncomingCall(srf, request, response, { clock, userAgent, replaces: wanted.dialog, adopt: (dialog) => this.adopt(dialog), onDecided: (decided) => this.incoming.delete(decided) });
    this.incoming.add(call);
    try {
      this.inviteHandler(call);
    } catch (error) {
      log.error({ sipCallId: call.callId, err: error }, 'handler of an incoming call failed');
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

  private adopt(srfDialog: SrfDialog, credentials?: DialogCredentials): DrachtioDialog {
    const { clock, random = systemRandom, log, userAgent } = this.options;
    const dialog: DrachtioDialog = new DrachtioDialog(srfDialog, { clock, random, log, userAgent, credentials, onOwed: (id, headers) => this.survivors.oweBye(id, headers), onEnded: (ended) => this.forget(ended) });
    this.dialogs.add(dialog);
    this.options.family?.add(dialog);
    return dialog;
  }

  private forget(dialog: DrachtioDialog): void {
    this.dialogs.delete(dialog);
    this.options.family?.delete(dialog);
  }

  /** Calls go on; what was only beginning has no chance. */
  private onDown(): void {
    for (const call of [...this.outgoing]) {
      if (call.invite) this.survivors.oweCancel(call.invite);
      call.lost();
    }
    for (const call of [...this.incoming]) call.lost();
    for (const fail of [...this.lostRequests]) fail();
    this.survivors.onDown();
  }
}

function notConnected(): TrunklineError {
  return new TrunklineError('TRK_SIP_NOT_CONNECTED', { cause: { status: 503, reason: 'no connection to the SIP server' } });
}

function defaultReply(method: string): SipReply {
  // RFC 3261 11.2 and 8.2.1.
  if (method === 'OPTIONS') return { status: 200, headers: { Allow: ALLOW, Accept: 'application/sdp', Supported: SUPPORTED } };
  return { status: 405, headers: { Allow: ALLOW } };
}
