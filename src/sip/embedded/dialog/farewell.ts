/** Ends a call that its application does not end itself. */
import { text, metaOf, type DialogContext } from './context.js';
import { Refusal } from './application-message.js';
import type { Call } from './call.js';

const nothing = { onResponse: () => undefined, onTimeout: () => undefined, onTransportError: () => undefined };

const NOWHERE = { protocol: 'udp', address: '0.0.0.0', port: 0 };

/**
 * BYE to the far end, and the same BYE up to the application as `unsolicited`, with
 * `reason` as its text. The call is forgotten at once. `silent`: the far end knows already.
 */
export function endCall(context: DialogContext, call: Call, reason: string, options: { silent?: boolean } = {}): void {
  if (call.stage === 'ended') return;
  const wasConfirmed = call.stage === 'confirmed';
  context.calls.remove(call);
  call.invite?.abandon();
  call.unacknowledged = undefined;
  if (!wasConfirmed) return;
  const { request, nextHop } = call.state.newRequest('BYE');
  // RFC 3326.
  request.headers.add('Reason', `SIP;cause=200;text="${reason}"`);
  call.route(nextHop, (destination) => {
    const reachable = !(destination instanceof Refusal);
    try {
      if (reachable && !options.silent) {
        context.transactions.request(request, destination, nothing);
        context.counters.requestsOut += 1;
      }
    } catch (error) {
      context.log.warn({ sipCallId: call.state.callId, err: error }, 'BYE could not be sent');
    }
    call.application.deliver({ source: 'application', meta: reachable ? metaOf(destination) : NOWHERE, transactionId: 'unsolicited', dialogId: call.id, message: text(request) });
  });
}
