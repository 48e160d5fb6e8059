import { tcpPacket, udpPacket } from './ip-packet.js';
import type { PacketEnd } from './ip-packet.js';
import type { CallTrace, RtpHeader, TracedMessage } from './trace.js';

/** Microseconds, little endian. */
const MAGIC = 0xa1b2c3d4;
/** Packets begin with their IPv4 or IPv6 header. */
const LINKTYPE_RAW = 101;
const SNAPLEN = 262_144;
/** A TCP segment must fit into an IPv4 packet; messages over TCP may be larger. */
const SEGMENT_BYTES = 16_384;
const HEADER_BYTES = { v4: 20 + 8, v6: 40 + 8 };

interface Packet {
  readonly atMs: number;
  readonly bytes: Buffer;
  /** Length on the wire. */
  readonly length: number;
}

/**
 * What is kept of a call as a capture file that Wireshark, tshark and sngrep read (classic
 * pcap): its SIP messages, and the RTP headers where they were captured, their payload cut.
 * TLS is written as the TCP that it protects, with port 5060 in the place of 5061.
 */
export function pcapOf(trace: CallTrace): Buffer {
  const flows = new Map<string, number>();
  const packets = [...trace.messages.flatMap((message) => sipPackets(message, flows)), ...trace.rtp.map(rtpPacket)].sort((a, b) => a.atMs - b.atMs);
  const header = Buffer.alloc(24);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAPLEN, 16);
  header.writeUInt32LE(LINKTYPE_RAW, 20);
  return Buffer.concat([header, ...packets.flatMap((packet) => [record(packet, trace.epochOffsetMs), packet.bytes])]);
}

function record({ atMs, bytes, length }: Packet, epochOffsetMs: number): Buffer {
  const micros = Math.round((epochOffsetMs + atMs) * 1_000);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(Math.floor(micros / 1e6), 0);
  head.writeUInt32LE(micros % 1e6, 4);
  head.writeUInt32LE(bytes.length, 8);
  head.writeUInt32LE(length, 12);
  return head;
}

/** `flows`: bytes that each direction of each connection has carried. */
function sipPackets({ atMs, direction, path, raw }: TracedMessage, flows: Map<string, number>): Packet[] {
  const plainPort = (port: number): number => (path.protocol === 'tls' && port === 5061 ? 5060 : port);
  const us: PacketEnd = { address: path.localAddress, port: plainPort(path.localPort) };
  const them: PacketEnd = { address: path.remoteAddress, port: plainPort(path.remotePort) };
  const [from, to] = direction === 'out' ? [us, them] : [them, us];
  const payload = Buffer.from(raw, 'latin1');
  if (path.protocol === 'udp') return [whole(atMs, udpPacket(from, to, payload))];
  const way = (a: PacketEnd, b: PacketEnd): string => `${a.address} ${a.port} ${b.address} ${b.port}`;
  const packets: Packet[] = [];
  for (let at = 0; at < payload.length; at += SEGMENT_BYTES) {
    const piece = payload.subarray(at, at + SEGMENT_BYTES);
    const sequence = flows.get(way(from, to)) ?? 1;
    packets.push(whole(atMs, tcpPacket(from, to, piece, sequence, flows.get(way(to, from)) ?? 1)));
    flows.set(way(from, to), sequence + piece.length);
  }
  return packets;
}

function whole(atMs: number, bytes: Buffer): Packet {
  return { atMs, bytes, length: bytes.length };
}

function rtpPacket({ atMs, direction, local, remote, header, length }: RtpHeader): Packet {
  const [from, to] = direction === 'out' ? [local, remote] : [remote, local];
  const bytes = udpPacket(from, to, header, length);
  const head = bytes[0] !== undefined && bytes[0] >>> 4 === 6 ? HEADER_BYTES.v6 : HEADER_BYTES.v4;
  return { atMs, bytes, length: head + length };
}
