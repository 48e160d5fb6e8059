import { isIPv6 } from 'node:net';
import type { CapturedRtp, RtpHeader } from '../media-session.js';

/** Layout of native/core/capture/rtp-capture.hpp. */
const PACKET = { bytes: 48, atMs: 0, length: 8, remotePort: 12, sent: 14, family: 15, remoteAddress: 16, header: 32, headerBytes: 12 } as const;

/** What the core captured of one session; it outlives the session. */
export class NativeCapture implements CapturedRtp {
  readonly maxBytes: number;
  readonly #local: RtpHeader['local'];
  #read: () => ArrayBuffer;

  /** `read`: what the core has now. */
  constructor(packets: number, local: RtpHeader['local'], read: () => ArrayBuffer) {
    this.maxBytes = packets * PACKET.bytes;
    this.#local = local;
    this.#read = read;
  }

  /** The session is about to close: what is there is all there will be. */
  settle(): void {
    const last = this.#read();
    this.#read = () => last;
  }

  read(): readonly RtpHeader[] {
    const buffer = Buffer.from(this.#read());
    const headers: RtpHeader[] = [];
    for (let at = 0; at + PACKET.bytes <= buffer.length; at += PACKET.bytes) {
      const packet = buffer.subarray(at, at + PACKET.bytes);
      const address = addressOf(packet);
      headers.push({
        // The core writes in the byte order of the machine, which is little endian wherever Node 20 runs.
        atMs: packet.readDoubleLE(PACKET.atMs),
        direction: packet[PACKET.sent] === 1 ? 'out' : 'in',
        // A socket on :: shows the family of its peer; ours is then told in the same.
        local: isIPv6(address) === isIPv6(this.#local.address) ? this.#local : { address: isIPv6(address) ? '::' : '0.0.0.0', port: this.#local.port },
        remote: { address, port: packet.readUInt16LE(PACKET.remotePort) },
        header: packet.subarray(PACKET.header, PACKET.header + PACKET.headerBytes),
        length: packet.readUInt32LE(PACKET.length),
      });
    }
    return headers;
  }
}

function addressOf(packet: Buffer): string {
  if (packet[PACKET.family] === 4) return [...packet.subarray(PACKET.remoteAddress, PACKET.remoteAddress + 4)].join('.');
  return Array.from({ length: 8 }, (_, group) => packet.readUInt16BE(PACKET.remoteAddress + group * 2).toString(16)).join(':');
}
