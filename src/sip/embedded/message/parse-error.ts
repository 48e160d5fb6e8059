import { TrunklineError } from '../../../kernel/errors.js';
import type { SipRequest } from './message.js';

export interface SipParseErrorDetails {
  /** SIP status to answer with; undefined means that the message is to be discarded (responses, ACK, not SIP at all). */
  readonly responseStatus?: number | undefined;
  /** TRK_SIP_TOO_LARGE instead of TRK_SIP_PARSE. */
  readonly tooLarge?: boolean;
  /** What could be read of the request: enough to build the answer. */
  readonly partial?: SipRequest | undefined;
  /** Bytes that the message takes in its stream; undefined when its end is unknown and the stream cannot go on. */
  readonly consumed?: number | undefined;
}

/** The only error that the parsers of this folder throw. Code TRK_SIP_PARSE or TRK_SIP_TOO_LARGE. */
export class SipParseError extends TrunklineError {
  readonly reason: string;
  readonly responseStatus: number | undefined;
  readonly partial: SipRequest | undefined;
  readonly consumed: number | undefined;

  constructor(reason: string, details: SipParseErrorDetails = {}) {
    super(details.tooLarge ? 'TRK_SIP_TOO_LARGE' : 'TRK_SIP_PARSE', { params: { reason } });
    this.reason = reason;
    this.responseStatus = 'responseStatus' in details ? details.responseStatus : 400;
    this.partial = details.partial;
    this.consumed = details.consumed;
  }
}
