import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import { fraction } from '../../kernel/random.js';
import type { Random } from '../../kernel/random.js';
import { EventSocket } from './event-socket.js';
import type { FreeswitchServerOptions } from './options.js';

/** How often a server is asked whether it lives, ms. */
const PING_MS = 500;
/** An answer that takes longer makes the server one that gets no new calls, ms. */
const SLOW_MS = 700;
/** Then its calls are lost, unless their audio still comes; PING_MS + LOST_MS stays under 2 s. */
const LOST_MS = 1_200;
/** However well audio comes: without commands no call can be ended or changed. */
const MUTE_MAX_MS = 10_000;
/** How long calls wait for the event socket to come back, ms. */
const RECONNECT_GRACE_MS = 1_000;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5_000;

export type ServerState = 'connecting' | 'up' | 'silent' | 'down' | 'closed';

/** A call as its server sees it. */
export interface Carried {
  /** Counts up as long as audio comes through the server. */
  heard(): number;
  lost(error: TrunklineError): void;
}

export interface ServerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** What operators see of one server. */
export interface ServerStatus {
  readonly name: string;
  readonly state: ServerState;
  readonly draining: boolean;
  readonly sessions: number;
  readonly maxSessions: number;
  /** Of the last answer, ms. */
  readonly latencyMs: number | undefined;
  /** Why it cannot be used. */
  readonly error: string | undefined;
}

/** One FreeSWITCH of the pool: its connection, its health and the calls on it. */
export class FreeswitchServer {
  readonly options: FreeswitchServerOptions;
  draining: boolean;
  state: ServerState = 'connecting';
  lastError: TrunklineError | undefined;
  latencyMs: number | undefined;
  readonly #parts: ServerParts;
  readonly #calls = new Set<Carried>();
  readonly #stop = new AbortController();
  #socket: EventSocket | undefined;
  /** Of the process that carries our calls. */
  #coreUuid: string | undefined;
  #failures = 0;
  #retry: Timer | undefined;
  #ping: Timer | undefined;
  #grace: Timer | undefined;
  #firstTry: Promise<void> | undefined;

  constructor(options: FreeswitchServerOptions, parts: ServerParts) {
    this.options = options;
    this.draining = options.drain;
    this.#parts = parts;
  }

  get name(): string {
    return this.options.name;
  }

