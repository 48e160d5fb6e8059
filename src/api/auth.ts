import type { Clock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import { isLoopback } from '../kernel/loopback.js';
import type { ApiKeyRecord, Store } from '../store/store.js';
import { hashSecret, looksLikeSecret } from './keys.js';
import type { Scope } from './keys.js';

/** Wrong keys from one address within a minute before it is told to wait. */
const WRONG_KEYS_A_MINUTE = 20;
const WINDOW_MS = 60_000;
/** Addresses remembered; the oldest is forgotten first. */
const MAX_ADDRESSES = 10_000;

export interface Caller {
  /** Id of the key; `anonymous` where keys are switched off. */
  readonly id: string;
  readonly scopes: readonly string[];
}

/** Besides what the route needs: parts of an answer that take another scope. */
export function isAllowed({ scopes }: Pick<Caller, 'scopes'>, scope: Scope): boolean {
  return scopes.includes('admin') || scopes.includes(scope);
}

const anonymous: Caller = { id: 'anonymous', scopes: ['admin'] };

/** Tells who asks and what they may do. */
export class Authenticator {
  readonly #store: Pick<Store, 'findApiKey'>;
  readonly #clock: Clock;
  readonly #required: boolean;
  readonly #wrong = new Map<string, { since: number; count: number }>();

  constructor(parts: { store: Pick<Store, 'findApiKey'>; clock: Clock; required: boolean }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#required = parts.required;
  }

  get required(): boolean {
    return this.#required;
  }

  /**
   * The owner of `Authorization: Bearer trk_...`, who must have `scope`.
   * TRK_UNAUTHORIZED, TRK_FORBIDDEN, TRK_RATE_LIMITED. A right key is never limited:
   * many clients may stand behind one address, and one of them guesses.
   */
  async authorize(header: string | undefined, scope: Scope, address: string): Promise<Caller> {
    if (!this.#required) return anonymous;
    const key = await this.#find(header);
    if (key === undefined || key.revokedAt !== undefined) throw this.#refuse(address);
    if (!isAllowed(key, scope)) throw new TrunklineError('TRK_FORBIDDEN', { params: { scope } });
    return key;
  }

  /**
   * The secret is never compared, only its hash looked up: how long that takes tells
   * about the hash, from which nobody finds a secret.
   */
  async #find(header: string | undefined): Promise<ApiKeyRecord | undefined> {
    const secret = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';
    return looksLikeSecret(secret) ? await this.#store.findApiKey(hashSecret(secret)) : undefined;
  }

  #refuse(address: string): TrunklineError {
    const now = this.#clock.monotonic();
    let entry = this.#wrong.get(address);
    if (entry === undefined || now - entry.since >= WINDOW_MS) {
      entry = { since: now, count: 0 };
      this.#wrong.delete(address);
      this.#wrong.set(address, entry);
      const oldest = this.#wrong.keys().next();
      if (this.#wrong.size > MAX_ADDRESSES && oldest.done !== true) this.#wrong.delete(oldest.value);
    }
    entry.count++;
    return new TrunklineError(entry.count > WRONG_KEYS_A_MINUTE ? 'TRK_RATE_LIMITED' : 'TRK_UNAUTHORIZED');
  }
}

/**
 * Without keys, a web page in a browser on this machine could use the API as well:
 * through a name of its own that resolves to loopback, or by a WebSocket, for which
 * browsers ask nobody. Both give themselves away in `Host` and `Origin`.
 */
export function isForeignPage(headers: { host?: string | undefined; origin?: string | undefined }): boolean {
  const hostOf = (text: string): string => (URL.canParse(text) ? new URL(text).hostname : '');
  if (headers.host !== undefined && !isLoopback(hostOf(`http://${headers.host}`))) return true;
  return headers.origin !== undefined && !isLoopback(hostOf(headers.origin));
}
