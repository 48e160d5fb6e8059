import { cseqOf, toTag } from './message.js';
import type { SipRequest } from './message.js';
import { parseUri } from './uri.js';

/** Why a well-formed request is not served, and what to answer. */
export interface Refusal {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What the server above understands; the defaults fit trunkline. */
export interface InspectOptions {
  /** Option tags for Require. */
  readonly supported?: readonly string[];
  /** Methods for Allow in a 501; undefined lets every method pass. */
  readonly methods?: readonly string[];
  /** Body types of INVITE, UPDATE, PRACK and ACK. */
  readonly sessionTypes?: readonly string[];
  /** The challenge for credentials in a scheme that nobody knows, e.g. `Digest realm="x", nonce="y"`. */
  readonly challenge?: () => string;
}

const DEFAULT_SUPPORTED = ['100rel', 'timer', 'replaces', 'norefersub'] as const;
const DEFAULT_SESSION_TYPES = ['application/sdp'] as const;
const MANDATORY = ['Via', 'From', 'To', 'Call-ID', 'CSeq'] as const;
/** RFC 3261 table 2: of these no second one may stand in a request. */
const SINGLE = ['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Content-Type', 'Content-Disposition', 'Expires'] as const;
const SCHEMES: ReadonlySet<string> = new Set(['sip', 'sips', 'tel']);
/** Methods whose body is an SDP offer or answer. */
const SESSION_METHODS: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'PRACK']);

function refuse(status: number, reason?: string, headers: Refusal['headers'] = []): Refusal {
  return { status, reason, headers };
}

/** What must be right before a transaction can be told: the headers that name it. */
export function inspectStructure(request: SipRequest): Refusal | undefined {
  const { headers } = request;
  // RFC 3261 8.1.1: these are in every request (RFC 4475 3.3.1).
  for (const name of MANDATORY) if (!headers.has(name)) return refuse(400, `Missing ${name} Header Field`);
  // RFC 4475 3.3.8: two values where only one can be meant.
  for (const name of SINGLE) if (headers.count(name) > 1) return refuse(400, `Multiple ${name} Header Fields`);
  // RFC 3261 8.1.1.5: the method of CSeq MUST match that of the request (RFC 4475 3.1.2.17, 3.1.2.18).
  if (cseqOf(request)?.method !== request.method) return refuse(400, 'CSeq Method Mismatch');
  return undefined;
}

/**
 * The checks of RFC 3261 8.2 in their order; undefined lets the request pass.
 * For an ACK, which is never answered, the result only says whether to drop it.
 */
export function inspectRequest(request: SipRequest, options: InspectOptions = {}): Refusal | undefined {
  return inspectStructure(request) ?? inspectMethod(request, options) ?? inspectHeaders(request, options) ?? inspectBody(request, options);
}

/** RFC 3261 8.2.1: a method that is not supported gets 405 with Allow, one that is not known 501 (21.5.2). */
function inspectMethod(request: SipRequest, options: InspectOptions): Refusal | undefined {
  if (!options.methods || options.methods.includes(request.method)) return undefined;
  return refuse(501, undefined, [['Allow', options.methods.join(', ')]]);
}

function inspectHeaders(request: SipRequest, options: InspectOptions): Refusal | undefined {
  const { headers } = request;
  // RFC 3261 8.2.2.1 (RFC 4475 3.3.2, 3.3.3)
  if (!SCHEMES.has(parseUri(request.uri).scheme)) return refuse(416);
  // RFC 3261 8.2.2.3: not for CANCEL and ACK, whose INVITE was looked at already (RFC 4475 3.3.5).
  if (request.method !== 'CANCEL' && request.method !== 'ACK') {
    const supported = options.supported ?? DEFAULT_SUPPORTED;
    const unknown = headers.getAll('Require').filter((tag) => tag !== '' && !supported.includes(tag.toLowerCase()));
    if (unknown.length > 0) return refuse(420, undefined, [['Unsupported', unknown.join(', ')]]);
  }
  // RFC 4475 3.3.7: credentials of an unknown scheme count as none, and whoever sends some expects to be asked for some.
  const authorization = headers.get('Authorization');
  if (options.challenge && authorization !== undefined && !/^Digest\s/i.test(authorization) && toTag(request) === undefined) {
    return refuse(401, undefined, [['WWW-Authenticate', options.challenge()]]);
  }
  return undefined;
}

function inspectBody(request: SipRequest, options: InspectOptions): Refusal | undefined {
  if (!SESSION_METHODS.has(request.method)) return undefined;
  const { headers } = request;
  const types = options.sessionTypes ?? DEFAULT_SESSION_TYPES;
  if (request.body.length > 0) {
    const type = mediaType(headers.get('Content-Type'));
    // RFC 3261 8.2.3; RFC 4475 3.3.6. A body that is marked optional may be left unread (20.11).
    const optional = /;\s*handling\s*=\s*optional/i.test(headers.get('Content-Disposition') ?? '');
    if (type !== undefined && !types.includes(type) && !optional) return refuse(415, undefined, [['Accept', types.join(', ')]]);
    const encodings = headers.getAll('Content-Encoding').filter((encoding) => encoding !== '' && encoding.toLowerCase() !== 'identity');
    if (encodings.length > 0 && !optional) return refuse(415, undefined, [['Accept-Encoding', 'identity']]);
  }
  // RFC 3261 20.1: without Accept, application/sdp is understood; RFC 4475 3.3.15: our answer would be SDP.
  if (request.method !== 'PRACK' && headers.has('Accept') && !headers.getAll('Accept').some((range) => acceptsSdp(range))) return refuse(406);
  return undefined;
}

function mediaType(value: string | undefined): string | undefined {
  return value?.split(';', 1)[0]!.replace(/\s/g, '').toLowerCase();
}

function acceptsSdp(range: string): boolean {
  const type = mediaType(range);
  return type === 'application/sdp' || type === 'application/*' || type === '*/*';
}
