import type { Audio } from '../audio/frame.js';
import type { AudioCodec } from '../sdp/codecs.js';
import type { TrunklineError } from '../kernel/errors.js';

/**
 * PORT: the audio of calls. The native core implements it (`native/`);
 * FreeSWITCH will (`freeswitch/`). Contract suite: `test/contract/media.ts`.
 *
 * Audio goes out ahead of time and is paced by the engine, never by JavaScript.
 * Audio comes in once a tick (20 ms) for all sessions together.
 * Every time is ms on the clock `Clock.monotonic()` (CLOCK_MONOTONIC).
 */

/** Hz of a call's audio: 16000 where its codec carries wideband. */
export type FrameRate = 8000 | 16000;

export interface MediaEngineOptions {
  /** Local address for RTP sockets, and what SDP announces unless `externalAddress` is set. */
  readonly address: string;
  readonly externalAddress?: string;
  /** Even first port and last port of the range; each session takes an even/odd pair. */
  readonly portMin: number;
  readonly portMax: number;
  /** No RTP for this long raises `onTimeout`. 0 turns it off. */
  readonly timeoutMs: number;
}

export interface MediaSessionOptions {
  /** Numeric address that SDP announces for this session; default is the engine's. */
  readonly announce?: string;
  /** Codecs in order of preference; default PCMA then PCMU. G722 and OPUS are passed over where the build has none; TRK_SDP_NO_CODEC if nothing is left. */
  readonly codecs?: readonly AudioCodec[];
  /** CPU against quality of what we send in Opus, 0 to 10; default 5. */
  readonly opusComplexity?: number;
  /** Learn the far end's source address from its packets (within 5) instead of trusting its SDP. */
  readonly nat?: boolean;
  /** Audio in one packet that we ask the far end to send, ms; default 20. We send what the far end asks for: 10 to 60 in steps of 10, else this. */
  readonly ptimeMs?: 10 | 20 | 30 | 40;
  /** Offer to carry RTCP on the RTP port (RFC 5761). The far end's offer of it is always taken. */
  readonly rtcpMux?: boolean;
  /**
   * SRTP with keys in SDP (RFC 4568); default `off`. `optional` takes plain RTP where the far
   * end has no SRTP, `required` refuses it. SDP then carries keys: signal it over TLS.
   */
  readonly srtp?: 'off' | 'optional' | 'required';
}

export interface PlayOptions {
  /** Play before anything else that waits: drops the queue first. */
  readonly replace?: boolean;
}

/** One piece of audio in the playout queue. */
export interface Playout {
  /** Resolves when its first packet has left, with that moment (CLOCK_MONOTONIC ms); undefined if it was flushed before. */
  readonly started: Promise<number | undefined>;
  /** Resolves when its last sample has left or it was flushed, with the ms of it that were played. */
  readonly ended: Promise<{ playedMs: number; flushed: boolean }>;
}

export interface MediaStats {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsLate: number;
  readonly packetsDuplicate: number;
  /** Dropped: wrong source, not RTP, unknown payload. */
  readonly packetsRefused: number;
  /** Samples of concealment, as ms. */
  readonly concealedMs: number;
  /** RFC 3550 interarrival jitter, ms. */
  readonly jitterMs: number;
  /** Present delay of the jitter buffer, ms. */
  readonly jitterBufferMs: number;
  /** From RTCP; undefined before the first report. */
  readonly roundTripMs: number | undefined;
  /** Far end's view of our stream, 0 to 1; undefined before the first report. */
  readonly remoteLoss: number | undefined;
  /** E-model (ITU-T G.107), 1 to 4.5. */
  readonly mos: number;
  /** Of the refused: SRTP under another key, forged or repeated. */
  readonly packetsUnauthenticated: number;
}

export interface DtmfEvent {
  readonly digit: string;
  readonly durationMs: number;
  readonly atMs: number;
}

/** The header of one RTP packet as it was on the wire; its audio is never kept. */
export interface RtpHeader {
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  /** The first 12 bytes (RFC 3550 5.1). */
  readonly header: Uint8Array;
  /** Bytes of the whole packet. */
  readonly length: number;
}

