/**
 * One TCP connection to a drachtio server, kept up for ever. srf's own
 * reconnecting is switched off (one `Srf` serves one connection) because it
 * retries a wrong secret every 257 ms without end, and after a reconnect its
 * dialogs still hold the dead socket.
 */
import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import { fraction, hex, type Random } from '../../kernel/random.js';
import { tapFrames } from '../trace/drachtio-frames.js';
import type { SipTap } from '../trace/trace.js';
import type { SignallingState } from '../signalling.js';
import { ping, Pings, pingsOf } from './pings.js';
import { createSrf, type SrfInstance } from './srf-types.js';

/** Wait before trying again: doubled each time, with up to 25 % taken off by chance, ms. */
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 15_000;
/** A refused secret will hardly be right a moment later, ms. */
const REFUSED_FIRST_MS = 2_000;
const REFUSED_MAX_MS = 60_000;
/** TCP connect and `authenticate` together, ms. */
const HANDSHAKE_MS = 5_000;

/** Begins the tag of an application that comes back after a lost connection. */
const RETURN_TAG = 'again:';
/** Ends the version of a server that keeps such an application's calls. */
const KEEPS_CALLS = '+keeps-calls';

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Puts the request handlers on a new `Srf` before it connects. */
  readonly prepare: (srf: SrfInstance) => void;
  /** Sees what the server says that it received and sent. */
  readonly tap?: SipTap | undefined;
  /** `hearsAll`: the server knows us again and tells us of calls of the connection before. */
  readonly onUp: (srf: SrfInstance, hearsAll: boolean) => void;
  readonly onDown: () => void;
}

/** Refuses what everybody knows. Throws TRK_DRACHTIO_SECRET. */
function checkSecret(secret: string): void {
  // `cymru` is the value published with drachtio's own examples and container.
  if (secret.trim() === '' || secret === 'cymru') throw new TrunklineError('TRK_DRACHTIO_SECRET');
  // The secret is a field of a frame: a separator in it would shift the others.
  if (/[|\r\n]/.test(secret)) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'the drachtio secret holds a separator' }, field: 'drachtio.secret' });
}

export class DrachtioConnection {
  state: SignallingState = 'connecting';
  addresses: readonly string[] = [];
  /** Why the last attempt failed; `undefined` while connected. */
  lastError: TrunklineError | undefined;
  private current: SrfInstance | undefined;
  private established = false;
  private retry: Timer | undefined;
  private handshake: Timer | undefined;
  private pings: Pings | undefined;
  /** By it the embedded server knows who returns; to a real one it is one of the tags that route requests. */
  private readonly tag: string;
  private failures = 0;
  private readonly listeners: Array<(state: SignallingState) => void> = [];

  constructor(private readonly options: ConnectionOptions) {
    checkSecret(options.secret);
    this.tag = `${RETURN_TAG}${hex(options.random, 12)}`;
  }

  /** The live srf. Throws TRK_SIP_NOT_CONNECTED. */
  get srf(): SrfInstance {
    if (!this.current || !this.established) throw new TrunklineError('TRK_SIP_NOT_CONNECTED');
    return this.current;
  }

  /** Round trip of the last ping, ms. */
  get pingMs(): number | undefined {
    return this.pings?.roundTripMs;
  }

  onState(listener: (state: SignallingState) => void): void {
    this.listeners.push(listener);
  }

  open(): void {
    if (this.state === 'closed' || this.current) return;
    const { host, port, secret, clock } = this.options;
    const srf = createSrf();
    this.current = srf;
    this.options.prepare(srf);
    srf.on('connect', (error, hostports, version, localHostports) => this.onConnect(srf, error, localHostports ?? hostports ?? '', version ?? ''));
    srf.on('close', () => this.onGone(srf, new TrunklineError('TRK_SIP_NOT_CONNECTED')));
    // Without a listener a refused port would be an uncaught exception.
    srf.on('error', (error) => this.onGone(srf, new TrunklineError('TRK_SIP_NOT_CONNECTED', { cause: error })));
    this.handshake = clock.after(HANDSHAKE_MS, () => this.onGone(srf, new TrunklineError('TRK_SIP_NOT_CONNECTED')));
    srf.connect({ host, port, secret, tags: [this.tag], reconnect: { maxAttempts: 1 } });
    if (this.options.tap) tapFrames(srf.app.client, this.options.tap);
  }

  close(): void {
    if (this.state === 'closed') return;
    this.retry?.cancel();
    const srf = this.current;
    if (srf) this.drop(srf);
    this.setState('closed');
  }

  private onConnect(srf: SrfInstance, error: Error | null, hostports: string, version: string): void {
    if (srf !== this.current) return discard(srf);
    if (error) return this.onGone(srf, new TrunklineError('TRK_DRACHTIO_AUTH', { cause: error }));
    // A real drachtio-server lets applications in before it listens for SIP, and never tells its addresses later.
    if (hostports === '') return this.onGone(srf, new TrunklineError('TRK_SIP_NOT_CONNECTED'));
    const up = (): void => this.onReady(srf, hostports, version);
    // The server refuses calls with 503 until it has read which requests we want: a ping behind those frames tells when.
    if (!pingsOf(version) || !ping(srf, up)) up();
  }

  private onReady(srf: SrfInstance, hostports: string, version: string): void {
    if (srf !== this.current || this.established) return;
    this.handshake?.cancel();
    this.established = true;
    this.failures = 0;
    this.lastError = undefined;
    this.addresses = hostports.split(',').filter((entry) => entry !== '');
    this.options.log.info({ addresses: this.addresses }, 'connected to the SIP server');
    this.options.onUp(srf, version.endsWith(KEEPS_CALLS));
    this.pings = pingsOf(version) ? new Pings(srf, this.options.clock, () => this.onGone(srf, new TrunklineError('TRK_SIP_NOT_CONNECTED'))) : undefined;
    this.setState('connected');
  }

  /** Any way to lose a connection; only the first report of each `Srf` counts. */
  private onGone(srf: SrfInstance, error: TrunklineError): void {
    if (srf !== this.current) return;
    const wasEstablished = this.established;
    this.drop(srf);
    this.lastError = error;
    const refused = error.code === 'TRK_DRACHTIO_AUTH';
    const [first, max] = refused ? [REFUSED_FIRST_MS, REFUSED_MAX_MS] : [RETRY_FIRST_MS, RETRY_MAX_MS];
    const ms = Math.min(max, first * 2 ** Math.min(this.failures, 16)) * (1 - fraction(this.options.random) / 4);
    this.failures += 1;
    this.options.log.warn({ code: error.code, retryMs: Math.round(ms), failures: this.failures }, refused ? 'the SIP server refused the secret' : 'no connection to the SIP server');
    this.retry = this.options.clock.after(ms, () => this.open());
    if (wasEstablished) this.setState('lost');
  }

  private drop(srf: SrfInstance): void {
    const wasEstablished = this.established;
    this.handshake?.cancel();
    this.pings?.stop();
    this.current = undefined;
    this.established = false;
    discard(srf);
    if (wasEstablished) this.options.onDown();
  }

  private setState(state: SignallingState): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
}

/** Closes the socket of `srf` and keeps it from opening another one. */
function discard(srf: SrfInstance): void {
  const { wp, mapServer } = srf.app.client;
  wp.closing = true;
  for (const socket of mapServer.keys()) socket.destroy();
}
