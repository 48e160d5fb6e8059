import { isToken, trimSpace } from './grammar.js';
import { parseHeaderParams } from './params.js';
import type { Params } from './params.js';
import { SipParseError } from './parse-error.js';
import { parseHostPort } from './uri.js';

/** One Via value (RFC 3261 20.42). */
export interface Via {
  /** Transport in upper case: UDP, TCP, or whatever the far end wrote. */
  protocol: string;
  /** Host of sent-by, IPv6 with brackets. */
  host: string;
  /** Port of sent-by, undefined for the default of the transport. */
  port: number | undefined;
  params: Params;
}

/** Branches with it are unique per transaction (RFC 3261 8.1.1.7). */
export const MAGIC_COOKIE = 'z9hG4bK';

const PROTOCOL = /^([^\s/]+)[ \t]*\/[ \t]*([^\s/]+)[ \t]*\/[ \t]*([^\s/]+)[ \t]+/;

/** Throws `SipParseError`. */
export function parseVia(value: string): Via {
  const match = PROTOCOL.exec(value);
  if (!match || match[1]!.toUpperCase() !== 'SIP' || match[2] !== '2.0' || !isToken(match[3]!)) throw new SipParseError('bad Via protocol');
  let at = match[0].length;
  let end = value.indexOf(';', at);
  if (end < 0) end = value.length;
  // White space may stand around the colon of sent-by.
  const sentBy = value.slice(at, end).split(':').map(trimSpace).join(':');
  const { host, port } = parseHostPort(sentBy);
  at = end;
  return { protocol: match[3]!.toUpperCase(), host, port, params: parseHeaderParams(value, at) };
}

export function serializeVia(via: Via): string {
  return `SIP/2.0/${via.protocol} ${via.host}${via.port === undefined ? '' : `:${via.port}`}${via.params.toString()}`;
}

export function cloneVia(via: Via): Via {
  return { ...via, params: via.params.clone() };
}

/** An address without the brackets that an IPv6 literal may have (RFC 5118 4.5: `received` comes with and without). */
export function bareAddress(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** An address as it stands in a URI or Via: IPv6 in brackets. */
export function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}
