/**
 * Just enough of SIP's syntax for a telephone (RFC 3261 7, 20). The phone must judge
 * the server from outside, so it shares no SIP code with it.
 */
export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly SipHeader[];
  readonly body: string;
}

export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly SipHeader[];
  readonly body: string;
}

export type SipMessage = SipRequest | SipResponse;

/** Name in lower case and in its long form. */
export type SipHeader = readonly [name: string, value: string];

const COMPACT: Readonly<Record<string, string>> = {
  c: 'content-type', e: 'content-encoding', f: 'from', i: 'call-id', k: 'supported', l: 'content-length', m: 'contact', s: 'subject', t: 'to', v: 'via',
};
const MAX_BYTES = 65_535;
const MAX_HEADERS = 128;

/** Undefined for anything that is not a whole SIP message: a telephone drops it. */
export function parseMessage(bytes: Buffer): SipMessage | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const text = bytes.toString('utf8');
  const split = /\r?\n\r?\n/.exec(text);
  if (split === null) return undefined;
  // RFC 3261 7.3.1: a line that begins with white space goes on with the one before.
  const lines = text.slice(0, split.index).replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const headers: SipHeader[] = [];
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon < 1 || headers.length >= MAX_HEADERS) return undefined;
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.push([COMPACT[name] ?? name, line.slice(colon + 1).trim()]);
  }
  for (const needed of ['via', 'from', 'to', 'call-id', 'cseq']) if (!headers.some(([name]) => name === needed)) return undefined;
  const body = text.slice(split.index + split[0].length);
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(lines[0]!);
  if (request !== null) return { kind: 'request', method: request[1]!, uri: request[2]!, headers, body };
  const response = /^SIP\/2\.0 ([1-6]\d\d) ?(.*)$/.exec(lines[0]!);
  if (response !== null) return { kind: 'response', status: Number(response[1]), reason: response[2]!, headers, body };
  return undefined;
}

export function formatMessage(message: SipMessage): Buffer {
  const start = message.kind === 'request' ? `${message.method} ${message.uri} SIP/2.0` : `SIP/2.0 ${message.status} ${message.reason}`;
  const headers = message.headers.filter(([name]) => name !== 'content-length').map(([name, value]) => `${titled(name)}: ${value}`);
  const length = `Content-Length: ${Buffer.byteLength(message.body)}`;
  return Buffer.from(`${[start, ...headers, length].join('\r\n')}\r\n\r\n${message.body}`);
}

function titled(name: string): string {
  if (name === 'call-id') return 'Call-ID';
  if (name === 'cseq') return 'CSeq';
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** First value, `''` if absent. */
export function header(message: SipMessage, name: string): string {
  return message.headers.find(([candidate]) => candidate === name)?.[1] ?? '';
}

/** Every value, lists taken apart at commas outside of quotes and angle brackets. */
export function headerList(message: SipMessage, name: string): string[] {
  return message.headers.filter(([candidate]) => candidate === name).flatMap(([, value]) => value.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+/g) ?? []).map((value) => value.trim());
}

/** Value of `;name=` after the address of a From, To or Via. */
export function parameter(value: string, name: string): string | undefined {
  const outside = value.replace(/<[^>]*>/, '');
  return new RegExp(`;\\s*${name}\\s*=\\s*"?([^;,\\s"]+)`, 'i').exec(outside)?.[1];
}

/** URI of a From, To, Contact or Route. */
export function addressUri(value: string): string {
  return /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0]!.trim();
}

export interface SipTarget {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

/** Undefined unless it is a sip: URI with a host. */
export function parseTarget(uri: string): SipTarget | undefined {
  const match = /^sip:(?:([^@]*)@)?(\[[0-9a-f:.]+\]|[^:;?>\s]+)(?::(\d{1,5}))?/i.exec(uri);
  if (match === null) return undefined;
  return { user: match[1] ?? '', host: match[2]!.replace(/^\[|\]$/g, ''), port: Number(match[3] ?? 5060) };
}

export function sequence(message: SipMessage): { number: number; method: string } {
  const match = /^(\d{1,10})\s+(\S+)$/.exec(header(message, 'cseq'));
  return { number: Number(match?.[1] ?? -1), method: match?.[2] ?? '' };
}
