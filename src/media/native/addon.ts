import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { SampleRate } from '../../audio/frame.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { AudioCodec } from '../../sdp/codecs.js';
import type { SrtpSuite } from '../../sdp/crypto.js';

/** An engine of the core; only the addon can look inside. */
export interface EngineHandle {
  readonly __engine: never;
}

/** Typed mirror of native/addon/addon.cpp. Nothing else in trunkline calls the addon. */
export interface MediaAddon {
  /** The engine, or an errno. `onTick` is called on this thread after one or more ticks. */
  createEngine(address: string, portMin: number, portMax: number, timeoutMs: number, onTick: () => void): EngineHandle | number;
  /** Blocks for up to a tick. */
  closeEngine(engine: EngineHandle): void;
  /** The RTP port, with the session's id in `idOut[0]`; or a negative errno, -EADDRNOTAVAIL if no pair is left. */
  createSession(engine: EngineHandle, idOut: Float64Array): number;
  /** False if the session is closed or the address is not numeric. Payload types below 0 mean none. */
  configure(
    engine: EngineHandle,
    session: number,
    address: string,
    port: number,
    rtcpPort: number,
    /** Number of `CODEC_NUMBER`. */
    codec: number,
    payloadType: number,
    receivePayloadType: number,
    telephoneEventPayloadType: number,
    receiveTelephoneEventPayloadType: number,
    comfortNoisePayloadType: number,
    sends: boolean,
    receives: boolean,
    learn: boolean,
    /** Audio in one packet of ours: 10 to 60, whole steps of 10. */
    packetMs: number,
    /** RTCP shares the port of RTP (RFC 5761). */
    rtcpMux: boolean,
    /** Number of the suite, see `SRTP_SUITE_NUMBER`; 0 is plain RTP. */
    srtpSuite: number,
    /** Our key, then the far end's, 30 bytes each; empty for plain RTP. */
    srtpKeys: Uint8Array,
    /** Units a second of an event's duration: 8000 or 48000. */
    telephoneEventClockRate: number,
    /** Of Opus: bits a second, Hz of the far end's loudspeaker, repetition of what is lost, CBR, 0 to 10. */
    bitrate: number,
    maxPlaybackRate: number,
    forwardErrorCorrection: boolean,
    constantBitrate: boolean,
    complexity: number,
  ): boolean;
  /** False if the queue is full. The samples are copied. */
  play(engine: EngineHandle, session: number, clip: number, samples: Int16Array, rate: SampleRate, replace: boolean): boolean;
  flush(engine: EngineHandle, session: number): void;
  queuedMs(engine: EngineHandle, session: number): number;
  sendDigits(engine: EngineHandle, session: number, digits: string, durationMs: number, gapMs: number): boolean;
  /** 0 or an errno. */
  startRecording(engine: EngineHandle, session: number, path: string): number;
  stopRecording(engine: EngineHandle, session: number): void;
  /** Fields in the order of `StatsField`; false if the session is closed. */
  stats(engine: EngineHandle, session: number, out: Float64Array): boolean;
  /** Headers of the last so many RTP packets are kept from now on; 0 stops. False if the session is closed. */
  startCapture(engine: EngineHandle, session: number, packets: number): boolean;
  /** See rtp-capture.ts; empty if the session is closed. */
  readCapture(engine: EngineHandle, session: number): ArrayBuffer;
  /** Waits for the core's step, at most some ms. `out` gets the final figures. */
  closeSession(engine: EngineHandle, session: number, out: Float64Array): void;
  freePorts(engine: EngineHandle): number;
  missedTicks(engine: EngineHandle): number;
  /** Gives the previous batch back (-1: none) and takes the oldest: its index, or -1. Events until then are in the event buffer. */
  take(engine: EngineHandle, previous: number): number;
  /** Memory of a batch; the same batch always has the same memory. */
  batchBuffer(engine: EngineHandle, batch: number): ArrayBuffer;
  eventBuffer(engine: EngineHandle): ArrayBuffer;
  resample(samples: Int16Array, fromRate: number, toRate: number): Int16Array;
  /** Bits of `Feature`. */
  features(): number;
}

/** What a build can do depends on the libraries that it found. */
export const Feature = { srtp: 1, g722: 2, opus: 4 } as const;

/** Numbers of native/core/codec/codec.hpp. */
export const CODEC_NUMBER: Readonly<Record<AudioCodec, number>> = { PCMU: 0, PCMA: 8, G722: 9, OPUS: 111 };

/** Numbers of native/core/srtp/srtp-context.hpp. */
export const SRTP_SUITE_NUMBER: Readonly<Record<SrtpSuite, number>> = { AES_CM_128_HMAC_SHA1_80: 1, AES_CM_128_HMAC_SHA1_32: 2 };

/** Layout of a batch (native/core/engine/outbox.hpp). */
export const BATCH = { atMs: 0, rows: 8, droppedTicks: 12, ids: 16, samplesAlignment: 64, rowSamples: 320 } as const;

/** Layout of the event buffer (native/core/engine/events.hpp and engine-binding.hpp). */
export const EVENTS = { count: 0, first: 8, size: 24, maximum: 2048 } as const;

/** Fields of one event are int32 kind, uint32 session, uint32 a, uint32 b, float64 x. */
export const EventKind = {
  clipStarted: 1,
  clipEnded: 2,
  dtmf: 3,
  timeout: 4,
  dtmfSent: 5,
  recordingError: 6,
  recordingStopped: 7,
  closed: 8,
} as const;

/** Order of native/core/stats/session-stats.hpp. */
export const StatsField = {
  packetsSent: 0,
  packetsReceived: 1,
  packetsLost: 2,
  packetsLate: 3,
  packetsDuplicate: 4,
  packetsRefused: 5,
  concealedMs: 6,
  jitterMs: 7,
  jitterBufferMs: 8,
  roundTripMs: 9,
  remoteLoss: 10,
  mos: 11,
  packetsUnauthenticated: 12,
} as const;
export const STATS_FIELDS = 13;

/** The same distance from src/ and from dist/. */
const ADDON_PATH = fileURLToPath(new URL('../../../build/Release/trunkline_media.node', import.meta.url));
/** Loading a file of 200 kB takes ms; a machine that needs longer is stuck. */
const PROBE_TIMEOUT_MS = 10_000;

let loaded: MediaAddon | undefined;

/** The addon, loaded at the first call. TRK_NATIVE_MISSING. */
export function loadAddon(): MediaAddon {
  if (loaded !== undefined) return loaded;
  try {
    loaded = createRequire(import.meta.url)(ADDON_PATH) as MediaAddon;
  } catch (cause) {
    throw new TrunklineError('TRK_NATIVE_MISSING', { cause });
  }
  return loaded;
}

/**
 * Loads the addon in a child process first, so that a binary made for another
 * machine ends the child and not the server. TRK_NATIVE_MISSING.
 */
export function probeNative(path: string = ADDON_PATH): Promise<void> {
  if (!existsSync(path)) return Promise.reject(new TrunklineError('TRK_NATIVE_MISSING'));
  const script = 'const a = require(process.argv[1]); if (a.resample(new Int16Array(160), 16000, 8000).length !== 80) process.exit(1);';
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['-e', script, path], { timeout: PROBE_TIMEOUT_MS }, (error) => {
      if (error === null) resolve();
      else reject(new TrunklineError('TRK_NATIVE_MISSING', { cause: error }));
    });
  });
}

/** Converts between any two rates with the core's low-pass filter. */
export function resample(samples: Int16Array, fromRate: number, toRate: number): Int16Array {
  return loadAddon().resample(samples, fromRate, toRate);
}
