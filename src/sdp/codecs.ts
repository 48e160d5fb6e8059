import type { SdpMedia } from './description.js';

/** Codecs that calls are carried in. A new one is one row of `AUDIO_CODECS` more. */
export type AudioCodec = 'PCMA' | 'PCMU' | 'G722' | 'OPUS';

/** How a payload format is named on the wire (RFC 8866 6.6 `rtpmap`). */
export interface EncodingName {
  /** Upper case. */
  readonly name: string;
  /** RTP clock, Hz; for G722 this is 8000 although it samples at 16000 (RFC 3551 4.5.2). */
  readonly clockRate: number;
  readonly channels: number;
}

export interface CodecDescription extends EncodingName {
  /** Hz of the audio that a call has in this codec: what frames, recordings and clips are. */
  readonly sampleRate: 8000 | 16000;
  /** From RFC 3551 table 4; undefined where the number is dynamic. */
  readonly staticPayloadType: number | undefined;
}

export const AUDIO_CODECS: Readonly<Record<AudioCodec, CodecDescription>> = {
  PCMU: { name: 'PCMU', clockRate: 8000, channels: 1, sampleRate: 8000, staticPayloadType: 0 },
  PCMA: { name: 'PCMA', clockRate: 8000, channels: 1, sampleRate: 8000, staticPayloadType: 8 },
  G722: { name: 'G722', clockRate: 8000, channels: 1, sampleRate: 16000, staticPayloadType: 9 },
  /** RFC 7587 7: always named with 48000 and two channels, whatever is sent. */
  OPUS: { name: 'OPUS', clockRate: 48000, channels: 2, sampleRate: 16000, staticPayloadType: undefined },
};

/** RFC 4733: digits as events, by the clock of the audio beside them (2.1). */
export const telephoneEvent = (clockRate: number): EncodingName => ({ name: 'TELEPHONE-EVENT', clockRate, channels: 1 });
/** The number that we ask for; an answer keeps the number of the offer. */
export const TELEPHONE_EVENT_PAYLOAD_TYPE = 101;
/** The same by clock. */
export const TELEPHONE_EVENT_PAYLOAD_TYPES: ReadonlyMap<number, number> = new Map([[8000, TELEPHONE_EVENT_PAYLOAD_TYPE], [48000, 102]]);
/** Codecs without a number of their own begin here. */
export const FIRST_DYNAMIC_PAYLOAD_TYPE = 103;
/** RFC 3389. */
export const COMFORT_NOISE: EncodingName = { name: 'CN', clockRate: 8000, channels: 1 };

/** RFC 3551 table 4, the part that telephones leave without `rtpmap`. */
const STATIC_FORMATS: ReadonlyMap<number, EncodingName> = new Map([
  [0, { name: 'PCMU', clockRate: 8000, channels: 1 }],
  [3, { name: 'GSM', clockRate: 8000, channels: 1 }],
  [4, { name: 'G723', clockRate: 8000, channels: 1 }],
  [8, { name: 'PCMA', clockRate: 8000, channels: 1 }],
  [9, { name: 'G722', clockRate: 8000, channels: 1 }],
  [13, { name: 'CN', clockRate: 8000, channels: 1 }],
  [15, { name: 'G728', clockRate: 8000, channels: 1 }],
  [18, { name: 'G729', clockRate: 8000, channels: 1 }],
]);

export interface PayloadFormat extends EncodingName {
  readonly payloadType: number;
}

/** The formats of an RTP stream in its order of preference; numbers without a meaning are left out. */
export function payloadFormats(media: SdpMedia): PayloadFormat[] {
  const mapped = new Map<number, EncodingName>();
  for (const attribute of media.attributes) {
    if (attribute.name !== 'rtpmap') continue;
    const match = /^(\d{1,3})\s+([^/\s]+)\/(\d{1,6})(?:\/(\d{1,2}))?$/.exec(attribute.value ?? '');
    if (match === null || mapped.has(Number(match[1]))) continue;
    mapped.set(Number(match[1]), { name: match[2]!.toUpperCase(), clockRate: Number(match[3]), channels: Number(match[4] ?? 1) });
  }
  const formats: PayloadFormat[] = [];
  for (const format of media.formats) {
    const payloadType = /^\d{1,3}$/.test(format) ? Number(format) : 128;
    if (payloadType > 127) continue;
    // RFC 3264 5.1: a static number needs no rtpmap.
    const encoding = mapped.get(payloadType) ?? STATIC_FORMATS.get(payloadType);
    if (encoding !== undefined) formats.push({ ...encoding, payloadType });
  }
  return formats;
}

export function sameEncoding(left: EncodingName, right: EncodingName): boolean {
  return left.name === right.name && left.clockRate === right.clockRate && left.channels === right.channels;
}

/** The codec of ours that a format carries, undefined if it is none. */
export function codecOf(format: PayloadFormat, codecs: readonly AudioCodec[]): AudioCodec | undefined {
  return codecs.find((codec) => sameEncoding(AUDIO_CODECS[codec], format));
}

/** The format's name as telephones write it; on the wire the case does not matter (RFC 8866 6.6). */
export function wireName(format: EncodingName): string {
  return format.name === 'OPUS' || format.name === 'TELEPHONE-EVENT' ? format.name.toLowerCase() : format.name;
}
