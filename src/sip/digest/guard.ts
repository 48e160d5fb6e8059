/** Asks those who call us for a password (RFC 7616, RFC 8760, RFC 3261 22). */
import { createHmac } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { equalSecrets } from '../../kernel/equal-secrets.js';
import type { Random } from '../../kernel/random.js';
import type { SipHeaders, SipReplyHeaders } from '../signalling.js';
import { digestParameters, type HashName } from './challenge.js';
import { Nonces } from './nonce.js';
import { digestResponse, quoted } from './response.js';

export interface GuardSettings {
  /** Whose password it is: in the nonce, so that one trunk's does not serve another. */
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  /** Offered in this order. */
  readonly algorithms: readonly HashName[];
}

export interface GuardedRequest {
  readonly method: string;
  /** Request-URI. */
  readonly uri: string;
  readonly headers: SipHeaders;
  /** Address that it came from. */
  readonly source: string;
}

export type Admission =
  | { readonly admitted: true }
  /** `reason`: `none` was given; `wrong`; `stale`: the password was right, the nonce too old, used up or not ours. */
  | { readonly admitted: false; readonly reason: 'none' | 'wrong' | 'stale'; readonly status: 401; readonly headers: SipReplyHeaders };

/** A caller needs it once; those who keep it for later calls get a new one every five minutes, ms. */
const NONCE_VALID_MS = 300_000;
const MAX_USED_NONCES = 20_000;

export class DigestGuard {
  readonly #nonces: Nonces;
  readonly #key: Uint8Array;

  constructor(parts: { readonly clock: Clock; readonly random: Random }, limits: { readonly validMs?: number; readonly maxUsed?: number } = {}) {
    this.#nonces = new Nonces({ ...parts, validMs: limits.validMs ?? NONCE_VALID_MS, maxUsed: limits.maxUsed ?? MAX_USED_NONCES });
    this.#key = parts.random.bytes(32);
  }

  admit(settings: GuardSettings, request: GuardedRequest): Admission {
    const given = digestParameters(request.headers['Authorization'] ?? '').find((values) => values.get('realm') === settings.realm);
    if (given === undefined) return this.#refuse(settings, request, 'none');
    if (!this.#isRight(settings, request, given)) return this.#refuse(settings, request, 'wrong');
    const state = this.#nonces.use(given.get('nonce') ?? '', binding(settings, request), parseInt(given.get('nc') ?? '', 16));
    return state === 'good' ? { admitted: true } : this.#refuse(settings, request, 'stale');
  }

  /** The password is right for what the header says of itself. */
  #isRight(settings: GuardSettings, request: GuardedRequest, given: ReadonlyMap<string, string>): boolean {
    const value = (name: string): string => given.get(name) ?? '';
    const algorithm = settings.algorithms.find((name) => name.toLowerCase() === (given.get('algorithm') ?? 'MD5').toLowerCase());
    // Without qop there is no count, and whoever listened could say it all again.
    if (algorithm === undefined || value('qop').toLowerCase() !== 'auth' || !/^[0-9a-f]{8}$/i.test(value('nc')) || /^0+$/.test(value('nc')) || value('cnonce') === '') return false;
    const opaque = given.get('opaque');
    const { username, password, realm } = settings;
    const expected = digestResponse({ algorithm, realm, nonce: value('nonce'), qop: 'auth', cnonce: value('cnonce'), count: value('nc'), method: request.method, uri: value('uri'), username, password, body: '' });
    // All of them are looked at, in constant time: how long it takes tells nothing.
    const checks = [equalSecrets(value('response').toLowerCase(), expected), equalSecrets(value('username'), username), opaque === undefined || equalSecrets(opaque, this.#opaque(settings)), sameUser(value('uri'), request.uri)];
    return checks.every((check) => check);
  }

  #refuse(settings: GuardSettings, request: GuardedRequest, reason: 'none' | 'wrong' | 'stale'): Admission {
    const nonce = this.#nonces.issue(binding(settings, request));
    const challenges = settings.algorithms.map((algorithm) =>
      [
        `Digest realm=${quoted(settings.realm)}`,
        `nonce="${nonce}"`,
        `opaque="${this.#opaque(settings)}"`,
        `algorithm=${algorithm}`,
        'qop="auth"',
        // RFC 7616 3.3: ask nobody for a password that was right.
        ...(reason === 'stale' ? ['stale=true'] : []),
      ].join(', '),
    );
    return { admitted: false, reason, status: 401, headers: { 'WWW-Authenticate': challenges } };
  }

  #opaque({ name }: GuardSettings): string {
    return createHmac('sha256', this.#key).update(name).digest('hex').slice(0, 16);
  }
}

function binding({ name, realm }: GuardSettings, { source }: GuardedRequest): string {
  return `${source}\n${realm}\n${name}`;
}

/**
 * RFC 7616 3.4.6 wants the same resource. Hosts change on the way (SBCs, NAT, sipp signs
 * an address alone), but credentials for one number shall not open another.
 */
function sameUser(signed: string, requested: string): boolean {
  const user = (uri: string): string | undefined => /^sips?:([^@;?]*)@/i.exec(uri)?.[1];
  const named = user(signed);
  return named === undefined ? /^sips?:/i.test(signed) : named === user(requested);
}
