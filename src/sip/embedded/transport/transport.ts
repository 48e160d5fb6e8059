import type { SipMessage } from '../message/message.js';
import type { SipParseError } from '../message/parse-error.js';
import type { Via } from '../message/via.js';

export type SipProtocol = 'udp' | 'tcp' | 'tls';

/** Where a message goes. `address` is an IP literal without brackets, or a host name. */
export interface Destination {
  readonly protocol: SipProtocol;
  readonly address: string;
  readonly port: number;
  /**
   * The peer asked for this protocol (`;transport=`), so a large request stays on UDP.
   * Default false: RFC 3261 18.1.1 moves it to TCP.
   */
  readonly protocolFixed?: boolean;
  /** TLS: the name that the peer must prove (RFC 5922 7.3). Default: `address`. */
  readonly serverName?: string | undefined;
}

/** Port of sent-by, Contact and URI where none is given (RFC 3261 18.1.1, 19.1.2). */
export function defaultPort(protocol: SipProtocol): number {
  return protocol === 'tls' ? 5061 : 5060;
}

/** A TCP or TLS connection as the layers above see it. */
export interface SipConnection {
  /** Unique for the life of the process. */
  readonly id: number;
  readonly open: boolean;
}

/** Where a message came from, and on which of our addresses it came in. */
export interface Source {
  readonly protocol: SipProtocol;
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** TCP and TLS: answers go back on it while it is open. */
  readonly connection?: SipConnection;
  /** Nobody that we know: a new request from there is refused without a transaction. */
  readonly refused?: boolean;
}

export interface Listener {
  readonly protocol: SipProtocol;
  readonly address: string;
  readonly port: number;
}

export interface SendOptions {
  /** Used while open; when it is closed the message goes to the destination. */
  readonly connection?: SipConnection | undefined;
  /** The answer to a stranger, which belongs to no call. */
  readonly untraced?: boolean;
}

/** The transport layer of RFC 3261 section 18, as the layers above see it. */
export interface SipTransportLayer {
  /** Opens the listeners. TRK_PORT_IN_USE; TRK_SIP_TRANSPORT for an address that is not ours. */
  start(): Promise<void>;
  /** Closes listeners and connections; messages not yet written are lost. */
  close(): Promise<void>;
  /** As bound; empty before `start`. */
  readonly listeners: readonly Listener[];
  /** Resolves when the message is handed to the system. Rejects with TRK_SIP_TRANSPORT, TRK_SIP_CERTIFICATE or TRK_CLOSED. */
  send(message: Buffer, destination: Destination, options?: SendOptions): Promise<void>;
  /** One handler. Top Via of requests already has `received` and `rport` (RFC 3261 18.2.1, RFC 3581 4). */
  onMessage(handler: (message: SipMessage, source: Source) => void): void;
  /** One handler: a message that could not be read. If `error.responseStatus` is set it may be answered. */
  onParseFailure(handler: (error: SipParseError, source: Source) => void): void;
  /**
   * Our address as a peer at `destination` sees it: for Via, Contact and `localhost`.
   * The external address if one is configured and the peer is not on this host.
   */
  localAddressFor(destination: Destination): { readonly address: string; readonly port: number };
  /** Whether sent-by of a Via is one of ours (RFC 3261 18.1.2). */
  isOwnSentBy(via: Via): boolean;
}
