import type { Logger } from '../../../kernel/log.js';
import { hex } from '../../../kernel/random.js';
import type { Random } from '../../../kernel/random.js';
import { inspectRequest } from '../message/inspect.js';
import type { InspectOptions } from '../message/inspect.js';
import { createResponse } from '../message/message.js';
import type { RequestHandler } from './transaction-layer.js';

export interface ScreenOptions extends Omit<InspectOptions, 'challenge'> {
  readonly random: Random;
  readonly log: Logger;
  /** Of the challenge for credentials in an unknown scheme. Default `trunkline`. */
  readonly realm?: string;
}

/**
 * Puts the checks of `inspectRequest` before `next`: a request that fails is answered
 * here and never goes up. Give the result to `TransactionLayer.onRequest`.
 */
export function screenRequests(next: RequestHandler, options: ScreenOptions): RequestHandler {
  const { random, log, realm = 'trunkline', ...inspect } = options;
  const inspectOptions: InspectOptions = { ...inspect, challenge: () => `Digest realm="${realm}", nonce="${hex(random, 16)}", algorithm=MD5, qop="auth"` };
  return (transaction, request, source) => {
    const refusal = inspectRequest(request, inspectOptions);
    if (!refusal) return next(transaction, request, source);
    log.debug({ method: request.method, status: refusal.status }, 'request refused by screening');
    const response = createResponse(request, refusal.status, refusal.reason, { toTag: hex(random, 8), headers: refusal.headers });
    transaction.respond(response).catch((error: unknown) => log.debug({ err: error, status: refusal.status }, 'refusal could not be sent'));
  };
}
