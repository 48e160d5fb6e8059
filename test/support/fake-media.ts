import type { Audio } from '../../src/audio/frame.js';
import { durationMs } from '../../src/audio/frame.js';
import type { DtmfEvent, MediaSession, MediaStats, Playout } from '../../src/media/media-session.js';
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
  readonly onHold = false;
  readonly encrypted = false;
  readonly played: Audio[] = [];
  flushes = 0;
  closed = false;
  readonly #clock: ManualClock;
  readonly #queue: Piece[] = [];
  #frame: (samples: Int16Array, atMs: number) => void = () => undefined;
  #dtmf: (event: DtmfEvent) => void = () => undefined;
  #timeout: (silentMs: number) => void = () => undefined;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  createOffer = (): string => 'v=0 offer';
  acceptAnswer = (): void => undefined;
  acceptOffer = (): string => 'v=0 answer';

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
    const piece = this.#queue[0];
    if (piece) {
      if (!piece.begun) piece.started(this.#clock.monotonic());
      piece.begun = true;
      piece.playedMs = Math.min(piece.ms, piece.playedMs + 20);
      if (piece.playedMs >= piece.ms) {
        this.#queue.shift();
        piece.ended({ playedMs: piece.ms, flushed: false });
      }
    }
    this.#frame(samples, this.#clock.monotonic());
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }

  async frames(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) await this.frame();
  }

  key(digit: string): void {
    this.#dtmf({ digit, durationMs: 100, atMs: this.#clock.monotonic() });
  }

  timeOut(): void {
    this.#timeout(10_000);
  }

  sendDtmf = (): Promise<void> => Promise.resolve();
  startRecording = (): void => undefined;
  stopRecording = (): Promise<{ durationMs: number }> => Promise.resolve({ durationMs: 0 });
  stats = (): MediaStats => STATS;
  onFrame(listener: (samples: Int16Array, atMs: number) => void): void {
    this.#frame = listener;
  }
  onDtmf(listener: (event: DtmfEvent) => void): void {
    this.#dtmf = listener;
  }
  onTimeout(listener: (silentMs: number) => void): void {
    this.#timeout = listener;
  }
  onRecordingError = (): void => undefined;
  close(): void {
    this.closed = true;
  }
}
