import { parseHead, parseMessage } from '../../src/sip/embedded/message/parse.js';
import type { SipMessage, SipRequest, SipResponse } from '../../src/sip/embedded/message/message.js';
import { stampVia } from '../../src/sip/embedded/transport/stamp-via.js';
import type { Via } from '../../src/sip/embedded/message/via.js';
import type { Destination, Listener, SendOptions, SipTransportLayer, Source } from '../../src/sip/embedded/transport/transport.js';

export interface Sent {
  readonly message: SipMessage;
  readonly destination: Destination;
  readonly options: SendOptions;
}

export const peer = { address: '192.0.2.9', port: 5060 } as const;
const own = { address: '192.0.2.1', port: 5060 } as const;

/**
 * A network that the test holds in its hands: `sent` is everything that went out,
 * parsed back from its bytes; `receive` is everything that comes in, in the order and
 * as often as the test says, so losing a message is not delivering it.
 */
export class FakeTransport implements SipTransportLayer {
  readonly sent: Sent[] = [];
  readonly listeners: readonly Listener[] = [
    { protocol: 'udp', ...own },
    { protocol: 'tcp', ...own },
  ];
  /** Makes `send` reject for what it returns an error for. */
  refuse: ((destination: Destination) => Error | undefined) | undefined;
  /** Sees each message that goes out, e.g. to carry it to another `FakeTransport`. */
  carry: ((bytes: Buffer) => void) | undefined;
  #onMessage: ((message: SipMessage, source: Source) => void) | undefined;

  async start(): Promise<void> {}
  async close(): Promise<void> {}

  async send(message: Buffer, destination: Destination, options: SendOptions = {}): Promise<void> {
    const error = this.refuse?.(destination);
    if (error) throw error;
    this.carry?.(message);
    this.sent.push({ message: readBack(message), destination, options });
  }

  onMessage(handler: (message: SipMessage, source: Source) => void): void {
    this.#onMessage = handler;
  }

  onParseFailure(): void {}

  localAddressFor(): { readonly address: string; readonly port: number } {
    return own;
  }

  isOwnSentBy(via: Via): boolean {
    return via.host === own.address && (via.port ?? 5060) === own.port;
  }

  /** Delivers a message, given as an object or as text with LF or CRLF line ends. */
  receive(message: SipMessage | string, from: Partial<Source> = {}): void {
    const source: Source = { protocol: 'udp', ...peer, localAddress: own.address, localPort: own.port, ...from };
    const parsed = typeof message === 'string' ? parseText(message) : message;
    if (parsed.kind === 'request') stampVia(parsed, source.address, source.port);
    this.#onMessage?.(parsed, source);
  }

  /** `INVITE`, `100`, `200`... in the order of sending. */
  get log(): string[] {
    return this.sent.map(({ message }) => (message.kind === 'request' ? message.method : String(message.status)));
  }

  /** Takes what was sent since the last call off the record. */
  take(): SipMessage[] {
    return this.sent.splice(0).map(({ message }) => message);
  }

  /** Last request sent. */
  get lastRequest(): SipRequest {
    const found = this.sent.map(({ message }) => message).findLast((message) => message.kind === 'request');
    if (found?.kind !== 'request') throw new Error('no request was sent');
    return found;
  }

  get lastResponse(): SipResponse {
    const found = this.sent.map(({ message }) => message).findLast((message) => message.kind === 'response');
    if (found?.kind !== 'response') throw new Error('no response was sent');
    return found;
  }
}

/** A message from text whose lines may end in LF; an open head gets its empty line. */
export function parseText(text: string): SipMessage {
  let wire = text.replace(/\r?\n/g, '\r\n');
  if (!wire.includes('\r\n\r\n')) wire += wire.endsWith('\r\n') ? '\r\n' : '\r\n\r\n';
  return parseMessage(Buffer.from(wire), { stream: false }).message;
}

/** What went out; the answer to a malformed request may itself lack headers, so it is not held against the full grammar. */
function readBack(bytes: Buffer): SipMessage {
  const end = bytes.indexOf('\r\n\r\n');
  const { start, headers, fault } = parseHead(bytes.subarray(0, end));
  if (fault || start.kind === 'noise') throw new Error(`a malformed message was sent: ${fault?.reason ?? 'noise'}`);
  return { ...start, headers, body: bytes.subarray(end + 4) };
}
