/**
 * What both ends of a dialog keep (RFC 3261 12): tags, sequence numbers, route
 * set, remote target. Knows nothing of transactions, timers or applications.
 */
import { cseqOf, emptyBody, fromTag, toOf, toTag, type SipMessage, type SipRequest, type SipResponse } from '../message/message.js';
import { Headers } from '../message/headers.js';
import { parseNameAddress, serializeNameAddress, type NameAddress } from '../message/name-address.js';
import { serializeUri } from '../message/uri.js';

export type DialogRole = 'uac' | 'uas';

interface Init {
  readonly role: DialogRole;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localParty: string;
  readonly remoteParty: string;
  readonly localSequence: number;
  readonly remoteSequence: number | undefined;
  readonly routeSet: readonly string[];
  readonly remoteTarget: string;
  readonly inviteSequence: number;
}

/** drachtio's name of a dialog: no To tag in it, so all forks of an INVITE share it. */
export function applicationDialogId(callId: string, initialFromTag: string): string {
  return `${callId};from-tag=${initialFromTag}`;
}

export class DialogState {
  readonly role: DialogRole;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From of our requests and To of theirs, tag included. */
  readonly localParty: string;
  readonly remoteParty: string;
  /** CSeq number of our last request. */
  localSequence: number;
  /** CSeq number of their last request, `undefined` before the first. */
  remoteSequence: number | undefined;
  /** CSeq number of the INVITE that made the dialog. */
  readonly inviteSequence: number;
  remoteTarget: string;
  private routes: readonly string[];

  private constructor(init: Init) {
    this.role = init.role;
    this.callId = init.callId;
    this.localTag = init.localTag;
    this.remoteTag = init.remoteTag;
    this.localParty = init.localParty;
    this.remoteParty = init.remoteParty;
    this.localSequence = init.localSequence;
    this.remoteSequence = init.remoteSequence;
    this.inviteSequence = init.inviteSequence;
    this.routes = init.routeSet;
    this.remoteTarget = init.remoteTarget;
  }

  /** RFC 3261 12.1.2. */
  static uac(request: SipRequest, response: SipResponse): DialogState {
    const sequence = cseqOf(request)?.sequence ?? 1;
    return new DialogState({
      role: 'uac',
      callId: request.headers.get('Call-ID') ?? '',
      localTag: fromTag(request) ?? '',
      // RFC 3261 12.1.2: an RFC 2543 far end may answer without a tag.
      remoteTag: toTag(response) ?? '',
      localParty: request.headers.get('From') ?? '',
      remoteParty: response.headers.get('To') ?? '',
      localSequence: sequence,
      remoteSequence: undefined,
      routeSet: response.headers.getAll('Record-Route').reverse(),
      remoteTarget: contactUri(response) ?? request.uri,
      inviteSequence: sequence,
    });
  }

  /** RFC 3261 12.1.1. */
  static uas(request: SipRequest, localTag: string): DialogState {
    const sequence = cseqOf(request)?.sequence ?? 1;
    return new DialogState({
      role: 'uas',
      callId: request.headers.get('Call-ID') ?? '',
      localTag,
      remoteTag: fromTag(request) ?? '',
      localParty: withTag(toOf(request), localTag),
      remoteParty: request.headers.get('From') ?? '',
      localSequence: 0,
      remoteSequence: sequence,
      routeSet: request.headers.getAll('Record-Route'),
      remoteTarget: contactUri(request) ?? '',
      inviteSequence: sequence,
    });
  }

  /** The dialog of another 2xx to the INVITE that made `sibling`. */
  static fork(sibling: DialogState, response: SipResponse): DialogState {
    return new DialogState({
      role: 'uac',
      callId: sibling.callId,
      localTag: sibling.localTag,
      remoteTag: toTag(response) ?? '',
      localParty: sibling.localParty,
      remoteParty: response.headers.get('To') ?? '',
      localSequence: sibling.inviteSequence,
      remoteSequence: undefined,
      routeSet: response.headers.getAll('Record-Route').reverse(),
      remoteTarget: contactUri(response) ?? sibling.remoteTarget,
      inviteSequence: sibling.inviteSequence,
    });
  }

  get applicationId(): string {
    return applicationDialogId(this.callId, this.role === 'uac' ? this.localTag : this.remoteTag);
  }

  get hasRoutes(): boolean {
    return this.routes.length > 0;
  }

  /** A 2xx settles the route set that an early response began (RFC 3261 13.2.2.4). */
  confirm(response: SipResponse): void {
    this.routes = response.headers.getAll('Record-Route').reverse();
    this.remoteTarget = contactUri(response) ?? this.remoteTarget;
  }

  /** Target refresh by a re-INVITE or UPDATE, or by the 2xx to one (RFC 3261 12.2.1.2, 12.2.2; RFC 3311). */
  refreshTarget(message: SipMessage): void {
    this.remoteTarget = contactUri(message) ?? this.remoteTarget;
  }

  /**
   * A request of ours (RFC 3261 12.2.1.1), without Via and Contact. `sequence` is
   * for ACK, which repeats the number of its INVITE; others take the next one.
   */
  newRequest(method: string, sequence?: number): { request: SipRequest; nextHop: string } {
    const number = sequence ?? (this.localSequence += 1);
    const [first, ...rest] = this.routes;
    let uri = this.remoteTarget;
    let routes: readonly string[] = this.routes;
    let nextHop = uri;
    if (first !== undefined) {
      const route = parseNameAddress(first).uri;
      nextHop = serializeUri(route);
      if (route.kind === 'sip' && !route.params.has('lr')) {
        // A strict router gets itself as Request-URI and the target as the last Route (12.2.1.1).
        uri = nextHop;
        routes = [...rest, `<${this.remoteTarget}>`];
      }
    }
    const headers = new Headers();
    for (const route of routes) headers.add('Route', route);
    headers.add('Max-Forwards', '70').add('From', this.localParty).add('To', this.remoteParty).add('Call-ID', this.callId).add('CSeq', `${number} ${method}`);
    return { request: { kind: 'request', method, uri, headers, body: emptyBody }, nextHop };
  }

  /** Takes note of the CSeq of a request of theirs; false if it is out of order (RFC 3261 12.2.2). */
  acceptSequence(request: SipRequest): boolean {
    const sequence = cseqOf(request)?.sequence ?? 0;
    if (this.remoteSequence !== undefined && sequence <= this.remoteSequence) return false;
    this.remoteSequence = sequence;
    return true;
  }
}

function contactUri(message: SipMessage): string | undefined {
  const contact = message.headers.get('Contact');
  if (contact === undefined || contact === '*') return undefined;
  const { uri } = parseNameAddress(contact);
  return uri.kind === 'sip' ? serializeUri(uri) : undefined;
}

function withTag(address: NameAddress | undefined, tag: string): string {
  if (!address) return '';
  const params = address.params.clone();
  return serializeNameAddress({ ...address, params: params.set('tag', tag) });
}
