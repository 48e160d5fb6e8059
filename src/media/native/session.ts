import { getSystemErrorName } from 'node:util';
import type { Audio } from '../../audio/frame.js';
import { TrunklineError } from '../../kernel/errors.js';
import { AUDIO_CODECS } from '../../sdp/codecs.js';
import type { AudioCodec } from '../../sdp/codecs.js';
import { answerOffer, createOffer, readAnswer } from '../../sdp/offer-answer.js';
import type { LocalAudio, NegotiatedAudio } from '../../sdp/offer-answer.js';
import type { DtmfEvent, FrameRate, MediaSession, MediaStats, PlayOptions, Playout } from '../media-session.js';
import type { LocalSrtp } from '../../sdp/crypto.js';
import { CODEC_NUMBER, EventKind, SRTP_SUITE_NUMBER, STATS_FIELDS, StatsField } from './addon.js';
import type { EngineHandle, MediaAddon } from './addon.js';
import { ClipPlayout } from './clip-playout.js';
import { NativeCapture } from './rtp-capture.js';

/** Clips that may wait at once, however short they are (120 s of 20 ms frames, doubled). */
const MAX_QUEUED_CLIPS = 12_000;
const MAX_DIGITS = 64;
const DIGITS = /^[0-9*#A-D]+$/;
const DEFAULT_DIGIT_MS = 100;
const DEFAULT_GAP_MS = 60;
const NO_PAYLOAD_TYPE = -1;
/** RFC 3551 table 4. */
const COMFORT_NOISE = 13;
/** Of Opus, bits a second, where the far end sets no lower limit: wideband speech with room for repetition. */
const OPUS_BITRATE = 24_000;
const NO_KEYS = new Uint8Array(0);

export interface NativeSessionContext {
  readonly addon: MediaAddon;
  readonly engine: EngineHandle;
  /** What SDP announces. */
  readonly address: string;
  readonly codecs: readonly AudioCodec[];
  readonly nat: boolean;
  /** Our sockets can send to this numeric address. */
  readonly reaches: (address: string) => boolean;
  /** Audio in one packet that we ask the far end for, ms. */
  readonly ptimeMs: number;
  readonly rtcpMux: boolean;
  /** 0 to 10. */
  readonly opusComplexity: number;
  /** Undefined: plain RTP alone. */
  readonly srtp: LocalSrtp | undefined;
  /** Decimal number of the `o=` line. */
  readonly sdpSessionId: number;
  onClose(session: NativeSession): void;
}

interface PendingDigits {
  /** All digits of this session up to here have left. */
  readonly until: number;
  resolve(): void;
}

interface PendingRecording {
  resolve(result: { durationMs: number }): void;
  reject(error: Error): void;
}

/** One call's media, carried by the native core. */
export class NativeSession implements MediaSession {
  readonly id: number;
  readonly localPort: number;
  readonly #context: NativeSessionContext;
  #closed = false;
  #sdpVersion = 0;
  #offer: string | undefined;
  /** Our description in force: it fixes number and order of the streams (RFC 3264 8). */
  #described: string | undefined;
  #remote: NegotiatedAudio | undefined;
  /** Clips that were queued and have not ended, oldest first from `#firstClip` on; their ids count up. */
  #clips: ClipPlayout[] = [];
  #firstClip = 0;
  #firstClipId = 1;
  #digitsQueued = 0;
  #pendingDigits: PendingDigits[] = [];
  #recording = false;
  #pendingRecordings: PendingRecording[] = [];
  /** How the recording ended that `close` stopped, until somebody asks. */
  #closedRecording: { errno: number; durationMs: number } | undefined;
  #frameListeners: ((samples: Int16Array, atMs: number, sampleRate: FrameRate) => void)[] = [];
  #dtmfListeners: ((event: DtmfEvent) => void)[] = [];
  #timeoutListeners: ((silentMs: number) => void)[] = [];
  #recordingErrorListeners: ((error: Error) => void)[] = [];
  readonly #stats = new Float64Array(STATS_FIELDS);
  #capture: NativeCapture | undefined;

  constructor(id: number, localPort: number, context: NativeSessionContext) {
    this.id = id;
    this.localPort = localPort;
    this.#context = context;
  }

  // The port is asynchronous for the sake of engines on other machines.
  async createOffer(): Promise<string> {
    this.#assertOpen();
    if (this.#remote !== undefined) throw new TrunklineError('TRK_MEDIA_STATE', { params: { reason: 'negotiation already began' } });
    this.#offer ??= createOffer(this.#localAudio());
    this.#described = this.#offer;
    return this.#offer;
  }

  async reoffer(options: { readonly direction?: 'sendrecv' | 'sendonly' | 'inactive'; readonly fresh?: boolean } = {}): Promise<string> {
    this.#assertOpen();
    const refuse = (reason: string): TrunklineError => new TrunklineError('TRK_MEDIA_STATE', { params: { reason } });
    if (this.#remote === undefined) throw refuse('there is no session that could change');
    if (options.fresh === true && this.encrypted) throw refuse('the keys are known to the far end');
    this.#sdpVersion++;
    this.#offer = createOffer({ ...this.#localAudio(), direction: options.direction ?? 'sendrecv' }, options.fresh === true ? undefined : this.#described);
    this.#described = this.#offer;
    return this.#offer;
  }

  async acceptAnswer(sdp: string): Promise<void> {
    this.#assertOpen();
    if (this.#offer === undefined) throw new TrunklineError('TRK_MEDIA_STATE', { params: { reason: 'there is no offer to be answered' } });
    this.#configure(readAnswer(sdp, this.#localAudio()));
  }

  async acceptOffer(sdp: string): Promise<string> {
    this.#assertOpen();
    const { answer, remote } = answerOffer(sdp, this.#localAudio());
    this.#configure(remote);
    // RFC 3264 8: the version counts up with each description that may differ.
    this.#sdpVersion++;
    this.#described = answer;
    return answer;
  }

  get onHold(): boolean {
    return this.#remote?.direction === 'inactive' || this.#remote?.direction === 'recvonly';
  }

  get encrypted(): boolean {
    return this.#remote?.srtp !== undefined;
  }

  get codec(): AudioCodec | undefined {
    return this.#remote?.codec;
  }

  get sampleRate(): FrameRate {
    return this.#remote === undefined ? 8_000 : AUDIO_CODECS[this.#remote.codec].sampleRate;
  }

  play(audio: Audio, options: PlayOptions = {}): Playout {
    this.#assertOpen();
    const replace = options.replace === true;
    const clip = new ClipPlayout();
    const waiting = this.#clips.length - this.#firstClip;
    if (waiting >= MAX_QUEUED_CLIPS && !replace) throw new TrunklineError('TRK_MEDIA_PLAYOUT_FULL');
    const id = this.#firstClipId + waiting;
    const { addon, engine } = this.#context;
    if (!addon.play(engine, this.id, id, audio.samples, audio.sampleRate, replace)) throw new TrunklineError('TRK_MEDIA_PLAYOUT_FULL');
    this.#clips.push(clip);
    return clip;
  }

  flush(): void {
    if (!this.#closed) this.#context.addon.flush(this.#context.engine, this.id);
  }

  get queuedMs(): number {
    return this.#closed ? 0 : this.#context.addon.queuedMs(this.#context.engine, this.id);
  }

  sendDtmf(digits: string, options: { durationMs?: number; gapMs?: number } = {}): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closedError());
    const reject = (reason: string): Promise<void> => Promise.reject(new TrunklineError('TRK_MEDIA_STATE', { params: { reason } }));
    if (!DIGITS.test(digits)) return reject('only 0-9, *, # and A-D are digits');
    if (this.#remote?.telephoneEventPayloadType === undefined) return reject('the far end takes no telephone events');
    if (this.#pendingDigits.length >= MAX_DIGITS || digits.length > MAX_DIGITS) return reject('too many digits wait');
    const { addon, engine } = this.#context;
    addon.sendDigits(engine, this.id, digits, options.durationMs ?? DEFAULT_DIGIT_MS, options.gapMs ?? DEFAULT_GAP_MS);
    this.#digitsQueued += digits.length;
    return new Promise((resolve) => this.#pendingDigits.push({ until: this.#digitsQueued, resolve }));
  }

  startRecording(path: string): void {
    this.#assertOpen();
    if (this.#recording) throw new TrunklineError('TRK_MEDIA_STATE', { params: { reason: 'a recording is running' } });
    const errno = this.#context.addon.startRecording(this.#context.engine, this.id, path);
    if (errno !== 0) throw recordingError(errno);
    this.#recording = true;
  }

  stopRecording(): Promise<{ durationMs: number }> {
    if (this.#closedRecording !== undefined) {
      const { errno, durationMs } = this.#closedRecording;
      this.#closedRecording = undefined;
      return errno === 0 ? Promise.resolve({ durationMs }) : Promise.reject(recordingError(errno));
    }
    if (!this.#recording) return Promise.reject(new TrunklineError('TRK_MEDIA_STATE', { params: { reason: 'no recording is running' } }));
    this.#recording = false;
    if (!this.#closed) this.#context.addon.stopRecording(this.#context.engine, this.id);
    return new Promise((resolve, reject) => this.#pendingRecordings.push({ resolve, reject }));
  }

  stats(): MediaStats {
    const fields = this.#stats;
    // A closed session keeps its last figures.
    if (!this.#closed) this.#context.addon.stats(this.#context.engine, this.id, fields);
    const known = (field: number): number | undefined => (fields[field]! < 0 ? undefined : fields[field]!);
    return {
      packetsSent: fields[StatsField.packetsSent]!,
      packetsReceived: fields[StatsField.packetsReceived]!,
      packetsLost: fields[StatsField.packetsLost]!,
      packetsLate: fields[StatsField.packetsLate]!,
      packetsDuplicate: fields[StatsField.packetsDuplicate]!,
      packetsRefused: fields[StatsField.packetsRefused]!,
      concealedMs: fields[StatsField.concealedMs]!,
      jitterMs: fields[StatsField.jitterMs]!,
      jitterBufferMs: fields[StatsField.jitterBufferMs]!,
      roundTripMs: known(StatsField.roundTripMs),
      remoteLoss: known(StatsField.remoteLoss),
      mos: fields[StatsField.mos]!,
      packetsUnauthenticated: fields[StatsField.packetsUnauthenticated]!,
    };
  }

  onFrame(listener: (samples: Int16Array, atMs: number, sampleRate: FrameRate) => void): void {
    this.#frameListeners.push(listener);
  }

  onDtmf(listener: (event: DtmfEvent) => void): void {
    this.#dtmfListeners.push(listener);
  }

  onTimeout(listener: (silentMs: number) => void): void {
    this.#timeoutListeners.push(listener);
  }

  onRecordingError(listener: (error: Error) => void): void {
    this.#recordingErrorListeners.push(listener);
  }

  onLost(): void {
    // The core is a part of this process: nothing outlives it that could be told.
  }

  captureRtp(packets: number): NativeCapture | undefined {
    const { addon, engine, address } = this.#context;
    this.#capture?.settle();
    if (this.#closed || !addon.startCapture(engine, this.id, packets)) return undefined;
    this.#capture = new NativeCapture(packets, { address, port: this.localPort }, () => addon.readCapture(engine, this.id));
    return this.#capture;
  }

  close(): void {
    if (this.#closed) return;
    this.#capture?.settle();
    this.#closed = true;
    this.#context.addon.closeSession(this.#context.engine, this.id, this.#stats);
    this.#settle();
    this.#context.onClose(this);
  }

  /** True while the core may still send events that somebody waits for. */
  get pending(): boolean {
    return this.#recording || this.#pendingRecordings.length > 0;
  }

  onEngineFrame(samples: Int16Array, atMs: number, sampleRate: FrameRate): void {
    for (const listener of this.#frameListeners) listener(samples, atMs, sampleRate);
  }

  /** One event of the core; see native/core/engine/events.hpp for `a`, `b`, `x`. */
  onEngineEvent(kind: number, a: number, b: number, x: number): void {
    switch (kind) {
      case EventKind.clipStarted:
        this.#clips[this.#firstClip + a - this.#firstClipId]?.markStarted(x);
        break;
      case EventKind.clipEnded:
        this.#onClipEnded(a, x, b === 1);
        break;
      case EventKind.dtmf:
        for (const listener of this.#dtmfListeners) listener({ digit: String.fromCharCode(a), durationMs: b, atMs: x });
        break;
      case EventKind.timeout:
        for (const listener of this.#timeoutListeners) listener(x);
        break;
      case EventKind.dtmfSent:
        while (this.#pendingDigits.length > 0 && this.#pendingDigits[0]!.until <= a) this.#pendingDigits.shift()!.resolve();
        break;
      case EventKind.recordingError: {
        const error = recordingError(a);
        for (const listener of this.#recordingErrorListeners) listener(error);
        break;
      }
      case EventKind.recordingStopped:
        this.#onRecordingStopped(a, x);
        break;
    }
  }

  #onClipEnded(id: number, playedMs: number, flushed: boolean): void {
    // Clips end in their order; what is not found was settled by `close`.
    if (id !== this.#firstClipId) return;
    const clip = this.#clips[this.#firstClip];
    if (clip === undefined) return;
    this.#firstClip++;
    this.#firstClipId++;
    if (this.#firstClip >= 64 && this.#firstClip * 2 >= this.#clips.length) {
      this.#clips = this.#clips.slice(this.#firstClip);
      this.#firstClip = 0;
    }
    clip.markEnded(playedMs, flushed);
  }

  #onRecordingStopped(errno: number, durationMs: number): void {
    const pending = this.#pendingRecordings.shift();
    if (pending === undefined) {
      // Closing the session ended it; the owner may still ask for its length.
      this.#recording = false;
      this.#closedRecording = { errno, durationMs };
      return;
    }
    if (errno === 0) pending.resolve({ durationMs });
    else pending.reject(recordingError(errno));
  }

  #settle(): void {
    for (const clip of this.#clips.slice(this.#firstClip)) clip.markEnded(0, true);
    this.#firstClipId += this.#clips.length - this.#firstClip;
    this.#clips = [];
    this.#firstClip = 0;
    for (const pending of this.#pendingDigits.splice(0)) pending.resolve();
  }

  #localAudio(): LocalAudio {
    const { address, codecs, sdpSessionId, ptimeMs, rtcpMux, srtp } = this.#context;
    return {
      address,
      port: this.localPort,
      codecs,
      ptimeMs,
      rtcpMux: rtcpMux ? 'offer' : 'answer',
      sessionId: sdpSessionId,
      sessionVersion: sdpSessionId + this.#sdpVersion,
      ...(srtp === undefined ? {} : { srtp }),
    };
  }

  #configure(remote: NegotiatedAudio): void {
    const { addon, engine, nat } = this.#context;
    if (!this.#context.reaches(remote.address)) throw new TrunklineError('TRK_SDP_ADDRESS');
    const sends = remote.direction === 'sendrecv' || remote.direction === 'sendonly';
    const receives = remote.direction === 'sendrecv' || remote.direction === 'recvonly';
    const taken = addon.configure(
      engine,
      this.id,
      remote.address,
      remote.port,
      remote.rtcpPort,
      CODEC_NUMBER[remote.codec],
      remote.payloadType,
      remote.receivePayloadType,
      remote.telephoneEventPayloadType ?? NO_PAYLOAD_TYPE,
      remote.receiveTelephoneEventPayloadType ?? NO_PAYLOAD_TYPE,
      remote.comfortNoisePayloadType ?? COMFORT_NOISE,
      sends,
      receives,
      nat,
      remote.ptimeMs,
      remote.rtcpMux === true,
      remote.srtp === undefined ? 0 : SRTP_SUITE_NUMBER[remote.srtp.suite],
      remote.srtp === undefined ? NO_KEYS : Buffer.concat([remote.srtp.localKey, remote.srtp.remoteKey]),
      remote.telephoneEventClockRate ?? 8_000,
      Math.min(OPUS_BITRATE, remote.opus?.maxAverageBitrate ?? OPUS_BITRATE),
      remote.opus?.maxPlaybackRate ?? 48_000,
      remote.opus?.useInbandFec === true,
      remote.opus?.constantBitrate === true,
      this.#context.opusComplexity,
    );
    if (!taken) throw new TrunklineError('TRK_SDP_PARSE', { params: { reason: 'the connection address is not numeric' } });
    this.#remote = remote;
  }

  #assertOpen(): void {
    if (this.#closed) throw this.#closedError();
  }

  #closedError(): TrunklineError {
    return new TrunklineError('TRK_CLOSED', { params: { what: 'The media session' } });
  }
}

function recordingError(errno: number): TrunklineError {
  // 0: the disk took the audio more slowly than it came, for seconds.
  const reason = errno === 0 ? 'the disk is too slow' : getSystemErrorName(-errno);
  return new TrunklineError('TRK_MEDIA_RECORDING', { params: { reason } });
}
