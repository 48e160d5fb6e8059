/** Requests of an application other than INVITE, ACK, CANCEL and PRACK: outside and inside a dialog. */
import type { TrunklineError } from '../../../kernel/errors.js';
import type { Application, DownwardAnswer } from '../application.js';
import { createResponse, type SipRequest, type SipResponse } from '../message/message.js';
import type { ClientTransaction } from '../transaction/client-transaction.js';
import type { Destination } from '../transport/transport.js';
import { checkRequestUri, fillDialogRequest, fillRequest, isSips, Refusal, type ApplicationMessage } from './application-message.js';
import type { Call } from './call.js';
import { Attempts } from './attempts.js';
import { metaOf, newTransactionId, ResponsePath, text, type DialogContext } from './context.js';
import { endCall } from './farewell.js';

/** How long a challenged BYE may wait for the next one, ms. */
const SECOND_BYE_MS = 2_000;

export type Answer = (answer: DownwardAnswer) => void;
export type ApplicationRequest = ApplicationMessage & { readonly kind: 'request' };

export function refused(reason: string): DownwardAnswer {
  return { sent: 'nothing', reason };
}

export const NO_DIALOG = refused('unable to find dialog');

/** What srf shows as a response of the network when there was none (RFC 3261 8.1.3.1). */
export function madeUp(request: SipRequest, status: 408 | 487 | 503, failure?: TrunklineError): SipResponse {
  // The text tells our adapter that this 503 never came from a far end.
  const text = failure?.code === 'TRK_SIP_CERTIFICATE' ? `trunkline certificate: ${failure.message.replace(/^[^:]*: |\.$|["\\]/g, '')}` : 'trunkline transport';
  const headers: Array<readonly [string, string]> = failure ? [['Warning', `399 localhost "${text}"`]] : [];
  return createResponse(request, status, undefined, { headers });
}

export interface ClientHandlers {
  readonly onResponse: (response: SipResponse) => void;
  readonly onTimeout: () => void;
  readonly onTransportError: (error: TrunklineError) => void;
}

/** Starts a client transaction and answers the application's frame. `undefined` if nothing was sent. */
export function startRequest(context: DialogContext, request: SipRequest, destination: Destination, transactionId: string, handlers: ClientHandlers, answer: Answer): ClientTransaction | undefined {
  let transaction: ClientTransaction;
  try {
    transaction = context.transactions.request(request, destination, handlers);
  } catch (error) {
    answer(refused(`transport: ${error instanceof Error ? error.message : 'failed'}`));
    return undefined;
  }
  context.counters.requestsOut += 1;
  answer({ sent: 'request', meta: localMeta(context, transaction.destination), transactionId, message: text(transaction.request) });
  return transaction;
}

function localMeta(context: DialogContext, destination: Destination): { protocol: string; address: string; port: number } {
  const local = context.localEnd(destination);
  return { protocol: destination.protocol, address: local.host, port: local.port };
}

export function sendOutside(context: DialogContext, application: Application, message: ApplicationRequest, nextHop: string, answer: Answer): void {
  // RFC 3261 12.2: these live in a dialog only.
  if (['BYE', 'PRACK', 'UPDATE', 'ACK', 'CANCEL'].includes(message.method)) return answer(NO_DIALOG);
  const transactionId = newTransactionId(context);
  prepareOutside(context, message, nextHop, answer, (request, destinations) => {
    const path = new ResponsePath(application, context.clock);
    const attempts = new Attempts(context, destinations);
    const send = (first: SipRequest, reply: Answer): void => {
      startRequest(
        context,
        first,
        attempts.current,
        transactionId,
        { onResponse: up, onTimeout: () => up(madeUp(first, 408)), onTransportError: (error) => up(madeUp(first, 503, error)) },
        reply,
      );
    };
    const up = (response: SipResponse): void => {
      if (response.status <= 100) return;
      const again = attempts.after(response, request);
      if (again) return send(again, (sent) => sent.sent === 'nothing' && up(madeUp(request, 503)));
      path.deliver({ source: 'network', meta: metaOf(attempts.current), transactionId, dialogId: '', message: text(response) });
    };
    send(request, answer);
  });
}

