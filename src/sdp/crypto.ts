import { TrunklineError } from '../kernel/errors.js';
import type { SdpAttribute, SdpMedia } from './description.js';

/** Ways to encrypt RTP that we know (RFC 4568 6.2), strongest first. */
export const SRTP_SUITES = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const;
export type SrtpSuite = (typeof SRTP_SUITES)[number];
/** RFC 4568 6.1: master key of 16 bytes, then master salt of 14. */
export const SRTP_KEY_BYTES = 30;

/** A key of ours, for what we send with this suite. Each suite has a key of its own (RFC 4568 6.1). */
export interface SrtpLocalKey {
  readonly suite: SrtpSuite;
  readonly key: Uint8Array;
}

/** SRTP as our side wants it. */
export interface LocalSrtp {
  /** False: plain RTP is accepted where the far end has no SRTP. */
  readonly required: boolean;
  /** In order of preference; constant for the life of the dialog. */
  readonly keys: readonly SrtpLocalKey[];
}

/** What both sides agreed on. */
export interface NegotiatedSrtp {
  readonly suite: SrtpSuite;
  /** Number of the `a=crypto` line that is answered. */
  readonly tag: number;
  /** What we send with. */
  readonly localKey: Uint8Array;
  /** What the far end sends with. */
  readonly remoteKey: Uint8Array;
}

interface CryptoLine {
  readonly tag: number;
  readonly suite: SrtpSuite;
  readonly key: Uint8Array;
}

/** Undefined for a line that we cannot serve; RFC 4568 lets both sides pass over such lines. */
export function parseCrypto(value: string): CryptoLine | undefined {
  const [tag, name, keys, ...sessionParameters] = value.split(/\s+/);
  if (tag === undefined || !/^\d{1,9}$/.test(tag) || keys === undefined) return undefined;
  const suite = SRTP_SUITES.find((known) => known === name?.toUpperCase());
  // RFC 4568 6.3: a parameter that is not understood makes the line unusable, unless it
  // begins with '-'. WSH is a hint for the size of the replay window, ours is 128.
  if (suite === undefined || !sessionParameters.every((parameter) => /^(-|WSH=\d+$)/i.test(parameter))) return undefined;
  // One key, with or without its lifetime. A master key identifier (`|1:4`) would
  // lengthen each packet; it is only needed where a line has several keys.
  const match = /^inline:([A-Za-z0-9+/]{40})(?:\|(?:2\^\d{1,2}|\d{1,15}))?$/.exec(keys);
  if (match === null) return undefined;
  return { tag: Number(tag), suite, key: new Uint8Array(Buffer.from(match[1]!, 'base64')) };
}

/** `a=crypto` lines of an offer; their numbers count from 1. */
export function offerCrypto(srtp: LocalSrtp): SdpAttribute[] {
  return srtp.keys.map(({ suite, key }, index) => cryptoAttribute(index + 1, suite, key));
}

/** The one `a=crypto` line of an answer (RFC 4568 5.1.2). */
export function answerCrypto({ tag, suite, localKey }: NegotiatedSrtp): SdpAttribute {
  return cryptoAttribute(tag, suite, localKey);
}

function cryptoAttribute(tag: number, suite: SrtpSuite, key: Uint8Array): SdpAttribute {
  if (key.length !== SRTP_KEY_BYTES) throw new TrunklineError('TRK_INTERNAL', { params: { reason: `an SRTP key has ${SRTP_KEY_BYTES} bytes` } });
  return { name: 'crypto', value: `${tag} ${suite} inline:${Buffer.from(key).toString('base64')}` };
}

/**
 * The far end's first line that we can serve. In an answer (`offered`) it must be the
 * one that repeats number and suite of a line of ours (RFC 4568 5.1.3).
 */
export function chooseCrypto(media: SdpMedia, srtp: LocalSrtp, offered: boolean): NegotiatedSrtp | undefined {
  for (const { name, value } of media.attributes) {
    const line = name === 'crypto' ? parseCrypto(value ?? '') : undefined;
    if (line === undefined) continue;
    const local = offered ? srtp.keys[line.tag - 1] : srtp.keys.find((key) => key.suite === line.suite);
    if (local?.suite === line.suite) return { suite: line.suite, tag: line.tag, localKey: local.key, remoteKey: line.key };
  }
  return undefined;
}
