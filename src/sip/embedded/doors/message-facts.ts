import { cseqOf, topVia } from '../message/message.js';
import type { SipMessage } from '../message/message.js';

/** The little of a message that says whether we wait for it. */
export interface MessageFacts {
  readonly response: boolean;
  readonly callId: string | undefined;
  /** Of the top Via. */
  readonly branch: string | undefined;
  /** Of CSeq. */
  readonly method: string | undefined;
}

/** Of what cannot be read. */
export const NO_FACTS: MessageFacts = { response: false, callId: undefined, branch: undefined, method: undefined };

/** Bytes that are looked at. What stands behind them is not found, and the message is a stranger's. */
const LOOKED_AT = 16 * 1024;

const CALL_ID = /\r\n(?:call-id|i)[ \t]*:\s*(\S+)/i;
const CSEQ = /\r\ncseq[ \t]*:\s*\d+\s+([^\s]+)/i;
const VIA = /\r\n(?:via|v)[ \t]*:(?:[^\r\n,]|\r\n[ \t])*?;\s*branch\s*=\s*([^;,\s]+)/i;

/**
 * Reads a datagram just far enough to know whether we wait for it. It is no parser:
 * a message that passes is parsed as any other, one that does not costs only this.
 */
export function factsOfDatagram(data: Buffer): MessageFacts {
  const text = data.toString('latin1', 0, Math.min(data.length, LOOKED_AT));
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const response = /^(?:\r\n)*SIP\//i.test(head);
  return {
    response,
    callId: CALL_ID.exec(head)?.[1],
    // Of requests nobody asks.
    branch: response ? VIA.exec(head)?.[1] : undefined,
    method: response ? CSEQ.exec(head)?.[1] : undefined,
  };
}

export function factsOfMessage(message: SipMessage): MessageFacts {
  // A header that cannot be read belongs to nothing.
  const read = <T>(get: () => T | undefined): T | undefined => {
    try {
      return get();
    } catch {
      return undefined;
    }
  };
  return {
    response: message.kind === 'response',
    callId: message.headers.get('Call-ID'),
    branch: read(() => topVia(message)?.params.get('branch')),
    method: read(() => cseqOf(message)?.method),
  };
}
