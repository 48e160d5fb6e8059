/**
 * What an application may put into a message and what the server fills in or
 * discards. Content-Length of the application is not believed: it counts UTF-16
 * units there.
 */
import type { Random } from '../../../kernel/random.js';
import { hex } from '../../../kernel/random.js';
import { isToken } from '../message/grammar.js';
import { Headers } from '../message/headers.js';
import { emptyBody, type SipRequest } from '../message/message.js';
import { parseCSeq } from '../message/cseq.js';
import { parseNameAddress, serializeNameAddress } from '../message/name-address.js';
import { endOfHead, parseHead, SipParseError } from '../message/parse.js';
import { parseUri, serializeUri } from '../message/uri.js';
import { bracketed } from '../message/via.js';
import type { SipProtocol } from '../transport/transport.js';

/** Why a message of an application is refused; the text is its answer. */
export class Refusal extends Error {}

export type ApplicationMessage =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string; readonly headers: Headers; readonly body: Buffer }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string; readonly headers: Headers; readonly body: Buffer };

/** These are the server's own; what an application gives is discarded. */
const DISCARDED = ['Via', 'Route', 'Record-Route', 'RSeq', 'Content-Length'] as const;
/** In a dialog, and in responses, these come from the state. */
const FROM_STATE = ['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'] as const;
/** Their host `localhost` stands for our own address. */
const WITH_LOCALHOST = ['From', 'To', 'Contact', 'P-Asserted-Identity'] as const;

/** Our end, as the far end shall see it. */
export interface LocalEnd {
  readonly host: string;
  readonly port: number;
  readonly protocol: SipProtocol;
  /** The far end asked for sips (RFC 3261 8.1.1.8, 12.1.1): our Contact must be such a URI, too. */
  readonly sips?: boolean;
}

/** Throws `Refusal`. */
export function parseApplicationMessage(text: string): ApplicationMessage {
  const bytes = Buffer.from(text, 'utf8');
  const end = endOfHead(bytes, 0);
  // srf ends a message without a body by one CRLF after the head at least.
  const head = parseHead(end < 0 ? Buffer.from(text.replace(/(?:\r\n)+$/, ''), 'utf8') : bytes.subarray(0, end));
  const { start, headers } = head;
  if (head.fault || start.kind === 'noise') throw new Refusal(`malformed message: ${head.fault?.reason ?? 'not SIP'}`);
  for (const name of DISCARDED) headers.delete(name);
  const body = end < 0 ? emptyBody : Buffer.from(bytes.subarray(end + 4));
  return start.kind === 'request' ? { ...start, headers, body } : { ...start, headers, body };
}

export function contactOf(local: LocalEnd): string {
  // RFC 3261 26.2.2: transport=tls is deprecated beside sips, which says it already.
  if (local.sips) return `<sips:${bracketed(local.host)}:${local.port}>`;
  return `<sip:${bracketed(local.host)}:${local.port}${local.protocol === 'udp' ? '' : `;transport=${local.protocol}`}>`;
}

/** A request outside a dialog. Throws `Refusal`. */
export function fillRequest(message: ApplicationMessage & { kind: 'request' }, local: LocalEnd, random: Random): SipRequest {
  const { method, uri } = message;
  local = { ...local, sips: isSips(uri) };
  const headers = message.headers.clone();
  try {
    replaceLocalhost(headers, local);
    const from = parseNameAddress(headers.get('From') ?? contactOf(local));
    const params = from.params.clone();
    if (params.get('tag') === undefined) params.set('tag', hex(random, 8));
    headers.set('From', serializeNameAddress({ ...from, params }));
    headers.set('To', headers.get('To') ?? `<${uri}>`);
    parseNameAddress(headers.get('To') ?? '');
    headers.set('CSeq', fillCSeq(headers.get('CSeq'), method));
  } catch (error) {
    throw asRefusal(error);
  }
  if (!headers.has('Call-ID')) headers.set('Call-ID', `${hex(random, 16)}@${bracketed(local.host)}`);
  if (!headers.has('Max-Forwards')) headers.set('Max-Forwards', '70');
  if ((method === 'INVITE' || method === 'SUBSCRIBE') && !headers.has('Contact')) headers.set('Contact', contactOf(local));
  fillContentType(headers, message.body, 'request');
  return { kind: 'request', method, uri, headers: inWireOrder(headers), body: message.body };
}

export function isSips(uri: string): boolean {
  return /^sips:/i.test(uri);
}

