import { isIPv6 } from 'node:net';
import { limits } from './limits.js';
import { Params } from './params.js';
import { SipParseError } from './parse-error.js';

/** sip: and sips: (RFC 3261 19.1). Parts are kept escaped as they stood. */
export interface SipUri {
  readonly kind: 'sip';
  scheme: 'sip' | 'sips';
  user: string | undefined;
  password: string | undefined;
  /** Name, IPv4 address, or IPv6 address with its brackets. */
  host: string;
  port: number | undefined;
  params: Params;
  /** What stands after `?`, raw: header fields that a request to this URI would get. */
  headers: string | undefined;
}

/** tel: (RFC 3966). */
export interface TelUri {
  readonly kind: 'tel';
  readonly scheme: 'tel';
  number: string;
  params: Params;
}

/** Any other absolute URI; only its scheme is looked at. */
export interface OpaqueUri {
  readonly kind: 'opaque';
  /** Lower case. */
  readonly scheme: string;
  readonly opaque: string;
}

export type Uri = SipUri | TelUri | OpaqueUri;

const SCHEME = /^([A-Za-z][A-Za-z0-9+\-.]*):/;
// RFC 3261 25.1: unreserved, escaped, user-unreserved; `#` is not in it but phones dial it unescaped.
const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#]|%[0-9A-Fa-f]{2})+$/;
const PASSWORD = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*$/;
// Underscores are no host name characters, yet container networks are full of them.
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9\-_.]*[A-Za-z0-9_.])?$/;
const PARAM_PART = /^(?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/;
const URI_HEADERS = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$&=]|%[0-9A-Fa-f]{2})+$/;
const OPAQUE = /^[^\s<>"\\^`{|}]+$/;
const TEL_NUMBER = /^(?:\+[0-9\-.()]+|[0-9A-Fa-f*#\-.()pw]+)$/;

/** Throws `SipParseError` (400; 414 when it is too long). */
export function parseUri(text: string): Uri {
  if (text.length > limits.uri) throw new SipParseError('URI is too long', { responseStatus: 414, tooLarge: true });
  const match = SCHEME.exec(text);
  if (!match) throw new SipParseError('URI has no scheme');
  const scheme = match[1]!.toLowerCase();
  const rest = text.slice(match[0].length);
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(scheme, rest);
  if (scheme === 'tel') return parseTelUri(rest);
  if (!OPAQUE.test(rest)) throw new SipParseError('URI holds a character that must be escaped');
  return { kind: 'opaque', scheme, opaque: rest };
}

function parseSipUri(scheme: 'sip' | 'sips', rest: string): SipUri {
  let user: string | undefined;
  let password: string | undefined;
  // Neither user nor host, parameters or headers may hold a bare "@", so the first one ends userinfo.
  const at = rest.indexOf('@');
  if (at >= 0) {
    const colon = rest.indexOf(':');
    user = rest.slice(0, colon >= 0 && colon < at ? colon : at);
    if (!USER.test(user)) throw new SipParseError('bad user part in URI');
    if (colon >= 0 && colon < at) {
      password = rest.slice(colon + 1, at);
      if (!PASSWORD.test(password)) throw new SipParseError('bad password part in URI');
    }
    rest = rest.slice(at + 1);
  }
  let headers: string | undefined;
  const question = rest.indexOf('?');
  if (question >= 0) {
    headers = rest.slice(question + 1);
    if (!URI_HEADERS.test(headers)) throw new SipParseError('bad headers part in URI');
    rest = rest.slice(0, question);
  }
  const semicolon = rest.indexOf(';');
  const hostPort = semicolon < 0 ? rest : rest.slice(0, semicolon);
  const { host, port } = parseHostPort(hostPort);
  const params = semicolon < 0 ? new Params() : parseUriParams(rest.slice(semicolon + 1));
  return { kind: 'sip', scheme, user, password, host, port, params, headers };
}

function parseTelUri(rest: string): TelUri {
  const semicolon = rest.indexOf(';');
  const number = semicolon < 0 ? rest : rest.slice(0, semicolon);
  if (!TEL_NUMBER.test(number)) throw new SipParseError('bad telephone number in URI');
  return { kind: 'tel', scheme: 'tel', number, params: semicolon < 0 ? new Params() : parseUriParams(rest.slice(semicolon + 1)) };
}

/** host [":" port]. Throws `SipParseError`. */
export function parseHostPort(text: string): { host: string; port: number | undefined } {
  let hostEnd: number;
  if (text.startsWith('[')) {
    hostEnd = text.indexOf(']') + 1;
    if (hostEnd === 0 || !isIpv6Literal(text.slice(1, hostEnd - 1))) throw new SipParseError('bad IPv6 address');
  } else {
    const colon = text.indexOf(':');
    hostEnd = colon < 0 ? text.length : colon;
    if (!HOST_NAME.test(text.slice(0, hostEnd))) throw new SipParseError('bad host');
  }
  if (hostEnd === text.length) return { host: text, port: undefined };
  // RFC 5118 4.2: without brackets an IPv6 address leaves rubbish where the port should be.
  if (!/^:\d{1,5}$/.test(text.slice(hostEnd))) throw new SipParseError('bad port');
  const port = Number(text.slice(hostEnd + 1));
  if (port < 1 || port > 65_535) throw new SipParseError('bad port');
  return { host: text.slice(0, hostEnd), port };
}

/** RFC 5118 4.10: three colons before an embedded IPv4 address come from a mistake in the RFC 3261 grammar; accept them. */
function isIpv6Literal(address: string): boolean {
  return isIPv6(address) || (address.includes(':::') && isIPv6(address.replace(':::', '::')));
}

function parseUriParams(text: string): Params {
  const params = new Params();
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? undefined : part.slice(equals + 1);
    if (!PARAM_PART.test(name) || (value !== undefined && !PARAM_PART.test(value))) throw new SipParseError('bad parameter in URI');
    // RFC 4475 3.1.1.3: %6C%72 is the parameter lr.
    params.append(unescape(name).toLowerCase(), name, value);
  }
  return params;
}

export function serializeUri(uri: Uri): string {
  switch (uri.kind) {
    case 'sip': {
      const password = uri.password === undefined ? '' : `:${uri.password}`;
      const userinfo = uri.user === undefined ? '' : `${uri.user}${password}@`;
      const port = uri.port === undefined ? '' : `:${uri.port}`;
      const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
      return `${uri.scheme}:${userinfo}${uri.host}${port}${uri.params.toString()}${headers}`;
    }
    case 'tel':
      return `tel:${uri.number}${uri.params.toString()}`;
    case 'opaque':
      return `${uri.scheme}:${uri.opaque}`;
  }
}

/** Decodes %hh as UTF-8; bytes that are no UTF-8 become U+FFFD. */
export function unescape(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** Escapes what may not stand in the user part of a sip: URI. */
export function escapeUser(text: string): string {
  return text.replace(/[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu, (char) => Buffer.from(char, 'utf8').toString('hex').replace(/../g, '%$&').toUpperCase());
}

/** These count even when only one of the two URIs has them (RFC 3261 19.1.4). */
const TELLING_PARAMS = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Equality of RFC 3261 19.1.4 (RFC 3966 5 for tel:). */
export function uriEquals(a: Uri, b: Uri): boolean {
  if (a.kind === 'sip' && b.kind === 'sip') {
    return (
      a.scheme === b.scheme &&
      normal(a.user) === normal(b.user) &&
      normal(a.password) === normal(b.password) &&
      a.host.toLowerCase() === b.host.toLowerCase() &&
      a.port === b.port &&
      paramsEqual(a.params, b.params, TELLING_PARAMS) &&
      uriHeadersEqual(a.headers, b.headers)
    );
  }
  if (a.kind === 'tel' && b.kind === 'tel') {
    const digits = (number: string): string => number.replace(/[-.()]/g, '').toLowerCase();
    return digits(a.number) === digits(b.number) && paramsEqual(a.params, b.params, undefined);
  }
  return a.kind === 'opaque' && b.kind === 'opaque' && a.scheme === b.scheme && a.opaque === b.opaque;
}

/** Escapes of characters that need none are undone, so that %41 equals A but %3B does not equal a bare semicolon. */
function normal(text: string | undefined): string | undefined {
  return text?.replace(/%[0-9A-Fa-f]{2}/g, (escaped) => {
    const char = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return /[A-Za-z0-9\-_.!~*'()]/.test(char) ? char : escaped.toUpperCase();
  });
}

/** `telling` undefined: every parameter must be on both sides. */
function paramsEqual(a: Params, b: Params, telling: readonly string[] | undefined): boolean {
  const half = (one: Params, other: Params): boolean => {
    for (const [name] of one) {
      if (!other.has(name)) {
        if (!telling || telling.includes(name)) return false;
      } else if (normal(one.get(name))?.toLowerCase() !== normal(other.get(name))?.toLowerCase()) return false;
    }
    return true;
  };
  return half(a, b) && half(b, a);
}

function uriHeadersEqual(a: string | undefined, b: string | undefined): boolean {
  const sorted = (text: string | undefined): string =>
    (text ?? '')
      .split('&')
      .map((header) => {
        const equals = header.indexOf('=');
        return equals < 0 ? header.toLowerCase() : `${header.slice(0, equals).toLowerCase()}=${normal(header.slice(equals + 1))}`;
      })
      .sort()
      .join('&');
  return sorted(a) === sorted(b);
}
