import { isIP } from 'node:net';
import { TrunklineError } from '../../kernel/errors.js';
import { AUDIO_CODECS, codecOf, payloadFormats } from '../../sdp/codecs.js';
import type { AudioCodec } from '../../sdp/codecs.js';
import { parseCrypto } from '../../sdp/crypto.js';
import type { SrtpLocalKey } from '../../sdp/crypto.js';
import { attributeValue } from '../../sdp/description.js';
import type { Direction } from '../../sdp/description.js';
import { readAnswer } from '../../sdp/offer-answer.js';
import { parseSdp } from '../../sdp/parse.js';

/** One end of a stream, as FreeSWITCH is told of it: never the far end's own text. */
export interface StreamEnd {
  readonly address: string;
  readonly port: number;
  readonly rtcpPort: number;
  readonly codec: AudioCodec;
  readonly payloadType: number;
  /** Undefined: it takes no digits. */
  readonly telephoneEventPayloadType: number | undefined;
  /** What it wants to receive in one packet, ms. */
  readonly ptimeMs: number;
  readonly rtcpMux: boolean;
  /** It encrypts: the value of its `a=crypto` line. */
  readonly crypto: string | undefined;
}

/** FreeSWITCH's end of a leg. */
export interface FreeswitchEnd {
  readonly address: string;
  readonly port: number;
  readonly codec: AudioCodec;
  /** What it sends with, if it encrypts. */
  readonly key: SrtpLocalKey | undefined;
}

/** An offer of exactly one stream in exactly one codec, so that there is nothing to choose. */
export function describeEnd(end: StreamEnd, sessionId: string, version: number): string {
  const family = isIP(end.address) === 6 ? 'IP6' : 'IP4';
  const events = end.telephoneEventPayloadType;
  const mapped = AUDIO_CODECS[end.codec];
  return [
    'v=0',
    `o=- ${sessionId} ${version} IN ${family} ${end.address}`,
    's=-',
    `c=IN ${family} ${end.address}`,
    't=0 0',
    `m=audio ${end.port} RTP/${end.crypto === undefined ? 'AVP' : 'SAVP'} ${end.payloadType}${events === undefined ? '' : ` ${events}`}`,
    `a=rtpmap:${end.payloadType} ${mapped.name}/${mapped.clockRate}`,
    ...(events === undefined ? [] : [`a=rtpmap:${events} telephone-event/8000`, `a=fmtp:${events} 0-15`]),
    `a=ptime:${end.ptimeMs}`,
    `a=rtcp:${end.rtcpPort}`,
    ...(end.rtcpMux ? ['a=rtcp-mux'] : []),
    ...(end.crypto === undefined ? [] : [`a=crypto:${end.crypto}`]),
    'a=sendrecv',
    '',
  ].join('\r\n');
}

/** FreeSWITCH's answer to `describeEnd`. TRK_SDP_*. */
export function readEnd(sdp: string, codec: AudioCodec): FreeswitchEnd {
  const media = parseSdp(sdp).media.find(({ kind, port }) => kind === 'audio' && port !== 0);
  const line = media && parseCrypto(attributeValue(media.attributes, 'crypto') ?? '');
  // Which key it sends with is all that matters; how a peer's keys are agreed on is between the far end and us.
  const plain = sdp.replace(/RTP\/SAVP/, 'RTP/AVP');
  const end = readAnswer(plain, { address: '0.0.0.0', port: 9, sessionId: 0, sessionVersion: 0, codecs: [codec], ptimeMs: 20 });
  return { address: end.address, port: end.port, codec: end.codec, key: line && { suite: line.suite, key: line.key } };
}

/** What the far end sees as its direction, given ours. */
const MIRRORED: Readonly<Record<Direction, Direction>> = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' };

/** FreeSWITCH's description with the direction that the far end behind it stated: FreeSWITCH itself knows of no hold. */
export function withDirection(sdp: string, ours: Direction): string {
  const stated = /^a=(?:sendrecv|sendonly|recvonly|inactive)\r?\n/gm;
  return `${sdp.replace(stated, '').replace(/(?:\r?\n)*$/, '\r\n')}a=${MIRRORED[ours]}\r\n`;
}

/** The codecs of a description of ours, in its order. */
export function codecsIn(sdp: string): AudioCodec[] {
  const media = parseSdp(sdp).media[0];
  const all = Object.keys(AUDIO_CODECS) as AudioCodec[];
  const found = media === undefined ? [] : payloadFormats(media).map((format) => codecOf(format, all));
  const codecs = found.filter((codec) => codec !== undefined);
  if (codecs.length === 0) throw new TrunklineError('TRK_SDP_NO_CODEC');
  return codecs;
}

/** Address that a description of ours announces. */
export function addressIn(sdp: string): string {
  return parseSdp(sdp).connection?.address ?? '';
}
