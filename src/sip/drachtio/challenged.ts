/** What is common to requests that a far end challenges (RFC 3261 22), outside dialogs and inside. */
import { isIP } from 'node:net';
import type { Challenger, Credentials } from '../digest/answers.js';
import type { SipHeaders } from '../signalling.js';
import type { SrfHeaders, SrfRequest, SrfResponse } from './srf-types.js';

/** Credentials that were given when a dialog was set up, and to whom. */
export interface DialogCredentials extends Credentials {
  readonly challengers: readonly Challenger[];
  /** Where those challenges came from. */
  readonly peer: string;
}

/** Where a response came from, or went to where only that is known. */
export function peerOf(response: SrfResponse): string {
  return response.source_address ?? '';
}

/** Who challenges inside a dialog is answered only if it is the one, at the same address and with the same realm, that was answered before it. */
export function mayAnswer(credentials: DialogCredentials | undefined, response: SrfResponse, realm: string): boolean {
  if (credentials === undefined || peerOf(response) !== credentials.peer) return false;
  return credentials.challengers.some((challenger) => challenger.status === response.status && challenger.realm === realm);
}

/**
 * The same request again, with an answer to the challenge: Call-ID and From tag stay and
 * CSeq grows (RFC 3261 22.2), and it goes to the very server that made the nonce, where a
 * name may stand for several.
 */
export function againOptions(options: { readonly uri?: string; readonly headers: SrfHeaders; readonly proxy?: string }, sent: SrfRequest, response: SrfResponse, authorization: SipHeaders): { headers: SrfHeaders; proxy?: string } {
  const sequence = Number(/^\s*(\d+)/.exec(sent.get('CSeq') ?? '')?.[1] ?? 0) + 1;
  const headers = { ...options.headers, ...authorization, From: sent.get('From') ?? '', 'Call-ID': sent.get('Call-ID') ?? '', CSeq: `${sequence} ${sent.method}` };
  const proxy = options.proxy ?? pinned(options.uri ?? '', response);
  return { headers, ...(proxy === undefined ? {} : { proxy }) };
}

function pinned(uri: string, response: SrfResponse): string | undefined {
  const host = /^sips?:(?:[^@]*@)?(\[[^\]]*\]|[^:;?]*)/i.exec(uri)?.[1] ?? '';
  const { source_address: address, source_port: port, protocol } = response;
  // A certificate is checked against the name, so TLS keeps it.
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || !address || !port || protocol === 'tls') return undefined;
  return `sip:${isIP(address) === 6 ? `[${address}]` : address}:${port}${protocol === 'tcp' ? ';transport=tcp' : ''}`;
}
