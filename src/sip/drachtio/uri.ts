import { TrunklineError } from '../../kernel/errors.js';

const HOST = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9\-.]*[A-Za-z0-9])?)`;
const USER = String.raw`(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#]|%[0-9A-Fa-f]{2})+`;
const PARAMETERS = String.raw`(?:;[A-Za-z0-9\-_.!~*'()%+]+(?:=[A-Za-z0-9\-_.!~*'()%+\[\]/:&$]+)?)*`;
const URI = new RegExp(`^sips?:(?:${USER}@)?${HOST}(?::(\\d{1,5}))?${PARAMETERS}$`);
const USER_PART = new RegExp(`^${USER}$`);
const MAX_LENGTH = 512;

/** Throws TRK_SIP_URI unless `uri` is `sip:[user@]host[:port][;parameters]`. */
export function checkUri(uri: string, field: string): string {
  const match = uri.length <= MAX_LENGTH ? URI.exec(uri) : null;
  if (!match || (match[1] !== undefined && (Number(match[1]) < 1 || Number(match[1]) > 65_535))) {
    throw new TrunklineError('TRK_SIP_URI', { field });
  }
  return uri;
}

/** A From header value. Host `localhost` is replaced by the server with its own address. Throws TRK_SIP_URI. */
export function fromHeader(from: string, displayName: string | undefined): string {
  const uri = /^sips?:/i.test(from) ? checkUri(from, 'from') : USER_PART.test(from) && from.length <= MAX_LENGTH ? `sip:${from}@localhost` : undefined;
  if (uri === undefined) throw new TrunklineError('TRK_SIP_URI', { field: 'from' });
  if (displayName === undefined) return `<${uri}>`;
  // RFC 3261 25.1: a quoted string holds no line ends; quotes and backslashes are escaped.
  const quoted = displayName.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&');
  return `"${quoted}" <${uri}>`;
}

/** User part of a name-addr or URI, percent-escapes decoded; empty if there is none. */
export function userPart(header: string): string {
  const uri = /<([^>]*)>/.exec(header.replace(/^\s*"(?:[^"\\]|\\.)*"/, ''))?.[1] ?? header;
  const user = /^\s*(?:sips?|tel):([^@;>\s]*)/i.exec(uri)?.[1] ?? '';
  if (!/@/.test(uri) && !/^\s*tel:/i.test(uri)) return '';
  try {
    return decodeURIComponent(user.split(':')[0] ?? '');
  } catch {
    return user;
  }
}

/** A Call-ID that also fits into a field of drachtio's frames. Throws TRK_INVALID_REQUEST. */
export function checkCallId(callId: string): string {
  if (!/^[A-Za-z0-9\-.!%*_+`'~()<>:"/[\]?{}@]{1,200}$/.test(callId)) {
    throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'the Call-ID is malformed' }, field: 'callId' });
  }
  return callId;
}
