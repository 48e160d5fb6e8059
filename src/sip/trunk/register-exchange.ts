import type { TrunkSettings } from '../../config/trunk-schema.js';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../../kernel/errors.js';
import { hex } from '../../kernel/random.js';
import type { Random } from '../../kernel/random.js';
import type { Signalling, SipHeaders } from '../signalling.js';
import { digestParameters, parseChallenge, unreadableReason } from '../digest/challenge.js';
import type { Challenge } from '../digest/challenge.js';
import { authorize } from '../digest/response.js';
import type { Target } from './resolve.js';
import { domainOf, nextHopOf, uriAt } from './target-uri.js';
import { within } from './within.js';

export interface RegisterParts {
  readonly signalling: Pick<Signalling, 'request'>;
  readonly clock: Clock;
  readonly random: Random;
}

export interface RegisterAnswer {
  readonly status: number;
  readonly headers: SipHeaders;
  /** What came, in order, in plain words. */
  readonly seen: readonly string[];
  /** The first challenge: what we answer, and all that was on offer. Undefined without one, or if none can be answered. */
  readonly challenge: { readonly algorithm: string; readonly realm: string; readonly offered: readonly string[] } | undefined;
  /** Why the challenge cannot be answered. */
  readonly unsupported: string | undefined;
  /** Digest was asked for and given. */
  readonly authorized: boolean;
  /** The far end refuses what we gave. */
  readonly wrongCredentials: boolean;
}

/** A REGISTER without any answer is given up after this time, ms. */
const ANSWER_MS = 8_000;
/** Challenges answered in one go: the first, and one for a nonce that was too old. */
const MAX_CHALLENGES = 2;

/**
 * REGISTER requests of one trunk: one Call-ID with a growing CSeq (RFC 3261 10.2.4), and
 * the nonce kept for the next one.
 */
export class RegisterExchange {
  readonly #parts: RegisterParts;
  readonly #settings: TrunkSettings;
  readonly #callId: string;
  #sequence = 0;
  #known: { readonly challenge: Challenge; readonly header: string; readonly host: string } | undefined;
  #uses = 0;

  constructor(parts: RegisterParts, settings: TrunkSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#callId = `${hex(parts.random, 16)}@trunkline`;
  }

  /**
   * `expiresS` undefined asks for the present bindings only (RFC 3261 10.2.3): it shows
   * whether the credentials are right and changes nothing. TRK_SIP_TIMEOUT, TRK_SIP_TRANSPORT, TRK_SIP_NOT_CONNECTED.
   */
  async send(target: Target, expiresS: number | undefined): Promise<RegisterAnswer> {
    const seen: string[] = [];
    const host = nextHopOf(target);
    // A nonce belongs to whom it came from; others shall not see a hash of our password for it.
    if (this.#known?.host !== host) this.#known = undefined;
    let answered = 0;
    let first: RegisterAnswer['challenge'];
    for (;;) {
      const authorized = this.#known !== undefined;
      const fresh = answered > 0;
      const { status, headers } = await this.#request(target, expiresS);
      const challenge = status === 401 || status === 407 ? this.#challengeOf(status, headers) : undefined;
      seen.push(challenge === undefined ? String(status) : `${status}, digest ${challenge.challenge.algorithm}`);
      const asked = headers[status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'] ?? '';
      first ??= challenge && { algorithm: challenge.challenge.algorithm, realm: challenge.challenge.realm, offered: digestParameters(asked).map((values) => values.get('algorithm') ?? 'MD5') };
      const unsupported = [401, 407].includes(status) && challenge === undefined ? unreadableReason(asked) : undefined;
      const { password } = this.#settings;
      const mayAnswer = challenge !== undefined && password !== undefined && answered < MAX_CHALLENGES && (!fresh || challenge.challenge.stale);
      if (!mayAnswer) return { status, headers, seen, authorized, challenge: first, unsupported, wrongCredentials: [401, 407].includes(status) ? authorized || password === undefined : status === 403 && authorized };
      this.#known = { ...challenge, host };
      this.#uses = 0;
      answered += 1;
    }
  }

  #challengeOf(status: number, headers: SipHeaders): { challenge: Challenge; header: string } | undefined {
    const challenge = parseChallenge(headers[status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'] ?? '');
    return challenge && { challenge, header: status === 401 ? 'Authorization' : 'Proxy-Authorization' };
  }

  #request(target: Target, expiresS: number | undefined): Promise<{ status: number; headers: SipHeaders }> {
    const { signalling, clock, random } = this.#parts;
    const { username = '', password = '' } = this.#settings;
    const uri = uriAt(this.#settings, target);
    const record = `<sip:${username}@${domainOf(this.#settings, target).replace(/:\d+$/, '')}>`;
    const transport = target.address.transport === 'udp' ? '' : `;transport=${target.address.transport}`;
    this.#sequence += 1;
    const headers: Record<string, string> = { From: record, To: record, 'Call-ID': this.#callId, CSeq: `${this.#sequence} REGISTER` };
    // The server puts its own address for localhost.
    if (expiresS !== undefined) Object.assign(headers, { Contact: `<sip:${username}@localhost${transport}>`, Expires: String(expiresS) });
    if (this.#known) headers[this.#known.header] = authorize(this.#known.challenge, { method: 'REGISTER', uri, username, password, count: (this.#uses += 1) }, random);
    return within(clock, ANSWER_MS, signalling.request('REGISTER', uri, { headers, nextHop: nextHopOf(target) }), () => new TrunklineError('TRK_SIP_TIMEOUT'));
  }
}

/** Validity that was granted, s (RFC 3261 10.2.4: of our Contact, else Expires). */
export function grantedExpires(headers: SipHeaders, username: string, wanted: number): number {
  const contacts = (headers['Contact'] ?? '').split(/,(?=\s*(?:"|<|sips?:))/).filter((contact) => contact.includes(`${username}@`));
  const times = contacts.map((contact) => /;\s*expires\s*=\s*"?(\d{1,9})/i.exec(contact)?.[1]).filter((time) => time !== undefined).map(Number);
  if (times.length > 0) return Math.max(...times);
  const general = /^\s*(\d{1,9})\s*$/.exec(headers['Expires'] ?? '')?.[1];
  return general === undefined ? wanted : Number(general);
}

/** What a REGISTER that failed means for the trunk. */
export function registerFailure(trunk: string, answer: unknown): TrunklineError {
  if (typeof answer === 'object' && answer !== null && 'wrongCredentials' in answer) {
    const { status, wrongCredentials, unsupported } = answer as RegisterAnswer;
    if (unsupported !== undefined) return new TrunklineError('TRK_SIP_CHALLENGE', { params: { reason: unsupported } });
    return new TrunklineError(wrongCredentials ? 'TRK_TRUNK_CREDENTIALS' : 'TRK_TRUNK_REFUSED', { params: { trunk, status } });
  }
  return unreachable(trunk, answer);
}

/** Timeouts and transport errors are the trunk's; what else went wrong keeps its own code. */
export function unreachable(trunk: string, thrown: unknown): TrunklineError {
  const error = asTrunklineError(thrown);
  if (error.code === 'TRK_SIP_TIMEOUT') return new TrunklineError('TRK_TRUNK_UNREACHABLE', { params: { trunk, reason: 'no answer' }, cause: error });
  if (error.code === 'TRK_SIP_TRANSPORT') return new TrunklineError('TRK_TRUNK_UNREACHABLE', { params: { trunk, reason: error.message }, cause: error });
  return error;
}
