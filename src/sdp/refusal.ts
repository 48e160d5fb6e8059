import type { TrunklineError } from '../kernel/errors.js';

/** How a session description that cannot be served is refused in SIP. */
export interface SdpRefusal {
  readonly status: 400 | 488;
  /** Value of Warning, for the engineer on the other side (RFC 3261 20.43). */
  readonly warning: string;
}

/**
 * Codes of RFC 3261 20.43. SRTP is a matter of the transport protocol: it is what `RTP/SAVP`
 * stands for in the m= line (RFC 8866 5.14). What cannot be read at all is a bad request (21.4.1).
 */
const REFUSALS: Readonly<Record<string, { readonly status: 400 | 488; readonly code: number; readonly text: string }>> = {
  TRK_SDP_NO_AUDIO: { status: 488, code: 304, text: 'Media type not available: an audio stream is needed' },
  TRK_SDP_NO_CODEC: { status: 488, code: 305, text: 'Incompatible media format: no common audio codec' },
  TRK_SDP_ADDRESS: { status: 488, code: 301, text: 'Incompatible network address formats: IPv4 and IPv6 do not meet here' },
  TRK_SDP_SRTP_REQUIRED: { status: 488, code: 302, text: 'Incompatible transport protocol: SRTP is required' },
  TRK_SDP_PARSE: { status: 400, code: 399, text: 'The session description cannot be read' },
};

/** `undefined` where the error is not about SDP. */
export function sdpRefusal({ code }: Pick<TrunklineError, 'code'>): SdpRefusal | undefined {
  const refusal = REFUSALS[code];
  // The agent may be a pseudonym: our host is nobody's business.
  return refusal && { status: refusal.status, warning: `${refusal.code} trunkline "${refusal.text}"` };
}
