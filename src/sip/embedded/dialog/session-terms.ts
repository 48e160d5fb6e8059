/** RFC 4028: what Session-Expires headers say, and what is agreed. No timers here. */
import type { Headers } from '../message/headers.js';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js';

/** Who sends refreshes, as the header names it: `uac` is who sent the request that set the timer. */
export type Refresher = 'uac' | 'uas';

export interface SessionExpires {
  /** Seconds. */
  readonly interval: number;
  readonly refresher: Refresher | undefined;
}

/** An agreement as one end sees it. */
export interface SessionTerms {
  /** Seconds. */
  readonly interval: number;
  readonly weRefresh: boolean;
}

/** The least interval that we take, s (RFC 4028 4 asks for no less than 90). */
export const MIN_SE = 90;
/** A day; beyond it a timer says nothing. */
const MAX_SE = 86_400;

/** Of a message; a header that cannot be read is none. */
function sessionExpires(message: SipMessage): SessionExpires | undefined {
  const match = /^\s*(\d{1,9})\s*(;.*)?$/.exec(message.headers.get('Session-Expires') ?? '');
  if (!match) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)\s*(?:;|$)/i.exec(match[2] ?? '')?.[1]?.toLowerCase();
  return { interval: Number(match[1]), refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

function supportsTimer(message: SipMessage): boolean {
  return message.headers.includes('Supported', 'timer') || message.headers.includes('Require', 'timer');
}

/** Whether a request asks for an interval below ours, and its sender understands 422 (RFC 4028 9). */
export function tooShort(request: SipRequest): boolean {
  const wanted = sessionExpires(request);
  return wanted !== undefined && wanted.interval < MIN_SE && supportsTimer(request);
}

/** Session-Expires of our 2xx, and what it means to us; nothing where the request asks for no timer. */
export function agree(request: SipRequest): { readonly header: string; readonly require: boolean; readonly terms: SessionTerms } | undefined {
  const wanted = sessionExpires(request);
  if (!wanted) return undefined;
  const able = supportsTimer(request);
  // RFC 4028 9, table 2: a caller that cannot refresh leaves it to us; one that can is heeded, and does it if it names nobody.
  const refresher: Refresher = able ? (wanted.refresher ?? 'uac') : 'uas';
  const interval = Math.min(Math.max(wanted.interval, MIN_SE), MAX_SE);
  // RFC 4028 9: Require: timer MUST stand beside refresher=uac.
  return { header: `${interval};refresher=${refresher}`, require: refresher === 'uac', terms: { interval, weRefresh: refresher === 'uas' } };
}

/** Puts what is agreed into the headers of our 2xx; what the application wrote there is not its to say. */
export function sayAgreement(request: SipRequest, headers: Headers): void {
  const agreement = agree(request);
  headers.delete('Session-Expires');
  if (!agreement) return;
  headers.set('Session-Expires', agreement.header);
  if (agreement.require && !headers.includes('Require', 'timer')) headers.add('Require', 'timer');
}

/** What a 2xx to a request of ours says. RFC 4028 7.2: without a header there is no timer. */
export function agreed(response: SipResponse): SessionTerms | undefined {
  const said = sessionExpires(response);
  if (!said) return undefined;
  // Below our own minimum a far end would have us send requests without end.
  return { interval: Math.min(Math.max(said.interval, MIN_SE), MAX_SE), weRefresh: said.refresher !== 'uas' };
}
