import { isIP } from 'node:net';
import { TrunklineError } from '../kernel/errors.js';
import { AUDIO_CODECS, COMFORT_NOISE, FIRST_DYNAMIC_PAYLOAD_TYPE, TELEPHONE_EVENT_PAYLOAD_TYPES, codecOf, payloadFormats, sameEncoding, telephoneEvent, wireName } from './codecs.js';
import type { AudioCodec, PayloadFormat } from './codecs.js';
import { answerCrypto, chooseCrypto, offerCrypto } from './crypto.js';
import type { LocalSrtp, NegotiatedSrtp } from './crypto.js';
import { attributeValue, statedDirection } from './description.js';
import type { Direction, SdpAttribute, SdpMedia, SessionDescription } from './description.js';
import { OPUS_FORMAT_PARAMETERS, readOpusPreferences } from './opus.js';
import type { OpusPreferences } from './opus.js';
import { parseSdp } from './parse.js';
import { serializeSdp } from './serialize.js';

/** Our end of the audio stream. */
export interface LocalAudio {
  /** IPv4 or IPv6 address that the far end sends to. */
  readonly address: string;
  readonly port: number;
  /** `o=` line: constant for the life of the dialog. Decimal. */
  readonly sessionId: number | string;
  /** `o=` line: see `nextSessionVersion`. */
  readonly sessionVersion: number;
  /** In order of preference; at least one. */
  readonly codecs: readonly AudioCodec[];
  /** Audio in one packet that we want to receive, ms; also what we send where the far end asks for nothing that we can serve. */
  readonly ptimeMs: number;
  /** RTP and RTCP on one port (RFC 5761): `answer` takes the far end's offer of it, `offer` offers it as well. */
  readonly rtcpMux?: 'offer' | 'answer';
  /** What we want; default `sendrecv`. */
  readonly direction?: Direction;
  /** Encryption by RFC 4568; without it only plain RTP is taken. */
  readonly srtp?: LocalSrtp;
}

/** The stream as both sides agreed on it. */
export interface NegotiatedAudio {
  /** Where we send RTP. `0.0.0.0` or `::` while the far end holds in the old way; `direction` then forbids sending. */
  readonly address: string;
  readonly port: number;
  /** Where we send RTCP (RFC 3605); the RTP port where both share it. */
  readonly rtcpPort: number;
  /** Both sides carry RTCP on the RTP port (RFC 5761). */
  readonly rtcpMux?: boolean;
  /** What we send. The far end may change to another codec of the offer within the call; receivers take every static number that was offered. */
  readonly codec: AudioCodec;
  /** Number that we send the codec with. */
  readonly payloadType: number;
  /** Number that the far end sends it with; differs only where an answer renumbers our offer (RFC 3264 6.1). */
  readonly receivePayloadType: number;
  /** Number that we send digits with; undefined if the far end takes none. */
  readonly telephoneEventPayloadType: number | undefined;
  readonly receiveTelephoneEventPayloadType: number | undefined;
  /** Units a second of an event's duration: the clock of the audio, or what the far end has instead. Default 8000. */
  readonly telephoneEventClockRate?: number;
  readonly comfortNoisePayloadType: number | undefined;
  /** Where the codec is OPUS. */
  readonly opus?: OpusPreferences;
  /** Audio in each packet that we send, ms. */
  readonly ptimeMs: number;
  /** Undefined: plain RTP. */
  readonly srtp?: NegotiatedSrtp | undefined;
  /** As we see it: `recvonly` means that the far end wants no audio now. */
  readonly direction: Direction;
}

/**
 * An offer of one audio stream. `previous`, the last description that we sent in this
 * dialog, keeps the number and the order of the streams (RFC 3264 8).
 * Comfort noise is not offered: it invites the far end to cut quiet speech.
 */