/** Resolves, fills and checks a request outside a dialog; answers the frame itself if that fails. */
export function prepareOutside(context: DialogContext, message: ApplicationRequest, nextHop: string, answer: Answer, ready: (request: SipRequest, destinations: readonly [Destination, ...Destination[]]) => void): void {
  try {
    checkRequestUri(message.uri);
  } catch (error) {
    return answer(refusalOf(error));
  }
  // RFC 3261 8.1.2: a sips Request-URI goes over TLS, whatever the next hop is; srf's for digest names no transport.
  const hop = isSips(message.uri) ? nextHop.replace(/^sip:/i, 'sips:') : nextHop;
  context.nextHops.findAll(hop === '' ? message.uri : hop, (found) => {
    if (found instanceof Refusal) return answer(refused(found.message));
    const [destination, ...others] = context.nextHops.asCalled(message.headers.get('Call-ID') ?? '', found);
    if (!destination) return answer(refused('transport: host name has no address'));
    const local = context.localEnd(destination);
    if (local.host === destination.address && local.port === destination.port) return answer(refused('target is this server itself'));
    let request: SipRequest;
    try {
      request = fillRequest(message, local, context.random);
    } catch (error) {
      return answer(refusalOf(error));
    }
    context.nextHops.remember(request.headers.get('Call-ID') ?? '', found);
    return ready(request, [destination, ...others]);
  });
}

/** As `prepareOutside`, for a request in `call`. */
export function prepareInside(context: DialogContext, call: Call, message: ApplicationRequest, answer: Answer, ready: (request: SipRequest, destination: Destination) => void, sequence?: number): void {
  const { request: bare, nextHop } = call.state.newRequest(message.method, sequence);
  call.route(nextHop, (destination) => {
    if (destination instanceof Refusal) return answer(refused(destination.message));
    let request: SipRequest;
    try {
      request = fillDialogRequest(bare, message, context.localEnd(destination), call.contact);
      if (request.method === 'INVITE' || request.method === 'UPDATE') call.session.describe(request);
      if (request.method === 'ACK' || request.method === 'PRACK') call.describedBy(request.body);
    } catch (error) {
      return answer(refusalOf(error));
    }
    return ready(request, destination);
  });
}

export function sendInside(context: DialogContext, call: Call, message: ApplicationRequest, answer: Answer): void {
  if (call.leaving) return answer(NO_DIALOG);
  const { method } = message;
  const offer = method === 'UPDATE' && message.body.length > 0;
  // RFC 3311 5.1: no UPDATE with an offer while another offer has no answer.
  if (offer && (call.updatingOut || call.updatingIn || (call.stage === 'confirmed' && (call.invitingOut || call.invite?.answered === false)))) return answer(refused('another offer has no answer yet'));
  const transactionId = newTransactionId(context);
  prepareInside(context, call, message, answer, (request, destination) => {
    const path = new ResponsePath(call.application, context.clock);
    if (method === 'BYE') call.leaving = true;
    if (offer) call.updatingOut = true;
    const up = (response: SipResponse): void => {
      if (response.status <= 100) return;
      if (response.status >= 200) onFinal(context, call, request, response);
      path.deliver({ source: 'network', meta: metaOf(destination), transactionId, dialogId: call.id, message: text(response) });
      // RFC 3261 12.2.1.2, RFC 5057 5.1: 481 says that the far end has no such dialog.
      if (response.status === 481 && method !== 'BYE') endCall(context, call, 'far end has no such dialog');
    };
    const send = (reply: Answer): void => {
      startRequest(
        context,
        request,
        destination,
        transactionId,
        { onResponse: up, onTimeout: () => up(madeUp(request, 408)), onTransportError: (error) => up(madeUp(request, 503, error)) },
        reply,
      );
    };
    if (method !== 'BYE' || !call.invite?.answered) return send(answer);
    // The frame is answered now although the BYE waits for the ACK: srf hears of its end by the response.
    answer({ sent: 'request', meta: localMeta(context, destination), transactionId, message: text(request) });
    return call.whenAcknowledged(() => send(() => undefined));
  });
}

function onFinal(context: DialogContext, call: Call, request: SipRequest, response: SipResponse): void {
  const { method } = request;
  if (method === 'BYE') onByeAnswered(context, call, response.status);
  if (method !== 'UPDATE') return;
  call.updatingOut = false;
  if (response.status >= 300) return;
  call.state.refreshTarget(response);
  call.describedBy(request.body);
  call.session.renewed(response);
}

/** Who challenges a BYE (RFC 3261 22) gets the answer in another one, which needs the dialog for a moment. */
function onByeAnswered(context: DialogContext, call: Call, status: number): void {
  if (status !== 401 && status !== 407) return context.calls.remove(call);
  call.leaving = false;
  context.clock.after(
    SECOND_BYE_MS,
    () => {
      if (!call.leaving) context.calls.remove(call);
    },
    { keepAlive: false },
  );
}

export function refusalOf(error: unknown): DownwardAnswer {
  if (error instanceof Refusal) return refused(error.message);
  throw error;
}
