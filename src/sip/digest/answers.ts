/**
 * Our answers to the challenges that one request meets on its way. Each far end is
 * answered once, and once more if it only calls the nonce too old: wrong credentials
 * never make a loop.
 */
import type { Random } from '../../kernel/random.js';
import type { SipHeaders } from '../signalling.js';
import { parseChallenge, unreadableReason, type Challenge } from './challenge.js';
import { authorize } from './response.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface ChallengedRequest {
  readonly method: string;
  /** Request-URI as it went out. */
  readonly uri: string;
  readonly body: string;
}

/** Who has challenged, as far as a later challenge must be the same one's. */
export interface Challenger {
  /** RFC 3261 22.2, 22.3: 401 is the called end, 407 a proxy before it. */
  readonly status: 401 | 407;
  readonly realm: string;
}

export type Verdict =
  /** Send again with these headers. */
  | { readonly kind: 'again'; readonly headers: SipHeaders; readonly algorithm: string }
  /** The credentials, or there are none. */
  | { readonly kind: 'credentials' }
  /** A challenge that we cannot answer. */
  | { readonly kind: 'unsupported'; readonly reason: string };

interface Given extends Challenger {
  readonly challenge: Challenge;
  /** The nonce is the second one. */
  readonly renewed: boolean;
  count: number;
}

export class ChallengeAnswers {
  readonly #credentials: Credentials | undefined;
  readonly #random: Random;
  /** At most one a status: a proxy and the called end. */
  readonly #given = new Map<number, Given>();

  constructor(credentials: Credentials | undefined, random: Random) {
    this.#credentials = credentials;
    this.#random = random;
  }

  /** Those who were answered. */
  get challengers(): readonly Challenger[] {
    return [...this.#given.values()].map(({ status, realm }) => ({ status, realm }));
  }

  /** What to do about a 401 or 407. */
  judge(status: number, headers: SipHeaders, request: ChallengedRequest): Verdict {
    const kind = status === 401 ? 401 : 407;
    const header = headers[kind === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'] ?? '';
    if (this.#credentials === undefined) return { kind: 'credentials' };
    const challenge = parseChallenge(header);
    const before = this.#given.get(kind);
    if (challenge === undefined) return before ? { kind: 'credentials' } : { kind: 'unsupported', reason: unreadableReason(header) };
    // RFC 7616 3.3: stale says that only the nonce was wrong. Twice in a row says that nothing will do.
    if (before !== undefined && (!challenge.stale || before.renewed || before.realm !== challenge.realm)) return { kind: 'credentials' };
    this.#given.set(kind, { status: kind, realm: challenge.realm, challenge, renewed: before !== undefined, count: 0 });
    return { kind: 'again', algorithm: challenge.algorithm, headers: this.#headers(this.#credentials, request) };
  }

  /** To all who have challenged: a proxy that has let the request pass wants to see it again (RFC 3261 22.3). */
  #headers(credentials: Credentials, request: ChallengedRequest): SipHeaders {
    const headers: Record<string, string> = {};
    for (const given of this.#given.values()) {
      given.count += 1;
      headers[given.status === 401 ? 'Authorization' : 'Proxy-Authorization'] = authorize(given.challenge, { ...request, username: credentials.username, password: credentials.password, count: given.count }, this.#random);
    }
    return headers;
  }
}
