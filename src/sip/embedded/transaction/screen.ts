import type { Logger } from '../../../kernel/log.js';
import { hex } from '../../../kernel/random.js';
import type { Random } from '../../../kernel/random.js';
import { inspectRequest } from '../message/inspect.js';
import type { InspectOptions } from '../message/inspect.js';
import { createResponse, fromOf, topVia } from '../message/message.js';
import type { SipRequest } from '../message/message.js';
import { serializeUri } from '../message/uri.js';
import { hasUniqueBranch } from './match.js';
import type { RequestHandler } from './transaction-layer.js';

export interface ScreenOptions extends Omit<InspectOptions, 'challenge' | 'methods'> {
  readonly random: Random;
  readonly log: Logger;
  /** Of the challenge for credentials in an unknown scheme. Default `trunkline`. */
  readonly realm?: string;
  /** Every other method gets 501. Default: those of RFC 3261 and its extensions; `any` lets all pass. */
  readonly methods?: readonly string[] | 'any';
}

/** RFC 3261, 3262, 3311, 3428, 3515, 3903, 6086, 6665. */
const KNOWN_METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'PRACK', 'UPDATE', 'MESSAGE', 'REFER', 'PUBLISH', 'INFO', 'SUBSCRIBE', 'NOTIFY'] as const;

/**
 * Puts the checks of `inspectRequest` before `next`: a request that fails is answered
 * here and never goes up. Give the result to `TransactionLayer.onRequest`.
 */
export function screenRequests(next: RequestHandler, options: ScreenOptions): RequestHandler {
  const { random, log, realm = 'trunkline', methods = KNOWN_METHODS, ...inspect } = options;
  const inspectOptions: InspectOptions = {
    ...inspect,
    ...(methods === 'any' ? {} : { methods }),
    challenge: () => `Digest realm="${realm}", nonce="${hex(random, 16)}", algorithm=MD5, qop="auth"`,
  };
  return (transaction, request, source) => {
    const refusal = inspectRequest(request, inspectOptions);
    if (!refusal) {
      addMissingContact(request);
      return next(transaction, request, source);
    }
    log.debug({ status: refusal.status }, 'request refused by screening');
    const response = createResponse(request, refusal.status, refusal.reason, { toTag: hex(random, 8), headers: refusal.headers });
    transaction.respond(response).catch((error: unknown) => log.debug({ err: error, status: refusal.status }, 'refusal could not be sent'));
  };
}

/**
 * RFC 2543 did not ask for Contact in an INVITE: without it, requests of the dialog go to
 * the address in From (RFC 4475 3.4.1). Peers of RFC 3261 must send it (8.1.1.8), so for
 * them nothing is made up.
 */
function addMissingContact(request: SipRequest): void {
  if (request.method !== 'INVITE' || request.headers.has('Contact')) return;
  const via = topVia(request);
  const from = fromOf(request);
  if (via && from && !hasUniqueBranch(via)) request.headers.add('Contact', `<${serializeUri(from.uri)}>`);
}
