import { cseqOf, emptyBody } from '../message/message.js';
import type { SipRequest, SipResponse } from '../message/message.js';
import { Headers } from '../message/headers.js';

/** ACK to a 3xx-6xx: same branch as the INVITE, To of the response (RFC 3261 17.1.1.3). */
export function ackForFailure(invite: SipRequest, response: SipResponse): SipRequest {
  const headers = derivedHeaders(invite, 'ACK');
  // The To tag of the response may differ from what the INVITE knew.
  const to = response.headers.get('To');
  if (to !== undefined) headers.set('To', to);
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: emptyBody };
}

/** CANCEL for a request: same Request-URI, top Via, route, From, To, Call-ID and CSeq number (RFC 3261 9.1). */
export function cancelFor(request: SipRequest, extraHeaders: Iterable<readonly [name: string, value: string]>): SipRequest {
  const headers = derivedHeaders(request, 'CANCEL');
  for (const [name, value] of extraHeaders) if (!headers.has(name)) headers.add(name, value);
  return { kind: 'request', method: 'CANCEL', uri: request.uri, headers, body: emptyBody };
}

const COPIED = ['From', 'To', 'Call-ID'] as const;

function derivedHeaders(request: SipRequest, method: string): Headers {
  const headers = new Headers();
  // Both rules: a single Via that equals the top Via of the request, and its Route headers.
  headers.addParsed('Via', request.headers.get('Via') ?? '');
  headers.addParsed('Max-Forwards', '70');
  for (const route of request.headers.getAll('Route')) headers.addParsed('Route', route);
  for (const name of COPIED) {
    const value = request.headers.get(name);
    if (value !== undefined) headers.addParsed(name, value);
  }
  headers.addParsed('CSeq', `${cseqOf(request)?.sequence ?? 0} ${method}`);
  return headers;
}
