/** 3xx (RFC 3261 8.1.3.4): the callee says where to call instead, and we go only where we may. */
import type { TrunkSettings } from '../config/trunk-schema.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { PlaceFailure } from '../sip/signalling.js';
import type { Trunks } from '../sip/trunk/trunks.js';
import type { RoutedRequest } from './trunk-route.js';

/** Places that one call is sent on to, all redirects together. */
const MAX_PLACES = 5;

export interface RedirectRules {
  readonly trunks: Pick<Trunks, 'routes'>;
  /** The trunk that carries the call: its rules hold for where it is sent on to, too. */
  readonly trunk: TrunkSettings | undefined;
  readonly from: string | undefined;
  /**
   * What the dial rules let through: another number than this is another dial, of which no
   * rule was asked, and is not followed. Undefined: a leg that is no dial, e.g. of a transfer.
   */
  readonly dialled: string | undefined;
}

/**
 * Sends `request`, and after a 3xx its contacts, best first, until one is answered or says a
 * word of its own. Throws what the last one threw: TRK_SIP_REJECTED with the 3xx if none may be called,
 * TRK_SIP_REDIRECTED if that is for another number.
 */
export async function followRedirects<T>(rules: RedirectRules, request: RoutedRequest, send: (request: RoutedRequest) => Promise<T>): Promise<T> {
  const seen = new Set([request.to]);
  const waiting: string[] = [];
  let next: RoutedRequest | undefined = request;
  let failure: TrunklineError | undefined;
  let otherNumber = false;
  for (let place = 0; next !== undefined; place += 1) {
    try {
      return await send(next);
    } catch (thrown) {
      failure = asTrunklineError(thrown);
      const { status = 0, contacts = [] } = (failure.cause as Partial<PlaceFailure> | undefined) ?? {};
      const redirected = failure.code === 'TRK_SIP_REJECTED' && status >= 300 && status < 400;
      // RFC 3261 16.7 step 4 keeps to the order of one response; what a later one adds comes first, as it is nearer to the callee.
      if (redirected) waiting.unshift(...contacts.filter((contact) => !seen.has(contact)));
      // 8.1.3.4: another failure goes to the next contact; the callee's own no (6xx, busy) is final.
      else if (place === 0 || !mayTryNext(failure.code, status)) throw failure;
      next = undefined;
      while (next === undefined && waiting.length > 0 && place < MAX_PLACES) {
        const contact = waiting.shift() ?? '';
        if (seen.has(contact)) continue;
        // RFC 3261 8.1.3.4: never to one place twice.
        seen.add(contact);
        if (isOtherNumber(rules, request, contact)) otherNumber = true;
        else if (mayGo(rules, contact)) next = redirectedRequest(rules, request, contact, place + 1);
      }
    }
  }
  failure ??= new TrunklineError('TRK_SIP_REJECTED', { params: { status: 300 } });
  const { status = 300, reason = '' } = (failure.cause as Partial<PlaceFailure> | undefined) ?? {};
  if (!otherNumber || status < 300 || status >= 400) throw failure;
  throw new TrunklineError('TRK_SIP_REDIRECTED', { params: { status }, cause: { status, reason: `${reason} to another number, not followed`.trim() } satisfies PlaceFailure });
}

function mayTryNext(code: string, status: number): boolean {
  return code === 'TRK_SIP_TRANSPORT' || code === 'TRK_SIP_TIMEOUT' || (code === 'TRK_SIP_REJECTED' && status !== 486 && status < 600);
}

/**
 * RFC 3261 8.1.3.4 lets a client decide which contacts it goes to. Another host for the same
 * callee is how carriers and PBXs spread their calls; another user part is somebody else,
 * perhaps in another country, or suppressed. The number may be written as the trunk wrote it.
 */
function isOtherNumber({ dialled }: RedirectRules, request: RoutedRequest, contact: string): boolean {
  if (dialled === undefined) return false;
  const user = userPart(contact);
  return ![dialled, request.to].some((known) => userPart(known) === user);
}

/** Of a number its digits, as carriers may leave out the plus: without what RFC 3261 19.1.6 allows between them and after them (`;npdi;rn=...`). */
function userPart(destination: string): string {
  const user = /^sips?:/i.test(destination) ? (/^sips?:([^@:;]*)[^@]*@/i.exec(destination)?.[1] ?? '') : destination;
  return /^\+?[\d\-.()]+$/.test(user) ? user.replace(/[-+.()]/g, '') : user;
}

/** By a trunk only to numbers that its rules let through: a redirect must not lead where a task could not. */
function mayGo({ trunks, trunk, from, dialled }: RedirectRules, contact: string): boolean {
  // The number that was dialled is one that the trunk carries.
  if (trunk === undefined || dialled !== undefined) return true;
  const number = /^sips?:(\+?\d{3,32})(?:[;:][^@]*)?@/i.exec(contact)?.[1];
  if (number === undefined) return false;
  try {
    return trunks.routes({ to: number.startsWith('+') ? number : `+${number}`, from }).includes(trunk.name);
  } catch {
    return false;
  }
}

function redirectedRequest({ trunk }: RedirectRules, request: RoutedRequest, contact: string, number: number): RoutedRequest {
  const ours = trunk?.addresses.some(({ host }) => host.toLowerCase() === hostPart(contact)) ?? false;
  const { from, headers, auth } = request;
  const at = request.callId.indexOf('@');
  // RFC 3261 8.1.3.4 leaves the Call-ID open; another one keeps both INVITEs apart in every log.
  const callId = at < 0 ? `${request.callId}.r${number}` : `${request.callId.slice(0, at)}.r${number}${request.callId.slice(at)}`;
  // The password is for the trunk's own hosts alone.
  return { to: contact, from, callId, ...(headers === undefined ? {} : { headers }), ...(auth !== undefined && ours ? { auth } : {}) };
}

function hostPart(uri: string): string {
  return (/^sips?:(?:[^@]*@)?(\[[^\]]*\]|[^;:?>]*)/i.exec(uri)?.[1] ?? '').toLowerCase();
}
