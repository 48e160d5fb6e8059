import type { Disposition } from '../store/store.js';

/**
 * How an INVITE that led to no dialog is recorded, by the SIP status that ended it.
 * Statuses by RFC 3261 21 unless said otherwise.
 */
const BY_STATUS: Readonly<Record<number, Disposition>> = {
  400: 'failed',
  401: 'failed',
  402: 'failed',
  403: 'rejected',
  404: 'invalid_number',
  405: 'failed',
  407: 'failed',
  408: 'no_answer',
  410: 'invalid_number',
  416: 'invalid_number',
  480: 'no_answer',
  481: 'failed',
  483: 'unreachable',
  484: 'invalid_number',
  485: 'invalid_number',
  486: 'busy',
  487: 'cancelled',
  488: 'failed',
  500: 'congestion',
  502: 'unreachable',
  503: 'congestion',
  504: 'unreachable',
  600: 'busy',
  603: 'rejected',
  604: 'invalid_number',
  606: 'failed',
  // RFC 8197: the callee does not want this call, or ever again.
  607: 'rejected',
  // RFC 8688: an intermediary rejected it on the callee's behalf.
  608: 'rejected',
};

/** RFC 3261 8.1.3.2: an unknown final status counts as the x00 of its class. */
const BY_CLASS: Readonly<Record<number, Disposition>> = { 3: 'failed', 4: 'failed', 5: 'congestion', 6: 'rejected' };

export function dispositionOf(status: number): Disposition {
  return BY_STATUS[status] ?? BY_CLASS[Math.floor(status / 100)] ?? 'failed';
}