export function createOffer(local: LocalAudio, previous?: string): string {
  // Where plain RTP will do as well, the profile is the plain one and the keys are an
  // extra: RFC 3264 has no alternative profiles, and who knows no `a=crypto` passes it over.
  const protocol = local.srtp?.required === true ? 'RTP/SAVP' : 'RTP/AVP';
  const extras = [...muxAttribute(local.rtcpMux === 'offer'), ...(local.srtp === undefined ? [] : offerCrypto(local.srtp))];
  const audio = localMedia(local, protocol, offeredFormats(local), local.direction ?? 'sendrecv', extras);
  const before = previous === undefined ? [] : parseSdp(previous).media;
  const slot = Math.max(0, before.findIndex((media) => media.kind === 'audio' && media.port !== 0));
  const media = before.map((old, index) => (index === slot ? audio : rejected(old)));
  return serializeSdp(describe(local, media.length === 0 ? [audio] : media));
}

/**
 * Answers the far end's offer: the first usable audio stream is taken with the first of
 * its codecs that is ours, every other stream is refused by port 0 in its place (RFC 3264 6).
 * TRK_SDP_PARSE, TRK_SDP_NO_AUDIO, TRK_SDP_NO_CODEC, TRK_SDP_SRTP_REQUIRED.
 */
export function answerOffer(offer: string, local: LocalAudio): { answer: string; remote: NegotiatedAudio } {
  const description = parseSdp(offer);
  const { media: chosen, remote, formats } = chooseStream(description, local, local.rtcpMux !== undefined, false);
  const audio = localMedia(local, chosen.protocol, formats, remote.direction, [
    ...muxAttribute(remote.rtcpMux === true),
    ...(remote.srtp === undefined ? [] : [answerCrypto(remote.srtp)]),
  ]);
  const media = description.media.map((offered) => (offered === chosen ? audio : rejected(offered)));
  return { answer: serializeSdp(describe(local, media)), remote };
}

/**
 * Reads the far end's answer to `createOffer(local)`.
 * TRK_SDP_PARSE, TRK_SDP_NO_AUDIO (also where the stream was refused), TRK_SDP_NO_CODEC,
 * TRK_SDP_SRTP_REQUIRED.
 */
export function readAnswer(answer: string, local: LocalAudio): NegotiatedAudio {
  return chooseStream(parseSdp(answer), local, local.rtcpMux === 'offer', true).remote;
}

/**
 * Version for the `o=` line of the next description in a dialog: one more if anything
 * but that line changed, else the same (RFC 3264 8). TRK_SDP_PARSE.
 */
export function nextSessionVersion(previous: string, candidate: string): number {
  const version = Number(parseSdp(previous).origin.sessionVersion);
  const body = (text: string): string => text.replace(/^o=.*\r?\n/m, '');
  return body(previous) === body(candidate) ? version : version + 1;
}

/** Ours, given what we want and what the far end states about its own side (RFC 3264 6.1). */
export function agreedDirection(wanted: Direction, stated: Direction): Direction {
  const sends = (wanted === 'sendrecv' || wanted === 'sendonly') && (stated === 'sendrecv' || stated === 'recvonly');
  const receives = (wanted === 'sendrecv' || wanted === 'recvonly') && (stated === 'sendrecv' || stated === 'sendonly');
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}

interface ChosenStream {
  readonly media: SdpMedia;
  readonly remote: NegotiatedAudio;
  /** What an answer repeats. */
  readonly formats: readonly PayloadFormat[];
}

