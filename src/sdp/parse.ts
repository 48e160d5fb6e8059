import { TrunklineError } from '../kernel/errors.js';
import type { SdpAttribute, SdpConnection, SdpMedia, SdpOrigin, SessionDescription } from './description.js';

/** What one description may hold; anything above is TRK_SDP_PARSE. */
export const SDP_LIMITS = {
  /** UTF-8 bytes of the whole description. */
  bytes: 16 * 1024,
  lines: 512,
  media: 32,
  /** Formats of one `m=` line. */
  formats: 64,
} as const;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Draft {
  origin: SdpOrigin | undefined;
  sessionName: string;
  connection: SdpConnection | undefined;
  timing: string;
  attributes: SdpAttribute[];
  media: (Mutable<SdpMedia> & { attributes: SdpAttribute[] })[];
}

/**
 * Reads a session description (RFC 8866). Line ends may be CRLF or LF; lines that we
 * do not use are skipped, `s=` and `t=` may be missing since telephones omit them.
 * TRK_SDP_PARSE with the line number in the reason and in `field`.
 */
export function parseSdp(text: string): SessionDescription {
  // A UTF-16 unit is at least one byte, so the cheap test comes first.
  if (text.length > SDP_LIMITS.bytes || Buffer.byteLength(text) > SDP_LIMITS.bytes) {
    throw malformed(0, `larger than ${SDP_LIMITS.bytes} bytes`);
  }
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  if (lines.length > SDP_LIMITS.lines) throw malformed(SDP_LIMITS.lines + 1, `more than ${SDP_LIMITS.lines} lines`);
  // RFC 8866 5: the version comes first.
  if (lines[0] !== 'v=0') throw malformed(1, 'expected v=0');
  const draft: Draft = { origin: undefined, sessionName: '-', connection: undefined, timing: '0 0', attributes: [], media: [] };
  for (let index = 1; index < lines.length; index++) readLine(draft, lines[index]!, index + 1);
  if (draft.origin === undefined) throw malformed(lines.length, 'no o= line');
  return { ...draft, origin: draft.origin };
}

function readLine(draft: Draft, line: string, number: number): void {
  if (!/^[a-z]=/.test(line)) throw malformed(number, 'expected a letter and =');
  // Control characters could smuggle lines into an answer that repeats this text.
  if (hasControlCharacter(line)) throw malformed(number, 'control character');
  const value = line.slice(2);
  const media = draft.media.at(-1);
  switch (line[0]) {
    case 'v':
      throw malformed(number, 'second v= line');
    case 'o':
      if (draft.origin !== undefined || media !== undefined) throw malformed(number, 'o= line out of place');
      draft.origin = parseOrigin(value, number);
      return;
    case 's':
      if (media === undefined) draft.sessionName = value;
      return;
    case 't':
      if (media === undefined) draft.timing = value;
      return;
    case 'c': {
      // RFC 8866 5.7: a c= line of the stream overrides the one of the session. Several on one stream are
      // layered multicast; the first is kept.
      const connection = parseConnection(value, number);
      if (media === undefined) draft.connection ??= connection;
      else media.connection ??= connection;
      return;
    }
    case 'm':
      if (draft.media.length >= SDP_LIMITS.media) throw malformed(number, `more than ${SDP_LIMITS.media} media streams`);
      draft.media.push(parseMedia(value, number));
      return;
    case 'a':
      (media?.attributes ?? draft.attributes).push(parseAttribute(value, number));
      return;
    default:
      // i= u= e= p= b= r= z= k= and unknown letters say nothing that a call needs.
      return;
  }
}

function parseOrigin(value: string, line: number): SdpOrigin {
  const fields = value.split(' ').filter((field) => field !== '');
  const [username, sessionId, sessionVersion, network, addressType, address] = fields;
  if (fields.length !== 6 || address === undefined) throw malformed(line, 'o= needs six fields');
  if (!/^\d{1,20}$/.test(sessionId!) || !/^\d{1,20}$/.test(sessionVersion!)) throw malformed(line, 'o= session id and version must be numbers');
  return { username: username!, sessionId: sessionId!, sessionVersion: sessionVersion!, family: family(network, addressType, line), address };
}

function parseConnection(value: string, line: number): SdpConnection {
  const fields = value.split(' ').filter((field) => field !== '');
  if (fields.length !== 3) throw malformed(line, 'c= needs three fields');
  const [address, ...rest] = fields[2]!.split('/');
  if (address === undefined || address === '' || rest.length > 2 || !rest.every((part) => /^\d{1,5}$/.test(part))) throw malformed(line, 'c= address');
  return { family: family(fields[0], fields[1], line), address, multicast: rest.length > 0 };
}

function family(network: string | undefined, addressType: string | undefined, line: number): 4 | 6 {
  if (network?.toUpperCase() !== 'IN') throw malformed(line, 'network type must be IN');
  if (addressType?.toUpperCase() === 'IP4') return 4;
  if (addressType?.toUpperCase() === 'IP6') return 6;
  throw malformed(line, 'address type must be IP4 or IP6');
}

function parseMedia(value: string, line: number): Draft['media'][number] {
  const fields = value.split(' ').filter((field) => field !== '');
  const [kind, portField, protocol, ...formats] = fields;
  if (kind === undefined || portField === undefined || protocol === undefined || formats.length === 0) {
    throw malformed(line, 'm= needs kind, port, protocol and a format');
  }
  if (formats.length > SDP_LIMITS.formats) throw malformed(line, `more than ${SDP_LIMITS.formats} formats`);
  // RFC 8866 5.14: "port/count" asks for several port pairs; the first is as good as any.
  const port = /^(\d{1,5})(?:\/\d{1,5})?$/.exec(portField)?.[1];
  if (port === undefined || Number(port) > 65535) throw malformed(line, 'm= port');
  return { kind: kind.toLowerCase(), port: Number(port), protocol, formats, connection: undefined, attributes: [] };
}

function parseAttribute(value: string, line: number): SdpAttribute {
  const colon = value.indexOf(':');
  const name = colon < 0 ? value.trimEnd() : value.slice(0, colon);
  if (name === '') throw malformed(line, 'attribute without a name');
  return { name, value: colon < 0 ? undefined : value.slice(colon + 1).trim() };
}

function hasControlCharacter(line: string): boolean {
  for (let index = 0; index < line.length; index++) {
    const unit = line.charCodeAt(index);
    if ((unit < 0x20 && unit !== 0x09) || unit === 0x7f) return true;
  }
  return false;
}

function malformed(line: number, reason: string): TrunklineError {
  const place = line === 0 ? 'description' : `line ${line}`;
  return new TrunklineError('TRK_SDP_PARSE', { params: { reason: `${place}: ${reason}` }, field: place });
}
