import type { Audio } from '../../src/audio/frame.js';
import { durationMs } from '../../src/audio/frame.js';
import type { TrunklineError } from '../../src/kernel/errors.js';
import type { DtmfEvent, FrameRate, MediaSession, MediaStats, Playout } from '../../src/media/media-session.js';
import type { ManualClock } from './manual-clock.js';

const STATS: MediaStats = {
  packetsSent: 0,
  packetsReceived: 0,
  packetsLost: 0,
  packetsLate: 0,
  packetsDuplicate: 0,
  packetsRefused: 0,
  packetsUnauthenticated: 0,
  concealedMs: 0,
  jitterMs: 0,
  jitterBufferMs: 0,
  roundTripMs: undefined,
  remoteLoss: undefined,
  mos: 4.4,
};

interface Piece {
  readonly ms: number;
  playedMs: number;
  started(at: number | undefined): void;
  ended(result: { playedMs: number; flushed: boolean }): void;
  begun: boolean;
}

/** A media session whose far end is the test: `frame()` is 20 ms of its time, both ways. */
export class FakeMedia implements MediaSession {
  readonly id = 1;
  readonly localPort = 20_000;
  onHold = false;
  /** Descriptions of the far end that were taken, in order. */
  readonly accepted: string[] = [];
  received = 0;
  readonly encrypted = false;
  readonly played: Audio[] = [];
  flushes = 0;
  closed = false;
  readonly #clock: ManualClock;
  readonly #queue: Piece[] = [];
  readonly #frames: ((samples: Int16Array, atMs: number, sampleRate: FrameRate) => void)[] = [];
  readonly #dtmf: ((event: DtmfEvent) => void)[] = [];
  #timeout: (silentMs: number) => void = () => undefined;
  #lost: (error: TrunklineError) => void = () => undefined;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  createOffer = (): Promise<string> => Promise.resolve('v=0 offer');
  acceptAnswer(sdp: string): Promise<void> {
    this.accepted.push(sdp);
    return Promise.resolve();
  }
  acceptOffer(sdp: string): Promise<string> {
    this.accepted.push(sdp);
    this.onHold = /sendonly|inactive/.test(sdp);
    return Promise.resolve('v=0 answer');
  }
  reoffer = (options: { direction?: string; fresh?: boolean } = {}): Promise<string> => Promise.resolve(`v=0 ${options.fresh === true ? 'fresh' : (options.direction ?? 'sendrecv')}`);

  get queuedMs(): number {
    return this.#queue.reduce((sum, piece) => sum + piece.ms - piece.playedMs, 0);
  }

  play(audio: Audio): Playout {
    this.played.push(audio);
    let started: Piece['started'] = () => undefined;
    let ended: Piece['ended'] = () => undefined;
    const playout: Playout = { started: new Promise((resolve) => (started = resolve)), ended: new Promise((resolve) => (ended = resolve)) };
    this.#queue.push({ ms: durationMs(audio), playedMs: 0, started, ended, begun: false });
    return playout;
  }

  flush(): void {
    this.flushes += 1;
    for (const piece of this.#queue.splice(0)) {
      if (!piece.begun) piece.started(undefined);
      piece.ended({ playedMs: piece.playedMs, flushed: true });
    }
  }

  /** 20 ms pass: a frame is heard, a frame of the queue leaves. Promise callbacks run before it resolves. */
  async frame(samples = new Int16Array(160)): Promise<void> {
    this.#clock.advance(20);
    const piece = this.onHold ? undefined : this.#queue[0];
    if (piece) {
      if (!piece.begun) piece.started(this.#clock.monotonic());
      piece.begun = true;
      piece.playedMs = Math.min(piece.ms, piece.playedMs + 20);
      if (piece.playedMs >= piece.ms) {
        this.#queue.shift();
        piece.ended({ playedMs: piece.ms, flushed: false });
      }
    }
    for (const listener of this.#frames) listener(samples, this.#clock.monotonic(), samples.length === 320 ? 16_000 : 8_000);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }

  async frames(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) await this.frame();
  }

  key(digit: string): void {
    for (const listener of this.#dtmf) listener({ digit, durationMs: 100, atMs: this.#clock.monotonic() });
  }

  timeOut(): void {
    this.#timeout(10_000);
  }

  lose(error: TrunklineError): void {
    this.#lost(error);
  }

  sendDtmf = (_digits: string): Promise<void> => Promise.resolve();
  startRecording = (): void => undefined;
  stopRecording = (): Promise<{ durationMs: number }> => Promise.resolve({ durationMs: 0 });
  stats = (): MediaStats => ({ ...STATS, packetsReceived: this.received });
  onFrame(listener: (samples: Int16Array, atMs: number, sampleRate: FrameRate) => void): void {
    this.#frames.push(listener);
  }
  onDtmf(listener: (event: DtmfEvent) => void): void {
    this.#dtmf.push(listener);
  }
  onTimeout(listener: (silentMs: number) => void): void {
    this.#timeout = listener;
  }
  onRecordingError = (): void => undefined;
  onLost(listener: (error: TrunklineError) => void): void {
    this.#lost = listener;
  }
  close(): void {
    this.closed = true;
  }
}
