import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { constants, setPriority } from 'node:os';
import type { SrtpPeer } from './srtp-peer.js';

/** A telephone's media as a plain program would write it: two sockets, no code of trunkline. */
export interface RtpSeen {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
  readonly from: RemoteInfo;
}

/** G.711 as ITU-T G.711 prints it, for one code: sign, segment, interval. */
export function ulawToLinear(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** The code whose interval holds the sample: the segment is where the biased magnitude has its highest bit. */
export function linearToUlaw(sample: number): number {
  const magnitude = Math.min(Math.abs(Math.round(sample)), 32_635) + 132;
  const segment = Math.floor(Math.log2(magnitude)) - 7;
  const interval = (magnitude >> (segment + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | interval) & 0xff;
}

/**
 * This end keeps time by what it hears, in JavaScript: on a machine that other tests
 * keep busy it would be late, and the core would rightly conceal what it sends.
 */
function beOnTime(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Without the right to it, it is as late as the machine is busy.
  }
}

export class RtpFarEnd extends EventEmitter<{ rtp: [RtpSeen]; rtcp: [Buffer]; muxed: [Buffer] }> {
  readonly packets: RtpSeen[] = [];
  readonly ssrc: number;
  sequence = 1000;
  timestamp = 160_000;
  /** SRTP, where a test sets it: how this end sends and how it hears. */
  speaks: SrtpPeer | undefined;
  hears: SrtpPeer | undefined;
  /** SRTP packets that the key of `hears` did not open. */
  unreadable = 0;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;

  private constructor(rtp: Socket, rtcp: Socket, ssrc: number) {
    super();
    beOnTime();
    this.setMaxListeners(50);
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.ssrc = ssrc;
    rtp.on('message', (datagram, from) => {
      // RFC 5761 4: packet types 192 to 223.
      if (datagram[1]! >= 192 && datagram[1]! <= 223) {
        this.emit('muxed', datagram);
        return;
      }
      const message = this.hears === undefined ? datagram : this.hears.unprotect(datagram);
      if (message === undefined) {
        this.unreadable++;
        return;
      }
      const seen: RtpSeen = {
        marker: (message[1]! & 0x80) !== 0,
        payloadType: message[1]! & 0x7f,
        sequence: message.readUInt16BE(2),
        timestamp: message.readUInt32BE(4),
        ssrc: message.readUInt32BE(8),
        payload: message.subarray(12),
        from,
      };
      this.packets.push(seen);
      this.emit('rtp', seen);
    });
    rtcp.on('message', (message) => this.emit('rtcp', this.hears?.unprotectRtcp(message) ?? message));
  }

  static async open(ssrc = 0x1234): Promise<RtpFarEnd> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new RtpFarEnd(sockets[0], sockets[1], ssrc);
  }

  get port(): number {
    return this.#rtp.address().port;
  }

  get rtcpPort(): number {
    return this.#rtcp.address().port;
  }

  /** Answer or offer of this end; Opus has the number 96, and `fmtp` is what it says of it. */
  sdp(options: { direction?: string; codec?: 'PCMU' | 'PCMA' | 'G722' | 'OPUS'; events?: boolean; eventClock?: 8000 | 48000; fmtp?: string; port?: number; ptime?: number; mux?: boolean; profile?: 'AVP' | 'SAVP'; crypto?: string } = {}): string {
    const codec = options.codec ?? 'PCMU';
    const number = { PCMU: 0, PCMA: 8, G722: 9, OPUS: 96 }[codec];
    const events = options.events ?? true;
    const eventClock = options.eventClock ?? 8000;
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${options.port ?? this.port} RTP/${options.profile ?? 'AVP'} ${number}${events ? ' 101' : ''}`,
      `a=rtpmap:${number} ${codec === 'OPUS' ? 'opus/48000/2' : `${codec}/8000`}`,
      ...(options.fmtp === undefined ? [] : [`a=fmtp:${number} ${options.fmtp}`]),
      ...(events ? [`a=rtpmap:101 telephone-event/${eventClock}`, 'a=fmtp:101 0-15'] : []),
      `a=rtcp:${this.rtcpPort}`,
      `a=ptime:${options.ptime ?? 20}`,
      ...(options.mux === true ? ['a=rtcp-mux'] : []),
      ...(options.crypto === undefined ? [] : [`a=crypto:${options.crypto}`]),
      `a=${options.direction ?? 'sendrecv'}`,
      '',
    ].join('\r\n');
  }

  /** One packet of the stream, or with `fields` anything else. */
  send(port: number, payload: Uint8Array, fields: { payloadType?: number; marker?: boolean; timestamp?: number; sequence?: number; ssrc?: number } = {}): void {
    const packet = Buffer.alloc(12 + payload.length);
    packet[0] = 0x80;
    packet[1] = (fields.payloadType ?? 0) | (fields.marker === true ? 0x80 : 0);
    packet.writeUInt16BE((fields.sequence ?? this.sequence) & 0xffff, 2);
    packet.writeUInt32BE((fields.timestamp ?? this.timestamp) >>> 0, 4);
    packet.writeUInt32BE(fields.ssrc ?? this.ssrc, 8);
    packet.set(payload, 12);
    this.#rtp.send(this.speaks?.protect(packet) ?? packet, port, '127.0.0.1');
    if (fields.sequence === undefined) this.sequence++;
    if (fields.timestamp === undefined) this.timestamp += payload.length;
  }

  sendRaw(port: number, bytes: Uint8Array): void {
    this.#rtp.send(bytes, port, '127.0.0.1');
  }

  sendRtcp(port: number, bytes: Uint8Array): void {
    this.#rtcp.send(this.speaks?.protectRtcp(Buffer.from(bytes)) ?? bytes, port, '127.0.0.1');
  }

  /** The first packet from now on that `accept` takes. */
  async next(accept: (packet: RtpSeen) => boolean = () => true): Promise<RtpSeen> {
    for (;;) {
      const [packet] = (await once(this, 'rtp')) as [RtpSeen];
      if (accept(packet)) return packet;
    }
  }

  /** After `count` more packets. */
  async after(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await once(this, 'rtp');
  }

  /** All audio heard so far, decoded. */
  heard(from = 0): Int16Array {
    const audio = this.packets.slice(from).filter((packet) => packet.payloadType === 0);
    return Int16Array.from(audio.flatMap((packet) => [...packet.payload].map(ulawToLinear)));
  }

  close(): void {
    this.#rtp.close();
    this.#rtcp.close();
  }
}
