/** Reading what WWW-Authenticate and Proxy-Authenticate ask for (RFC 7616 3.3, RFC 8760). */

export type HashName = 'MD5' | 'SHA-256' | 'SHA-512-256';
export type AlgorithmName = HashName | `${HashName}-sess`;
export type Qop = 'auth' | 'auth-int';

/** A challenge that we can answer. */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: AlgorithmName;
  readonly opaque: string | undefined;
  /** Undefined: RFC 2069, without any. `auth` goes before `auth-int`, which covers the body, too. */
  readonly qop: Qop | undefined;
  /** The nonce was too old; the credentials were right. */
  readonly stale: boolean;
}

/** Strongest first: RFC 8760 2.6 lets local policy decide, and whoever stands between must not choose the weaker hash for us. */
const ALGORITHMS: readonly AlgorithmName[] = ['SHA-512-256-sess', 'SHA-512-256', 'SHA-256-sess', 'SHA-256', 'MD5-sess', 'MD5'];
/** A header that is longer is no challenge of anybody serious, characters. */
const MAX_LENGTH = 8_192;
const PARAMETER = /([A-Za-z][A-Za-z0-9_-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** The parameters of each `Digest` in a header value, where several may stand joined by commas; names in lower case. */
export function digestParameters(header: string): ReadonlyMap<string, string>[] {
  if (header.length > MAX_LENGTH) return [];
  // Each begins with its scheme, a word and then a parameter.
  const parts = splitOutsideQuotes(header).filter((part) => /^\s*digest\s/i.test(part));
  return parts.map((part) => new Map([...part.replace(/^\s*digest\s+/i, '').matchAll(PARAMETER)].map((match) => [(match[1] ?? '').toLowerCase(), match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? ''])));
}

/** Cuts before each `, Scheme name=` that stands outside a quoted string. */
function splitOutsideQuotes(header: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < header.length; index += 1) {
    const letter = header[index];
    if (quoted && letter === '\\') index += 1;
    else if (letter === '"') quoted = !quoted;
    else if (letter === ',' && !quoted && /^,\s*[A-Za-z]+\s+[A-Za-z][A-Za-z0-9_-]*\s*=/.test(header.slice(index, index + 80))) {
      parts.push(header.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, header.slice(start)];
}

/** The strongest of the challenges in a WWW-Authenticate or Proxy-Authenticate value. Undefined if we can answer none. */
export function parseChallenge(header: string): Challenge | undefined {
  const readable = digestParameters(header).map(readChallenge).filter((challenge) => challenge !== undefined);
  return readable.sort((left, right) => ALGORITHMS.indexOf(left.algorithm) - ALGORITHMS.indexOf(right.algorithm))[0];
}

/** What a header asks for that we cannot give, in plain words. */
export function unreadableReason(header: string): string {
  const [first] = digestParameters(header);
  if (first === undefined) return header.trim() === '' ? 'a challenge without a header' : `the scheme ${/^\s*([A-Za-z]{1,20})/.exec(header)?.[1] ?? 'of it'}`;
  if (first.get('realm') === undefined || first.get('nonce') === undefined) return 'a challenge without realm or nonce';
  return ALGORITHMS.some((name) => name.toLowerCase() === (first.get('algorithm') ?? 'MD5').toLowerCase()) ? `qop ${safe(first.get('qop'))}` : `the algorithm ${safe(first.get('algorithm'))}`;
}

function safe(text: string | undefined): string {
  return (text ?? '').replace(/[^A-Za-z0-9, -]/g, '').slice(0, 40);
}

function readChallenge(values: ReadonlyMap<string, string>): Challenge | undefined {
  const [realm, nonce] = [values.get('realm'), values.get('nonce')];
  const algorithm = ALGORITHMS.find((name) => name.toLowerCase() === (values.get('algorithm') ?? 'MD5').toLowerCase());
  if (realm === undefined || nonce === undefined || algorithm === undefined) return undefined;
  const offered = values.get('qop')?.split(',').map((option) => option.trim().toLowerCase());
  const qop = (['auth', 'auth-int'] as const).find((option) => offered?.includes(option));
  if (offered !== undefined && qop === undefined) return undefined;
  // RFC 7616 3.4.2: the session key needs a cnonce, which only qop brings.
  if (qop === undefined && algorithm.endsWith('-sess')) return undefined;
  return { realm, nonce, algorithm, opaque: values.get('opaque'), qop, stale: values.get('stale')?.toLowerCase() === 'true' };
}
