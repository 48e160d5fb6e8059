import { topVia } from '../message/message.js';
import type { SipRequest } from '../message/message.js';
import { bareAddress, cloneVia, serializeVia } from '../message/via.js';

/**
 * Notes in the top Via where a request really came from. What the sender itself
 * put there as `received` is overwritten: only the receiver knows.
 */
export function stampVia(request: SipRequest, address: string, port: number): void {
  const via = topVia(request);
  if (!via) return;
  const rport = via.params.has('rport');
  // RFC 3261 18.2.1: `received` if sent-by is a name or another address; RFC 3581 4: always beside `rport`.
  const received = rport || bareAddress(via.host) !== address;
  if (!received && !via.params.has('received')) return;
  const stamped = cloneVia(via);
  if (received) stamped.params.set('received', address);
  else stamped.params.delete('received');
  if (rport) stamped.params.set('rport', String(port));
  request.headers.replaceFirst('Via', serializeVia(stamped));
}
