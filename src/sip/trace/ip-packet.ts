import { isIPv4, isIPv6 } from 'node:net';

/** One end of a packet. */
export interface PacketEnd {
  /** IP literal without brackets; anything else is written as the unspecified address. */
  readonly address: string;
  readonly port: number;
}

const UDP = 17;
const TCP = 6;
const TTL = 64;

/**
 * A UDP datagram in its IP packet (RFC 768, RFC 791, RFC 8200). `fullLength`: length of the
 * payload before it was cut to `payload`; what was cut cannot be summed, so the checksum is 0 then.
 */
export function udpPacket(from: PacketEnd, to: PacketEnd, payload: Uint8Array, fullLength = payload.length): Buffer {
  const segment = Buffer.alloc(8 + payload.length);
  segment.writeUInt16BE(from.port, 0);
  segment.writeUInt16BE(to.port, 2);
  segment.writeUInt16BE(8 + fullLength, 4);
  segment.set(payload, 8);
  const whole = fullLength === payload.length;
  // RFC 768: a sum of zero is sent as all ones, since zero says that there is none.
  return ipPacket(from, to, UDP, segment, 8 + fullLength, (pseudo) => whole && segment.writeUInt16BE(checksum(pseudo, segment) || 0xffff, 6));
}

/** A TCP segment (RFC 9293 3.1) that carries data. */
export function tcpPacket(from: PacketEnd, to: PacketEnd, payload: Uint8Array, sequence: number, acknowledged: number): Buffer {
  const segment = Buffer.alloc(20 + payload.length);
  segment.writeUInt16BE(from.port, 0);
  segment.writeUInt16BE(to.port, 2);
  segment.writeUInt32BE(sequence >>> 0, 4);
  segment.writeUInt32BE(acknowledged >>> 0, 8);
  segment.writeUInt8(5 << 4, 12);
  // PSH and ACK.
  segment.writeUInt8(0x18, 13);
  segment.writeUInt16BE(0xffff, 14);
  segment.set(payload, 20);
  return ipPacket(from, to, TCP, segment, segment.length, (pseudo) => segment.writeUInt16BE(checksum(pseudo, segment), 16));
}

/** `sum` fills the checksum of the segment from the pseudo header (RFC 9293 3.1, RFC 8200 8.1). */
function ipPacket(from: PacketEnd, to: PacketEnd, protocol: number, segment: Buffer, fullLength: number, sum: (pseudo: Buffer) => void): Buffer {
  // Both ends must be of one family; where they are not, the one that we do not know gives way.
  const six = isIPv6(from.address) || isIPv6(to.address);
  const source = six ? ipv6Bytes(from.address) : ipv4Bytes(from.address);
  const destination = six ? ipv6Bytes(to.address) : ipv4Bytes(to.address);
  const tail = six ? Buffer.alloc(8) : Buffer.from([0, protocol, 0, 0]);
  if (six) {
    tail.writeUInt32BE(fullLength, 0);
    tail.writeUInt8(protocol, 7);
  } else {
    tail.writeUInt16BE(fullLength, 2);
  }
  sum(Buffer.concat([source, destination, tail]));
  const header = six ? ipv6Header(protocol, fullLength) : ipv4Header(protocol, fullLength);
  header.set(source, six ? 8 : 12);
  header.set(destination, six ? 24 : 16);
  if (!six) header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, segment]);
}

function ipv4Header(protocol: number, length: number): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + length, 2);
  // Do not fragment.
  header.writeUInt16BE(0x4000, 6);
  header.writeUInt8(TTL, 8);
  header.writeUInt8(protocol, 9);
  return header;
}

function ipv6Header(protocol: number, length: number): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(length, 4);
  header.writeUInt8(protocol, 6);
  header.writeUInt8(TTL, 7);
  return header;
}

/** RFC 1071. */
function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(isIPv4(address) ? address.split('.').map(Number) : [0, 0, 0, 0]);
}

function ipv6Bytes(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  if (isIPv4(address)) {
    // RFC 4291 2.5.5.2.
    bytes.writeUInt16BE(0xffff, 10);
    bytes.set(ipv4Bytes(address), 12);
    return bytes;
  }
  if (!isIPv6(address)) return bytes;
  const [plain = ''] = address.split('%');
  const dotted = /(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  const ending = dotted === null ? undefined : ipv4Bytes(dotted[2] ?? '');
  const text = ending === undefined ? plain : `${dotted?.[1] ?? ''}${ending.readUInt16BE(0).toString(16)}:${ending.readUInt16BE(2).toString(16)}`;
  const [head = '', rest] = text.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const before = groups(head);
  const after = groups(rest ?? '');
  before.forEach((group, index) => bytes.writeUInt16BE(group, index * 2));
  after.forEach((group, index) => bytes.writeUInt16BE(group, 16 - (after.length - index) * 2));
  return bytes;
}