function chooseStream(description: SessionDescription, local: LocalAudio, takesMux: boolean, offered: boolean): ChosenStream {
  const streams = usableStreams(description, local, offered);
  for (const { media, target, srtp } of streams) {
    const formats = payloadFormats(media);
    // RFC 3264 6.1: the offerer's order of preference is followed unless there is a reason not to.
    const carrier = formats.find((format) => codecOf(format, local.codecs) !== undefined);
    if (carrier === undefined) continue;
    const digits = digitsBeside(carrier, formats);
    const noise = formats.find((format) => sameEncoding(format, COMFORT_NOISE));
    const stated = statedDirection(media.attributes) ?? statedDirection(description.attributes) ?? 'sendrecv';
    // RFC 3264 8.4: the zero address says "send me nothing", whatever the direction attribute is.
    const wanted = target.held ? withoutSending(local.direction ?? 'sendrecv') : (local.direction ?? 'sendrecv');
    const used = [carrier, digits, noise].filter((format) => format !== undefined);
    const rtcpMux = takesMux && sharesPort(media, used);
    // RFC 3264 6.1: what answers our offer comes with the number that we gave it there.
    const ours = offered ? offeredFormats(local) : formats;
    const numberOf = (format: PayloadFormat): number => ours.find((own) => sameEncoding(own, format))?.payloadType ?? format.payloadType;
    const codec = codecOf(carrier, local.codecs)!;
    const remote: NegotiatedAudio = {
      address: target.address,
      port: media.port,
      rtcpPort: rtcpMux ? media.port : target.rtcpPort,
      rtcpMux,
      codec,
      payloadType: carrier.payloadType,
      receivePayloadType: numberOf(carrier),
      telephoneEventPayloadType: digits?.payloadType,
      receiveTelephoneEventPayloadType: digits && numberOf(digits),
      ...(digits === undefined ? {} : { telephoneEventClockRate: digits.clockRate }),
      comfortNoisePayloadType: noise?.payloadType,
      ...(codec === 'OPUS' ? { opus: readOpusPreferences(media, carrier.payloadType) } : {}),
      ptimeMs: packetTime(media, local.ptimeMs),
      srtp,
      direction: agreedDirection(wanted, stated),
    };
    return { media, remote, formats: used };
  }
  throw new TrunklineError(streams.length > 0 ? 'TRK_SDP_NO_CODEC' : 'TRK_SDP_NO_AUDIO');
}

/** RFC 4733 2.1: events have the clock of their audio. Telephones with one kind of events and a codec of another clock are many; theirs is taken then. */
function digitsBeside(carrier: PayloadFormat, formats: readonly PayloadFormat[]): PayloadFormat | undefined {
  const known = [carrier.clockRate, ...TELEPHONE_EVENT_PAYLOAD_TYPES.keys()];
  for (const clockRate of known) {
    const found = formats.find((format) => sameEncoding(format, telephoneEvent(clockRate)));
    if (found !== undefined) return found;
  }
  return undefined;
}

interface UsableStream {
  readonly media: SdpMedia;
  readonly target: { address: string; rtcpPort: number; held: boolean };
  readonly srtp: NegotiatedSrtp | undefined;
}

/** The audio streams that we could take, encrypted ones first. TRK_SDP_SRTP_REQUIRED if there are only plain ones. */
function usableStreams(description: SessionDescription, local: LocalAudio, offered: boolean): UsableStream[] {
  let refusedPlain = false;
  const streams: UsableStream[] = [];
  for (const media of description.media) {
    const target = usableTarget(description, media);
    if (target === undefined) continue;
    const srtp = local.srtp === undefined ? undefined : chooseCrypto(media, local.srtp, offered);
    const mustEncrypt = local.srtp?.required === true;
    if (srtp === undefined && (mustEncrypt || media.protocol.toUpperCase() === 'RTP/SAVP')) refusedPlain ||= mustEncrypt;
    else streams.push({ media, target, srtp });
  }
  if (streams.length === 0 && refusedPlain) throw new TrunklineError('TRK_SDP_SRTP_REQUIRED');
  return [...streams.filter(({ srtp }) => srtp !== undefined), ...streams.filter(({ srtp }) => srtp === undefined)];
}

/** Undefined where the stream is not RTP audio to one numeric address. */
function usableTarget(description: SessionDescription, media: SdpMedia): { address: string; rtcpPort: number; held: boolean } | undefined {
  if (media.kind !== 'audio' || media.port === 0 || !/^RTP\/S?AVP$/i.test(media.protocol)) return undefined;
  const connection = media.connection ?? description.connection;
  if (connection === undefined || connection.multicast || isIP(connection.address) !== connection.family) return undefined;
  // 224.0.0.0/4 and ff00::/8 are groups even without a TTL; a call has one far end.
  if (connection.family === 4 ? Number(connection.address.split('.')[0]) >= 224 : /^ff/i.test(connection.address)) return undefined;
  const rtcpPort = Number(/^(\d{1,5})(?:\s|$)/.exec(attributeValue(media.attributes, 'rtcp') ?? '')?.[1] ?? media.port + 1);
  if (rtcpPort < 1 || rtcpPort > 65535) return undefined;
  const held = connection.address === '0.0.0.0' || connection.address === '::';
  return { address: connection.address, rtcpPort, held };
}

