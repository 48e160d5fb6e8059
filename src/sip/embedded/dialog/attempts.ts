/** RFC 3263 4.3: one request, tried at each of the places behind its name. */
import type { SipRequest, SipResponse } from '../message/message.js';
import type { Destination } from '../transport/transport.js';
import { contactOf, isSips } from './application-message.js';
import type { DialogContext } from './context.js';

export class Attempts {
  private index = 0;

  constructor(
    private readonly context: DialogContext,
    private readonly destinations: readonly [Destination, ...Destination[]],
  ) {}

  get current(): Destination {
    return this.destinations[this.index] ?? this.destinations[0];
  }

  /**
   * The request for the next place after this final response, or nothing: then the response stands.
   * 503 and 408 may be made up for a transport that failed and a timer that ran out. Every other
   * answer is the callee's word.
   */
  after(response: SipResponse, request: SipRequest, ownContact = false): SipRequest | undefined {
    if (response.status !== 503 && response.status !== 408) return undefined;
    if (this.destinations.length > 1) this.context.nextHops.avoid(this.current);
    if (this.index + 1 >= this.destinations.length) return undefined;
    this.index += 1;
    const headers = request.headers.clone();
    // Another family or protocol sees us at another address.
    if (ownContact && headers.has('Contact')) headers.set('Contact', contactOf({ ...this.context.localEnd(this.current), sips: isSips(request.uri) }));
    return { ...request, headers };
  }
}
