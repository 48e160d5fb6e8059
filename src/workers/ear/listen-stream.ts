import { Resampler } from '../../audio/resample.js';
import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { ListenEvent } from '../../proto/ear-messages.js';
import type { EarRate, Recognition, Recognizer } from './engine.js';
import { Segmenter } from './segmenter.js';
import type { SegmentEvent } from './segmenter.js';
import type { SileroVad, VadStream, VadWindow } from './vad.js';
import { WINDOW_MS } from './vad.js';

/** So much audio stays readable, so that speech can be fed from before it was recognised as such. */
const HISTORY_MS = 2000;
/** The VAD's rate: a voice is known by what a telephone carries of it. */
const VAD_RATE = 8000;
/** Soft consonants before the first window that the VAD is sure of. */
const BEFORE_SPEECH_MS = 250;
/** Shorter noises are decoded to words that nobody said. */
const LEAST_SPEECH_MS = 120;
const NOTHING: Recognition = { text: '', confidence: undefined };

export interface ListenStreamOptions {
  readonly vad: SileroVad;
  readonly recognizer: Recognizer;
  /** Of the audio that is pushed. */
  readonly sampleRate: EarRate;
  readonly pauseMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly emit: (event: ListenEvent) => void;
  /** The stream cannot go on. */
  readonly onError: (error: Error) => void;
}

/** One call's hearing: audio in, speech, pauses and words out. */
export class ListenStream {
  readonly #options: ListenStreamOptions;
  readonly #segmenter: Segmenter;
  readonly #vad: VadStream;
  readonly #samplesPerMs: number;
  readonly #history: Int16Array;
  /** For the VAD, where the stream is wideband. */
  readonly #narrow: Resampler | undefined;
  #received = 0;
  /** Samples that the recogniser has had, or that were passed over as silence. */
  #fedTo = 0;
  /** Sample from which the speech that goes on now was fed. */
  #runFrom = 0;
  #runStartMs = 0;
  /** Sample count at a reset that waits for the audio before it. */
  #resetAt: number | undefined;
  /** Begin of the words since the last reset; undefined while there are none. */
  #turnStartMs: number | undefined;
  #decoding: AbortController | undefined;
  #lastDecode: Promise<void> = Promise.resolve();
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor(options: ListenStreamOptions) {
    this.#options = options;
    this.#segmenter = new Segmenter(options.pauseMs);
    this.#samplesPerMs = options.sampleRate / 1000;
    this.#history = new Int16Array(HISTORY_MS * this.#samplesPerMs);
    if (options.sampleRate !== VAD_RATE) this.#narrow = new Resampler(options.sampleRate, VAD_RATE);
    this.#vad = options.vad.open((window) => this.#onWindow(window), options.onError);
  }

  /** Audio that came but was not judged yet, ms: the caller slows the sender down before it reaches 2 s. */
  get behindMs(): number {
    return this.#received / this.#samplesPerMs - this.#segmenter.nowMs;
  }

  push(samples: Int16Array): void {
    for (const sample of samples) this.#history[this.#received++ % this.#history.length] = sample;
    this.#vad.push(this.#narrow?.push(samples) ?? samples);
  }

  /**
   * The turn was taken: words up to the last pause are forgotten. Speech that goes
   * on now was no part of them and is kept from its beginning. It holds from the
   * audio that came before it, also when that was not judged yet.
   */
  reset(): void {
    this.#resetAt = this.#received;
    this.#resetIfDue();
  }

  #resetIfDue(): void {
    if (this.#resetAt === undefined || this.#resetAt >= (this.#segmenter.nowMs + WINDOW_MS) * this.#samplesPerMs) return;
    this.#resetAt = undefined;
    this.#decoding?.abort(new Error('reset'));
    const keeps = this.#segmenter.speaking;
    this.#options.recognizer.reset(keeps ? this.#fedTo - this.#runFrom : 0);
    this.#segmenter.forgetSpeech();
    this.#turnStartMs = keeps ? this.#runStartMs : undefined;
  }

  /** Resolves when less than `ms` of audio wait to be judged, or the stream is closed. */
  async caughtUp(ms: number): Promise<void> {
    while (!this.#closed && this.behindMs >= ms) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The sender has no more audio: judges what is left, decodes, and resolves when the last transcript was emitted. */
  async finish(): Promise<void> {
    if (this.#narrow !== undefined) this.#vad.push(this.#narrow.flush());
    await this.caughtUp(WINDOW_MS);
    const event = this.#segmenter.finish();
    if (event !== undefined) this.#onEvent(event);
    await this.#lastDecode;
  }

  close(): void {
    this.#decoding?.abort(new Error('closed'));
    this.#vad.close();
    this.#options.recognizer.close();
    this.#closed = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #onWindow(window: VadWindow): void {
    const event = this.#segmenter.push(window);
    if (event?.type === 'speech') this.#onEvent(event);
    if (this.#segmenter.speaking || event?.type === 'pause') this.#feedTo(this.#segmenter.nowMs * this.#samplesPerMs);
    if (event?.type === 'pause') this.#onEvent(event);
    this.#resetIfDue();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #onEvent(event: SegmentEvent): void {
    if (event.type === 'speech') {
      // More words come: whatever is being decoded would be stale, and the next pause decodes it all.
      this.#decoding?.abort(new Error('speech went on'));
      this.#fedTo = Math.max(this.#fedTo, (event.atMs - BEFORE_SPEECH_MS) * this.#samplesPerMs);
      this.#runFrom = this.#fedTo;
      this.#runStartMs = event.atMs;
      this.#turnStartMs ??= event.atMs;
      this.#options.emit({ speech: { atMs: event.atMs } });
      return;
    }
    this.#options.emit({ pause: { segment: event.segment, lastSpeechMs: event.lastSpeechMs, detectedMs: event.detectedMs } });
    this.#lastDecode = this.#decode(event.segment, event.lastSpeechMs);
  }

  #feedTo(end: number): void {
    const oldest = Math.max(0, this.#received - this.#history.length);
    const from = Math.max(this.#fedTo, oldest);
    const piece = new Int16Array(Math.max(0, end - from));
    for (let at = 0; at < piece.length; at++) piece[at] = this.#history[(from + at) % this.#history.length] ?? 0;
    this.#fedTo = end;
    if (piece.length > 0) this.#options.recognizer.feed(piece);
  }

  async #decode(segment: number, endMs: number): Promise<void> {
    const { recognizer, clock, log, emit } = this.#options;
    const decoding = new AbortController();
    this.#decoding = decoding;
    const startMs = this.#turnStartMs ?? endMs;
    const began = clock.monotonic();
    let recognition = NOTHING;
    if (this.#segmenter.speechMs >= LEAST_SPEECH_MS) {
      try {
        recognition = await recognizer.recognize(decoding.signal);
      } catch (error) {
        if (decoding.signal.aborted) return;
        // The call goes on: to the dialogue it is as if nothing had been understood.
        log.error({ err: error }, 'decoding failed');
      }
    }
    if (decoding.signal.aborted) return;
    const confidence = recognition.confidence ?? -1;
    emit({ transcript: { segment, text: recognition.text, confidence, startMs, endMs, decodeMs: clock.monotonic() - began } });
  }
}
