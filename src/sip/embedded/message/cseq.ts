import { isToken } from './grammar.js';
import { SipParseError } from './parse-error.js';

export interface CSeq {
  readonly sequence: number;
  readonly method: string;
}

const CSEQ = /^0*(\d{1,10})[ \t]+(\S+)$/;

/** RFC 3261 20.16. Throws `SipParseError`. */
export function parseCSeq(value: string): CSeq {
  const match = CSEQ.exec(value);
  if (!match || !isToken(match[2]!)) throw new SipParseError('bad CSeq');
  const sequence = Number(match[1]);
  // RFC 3261 8.1.1.5: the number MUST be less than 2**31.
  if (sequence >= 2 ** 31) throw new SipParseError('CSeq number is too large');
  return { sequence, method: match[2]! };
}
