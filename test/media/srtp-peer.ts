import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * SRTP (RFC 3711) as the RFC's text says it, over the primitives of Node: the far end
 * of tests, with no code of trunkline and none of libsrtp. Checked by the RFC's own
 * vectors in srtp-peer.test.ts.
 */

/** RFC 3711 4.1.1: the key stream is AES of a counter that starts at `initial`. */
export function aesCounterMode(key: Uint8Array, initial: Uint8Array, data: Uint8Array): Buffer {
  return createCipheriv('aes-128-ctr', key, initial).update(data);
}

/** RFC 3711 4.3.1 with a key derivation rate of 0: `length` bytes for one label. */
export function deriveKey(master: Uint8Array, salt: Uint8Array, label: number, length: number): Buffer {
  const initial = Buffer.alloc(16);
  initial.set(salt);
  initial[7]! ^= label;
  return aesCounterMode(master, initial, Buffer.alloc(length));
}

interface SessionKeys {
  readonly cipher: Buffer;
  readonly authentication: Buffer;
  readonly salt: Buffer;
}

function sessionKeys(keyAndSalt: Uint8Array, firstLabel: 0 | 3): SessionKeys {
  const master = keyAndSalt.subarray(0, 16);
  const salt = keyAndSalt.subarray(16, 30);
  return {
    cipher: deriveKey(master, salt, firstLabel, 16),
    authentication: deriveKey(master, salt, firstLabel + 1, 20),
    salt: deriveKey(master, salt, firstLabel + 2, 14),
  };
}

/** RFC 3711 4.1.1: IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16). */
function counterOf(salt: Buffer, ssrc: number, index: bigint): Buffer {
  const iv = Buffer.alloc(16);
  iv.set(salt);
  iv.writeUInt32BE((iv.readUInt32BE(4) ^ ssrc) >>> 0, 4);
  const low = iv.readBigUInt64BE(8) ^ (index << 16n);
  iv.writeBigUInt64BE(low & 0xffff_ffff_ffff_ffffn, 8);
  return iv;
}

const RTCP_TAG = 10;

/** One direction: what this key's owner sends. */
export class SrtpPeer {
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;
  readonly #tagLength: number;
  /** Roll-over counter and newest number of each SSRC. */
  readonly #rollover = new Map<number, { counter: number; newest: number }>();
  #rtcpIndex = 0;

  constructor(keyAndSalt: Uint8Array, tagLength: 4 | 10) {
    this.#rtp = sessionKeys(keyAndSalt, 0);
    this.#rtcp = sessionKeys(keyAndSalt, 3);
    this.#tagLength = tagLength;
  }

  protect(packet: Buffer): Buffer {
    const counter = this.#advance(packet.readUInt32BE(8), packet.readUInt16BE(2));
    const encrypted = this.#transform(packet, counter);
    return Buffer.concat([encrypted, this.#tag(encrypted, counter)]);
  }

  /** Undefined if the tag is wrong. */
  unprotect(packet: Buffer): Buffer | undefined {
    const body = packet.subarray(0, packet.length - this.#tagLength);
    const counter = this.#advance(packet.readUInt32BE(8), packet.readUInt16BE(2));
    if (!timingSafeEqual(this.#tag(body, counter), packet.subarray(body.length))) return undefined;
    return this.#transform(body, counter);
  }

  protectRtcp(packet: Buffer): Buffer {
    const index = ++this.#rtcpIndex;
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32BE((0x8000_0000 | index) >>> 0);
    const body = Buffer.concat([this.#transformRtcp(packet, index), trailer]);
    return Buffer.concat([body, this.#rtcpTag(body)]);
  }

  /** Undefined if the tag is wrong or the packet is not encrypted. */
  unprotectRtcp(packet: Buffer): Buffer | undefined {
    const body = packet.subarray(0, packet.length - RTCP_TAG);
    if (!timingSafeEqual(this.#rtcpTag(body), packet.subarray(body.length))) return undefined;
    const trailer = body.readUInt32BE(body.length - 4);
    if (trailer < 0x8000_0000) return undefined;
    return this.#transformRtcp(body.subarray(0, body.length - 4), trailer & 0x7fff_ffff);
  }

  /** RFC 3711 3.3.1, for numbers that only go up. */
  #advance(ssrc: number, sequence: number): number {
    const state = this.#rollover.get(ssrc) ?? { counter: 0, newest: sequence };
    if (sequence < state.newest && state.newest - sequence > 0x8000) state.counter++;
    state.newest = sequence;
    this.#rollover.set(ssrc, state);
    return state.counter;
  }

  /** Header of 12 bytes, no contributors, no extension: this is all that the tests send. */
  #transform(packet: Buffer, counter: number): Buffer {
    const index = BigInt(counter) * 65_536n + BigInt(packet.readUInt16BE(2));
    const iv = counterOf(this.#rtp.salt, packet.readUInt32BE(8), index);
    return Buffer.concat([packet.subarray(0, 12), aesCounterMode(this.#rtp.cipher, iv, packet.subarray(12))]);
  }

  #tag(packet: Buffer, counter: number): Buffer {
    const rollover = Buffer.alloc(4);
    rollover.writeUInt32BE(counter);
    return createHmac('sha1', this.#rtp.authentication).update(packet).update(rollover).digest().subarray(0, this.#tagLength);
  }

  #transformRtcp(packet: Buffer, index: number): Buffer {
    const iv = counterOf(this.#rtcp.salt, packet.readUInt32BE(4), BigInt(index));
    return Buffer.concat([packet.subarray(0, 8), aesCounterMode(this.#rtcp.cipher, iv, packet.subarray(8))]);
  }

  #rtcpTag(body: Buffer): Buffer {
    return createHmac('sha1', this.#rtcp.authentication).update(body).digest().subarray(0, RTCP_TAG);
  }
}
