import { TrunklineError } from '../../kernel/errors.js';
import { statedDirection } from '../../sdp/description.js';
import type { SdpMedia, SessionDescription } from '../../sdp/description.js';
import { parseSdp } from '../../sdp/parse.js';

/** What an SDP body says about the audio, in short. */
export interface SdpSummary {
  /** Names of the formats in their order, e.g. `PCMA`, `telephone-event`. */
  readonly codecs: readonly string[];
  /** As its sender sees it. */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  readonly address: string;
  readonly port: number;
  readonly encrypted: boolean;
}

export interface MessageSummary {
  /** Of the request, or of the request that a response answers. */
  readonly method: string;
  /** Undefined for a request. */
  readonly status: number | undefined;
  /** Reason phrase of a response. */
  readonly phrase: string | undefined;
  /** Number of the CSeq header. */
  readonly cseq: number | undefined;
  /** It has a To tag: within a dialog, or about to make one. */
  readonly inDialog: boolean;
  /** Value of a Reason header (RFC 3326). */
  readonly reason: string | undefined;
  readonly sdp: SdpSummary | undefined;
}

/** RFC 3551 table 4, as far as telephones use it; those of dynamic numbers name themselves. */
const STATIC_FORMATS: Readonly<Record<string, string>> = { 0: 'PCMU', 3: 'GSM', 4: 'G723', 8: 'PCMA', 9: 'G722', 13: 'CN', 18: 'G729' };
const SHORT_NAMES = { CSeq: 'CSeq', To: 't', 'Content-Type': 'c', Reason: 'Reason' } as const;

/** What a message is about. It was read by a SIP stack already, so what is missing stays out and nothing throws. */
export function summarize(bytes: string): MessageSummary {
  const raw = printable(bytes);
  const split = raw.indexOf('\r\n\r\n');
  const head = split < 0 ? raw : raw.slice(0, split);
  const start = head.slice(0, head.indexOf('\r\n') < 0 ? undefined : head.indexOf('\r\n'));
  const [, status, phrase] = /^SIP\/2\.0 (\d{3}) ?(.*)$/i.exec(start) ?? [];
  const [, number, method] = /^(\d+)\s+(\S+)/.exec(header(head, 'CSeq') ?? '') ?? [];
  const body = split < 0 ? '' : raw.slice(split + 4);
  return {
    method: status === undefined ? (start.split(' ')[0] ?? '') : (method ?? ''),
    status: status === undefined ? undefined : Number(status),
    phrase: status === undefined ? undefined : phrase,
    cseq: number === undefined ? undefined : Number(number),
    inDialog: /;\s*tag=/i.test(header(head, 'To') ?? ''),
    reason: header(head, 'Reason'),
    sdp: /application\/sdp/i.test(header(head, 'Content-Type') ?? '') || body.startsWith('v=0') ? sdpSummary(body) : undefined,
  };
}

/** Bytes as the text they are; what would steer a terminal is shown as a question mark. */
function printable(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8').replace(/(?![\r\n\t])\p{Cc}/gu, '?');
}

function header(head: string, name: keyof typeof SHORT_NAMES): string | undefined {
  return new RegExp(`^(?:${name}|${SHORT_NAMES[name]})[ \\t]*:[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(head)?.[1];
}

function sdpSummary(body: string): SdpSummary | undefined {
  let description: SessionDescription;
  try {
    description = parseSdp(body);
  } catch (error) {
    if (error instanceof TrunklineError) return undefined;
    throw error;
  }
  const audio = description.media.find((media) => media.kind === 'audio');
  if (audio === undefined) return undefined;
  return {
    codecs: codecsOf(audio),
    direction: statedDirection(audio.attributes) ?? statedDirection(description.attributes) ?? 'sendrecv',
    address: (audio.connection ?? description.connection)?.address ?? '',
    port: audio.port,
    encrypted: /SAVP/.test(audio.protocol),
  };
}

function codecsOf(media: SdpMedia): string[] {
  const names = new Map(
    media.attributes.flatMap(({ name, value }) => {
      const [, format, codec] = /^(\d+)\s+([^/\s]+)/.exec(value ?? '') ?? [];
      return name === 'rtpmap' && format !== undefined && codec !== undefined ? [[format, codec] as const] : [];
    }),
  );
  return media.formats.map((format) => names.get(format) ?? STATIC_FORMATS[format] ?? format);
}

/** The far end is on hold, as the sender of this SDP puts it (RFC 3264 8.4; 0.0.0.0 is the old way). */
export function holds(sdp: SdpSummary): boolean {
  return sdp.direction === 'sendonly' || sdp.direction === 'inactive' || sdp.address === '0.0.0.0';
}
