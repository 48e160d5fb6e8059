/**
 * RFC 3550 5.1 and RFC 4733 2.3, as a telephone needs them.
 *
 *     0                   1                   2                   3
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 */
export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

/** Undefined for what is not RTP version 2, RTCP included. */
export function parseRtp(bytes: Uint8Array): RtpPacket | undefined {
  if (bytes.length < 12 || bytes[0]! >> 6 !== 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payloadType = bytes[1]! & 0x7f;
  // RFC 5761 4: 72-76 with the marker bit are RTCP packet types 200-204.
  if (payloadType >= 72 && payloadType <= 76) return undefined;
  let start = 12 + (bytes[0]! & 0x0f) * 4;
  if ((bytes[0]! & 0x10) !== 0) {
    if (bytes.length < start + 4) return undefined;
    start += 4 + view.getUint16(start + 2) * 4;
  }
  const end = bytes.length - ((bytes[0]! & 0x20) === 0 ? 0 : bytes.at(-1)!);
  if (start > end) return undefined;
  return {
    payloadType,
    marker: (bytes[1]! & 0x80) !== 0,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: bytes.subarray(start, end),
  };
}

export function formatRtp(packet: RtpPacket): Uint8Array {
  const bytes = new Uint8Array(12 + packet.payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80;
  bytes[1] = (packet.marker ? 0x80 : 0) | packet.payloadType;
  view.setUint16(2, packet.sequence & 0xffff);
  view.setUint32(4, packet.timestamp >>> 0);
  view.setUint32(8, packet.ssrc >>> 0);
  bytes.set(packet.payload, 12);
  return bytes;
}

const DIGITS = '0123456789*#ABCD';

/** Payload of an RFC 4733 event; `duration` in timestamp units. */
export function formatDigit(digit: string, duration: number, end: boolean): Uint8Array {
  const payload = new Uint8Array(4);
  payload[0] = DIGITS.indexOf(digit);
  // Volume 10: -10 dBm0.
  payload[1] = (end ? 0x80 : 0) | 10;
  new DataView(payload.buffer).setUint16(2, duration);
  return payload;
}

/** Undefined for other events and cut payloads. */
export function parseDigit(payload: Uint8Array): { digit: string; end: boolean; duration: number } | undefined {
  const digit = payload.length >= 4 ? DIGITS[payload[0]!] : undefined;
  if (digit === undefined) return undefined;
  return { digit, end: (payload[1]! & 0x80) !== 0, duration: (payload[2]! << 8) | payload[3]! };
}
