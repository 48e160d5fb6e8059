import type { TrunkSettings } from '../../config/trunk-schema.js';
import type { Timer } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import { fraction } from '../../kernel/random.js';
import { RegisterExchange, grantedExpires, registerFailure } from './register-exchange.js';
import type { RegisterAnswer, RegisterParts } from './register-exchange.js';
import type { Target } from './resolve.js';

export type RegistrationState = 'off' | 'registering' | 'registered' | 'failed';

export interface RegistrationParts extends RegisterParts {
  readonly log: Logger;
  /** Places to register at, best first. TRK_TRUNK_UNRESOLVED. */
  readonly targets: () => Promise<readonly Target[]>;
  readonly onChange: () => void;
}

/** A refresh comes after this part of the granted time, so that one lost refresh leaves time for another. */
const REFRESH_FROM = 0.5;
const REFRESH_TO = 0.9;
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 300_000;
/** Carriers lock accounts that try wrong passwords in a row. */
const CREDENTIALS_FIRST_MS = 60_000;
const CREDENTIALS_MAX_MS = 1_800_000;
/** A registrar that grants less is asked no more often than this, ms. */
const SHORTEST_REFRESH_MS = 5_000;

/** Keeps one trunk registered (RFC 3261 10.2), and says when it is not. */
export class Registration {
  state: RegistrationState = 'off';
  /** Why it failed last; undefined while it is registered. */
  error: TrunklineError | undefined;
  /** Ms since the epoch; undefined while it is not registered. */
  expiresAt: number | undefined;
  readonly #parts: RegistrationParts;
  readonly #settings: TrunkSettings;
  readonly #exchange: RegisterExchange;
  #wantedS: number;
  #failures = 0;
  #next: Timer | undefined;
  #expiry: Timer | undefined;
  #stopped = false;
  /** Where the present binding is. */
  #at: Target | undefined;

  constructor(parts: RegistrationParts, settings: TrunkSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#exchange = new RegisterExchange(parts, settings);
    this.#wantedS = settings.register.expires_s;
  }

  start(): void {
    this.#set('registering', undefined);
    void this.#refresh();
  }

  /** Takes the binding back, where there is one; resolves when that was answered or not. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#next?.cancel();
    this.#expiry?.cancel();
    const at = this.#at;
    if (this.state === 'registered' && at !== undefined) await this.#exchange.send(at, 0).catch(() => undefined);
    this.state = 'off';
  }

  async #refresh(): Promise<void> {
    try {
      const targets = await this.#parts.targets();
      // After a failure the next place is tried: the first one may be the dead one.
      const target = targets[this.#failures % targets.length];
      if (target === undefined) throw new RangeError('no target');
      const answer = await this.#exchange.send(target, this.#wantedS);
      if (this.#stopped) return;
      if (answer.status >= 200 && answer.status < 300) return this.#registered(target, answer);
      if (answer.status === 423) return this.#tooBrief(answer);
      this.#failed(registerFailure(this.#settings.name, answer));
    } catch (error) {
      if (!this.#stopped) this.#failed(registerFailure(this.#settings.name, error));
    }
  }

  #registered(target: Target, { headers }: RegisterAnswer): void {
    const { clock, random } = this.#parts;
    const grantedMs = grantedExpires(headers, this.#settings.username ?? '', this.#wantedS) * 1_000;
    const part = REFRESH_FROM + (REFRESH_TO - REFRESH_FROM) * fraction(random);
    this.#at = target;
    this.#failures = 0;
    this.expiresAt = clock.now() + grantedMs;
    this.#again(Math.max(SHORTEST_REFRESH_MS, grantedMs * part));
    this.#expiry?.cancel();
    this.#expiry = clock.after(Math.max(SHORTEST_REFRESH_MS, grantedMs), () => this.#lapsed(), { keepAlive: false });
    this.#set('registered', undefined);
  }

  /** RFC 3261 10.2.8: 423 says what the least is. */
  #tooBrief(answer: RegisterAnswer): void {
    const least = Number(/^\s*(\d{1,9})\s*$/.exec(answer.headers['Min-Expires'] ?? '')?.[1] ?? 0);
    if (least <= this.#wantedS) return this.#failed(registerFailure(this.#settings.name, answer));
    this.#wantedS = least;
    void this.#refresh();
  }

  #failed(error: TrunklineError): void {
    const { random, log } = this.#parts;
    const credentials = error.code === 'TRK_TRUNK_CREDENTIALS';
    const [first, max] = credentials ? [CREDENTIALS_FIRST_MS, CREDENTIALS_MAX_MS] : [RETRY_FIRST_MS, RETRY_MAX_MS];
    const ms = Math.min(max, first * 2 ** Math.min(this.#failures, 20)) * (1 - fraction(random) / 4);
    this.#failures += 1;
    this.#again(ms);
    log.warn({ trunk: this.#settings.name, code: error.code, reason: error.message, retryMs: Math.round(ms) }, 'registration failed');
    // A refresh that fails leaves the old binding as it is until it runs out, unless the registrar has just refused us.
    if (this.state === 'registered' && error.code === 'TRK_TRUNK_UNREACHABLE') return;
    this.#set('failed', error);
  }

  #lapsed(): void {
    if (this.state === 'registered') this.#set('failed', new TrunklineError('TRK_TRUNK_UNREACHABLE', { params: { trunk: this.#settings.name, reason: 'the registration ran out' } }));
  }

  #again(ms: number): void {
    this.#next?.cancel();
    this.#next = this.#parts.clock.after(ms, () => void this.#refresh(), { keepAlive: false });
  }

  #set(state: RegistrationState, error: TrunklineError | undefined): void {
    if (state !== 'registered') this.expiresAt = undefined;
    this.state = state;
    this.error = error;
    this.#parts.onChange();
  }
}
