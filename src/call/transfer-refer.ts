/** REFER as the one who sends it (RFC 3515, RFC 4488, RFC 5589): the far end is asked to call somewhere else. */
import type { Clock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Dialog, SipRequestInfo } from '../sip/signalling.js';
import type { FarEnd } from './far-end.js';

export interface Referred {
  /** Last status of the new call that the far end told of; 202 if it told nothing. */
  readonly status: number;
}

/** `uri` for Refer-To; with `consult` the call that takes that dialog's place (RFC 3891). */
export function referTo(uri: string, consult?: Dialog): string {
  if (consult === undefined) return `<${uri}>`;
  // The one who is called compares to-tag with its own tag: for it, we are the other side.
  const replaces = `${consult.callId};to-tag=${consult.remoteTag};from-tag=${consult.localTag}`;
  // What its Contact may have as headers would make another request of it.
  return `<${uri.split('?')[0] ?? ''}?Replaces=${encodeURIComponent(replaces)}>`;
}

/** Status in the first line of a message/sipfrag body (RFC 3420), and whether more will come. */
function readSipfrag(request: SipRequestInfo): { status: number | undefined; last: boolean } {
  const status = /^SIP\/2\.0 ([1-6]\d\d)(?:\s|$)/i.exec(request.body.trimStart())?.[1];
  const state = request.headers['Subscription-State'] ?? '';
  return { status: status === undefined ? undefined : Number(status), last: /^\s*terminated\b/i.test(state) };
}

/**
 * Sends REFER and follows its NOTIFYs to the end. Resolves when the far end has reached the
 * target, or took the order and said that it tells no more, or hung up after taking it, as many phones do.
 * TRK_TRANSFER_REFUSED (it will not), TRK_SIP_REJECTED (the target said no), TRK_SIP_TIMEOUT, TRK_SIP_CANCELLED (`signal`), TRK_SIP_DIALOG_GONE.
 */
export async function refer(far: FarEnd, order: { to: string; limitMs: number; signal: AbortSignal; clock: Clock }): Promise<Referred> {
  const { dialog } = far;
  let accepted = false;
  let status: number | undefined;
  const followed = new Promise<Referred>((resolve, reject) => {
    const rejected = (code: number): void => reject(new TrunklineError('TRK_SIP_REJECTED', { params: { status: code }, cause: { status: code, reason: 'transfer target' } }));
    // A NOTIFY may overtake the 202 (RFC 6665 4.1.2.4).
    far.onNotify((request) => {
      const heard = readSipfrag(request);
      status = heard.status ?? status;
      if (status !== undefined && status >= 200 && status < 300) resolve({ status });
      else if (status !== undefined && status >= 300) rejected(status);
      // RFC 3515 2.4.7: it will tell no more, and what it told last was no success.
      else if (heard.last) rejected(status ?? 480);
    });
    const onAbort = (): void => {
      if (accepted && dialog.ended) resolve({ status: status ?? 202 });
      else reject(new TrunklineError(dialog.ended ? 'TRK_SIP_DIALOG_GONE' : 'TRK_SIP_CANCELLED'));
    };
    order.signal.addEventListener('abort', onAbort, { once: true });
    if (order.signal.aborted) onAbort();
  });
  followed.catch(() => undefined);
  const timeUp = new Promise<never>((_, reject) => {
    const timer = order.clock.after(order.limitMs, () => reject(new TrunklineError('TRK_SIP_TIMEOUT')), { keepAlive: false });
    void followed.finally(() => timer.cancel()).catch(() => undefined);
  });
  timeUp.catch(() => undefined);
  try {
    const answer = await Promise.race([dialog.request('REFER', { headers: { 'Refer-To': order.to } }), timeUp]);
    if (answer.status >= 300) throw new TrunklineError('TRK_TRANSFER_REFUSED', { params: { status: answer.status }, cause: { status: answer.status, reason: '' } });
    accepted = true;
    // RFC 4488 4: it takes the order and will send no NOTIFY.
    if (/^\s*false\b/i.test(answer.headers['Refer-Sub'] ?? '')) return { status: answer.status };
    return await Promise.race([followed, timeUp]);
  } finally {
    far.onNotify(undefined);
  }
}
