import { cseqOf, fromTag, topVia } from '../message/message.js';
import type { SipMessage, SipRequest } from '../message/message.js';
import { MAGIC_COOKIE } from '../message/via.js';
import type { Via } from '../message/via.js';

/** Whether the sender makes unique branches (RFC 3261 17.2.3); a cookie with nothing behind it says no more than none (RFC 4475 3.2.1). */
export function hasUniqueBranch(via: Via): boolean {
  const branch = via.params.get('branch');
  return branch !== undefined && branch.length > MAGIC_COOKIE.length && branch.slice(0, MAGIC_COOKIE.length).toLowerCase() === MAGIC_COOKIE.toLowerCase();
}

/**
 * Key of the server transaction that `request` belongs to when its method is taken
 * for `method`: ACK and CANCEL look for an INVITE. The request must have passed
 * `inspectStructure`.
 */
export function serverKey(request: SipRequest, method: string): string {
  const via = topVia(request)!;
  if (hasUniqueBranch(via)) {
    // RFC 3261 17.2.3: branch, sent-by and method are equal. Repetitions, ACK and CANCEL repeat Call-ID and
    // CSeq number too (17.1.1.3, 9.1), so asking for these costs nothing and keeps apart peers whose branches
    // are not as unique as they say (RFC 4475 3.3.2 and 3.3.3 share one).
    return `${via.params.get('branch')}|${via.host.toLowerCase()}:${via.port ?? ''}|${method}|${request.headers.get('Call-ID')}|${cseqOf(request)!.sequence}`;
  }
  // RFC 3261 17.2.3, peers of RFC 2543: Request-URI, From tag, Call-ID, CSeq number and top Via are equal.
  // The To tag is compared by `sameToTag`, because an ACK carries that of our response.
  const { headers } = request;
  return `2543|${method}|${request.uri}|${fromTag(request) ?? ''}|${headers.get('Call-ID')}|${cseqOf(request)!.sequence}|${headers.get('Via')}`;
}

/** Key under which copies of a request that came by different ways meet (RFC 3261 8.2.2.2). */
export function mergeKey(request: SipRequest): string {
  const cseq = cseqOf(request)!;
  return `${request.headers.get('Call-ID')}|${fromTag(request) ?? ''}|${cseq.sequence}|${cseq.method}`;
}

/** RFC 3261 17.1.3: branch of the top Via and method of CSeq. */
export function clientKey(branch: string, method: string): string {
  return `${branch}|${method}`;
}

export function responseKey(response: SipMessage): string | undefined {
  const branch = topVia(response)?.params.get('branch');
  const method = cseqOf(response)?.method;
  return branch === undefined || method === undefined ? undefined : clientKey(branch, method);
}
