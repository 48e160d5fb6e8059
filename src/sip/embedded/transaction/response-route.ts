import { topVia } from '../message/message.js';
import type { SipRequest } from '../message/message.js';
import { bareAddress } from '../message/via.js';
import { defaultPort } from '../transport/transport.js';
import type { Destination, SipConnection, Source } from '../transport/transport.js';

export interface ResponseRoute {
  readonly destination: Destination;
  readonly connection: SipConnection | undefined;
}

/**
 * Where answers to `request` go (RFC 3261 18.2.2, RFC 3581 4). The address is always
 * the one that the request came from: it is what `received` holds, and obeying
 * `maddr` would let a stranger aim our answers at a third party.
 */
export function responseRoute(request: SipRequest, source: Source): ResponseRoute {
  return {
    destination: { protocol: source.protocol, address: source.address, port: responsePort(request, source), protocolFixed: true },
    // 18.2.2: over a reliable transport the answer MUST use the connection of the request while it is open.
    connection: source.connection,
  };
}

function responsePort(request: SipRequest, source: Source): number {
  let via;
  try {
    via = topVia(request);
  } catch {
    // RFC 4475 3.1.2.1: a Via that cannot be read still came from somewhere.
    return source.port;
  }
  if (!via) return source.port;
  // RFC 3581 4: with rport the answer goes to the source port.
  if (via.params.has('rport')) return source.port;
  // 18.2.2: the port of sent-by. Where sent-by names another address than the source, a NAT stands
  // between and that port leads nowhere, so the source port is used as if rport had been there.
  return bareAddress(via.host) === source.address ? (via.port ?? defaultPort(source.protocol)) : source.port;
}
