import type { CSeq } from './cseq.js';
import { parseCSeq } from './cseq.js';
import { Headers } from './headers.js';
import type { NameAddress } from './name-address.js';
import { parseNameAddress, tagOf } from './name-address.js';
import { reasonPhrase } from './reason-phrases.js';
import type { Via } from './via.js';
import { parseVia } from './via.js';

export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  /** Request-URI as it stands on the wire. */
  readonly uri: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export type SipMessage = SipRequest | SipResponse;

export const emptyBody: Buffer = Buffer.alloc(0);

/** Wire form. Content-Length is always computed from the body and stands last. */
export function serialize(message: SipMessage): Buffer {
  const start = message.kind === 'request' ? `${message.method} ${message.uri} SIP/2.0` : `SIP/2.0 ${message.status} ${message.reason}`;
  const head = `${start}\r\n${message.headers.lines('Content-Length')}Content-Length: ${message.body.length}\r\n\r\n`;
  if (message.body.length === 0) return Buffer.from(head, 'utf8');
  return Buffer.concat([Buffer.from(head, 'utf8'), message.body]);
}

export interface ResponseOptions {
  /** Added to To when the request's To has no tag and the status is not 100. */
  readonly toTag?: string;
  /** More header fields; Content-Type goes here too. */
  readonly headers?: Iterable<readonly [name: string, value: string]>;
  readonly body?: Buffer | string;
}

/** Requests whose answers make or refresh a dialog, and so carry the route (RFC 3261 12.1.1, RFC 6665 4.1.3, RFC 3515). */
const DIALOG_METHODS: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/**
 * The answer to `request` (RFC 3261 8.2.6). A header that the request lacks, as
 * malformed ones do, is missing in the answer too; where one stands twice the first is used.
 */
export function createResponse(request: SipRequest, status: number, reason?: string, options: ResponseOptions = {}): SipResponse {
  const headers = new Headers();
  // 8.2.6.2: From, Call-ID, CSeq equal those of the request; Via values too, in the same order.
  for (const [name, value] of request.headers.entries()) {
    if (name === 'Via') headers.addParsed(name, value);
    // 12.1.1: a response that establishes a dialog MUST copy all Record-Route values.
    else if (name === 'Record-Route' && status > 100 && status < 300 && DIALOG_METHODS.has(request.method)) headers.addParsed(name, value);
    // 8.2.6.1: a 100 MUST copy any Timestamp.
    else if (name === 'Timestamp' && status === 100) headers.addParsed(name, value);
  }
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const value = request.headers.get(name);
    if (value === undefined) continue;
    headers.addParsed(name, name === 'To' && status !== 100 ? withToTag(request, value, options.toTag) : value);
  }
  for (const [name, value] of options.headers ?? []) headers.add(name, value);
  const body = typeof options.body === 'string' ? Buffer.from(options.body, 'utf8') : (options.body ?? emptyBody);
  return { kind: 'response', status, reason: reason ?? reasonPhrase(status), headers, body };
}

function withToTag(request: SipRequest, to: string, tag: string | undefined): string {
  if (tag === undefined) return to;
  try {
    return tagOf(toOf(request)) === undefined ? `${to};tag=${tag}` : to;
  } catch {
    // A To that does not parse goes back as it came: a tag could change its meaning.
    return to;
  }
}

// The parsed values below are kept with the headers until those change, and shared:
// clone before changing one. They throw SipParseError only for headers that did not
// come through parseMessage.

export function topVia(message: SipMessage): Via | undefined {
  return message.headers.parsed('Via', parseVia);
}

export function fromOf(message: SipMessage): NameAddress | undefined {
  return message.headers.parsed('From', parseNameAddress);
}

export function toOf(message: SipMessage): NameAddress | undefined {
  return message.headers.parsed('To', parseNameAddress);
}

export function cseqOf(message: SipMessage): CSeq | undefined {
  return message.headers.parsed('CSeq', parseCSeq);
}

export function fromTag(message: SipMessage): string | undefined {
  return tagOf(fromOf(message));
}

export function toTag(message: SipMessage): string | undefined {
  return tagOf(toOf(message));
}
