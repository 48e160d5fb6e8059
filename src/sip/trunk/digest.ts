import { createHash } from 'node:crypto';
import { hex } from '../../kernel/random.js';
import type { Random } from '../../kernel/random.js';

/** A challenge that we can answer. */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: 'MD5' | 'SHA-256';
  readonly opaque: string | undefined;
  /** True if `qop` lists `auth`. */
  readonly auth: boolean;
  /** The nonce was too old; the credentials were right. */
  readonly stale: boolean;
}

const PARAMETER = /([A-Za-z][A-Za-z0-9_-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** The best of the challenges in a WWW-Authenticate or Proxy-Authenticate value, SHA-256 before MD5 (RFC 8760 2.3). Undefined if we can answer none. */
export function parseChallenge(header: string): Challenge | undefined {
  // Several challenges may stand in one value; each begins with its scheme.
  const challenges = header.split(/(?:^|,)\s*(?=[A-Za-z]+\s+[A-Za-z]+\s*=)/).filter((part) => /^\s*digest\s/i.test(part));
  const readable = challenges.map(readChallenge).filter((challenge) => challenge !== undefined);
  return readable.find(({ algorithm }) => algorithm === 'SHA-256') ?? readable[0];
}

function readChallenge(text: string): Challenge | undefined {
  const values = new Map([...text.replace(/^\s*digest\s+/i, '').matchAll(PARAMETER)].map((match) => [(match[1] ?? '').toLowerCase(), match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '']));
  const [realm, nonce] = [values.get('realm'), values.get('nonce')];
  const algorithm = (values.get('algorithm') ?? 'MD5').toUpperCase();
  if (realm === undefined || nonce === undefined || (algorithm !== 'MD5' && algorithm !== 'SHA-256')) return undefined;
  const qop = values.get('qop')?.split(',').map((option) => option.trim().toLowerCase());
  if (qop !== undefined && !qop.includes('auth')) return undefined;
  return { realm, nonce, algorithm, opaque: values.get('opaque'), auth: qop !== undefined, stale: values.get('stale')?.toLowerCase() === 'true' };
}

export interface DigestRequest {
  readonly method: string;
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  /** How often this nonce was used, from 1. */
  readonly count: number;
}

/** The value of Authorization or Proxy-Authorization (RFC 7616 3.4, RFC 3261 22.4). */
export function authorize(challenge: Challenge, request: DigestRequest, random: Random): string {
  const digest = (text: string): string => createHash(challenge.algorithm === 'MD5' ? 'md5' : 'sha256').update(text).digest('hex');
  const secret = digest(`${request.username}:${challenge.realm}:${request.password}`);
  const subject = digest(`${request.method}:${request.uri}`);
  const count = request.count.toString(16).padStart(8, '0');
  const cnonce = hex(random, 8);
  const response = challenge.auth ? digest(`${secret}:${challenge.nonce}:${count}:${cnonce}:auth:${subject}`) : digest(`${secret}:${challenge.nonce}:${subject}`);
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  return [
    `Digest username=${quoted(request.username)}`,
    `realm=${quoted(challenge.realm)}`,
    `nonce=${quoted(challenge.nonce)}`,
    `uri=${quoted(request.uri)}`,
    `response="${response}"`,
    `algorithm=${challenge.algorithm}`,
    ...(challenge.opaque === undefined ? [] : [`opaque=${quoted(challenge.opaque)}`]),
    ...(challenge.auth ? ['qop=auth', `nc=${count}`, `cnonce="${cnonce}"`] : []),
  ].join(', ');
}
