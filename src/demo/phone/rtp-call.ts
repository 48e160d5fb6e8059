import type { RemoteInfo, Socket } from 'node:dgram';
import { decodeG711, encodeG711 } from '../../audio/g711.js';
import type { G711 } from '../../audio/g711.js';
import type { NegotiatedAudio } from '../../sdp/offer-answer.js';
import { Recording } from './recording.js';
import { formatDigit, formatRtp, parseDigit, parseRtp } from './rtp-packet.js';
import type { RtpPacket } from './rtp-packet.js';
import { Talker } from './talker.js';
import type { Outgoing, TalkEvent, TalkScript } from './talk-script.js';
import type { RtpStats } from './thread-messages.js';

const FRAME = 160;
const FRAME_MS = 20;

export interface RtpCallOptions {
  readonly socket: Socket;
  readonly script: TalkScript;
  readonly record: boolean;
  readonly ssrc: number;
  readonly onTalk: (event: TalkEvent) => void;
  readonly onDigit: (digit: string, atMs: number) => void;
}

/** The RTP of one call: what comes in goes to the talker, what the talker says goes out. */
export class RtpCall {
  readonly #options: RtpCallOptions;
  readonly #talker: Talker;
  readonly #heard: Recording;
  readonly #said: Recording;
  #remote: NegotiatedAudio | undefined;
  #sequence: number;
  #timestamp: number;
  #digitTimestamp = 0;
  #startedAt: number | undefined;
  #lastArrival: number | undefined;
  #source: { ssrc: number; timestamp: number; atMs: number; first: number; highest: number } | undefined;
  #lastDigitTimestamp: number | undefined;
  #expectedBefore = 0;
  #stats = { packetsSent: 0, packetsReceived: 0, packetsRefused: 0, worstSendLateMs: 0, longestGapMs: 0 };

  constructor(options: RtpCallOptions) {
    this.#options = options;
    this.#talker = new Talker(options.script, options.onTalk);
    this.#heard = new Recording(options.record ? options.script.maxCallMs : 0);
    this.#said = new Recording(options.record ? options.script.maxCallMs : 0);
    // RFC 3550 5.1: sequence and timestamp begin anywhere; the SSRC is random already.
    this.#sequence = options.ssrc & 0x7fff;
    this.#timestamp = options.ssrc >>> 0;
  }

  negotiated(remote: NegotiatedAudio): void {
    this.#remote = remote;
  }

  established(atMs: number): void {
    this.#talker.established(atMs);
  }

  /** Sends 20 ms that were due at `dueMs`. */
  tick(dueMs: number, nowMs: number): void {
    if (this.#remote === undefined) return;
    this.#startedAt ??= nowMs;
    const outgoing = this.#talker.next(nowMs);
    this.#timestamp = (this.#timestamp + FRAME) >>> 0;
    if (this.#remote.direction === 'recvonly' || this.#remote.direction === 'inactive') return;
    const packet = this.#packetOf(outgoing, this.#remote);
    if (packet === undefined) return;
    if (this.#stats.packetsSent > 0) this.#stats.worstSendLateMs = Math.max(this.#stats.worstSendLateMs, nowMs - dueMs);
    this.#options.socket.send(formatRtp(packet), this.#remote.port, this.#remote.address, () => undefined);
    this.#stats.packetsSent++;
    if (outgoing.kind === 'audio') this.#said.put(nowMs - this.#startedAt, outgoing.samples);
  }

  #packetOf(outgoing: Outgoing, remote: NegotiatedAudio): RtpPacket | undefined {
    const base = { sequence: (this.#sequence = (this.#sequence + 1) & 0xffff), ssrc: this.#options.ssrc };
    if (outgoing.kind === 'audio') {
      const marker = this.#stats.packetsSent === 0;
      return { ...base, payloadType: remote.payloadType, marker, timestamp: this.#timestamp, payload: encodeG711(lawOf(remote), outgoing.samples) };
    }
    if (remote.telephoneEventPayloadType === undefined) return undefined;
    // RFC 4733 2.5.1: all packets of one event carry the timestamp of its beginning.
    const first = outgoing.elapsed === 1;
    if (first) this.#digitTimestamp = this.#timestamp;
    const payload = formatDigit(outgoing.digit, outgoing.elapsed * FRAME, outgoing.end);
    return { ...base, payloadType: remote.telephoneEventPayloadType, marker: first, timestamp: this.#digitTimestamp, payload };
  }

  received(bytes: Uint8Array, from: RemoteInfo, atMs: number): void {
    const remote = this.#remote;
    const packet = parseRtp(bytes);
    if (packet === undefined || remote === undefined || from.port !== remote.port || from.address !== remote.address) {
      this.#stats.packetsRefused++;
      return;
    }
    if (packet.payloadType === remote.receiveTelephoneEventPayloadType) return this.#digit(packet, atMs);
    if (packet.payloadType === remote.comfortNoisePayloadType) return;
    if (packet.payloadType !== remote.receivePayloadType) {
      this.#stats.packetsRefused++;
      return;
    }
    this.#count(packet, atMs);
    const samples = decodeG711(lawOf(remote), packet.payload);
    this.#talker.heard(samples, atMs);
    if (this.#startedAt !== undefined && this.#source !== undefined) {
      // The stream's own time line, so that jitter on the way leaves no holes in the recording.
      const sinceFirst = ((packet.timestamp - this.#source.timestamp) | 0) / 8;
      this.#heard.put(this.#source.atMs - this.#startedAt + sinceFirst, samples);
    }
  }

  #count(packet: RtpPacket, atMs: number): void {
    this.#stats.packetsReceived++;
    if (this.#lastArrival !== undefined) this.#stats.longestGapMs = Math.max(this.#stats.longestGapMs, atMs - this.#lastArrival);
    this.#lastArrival = atMs;
    if (this.#source?.ssrc !== packet.ssrc) {
      this.#expectedBefore = this.#expected();
      this.#source = { ssrc: packet.ssrc, timestamp: packet.timestamp, atMs, first: packet.sequence, highest: packet.sequence };
      return;
    }
    // RFC 3550 A.1: the highest number, with the wraps counted in.
    const ahead = ((packet.sequence - this.#source.highest) << 16) >> 16;
    if (ahead > 0) this.#source.highest += ahead;
  }

  #expected(): number {
    return this.#expectedBefore + (this.#source === undefined ? 0 : this.#source.highest - this.#source.first + 1);
  }

  #digit(packet: RtpPacket, atMs: number): void {
    const digit = parseDigit(packet.payload);
    // The repeated ends of one event share its timestamp.
    if (digit === undefined || !digit.end || packet.timestamp === this.#lastDigitTimestamp) return;
    this.#lastDigitTimestamp = packet.timestamp;
    this.#options.onDigit(digit.digit, atMs);
  }

  close(): { stats: RtpStats; heard: Int16Array; said: Int16Array } {
    this.#remote = undefined;
    const packetsLost = Math.max(0, this.#expected() - this.#stats.packetsReceived);
    return { stats: { ...this.#stats, packetsLost }, heard: this.#heard.take(), said: this.#said.take() };
  }

  /** Length of a packet, ms. */
  static readonly frameMs = FRAME_MS;
}

/** The telephone offers G.711 and nothing else. */
function lawOf({ codec }: NegotiatedAudio): G711 {
  return codec === 'PCMU' ? 'PCMU' : 'PCMA';
}
