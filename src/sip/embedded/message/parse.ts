import { isUtf8 } from 'node:buffer';
import { parseCSeq } from './cseq.js';
import { isSpace, isToken, trimSpace } from './grammar.js';
import { Headers } from './headers.js';
import { limits } from './limits.js';
import { emptyBody } from './message.js';
import type { SipMessage, SipRequest } from './message.js';
import { parseNameAddress } from './name-address.js';
import { SipParseError } from './parse-error.js';
import { parseUri } from './uri.js';
import { parseVia } from './via.js';

export { SipParseError } from './parse-error.js';

/** First thing that is wrong with a message; the rest of it is still read for the answer. */
interface Fault {
  readonly reason: string;
  readonly status: number;
  readonly tooLarge: boolean;
}

interface RequestStart {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
}

interface ResponseStart {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

/** A message up to its empty line. `bodyLength` tells how the stream goes on. */
export interface Head {
  /** `noise`: nothing in it says SIP, so nobody waits for an answer. */
  readonly start: RequestStart | ResponseStart | { readonly kind: 'noise' };
  readonly headers: Headers;
  /** Content-Length; undefined if absent; `unknown` if it cannot be believed. */
  readonly bodyLength: number | undefined | 'unknown';
  readonly fault: Fault | undefined;
}

/** Reason of the error for a body that Content-Length says is longer. */
export const SHORT_BODY = 'body is shorter than Content-Length';

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** Bytes of empty lines before a message, which count as keep-alive and are skipped (RFC 3261 7.5, RFC 5626 3.5.1). */
export function leadingEmptyLines(data: Buffer, from = 0): number {
  let at = from;
  while (at + 1 < data.length && data[at] === 0x0d && data[at + 1] === 0x0a) at += 2;
  return at - from;
}

/** Index of the empty line that ends the head, or -1. */
export function endOfHead(data: Buffer, from: number): number {
  return data.indexOf(END_OF_HEAD, from);
}

/**
 * Parses one message: a datagram (`stream: false`), of which what follows the body
 * is ignored, or the beginning of a stream. `consumed` counts bytes from the start of `data`.
 * Throws `SipParseError`, nothing else.
 */
export function parseMessage(data: Buffer, options: { stream: boolean }): { message: SipMessage; consumed: number } {
  const limit = options.stream ? limits.streamMessageBytes : limits.datagramBytes;
  const start = leadingEmptyLines(data);
  const end = endOfHead(data, start);
  // Without the empty line the sender may have meant more: RFC 3261 7 asks for it even when there is no body.
  const head = parseHead(end < 0 ? trimLineEnd(data.subarray(start)) : data.subarray(start, end), end < 0 ? 'head without the empty line' : undefined);
  const bodyStart = end < 0 ? data.length : end + END_OF_HEAD.length;
  const available = data.length - bodyStart;
  let bodyLength = head.bodyLength;
  if (bodyLength === undefined) bodyLength = options.stream ? 0 : available;
  if (bodyLength === 'unknown') fail(head, undefined);
  if (bodyStart - start + bodyLength > limit) fail(head, undefined, { reason: 'message is too large', status: 413, tooLarge: true });
  if (bodyLength > available) fail(head, undefined, { reason: SHORT_BODY, status: 400, tooLarge: false });
  const consumed = bodyStart + bodyLength;
  return { message: completeMessage(head, data.subarray(bodyStart, consumed), consumed), consumed };
}

function trimLineEnd(head: Buffer): Buffer {
  return head.length >= 2 && head[head.length - 1] === 0x0a && head[head.length - 2] === 0x0d ? head.subarray(0, head.length - 2) : head;
}

/** Reads start line and header fields. Never throws: what is wrong is told in `fault`. */
export function parseHead(bytes: Buffer, known?: string): Head {
  let fault: Fault | undefined = known === undefined ? undefined : { reason: known, status: 400, tooLarge: false };
  const note = (reason: string, status = 400, tooLarge = false): void => {
    fault ??= { reason, status, tooLarge };
  };
  if (bytes.length > limits.headBytes) note('head is too large', 513, true);
  const head = bytes.length > limits.headBytes ? bytes.subarray(0, limits.headBytes) : bytes;
  // RFC 3261 7: text is UTF-8. Old phones put ISO 8859-1 into display names; reading it as such loses nothing.
  const text = isUtf8(head) ? head.toString('utf8') : head.toString('latin1');
  const firstEnd = text.indexOf('\r\n');
  const start = parseStartLine(firstEnd < 0 ? text : text.slice(0, firstEnd), note);
  const headers = new Headers();
  if (start.kind !== 'noise' && firstEnd >= 0) readFields(text, firstEnd + 2, headers, note);
  const bodyLength = readBodyLength(headers, note);
  return { start, headers, bodyLength, fault };
}

type Note = (reason: string, status?: number, tooLarge?: boolean) => void;

const RESPONSE_LINE = /^SIP\/2\.0 (\d{3})(?: (.*))?$/i;
const VERSION = /^SIP\/\d+\.\d+$/i;

function parseStartLine(line: string, note: Note): Head['start'] {
  if (/[\r\n]/.test(line)) note('bare CR or LF in the start line');
  if (/^SIP\//i.test(line)) {
    const match = RESPONSE_LINE.exec(line);
    const status = Number(match?.[1] ?? 0);
    // RFC 4475 3.1.2.19: a status that is none makes the response unusable.
    if (status < 100 || status > 699) note('bad status line');
    return { kind: 'response', status, reason: match?.[2] ?? '' };
  }
  // RFC 3261 25.1: Request-Line = Method SP Request-URI SP SIP-Version CRLF, single spaces and nothing after it.
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const method = first < 0 ? line : line.slice(0, first);
  if (first < 0 || !isToken(method) || method.length > limits.method) return { kind: 'noise' };
  const uri = last > first ? line.slice(first + 1, last) : line.slice(first + 1);
  const version = last > first ? line.slice(last + 1) : '';
  if (VERSION.test(version)) {
    // RFC 3261 21.5.6; RFC 4475 3.1.2.16
    if (version.slice(4) !== '2.0') note('SIP version is not supported', 505);
  } else if (/^[A-Z]+\/[\d.]+$/.test(version)) {
    return { kind: 'noise' };
  } else note('bad request line');
  if (uri.length > limits.uri) note('Request-URI is too long', 414, true);
  // RFC 4475 3.1.2.8, 3.1.2.9: no white space within, no second space around it.
  else if (/\s/.test(uri)) note('white space in the Request-URI');
  return { kind: 'request', method, uri };
}

function readFields(text: string, from: number, headers: Headers, note: Note): void {
  let at = from;
  let count = 0;
  while (at < text.length) {
    let end = text.indexOf('\r\n', at);
    if (end < 0) end = text.length;
    let next = end + 2;
    let line = text.slice(at, end);
    // RFC 3261 7.3.1: a line that begins with white space continues the one before, as if by one space.
    while (next < text.length && isSpace(text.charCodeAt(next))) {
      end = text.indexOf('\r\n', next);
      if (end < 0) end = text.length;
      if (line.length <= limits.headerLine) line = `${trimSpace(line)} ${trimSpace(text.slice(next, end))}`;
      next = end + 2;
    }
    at = next;
    if (++count > limits.headerCount) return note('too many header fields', 513, true);
    readField(line, headers, note);
  }
}

function readField(line: string, headers: Headers, note: Note): void {
  if (line.length > limits.headerLine) return note('header field is too long', 513, true);
  const colon = line.indexOf(':');
  let nameEnd = colon;
  while (nameEnd > 0 && isSpace(line.charCodeAt(nameEnd - 1))) nameEnd--;
  const name = line.slice(0, Math.max(0, nameEnd));
  if (!isToken(name)) return note('bad header field');
  const value = trimSpace(line.slice(colon + 1));
  if (value.includes('\r') || value.includes('\n')) return note('bare CR or LF in a header field');
  headers.addParsed(name, value);
}

function readBodyLength(headers: Headers, note: Note): number | undefined | 'unknown' {
  const values = headers.getAll('Content-Length');
  if (values.length === 0) return undefined;
  // RFC 4475 3.3.9: two of them, and nobody knows how long the body is.
  if (values.length > 1) {
    note('more than one Content-Length');
    return 'unknown';
  }
  // RFC 4475 3.1.2.3
  if (!/^\d{1,10}$/.test(values[0]!)) {
    note('bad Content-Length');
    return 'unknown';
  }
  return Number(values[0]);
}

/** Checks what every message must have and hands it over; throws `SipParseError`. */
export function completeMessage(head: Head, body: Buffer, consumed: number): SipMessage {
  if (head.fault || head.start.kind === 'noise') fail(head, consumed);
  const { headers, start } = head;
  try {
    if (start.kind === 'request') checkRequestUri(start.uri);
    checkValues(headers);
    if (start.kind === 'response') checkResponse(headers);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    const tooLarge = error.code === 'TRK_SIP_TOO_LARGE';
    fail(head, consumed, { reason: error.reason, status: error.responseStatus ?? 400, tooLarge });
  }
  // A copy: the datagram or stream buffer that it is cut from must not live as long as the message.
  const own = body.length === 0 ? emptyBody : Buffer.from(body);
  if (start.kind === 'request') return { kind: 'request', method: start.method, uri: start.uri, headers, body: own };
  return { kind: 'response', status: start.status, reason: start.reason, headers, body: own };
}

function checkRequestUri(text: string): void {
  const uri = parseUri(text);
  // RFC 3261 19.1.1: headers are not allowed in a Request-URI (RFC 4475 3.1.2.11).
  if (uri.kind === 'sip' && uri.headers !== undefined) throw new SipParseError('Request-URI holds headers');
}

const ADDRESSES = ['Contact', 'Route', 'Record-Route'] as const;

/** Whatever will be read later is read now, so that a message in hand has no surprises. */
function checkValues(headers: Headers): void {
  const branch = headers.parsed('Via', parseVia)?.params.get('branch');
  if ((branch?.length ?? 0) > limits.identifier) throw new SipParseError('branch is too long', { tooLarge: true });
  headers.parsed('From', parseNameAddress);
  headers.parsed('To', parseNameAddress);
  headers.parsed('CSeq', parseCSeq);
  if ((headers.get('Call-ID')?.length ?? 0) > limits.identifier) throw new SipParseError('Call-ID is too long', { tooLarge: true });
  const callId = headers.get('Call-ID');
  if (callId !== undefined && !/^\S+$/.test(callId)) throw new SipParseError('bad Call-ID');
  const vias = headers.getAll('Via');
  for (let i = 1; i < vias.length; i++) parseVia(vias[i]!);
  for (const name of ADDRESSES) {
    for (const value of headers.getAll(name)) if (value !== '*' || name !== 'Contact') parseNameAddress(value);
  }
  const hops = headers.get('Max-Forwards');
  // RFC 3261 20.22: 0 to 255.
  if (hops !== undefined && !(/^\d{1,10}$/.test(hops) && Number(hops) <= 255)) throw new SipParseError('bad Max-Forwards');
}

const NEEDED_IN_RESPONSE = ['Via', 'From', 'To', 'Call-ID', 'CSeq'] as const;

function checkResponse(headers: Headers): void {
  for (const name of NEEDED_IN_RESPONSE) {
    const count = headers.count(name);
    if (count === 0 || (count > 1 && name !== 'Via')) throw new SipParseError(`response needs one ${name}`);
  }
}

/** Never returns. What the answer needs is in `partial`; responses and ACK are never answered. */
function fail(head: Head, consumed: number | undefined, fault: Fault | undefined = undefined): never {
  const told = head.fault ?? fault ?? { reason: 'not a SIP message', status: 400, tooLarge: false };
  const partial = partialRequest(head);
  throw new SipParseError(told.reason, {
    responseStatus: partial && partial.method !== 'ACK' ? told.status : undefined,
    tooLarge: told.tooLarge,
    partial,
    consumed: head.start.kind === 'noise' ? undefined : consumed,
  });
}

function partialRequest(head: Head): SipRequest | undefined {
  if (head.start.kind !== 'request' || !head.headers.has('Via')) return undefined;
  return { kind: 'request', method: head.start.method, uri: head.start.uri, headers: head.headers, body: emptyBody };
}
