/**
 * Requests of ours inside one dialog. srf has no deadlines, answers challenges by MD5
 * over a placeholder, and knows no way back after a lost connection: all three are done here.
 */
import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import type { Random } from '../../kernel/random.js';
import { ChallengeAnswers } from '../digest/answers.js';
import { parseChallenge } from '../digest/challenge.js';
import type { SipHeaders } from '../signalling.js';
import { mayAnswer, type DialogCredentials } from './challenged.js';
import { headersOf } from './headers.js';
import { srfFailure, type SrfDialog, type SrfInstance, type SrfResponse } from './srf-types.js';

/** The server makes up a 408 after 64*T1 = 32 s; this is for a server that does not, ms. */
export const ANSWER_DEADLINE_MS = 36_000;

export interface RequestContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** What was given when the call was set up; undefined: no challenge is answered. */
  readonly credentials?: DialogCredentials | undefined;
  /** A BYE that could not be sent, or whose answer never came, because the connection broke. */
  readonly onOwed: (dialogId: string, headers: Record<string, string>) => void;
}

export class DialogRequests {
  /** The connection to the server is lost and may come back. */
  away = false;
  private readonly waiting = new Set<(error: TrunklineError) => void>();

  constructor(
    private readonly dialog: SrfDialog,
    private readonly context: RequestContext,
  ) {}

  /** Resolves with the final response, whatever it is. TRK_SIP_TIMEOUT, TRK_SIP_DIALOG_GONE, TRK_SIP_NOT_CONNECTED, TRK_SIP_TRANSPORT. */
  send(method: string, headers: Record<string, string>, body?: string): Promise<SrfResponse> {
    return new Promise((resolve, reject) => {
      if (this.away) return reject(new TrunklineError('TRK_SIP_NOT_CONNECTED'));
      const { clock, credentials, random } = this.context;
      const answers = new ChallengeAnswers(credentials, random);
      const settle = (): void => {
        deadline.cancel();
        this.waiting.delete(fail);
      };
      const fail = (error: TrunklineError): void => {
        settle();
        reject(error);
      };
      const deadline: Timer = clock.after(ANSWER_DEADLINE_MS, () => fail(new TrunklineError('TRK_SIP_TIMEOUT')));
      this.waiting.add(fail);
      const ask = (more: SipHeaders): void => {
        this.dialog.request({ method, headers: { ...headers, ...more }, ...(body === undefined ? {} : { body }) }, (error, response) => {
          if (error || !response) return fail(failureOf(error));
          if (response.status < 200) return;
          const again = this.authorization(answers, method, body, response);
          if (again !== undefined && this.waiting.has(fail)) return ask(again);
          settle();
          resolve(response);
        });
      };
      ask({});
    });
  }

  /** Resolves when BYE was answered, refused, or is owed to the next connection. Never rejects. */
  async bye(headers: Record<string, string>): Promise<void> {
    try {
      await this.send('BYE', headers);
    } catch (error) {
      if (error instanceof TrunklineError && error.code === 'TRK_SIP_NOT_CONNECTED') this.context.onOwed(this.dialog.id, headers);
    }
  }

  /** The connection broke: what waits fails, what comes is refused. */
  suspend(): void {
    this.away = true;
    this.failAll(new TrunklineError('TRK_SIP_NOT_CONNECTED'));
  }

  /** The new connection knows the dialog from now on. */
  resume(srf: SrfInstance): void {
    const { dialog } = this;
    dialog.srf = srf;
    dialog.agent = srf.app.client;
    dialog.req.socket = srf.app.client.mapServer.keys().next().value;
    srf.addDialog(dialog);
    this.away = false;
  }

  failAll(error: TrunklineError): void {
    for (const fail of [...this.waiting]) fail(error);
  }

  /** The header for another try; undefined if the challenge is none of ours to answer. */
  private authorization(answers: ChallengeAnswers, method: string, body: string | undefined, response: SrfResponse): SipHeaders | undefined {
    const { status } = response;
    if (status !== 401 && status !== 407) return undefined;
    const { credentials, log } = this.context;
    const headers = headersOf(response);
    const challenge = parseChallenge(headers[status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'] ?? '');
    const uri = response.req?.uri;
    if (challenge === undefined || uri === undefined || !mayAnswer(credentials, response, challenge.realm)) {
      log.warn({ sipCallId: this.dialog.sip.callId, method, status }, 'a challenge inside a call was not answered');
      return undefined;
    }
    const verdict = answers.judge(status, headers, { method, uri, body: body ?? '' });
    return verdict.kind === 'again' ? verdict.headers : undefined;
  }
}

function failureOf(error: unknown): TrunklineError {
  const failure = srfFailure(error);
  if (failure.code === 'ENODIALOG') return new TrunklineError('TRK_SIP_DIALOG_GONE', { cause: error });
  // The socket died a moment before the connection noticed.
  if (failure.code === 'ESOCKETDESTROYED') return new TrunklineError('TRK_SIP_NOT_CONNECTED', { cause: error });
  return new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: failure.reason }, cause: error });
}
