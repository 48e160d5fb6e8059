import { TrunklineError } from '../../kernel/errors.js';
import type { SipHeaders, SipReply, SipReplyHeaders, SipRequestInfo } from '../signalling.js';
import type { SrfHeaders, SrfMessage, SrfRequest, SrfResponse } from './srf-types.js';

/** Spellings that are not "capital after each dash". */
const SPECIAL: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'www-authenticate': 'WWW-Authenticate',
  'mime-version': 'MIME-Version',
  rseq: 'RSeq',
  rack: 'RAck',
  'sip-etag': 'SIP-ETag',
};

export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return SPECIAL[lower] ?? lower.replace(/(^|-)([a-z])/g, (_whole, dash: string, letter: string) => dash + letter.toUpperCase());
}

export function headersOf(message: SrfMessage): SipHeaders {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) headers[canonicalName(name)] = value;
  return headers;
}

/** A copy that srf may change, with our User-Agent. Throws TRK_INVALID_REQUEST for what would break the message. */
export function outgoingHeaders(userAgent: string, headers: SipReplyHeaders = {}): SrfHeaders {
  const copy: SrfHeaders = { 'User-Agent': userAgent };
  for (const [name, given] of Object.entries(headers)) {
    const values = typeof given === 'string' ? [given] : given;
    if (!/^[A-Za-z0-9\-.!%*_+`'~]+$/.test(name) || values.some((value) => /[\r\n\0]/.test(value))) {
      throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'a SIP header is malformed' }, field: `headers.${name}` });
    }
    // RFC 3261 20.44: challenges never share a line, and srf knows but one value of a name.
    copy[name] = values.join(`\r\n${name}: `);
  }
  return copy;
}

export function requestInfo(request: SrfRequest): SipRequestInfo {
  return { method: request.method, headers: headersOf(request), body: request.body ?? '', contentType: request.get('Content-Type') };
}

/** Runs `handler` and sends what it answers; a throw answers 500. */
export async function replyWith(
  response: SrfResponse,
  userAgent: string,
  handler: () => SipReply | Promise<SipReply>,
  onError: (error: unknown) => void,
): Promise<void> {
  let reply: SipReply;
  let headers: SrfHeaders;
  try {
    reply = await handler();
    headers = outgoingHeaders(userAgent, reply.headers);
  } catch (error) {
    onError(error);
    reply = { status: 500 };
    headers = outgoingHeaders(userAgent);
  }
  sendResponse(response, reply.status, reply.reason, { headers, ...(reply.body === undefined ? {} : { body: reply.body }) });
}

/** Sends a response; a refusal by the server (transaction gone, connection lost) is nothing that we could mend. */
export function sendResponse(response: SrfResponse, status: number, reason: string | undefined, options: { headers?: SrfHeaders; body?: string }): void {
  if (response.finalResponseSent) return;
  response.send(status, reason, options, () => undefined);
}

/** A comma-separated header names `token`, in whatever case. */
export function listsToken(header: string | undefined, token: string): boolean {
  return (header ?? '').split(',').some((entry) => entry.trim().toLowerCase() === token.toLowerCase());
}
