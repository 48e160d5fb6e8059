/** The arithmetic of digest authentication (RFC 7616 3.4), for both ends. */
import { createHash } from 'node:crypto';
import { hex } from '../../kernel/random.js';
import type { Random } from '../../kernel/random.js';
import type { AlgorithmName, Challenge, Qop } from './challenge.js';

export interface DigestInput {
  readonly algorithm: AlgorithmName;
  readonly realm: string;
  readonly nonce: string;
  readonly qop: Qop | undefined;
  readonly cnonce: string;
  /** `nc`, 8 hex digits. */
  readonly count: string;
  readonly method: string;
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  /** Only `auth-int` looks at it. */
  readonly body: string;
}

/** Lower-case hex. */
export function digestResponse(input: DigestInput): string {
  const digest = hashOf(input.algorithm);
  const secret = digest(`${input.username}:${input.realm}:${input.password}`);
  const key = input.algorithm.endsWith('-sess') ? digest(`${secret}:${input.nonce}:${input.cnonce}`) : secret;
  // RFC 7616 3.4.3: `auth-int` protects the body, too.
  const subject = digest(`${input.method}:${input.uri}${input.qop === 'auth-int' ? `:${digest(input.body)}` : ''}`);
  if (input.qop === undefined) return digest(`${key}:${input.nonce}:${subject}`);
  return digest(`${key}:${input.nonce}:${input.count}:${input.cnonce}:${input.qop}:${subject}`);
}

function hashOf(algorithm: AlgorithmName): (text: string) => string {
  const name = algorithm.startsWith('MD5') ? 'md5' : algorithm.startsWith('SHA-256') ? 'sha256' : 'sha512-256';
  return (text) => createHash(name).update(text, 'utf8').digest('hex');
}

export interface DigestRequest {
  readonly method: string;
  /** Request-URI as it goes on the wire. */
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  /** How often this nonce was used, from 1. */
  readonly count: number;
  readonly body?: string;
}

/** The value of Authorization or Proxy-Authorization (RFC 7616 3.4, RFC 3261 22.4). */
export function authorize(challenge: Challenge, request: DigestRequest, random: Random): string {
  const count = request.count.toString(16).padStart(8, '0');
  const cnonce = hex(random, 8);
  const response = digestResponse({ ...challenge, ...request, body: request.body ?? '', count, cnonce });
  return [
    `Digest username=${quoted(request.username)}`,
    `realm=${quoted(challenge.realm)}`,
    `nonce=${quoted(challenge.nonce)}`,
    `uri=${quoted(request.uri)}`,
    `response="${response}"`,
    `algorithm=${challenge.algorithm}`,
    ...(challenge.opaque === undefined ? [] : [`opaque=${quoted(challenge.opaque)}`]),
    ...(challenge.qop === undefined ? [] : [`qop=${challenge.qop}`, `nc=${count}`, `cnonce="${cnonce}"`]),
  ].join(', ');
}

/** RFC 3261 25.1 quoted-string. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