export interface CapturedRtp {
  /** Memory that it may come to take. */
  readonly maxBytes: number;
  /** Oldest first; also after the session was closed. */
  read(): readonly RtpHeader[];
}

export interface MediaSession {
  readonly id: number;
  readonly localPort: number;
  /** SDP offer of ours. TRK_MEDIA_STATE if negotiation already began. */
  createOffer(): Promise<string>;
  /** The far end's answer to our offer. TRK_SDP_PARSE, TRK_SDP_NO_AUDIO, TRK_SDP_NO_CODEC, TRK_SDP_ADDRESS, TRK_SDP_SRTP_REQUIRED. Also takes early media (183) and may come again. */
  acceptAnswer(sdp: string): Promise<void>;
  /** The far end's offer, first or re-INVITE; returns our answer. Errors as of `acceptAnswer`. */
  acceptOffer(sdp: string): Promise<string>;
  /**
   * A new offer once negotiation is done; `acceptAnswer` takes its answer. `direction`: what we want
   * from now on, default `sendrecv`. `fresh`: for another far end, which gets a description of its own.
   * TRK_MEDIA_STATE before negotiation, and for another far end while encrypted: the old one knows the keys.
   * Missing where an engine cannot do it.
   */
  reoffer?(options?: { readonly direction?: 'sendrecv' | 'sendonly' | 'inactive'; readonly fresh?: boolean }): Promise<string>;
  /** SDP says that the far end neither wants nor sends audio now. */
  readonly onHold: boolean;
  /** Both directions are SRTP. */
  readonly encrypted: boolean;
  /** What is sent; undefined before negotiation, or where the engine does not say. */
  readonly codec?: AudioCodec | undefined;
  /** Hz of frames and recording, by the codec: 8000 before negotiation or where it is absent. May change on re-INVITE. */
  readonly sampleRate?: FrameRate;
  /** Queues audio of any rate behind what is already queued, without a gap. TRK_MEDIA_PLAYOUT_FULL over 120 s of audio. */
  play(audio: Audio, options?: PlayOptions): Playout;
  /** Stops at the next packet and forgets the queue. */
  flush(): void;
  /** Ms of audio queued and not yet sent. */
  readonly queuedMs: number;
  /** RFC 4733 events; resolves when the last has left. Digits 0-9 * # A-D. */
  sendDtmf(digits: string, options?: { durationMs?: number; gapMs?: number }): Promise<void>;
  /** Stereo WAV of the present `sampleRate`, whatever that becomes later: left is the far end, right is us. Written by the engine's own thread. TRK_MEDIA_RECORDING. */
  startRecording(path: string): void;
  /** Resolves when the file is complete on disk, with its length. TRK_MEDIA_RECORDING, e.g. disk full. */
  stopRecording(): Promise<{ durationMs: number }>;
  stats(): MediaStats;
  /**
   * 20 ms of the far end's speech at `sampleRate` Hz, concealed where packets were lost; silence before the first packet.
   * `samples` is valid only during the call: copy what is kept. `atMs`: when it left the jitter buffer.
   */
  onFrame(listener: (samples: Int16Array, atMs: number, sampleRate: FrameRate) => void): void;
  onDtmf(listener: (event: DtmfEvent) => void): void;
  onTimeout(listener: (silentMs: number) => void): void;
  onRecordingError(listener: (error: Error) => void): void;
  /** What carries this session is gone: its audio has stopped and does not come back. Fires once; registered late, it fires at once. The native core lives with us and never does. */
  onLost(listener: (error: TrunklineError) => void): void;
  /** Keeps the headers of the last `packets` RTP packets from now on, sent and received, refused ones too. Undefined after `close`; missing where an engine cannot. */
  captureRtp?(packets: number): CapturedRtp | undefined;
  /** Frees the ports. Everything pending resolves. */
  close(): void;
}

export interface MediaEngine {
  /** TRK_MEDIA_PORTS_EXHAUSTED, TRK_MEDIA_NO_SRTP, TRK_CLOSED. */
  createSession(options?: MediaSessionOptions): MediaSession;
  readonly sessions: number;
  /** Free port pairs. */
  readonly freePorts: number;
  close(): Promise<void>;
}