  /** Free places for new calls. */
  get room(): number {
    return this.state === 'up' && !this.draining ? Math.max(0, this.options.maxSessions - this.#calls.size) : 0;
  }

  get sessions(): number {
    return this.#calls.size;
  }

  get status(): ServerStatus {
    return { name: this.name, state: this.state, draining: this.draining, sessions: this.sessions, maxSessions: this.options.maxSessions, latencyMs: this.latencyMs, error: this.lastError?.message };
  }

  /** Resolves when the first attempt to connect has come to its end, good or bad. */
  start(): Promise<void> {
    this.#firstTry ??= this.#connect();
    return this.#firstTry;
  }

  take(call: Carried): void {
    this.#calls.add(call);
  }

  leave(call: Carried): void {
    this.#calls.delete(call);
  }

  /** `host:port` for INVITEs. TRK_MEDIA_FREESWITCH_DOWN. */
  get sipAddress(): string {
    return this.#connection().sipAddress;
  }

  /** Numeric address, as good as its media's to choose ours by. */
  get address(): string {
    return this.#socket?.address ?? this.options.host;
  }

  /** Body of the answer. TRK_MEDIA_FREESWITCH_DOWN, TRK_MEDIA_FREESWITCH_REFUSED where it begins with -ERR or -USAGE. */
  async command(what: string, command: string): Promise<string> {
    const body = await this.#connection().api(command);
    if (/^-(?:ERR|USAGE)/.test(body)) throw new TrunklineError('TRK_MEDIA_FREESWITCH_REFUSED', { params: { server: this.name, what, reason: body.trim().slice(0, 200) } });
    return body;
  }

  /** As `EventSocket.bridge`. */
  bridge(one: string, other: string): Promise<void> {
    return this.#connection().bridge(one, other);
  }

  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#stop.abort(new Error('closed'));
    for (const timer of [this.#retry, this.#ping, this.#grace]) timer?.cancel();
    this.#socket?.close();
  }

  #connection(): EventSocket {
    if (this.#socket === undefined) throw this.lastError ?? this.#down('not connected yet');
    return this.#socket;
  }

  async #connect(): Promise<void> {
    const { clock, log } = this.#parts;
    const { name, host, port, password } = this.options;
    try {
      const socket = await EventSocket.open({ name, host, port, password, clock }, this.#stop.signal);
      if (this.#isClosed()) return socket.close();
      // Whoever restarted knows nothing of our calls.
      if (this.#coreUuid !== undefined && this.#coreUuid !== socket.coreUuid) this.#lose('it was restarted');
      this.#grace?.cancel();
      this.#coreUuid = socket.coreUuid;
      this.#socket = socket;
      this.#failures = 0;
      this.lastError = undefined;
      this.state = 'up';
      socket.onEnd(() => this.#onConnectionEnd(socket));
      log.info({ freeswitch: name, sip: socket.sipAddress }, 'FreeSWITCH is up');
      this.#nextPing(socket);
    } catch (error) {
      if (this.#isClosed()) return;
      const coded = asTrunklineError(error);
      // Once for each reason, not for each attempt.
      if (coded.message !== this.lastError?.message) log.error({ freeswitch: name, code: coded.code, reason: coded.message }, 'FreeSWITCH cannot be used');
      this.lastError = coded;
      this.state = 'down';
      this.#tryLater();
    }
  }

  #isClosed(): boolean {
    return this.state === 'closed';
  }

  #tryLater(): void {
    const { clock, random } = this.#parts;
    const wait = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#failures++, 10));
    this.#retry = clock.after(wait * (1 - fraction(random) / 4), () => void this.#connect(), { keepAlive: false });
  }

  #onConnectionEnd(socket: EventSocket): void {
    if (socket !== this.#socket || this.#isClosed()) return;
    const { clock, log } = this.#parts;
    this.#socket = undefined;
    this.#ping?.cancel();
    this.state = 'down';
    this.lastError = this.#down('the connection broke');
    log.error({ freeswitch: this.name, calls: this.#calls.size }, 'connection to FreeSWITCH broke');
    // The server may live on with our calls; the next connection tells by its id.
    this.#grace = clock.after(RECONNECT_GRACE_MS, () => this.#lose('the connection broke'), { keepAlive: false });
    void this.#connect();
  }

  #nextPing(socket: EventSocket): void {
    this.#ping = this.#parts.clock.after(PING_MS, () => this.#askAlive(socket), { keepAlive: false });
  }

  #askAlive(socket: EventSocket): void {
    const { clock } = this.#parts;
    const askedAt = clock.monotonic();
    let heard = 0;
    const check = (): void => {
      const silentMs = clock.monotonic() - askedAt;
      const before = heard;
      heard = this.#heard();
      if (this.state === 'up') {
        this.state = 'silent';
        this.#ping = clock.after(LOST_MS - SLOW_MS, check, { keepAlive: false });
      } else if (heard !== before && silentMs < MUTE_MAX_MS) {
        // Slow or busy, but it carries our calls.
        this.#ping = clock.after(PING_MS, check, { keepAlive: false });
      } else {
        this.#onSilence(socket, silentMs);
      }
    };
    this.#ping = clock.after(SLOW_MS, check, { keepAlive: false });
    const answered = (): void => {
      if (socket !== this.#socket || this.#isClosed()) return;
      this.#ping?.cancel();
      this.latencyMs = clock.monotonic() - askedAt;
      this.state = 'up';
      this.#nextPing(socket);
    };
    // A failure is what `check` finds, or the end of the connection.
    socket.api('global_getvar core_uuid', MUTE_MAX_MS).then(answered, () => undefined);
  }

  #onSilence(socket: EventSocket, silentMs: number): void {
    this.#socket = undefined;
    socket.close();
    this.state = 'down';
    this.lastError = this.#down(`it has said nothing for ${Math.round(silentMs)} ms`);
    this.#lose(`it said nothing for ${Math.round(silentMs)} ms`);
    this.#parts.log.error({ freeswitch: this.name, code: this.lastError.code, reason: this.lastError.message }, 'FreeSWITCH is lost');
    this.#tryLater();
  }

  #heard(): number {
    let sum = 0;
    for (const call of this.#calls) sum += call.heard();
    return sum;
  }

  #lose(reason: string): void {
    this.#grace?.cancel();
    this.#coreUuid = undefined;
    const calls = [...this.#calls];
    this.#calls.clear();
    if (calls.length > 0) this.#parts.log.error({ freeswitch: this.name, calls: calls.length }, 'calls were lost with their FreeSWITCH');
    for (const call of calls) call.lost(new TrunklineError('TRK_MEDIA_FREESWITCH_LOST', { params: { server: this.name, reason } }));
  }

  #down(reason: string): TrunklineError {
    return new TrunklineError('TRK_MEDIA_FREESWITCH_DOWN', { params: { server: this.name, reason } });
  }
}
