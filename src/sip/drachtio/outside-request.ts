/** A request outside a dialog other than INVITE, its challenges included. */
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Random } from '../../kernel/random.js';
import { ChallengeAnswers } from '../digest/answers.js';
import { againOptions } from './challenged.js';
import { ANSWER_DEADLINE_MS } from './dialog-requests.js';
import { headersOf } from './headers.js';
import { localFailure } from './local-failure.js';
import { srfFailure, type SrfInstance, type SrfRequestOptions, type SrfResponse } from './srf-types.js';

export interface RequestOptions {
  readonly uri: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly auth?: { username: string; password: string };
  readonly nextHop?: string;
}

export interface RequestParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Runs each of them when the connection breaks. */
  readonly lost: Set<() => void>;
}

/** Resolves with the final response; a challenge that cannot be answered is one. TRK_SIP_TIMEOUT, TRK_SIP_TRANSPORT, TRK_SIP_NOT_CONNECTED. */
export function sendRequest(srf: SrfInstance, options: RequestOptions, parts: RequestParts): Promise<SrfResponse> {
  const { nextHop, auth, body, uri, method, headers } = options;
  const answers = new ChallengeAnswers(auth, parts.random);
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      deadline.cancel();
      parts.lost.delete(onLost);
    };
    const fail = (error: TrunklineError): void => {
      settle();
      reject(error);
    };
    const onLost = (): void => fail(new TrunklineError('TRK_SIP_NOT_CONNECTED'));
    const deadline = parts.clock.after(ANSWER_DEADLINE_MS, () => fail(new TrunklineError('TRK_SIP_TIMEOUT')));
    parts.lost.add(onLost);
    const send = (srfOptions: SrfRequestOptions): void => {
      srf.app.request({ ...srfOptions }, (error, sent) => {
        if (error || !sent) return fail(new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: srfFailure(error).reason }, cause: error }));
        sent.on('response', (response) => {
          const { status } = response;
          if (status < 200) return;
          if (status === 408) return fail(new TrunklineError('TRK_SIP_TIMEOUT'));
          const local = status === 503 ? localFailure(response) : undefined;
          if (local) return fail(new TrunklineError(local.code, { params: { reason: local.reason } }));
          if (status === 401 || status === 407) {
            const verdict = answers.judge(status, headersOf(response), { method, uri: sent.uri, body: body ?? '' });
            if (verdict.kind === 'again') return send({ ...srfOptions, ...againOptions(srfOptions, sent, response, verdict.headers) });
          }
          settle();
          resolve(response);
        });
      });
    };
    try {
      send({ uri, method, headers, ...(body === undefined ? {} : { body }), ...(nextHop === undefined ? {} : { proxy: nextHop }) });
    } catch (error) {
      fail(new TrunklineError('TRK_SIP_NOT_CONNECTED', { cause: error }));
    }
  });
}