const TARGET_REFRESH: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'UPDATE']);

/** Adds what the application gave to a request that the dialog state made. Throws `Refusal`. */
export function fillDialogRequest(request: SipRequest, message: ApplicationMessage, local: LocalEnd, contact: string | undefined): SipRequest {
  try {
    const given = message.headers.clone();
    replaceLocalhost(given, local);
    local = { ...local, sips: isSips(request.uri) };
    for (const [name, value] of given.entries()) {
      if (FROM_STATE.some((own) => own === name) || (name === 'Contact' && value === 'undefined')) continue;
      request.headers.add(name, value);
    }
  } catch (error) {
    throw asRefusal(error);
  }
  if (TARGET_REFRESH.has(request.method) && !request.headers.has('Contact')) request.headers.set('Contact', contact ?? contactOf(local));
  fillContentType(request.headers, message.body, 'request');
  return { ...request, body: message.body };
}

/** Header fields that an application gave to its response, ready to be added. Throws `Refusal`. */
export function responseHeaders(message: ApplicationMessage, local: LocalEnd): Headers {
  const headers = new Headers();
  try {
    const given = message.headers.clone();
    replaceLocalhost(given, local);
    for (const [name, value] of given.entries()) {
      if (!FROM_STATE.some((own) => own === name)) headers.add(name, value);
    }
  } catch (error) {
    throw asRefusal(error);
  }
  fillContentType(headers, message.body, 'response');
  return headers;
}

function fillCSeq(given: string | undefined, method: string): string {
  if (given === undefined) return `1 ${method}`;
  const { sequence } = parseCSeq(given);
  return `${sequence} ${method}`;
}

function fillContentType(headers: Headers, body: Buffer, kind: 'request' | 'response'): void {
  if (body.length === 0 || headers.has('Content-Type')) return;
  if (body.subarray(0, 2).toString('latin1') === 'v=') headers.set('Content-Type', 'application/sdp');
  // RFC 3261 20.15: a body needs a Content-Type.
  else if (kind === 'request') throw new Refusal('body without Content-Type');
}

function replaceLocalhost(headers: Headers, local: LocalEnd): void {
  for (const name of WITH_LOCALHOST) {
    const values = headers.getAll(name);
    if (!values.some((value) => /localhost/i.test(value))) continue;
    headers.set(
      name,
      values.map((value) => {
        const address = parseNameAddress(value);
        if (address.uri.kind !== 'sip' || address.uri.host.toLowerCase() !== 'localhost') return value;
        return serializeNameAddress({ ...address, uri: { ...address.uri, host: bracketed(local.host), port: address.uri.port ?? local.port } });
      }),
    );
  }
}

/** RFC 3261 7.3.1 leaves the order open; peers and people expect this one first. */
function inWireOrder(headers: Headers): Headers {
  const ordered = new Headers();
  const first = ['Max-Forwards', 'From', 'To', 'Call-ID', 'CSeq', 'Contact'];
  for (const name of first) for (const value of headers.getAll(name)) ordered.add(name, value);
  for (const [name, value] of headers.entries()) if (!first.includes(name)) ordered.add(name, value);
  return ordered;
}

function asRefusal(error: unknown): Error {
  return error instanceof SipParseError ? new Refusal(`malformed header: ${error.reason}`) : (error as Error);
}

/** Throws `Refusal` unless the text is a SIP URI that a request can be sent to. */
export function checkRequestUri(text: string): void {
  try {
    const uri = parseUri(text);
    if (uri.kind !== 'sip') throw new Refusal('URI scheme cannot be sent to');
    if (uri.headers !== undefined) throw new Refusal('URI holds headers');
    serializeUri(uri);
  } catch (error) {
    throw error instanceof SipParseError ? new Refusal(`URI does not parse: ${error.reason}`) : error;
  }
}

/** A tag or Call-ID that would shift the fields of a frame, or break it. */
export function unfitForFrame(identifier: string): boolean {
  return /[|\p{Cc}]/u.test(identifier);
}

/** A `;tag=` that an application put on To, if it is one. */
export function givenToTag(message: ApplicationMessage): string | undefined {
  const to = message.headers.get('To');
  const tag = to === undefined ? undefined : /;\s*tag\s*=\s*([^\s;>]+)\s*(?:;|$)/i.exec(to)?.[1];
  return tag !== undefined && isToken(tag) ? tag : undefined;
}