/** RFC 5761 4: with the marker, numbers 64 to 95 cannot be told from RTCP on the same port. */
function sharesPort(media: SdpMedia, formats: readonly PayloadFormat[]): boolean {
  return attributeValue(media.attributes, 'rtcp-mux') !== undefined && formats.every(({ payloadType }) => payloadType < 64 || payloadType > 95);
}

function withoutSending(direction: Direction): Direction {
  return direction === 'sendrecv' || direction === 'recvonly' ? 'recvonly' : 'inactive';
}

/** The far end's `ptime` where we can serve it: whole 10 ms steps up to 60 ms, within its `maxptime`. */
function packetTime(media: SdpMedia, localMs: number): number {
  const asked = Number(attributeValue(media.attributes, 'ptime') || localMs);
  const most = Number(attributeValue(media.attributes, 'maxptime') || 60);
  const usable = Number.isInteger(asked) && asked >= 10 && asked <= 60 && asked % 10 === 0 ? asked : localMs;
  return usable > most && most >= 10 ? Math.floor(most / 10) * 10 : usable;
}

function offeredFormats(local: LocalAudio): PayloadFormat[] {
  if (local.codecs.length === 0) throw new TrunklineError('TRK_SDP_NO_CODEC');
  const carriers = local.codecs.map((codec, index) => ({
    ...AUDIO_CODECS[codec],
    payloadType: AUDIO_CODECS[codec].staticPayloadType ?? FIRST_DYNAMIC_PAYLOAD_TYPE + index,
  }));
  const digits = [...TELEPHONE_EVENT_PAYLOAD_TYPES]
    .filter(([clockRate]) => carriers.some((carrier) => carrier.clockRate === clockRate))
    .map(([clockRate, payloadType]) => ({ ...telephoneEvent(clockRate), payloadType }));
  return [...carriers, ...digits];
}

function muxAttribute(rtcpMux: boolean): SdpAttribute[] {
  return rtcpMux ? [{ name: 'rtcp-mux', value: undefined }] : [];
}

function localMedia(local: LocalAudio, protocol: string, formats: readonly PayloadFormat[], direction: Direction, extras: readonly SdpAttribute[]): SdpMedia {
  const attributes: SdpAttribute[] = [];
  for (const format of formats) {
    const channels = format.channels === 1 ? '' : `/${format.channels}`;
    attributes.push({ name: 'rtpmap', value: `${format.payloadType} ${wireName(format)}/${format.clockRate}${channels}` });
    // RFC 4733 7.1.1: events 0-15 are the digits, *, # and A-D.
    if (sameEncoding(format, telephoneEvent(format.clockRate))) attributes.push({ name: 'fmtp', value: `${format.payloadType} 0-15` });
    if (sameEncoding(format, AUDIO_CODECS.OPUS)) attributes.push({ name: 'fmtp', value: `${format.payloadType} ${OPUS_FORMAT_PARAMETERS}` });
  }
  attributes.push({ name: 'ptime', value: String(local.ptimeMs) });
  attributes.push(...extras, { name: direction, value: undefined });
  return {
    kind: 'audio',
    port: local.port,
    protocol,
    formats: formats.map((format) => String(format.payloadType)),
    connection: undefined,
    attributes,
  };
}

/** RFC 3264 6: a refused stream keeps its place and its formats, with port 0. */
function rejected(media: SdpMedia): SdpMedia {
  return { kind: media.kind, port: 0, protocol: media.protocol, formats: media.formats, connection: undefined, attributes: [] };
}

function describe(local: LocalAudio, media: readonly SdpMedia[]): SessionDescription {
  const family = isIP(local.address) === 6 ? 6 : 4;
  return {
    origin: { username: '-', sessionId: String(local.sessionId), sessionVersion: String(local.sessionVersion), family, address: local.address },
    sessionName: '-',
    connection: { family, address: local.address, multicast: false },
    timing: '0 0',
    attributes: [],
    media,
  };
}
