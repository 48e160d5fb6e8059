import { PARTS, WINDOW_MS } from './vad.js';
import type { VadWindow } from './vad.js';

/** All times are ms of audio since the first sample. */
export type SegmentEvent =
  /** Enough speech to be sure; it began at `atMs`. */
  | { readonly type: 'speech'; readonly atMs: number }
  /** `pauseMs` of silence after speech. */
  | { readonly type: 'pause'; readonly segment: number; readonly lastSpeechMs: number; readonly detectedMs: number };

/** A window begins speech from here. */
const ON = 0.5;
/** Speech goes on down to here, as long as it is loud enough: a fading last syllable keeps its level longer than the model's belief. */
const OFF = 0.15;
/** Speech of two windows is more than a click; one window is not. */
const MIN_WINDOWS = 2;
/** The model is sure one window after a soft onset. */
const ONSET_LAG_MS = WINDOW_MS;
/** So far below the loudest part is room or line, whatever the model still believes: its probability falls late. */
const BELOW_PEAK_DB = 36;
/** How fast the loudest part is forgotten, dB a window: about 10 dB in 3 s. */
const PEAK_DECAY_DB = 0.1;

/**
 * Turns probabilities into speech and pauses. Pure: time is the number of windows
 * seen, so the same audio gives the same events however late it comes.
 */
export class Segmenter {
  readonly #pauseMs: number;
  #windows = 0;
  #segment = 0;
  #peakDb = -96;
  #state: 'silence' | 'maybe' | 'speech' = 'silence';
  #candidateMs = 0;
  #lastSpeechMs = 0;
  #speechWindows = 0;
  /** Those of the speech that goes on now, or may begin now. */
  #runWindows = 0;

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** Audio time that was judged so far. */
  get nowMs(): number {
    return this.#windows * WINDOW_MS;
  }

  get speaking(): boolean {
    return this.#state === 'speech';
  }

  /** How long speech was heard since the last `forgetSpeech`; silence between words does not count. */
  get speechMs(): number {
    return this.#speechWindows * WINDOW_MS;
  }

  /** Counts from here; speech that goes on now still counts from its own beginning. */
  forgetSpeech(): void {
    this.#speechWindows = this.#runWindows;
  }

  push(window: VadWindow): SegmentEvent | undefined {
    const startMs = this.nowMs;
    this.#windows++;
    const loud = this.#loudParts(window);
    const heard = loud > 0 && window.probability >= (this.#state === 'speech' ? OFF : ON);
    if (heard) {
      this.#speechWindows++;
      this.#runWindows++;
      this.#lastSpeechMs = startMs + (loud * WINDOW_MS) / PARTS;
    }
    if (this.#state === 'speech') return heard ? undefined : this.#onSilence();
    return heard ? this.#onOnset(startMs) : this.#onNothing(window.probability);
  }

  /** The stream ends: speech that goes on ends with it. */
  finish(): SegmentEvent | undefined {
    if (this.#state !== 'speech') return undefined;
    return this.#pause();
  }

  /** Count of parts up to the last one that is loud enough to be a voice. */
  #loudParts(window: VadWindow): number {
    const loudest = Math.max(...window.levels);
    this.#peakDb = Math.max(this.#peakDb - PEAK_DECAY_DB, window.probability >= ON ? loudest : -96);
    return window.levels.findLastIndex((level) => level >= this.#peakDb - BELOW_PEAK_DB) + 1;
  }

  #onOnset(startMs: number): SegmentEvent | undefined {
    if (this.#state === 'silence') {
      this.#state = 'maybe';
      this.#candidateMs = Math.max(0, startMs - ONSET_LAG_MS);
    }
    if (this.#runWindows < MIN_WINDOWS) return undefined;
    this.#state = 'speech';
    return { type: 'speech', atMs: this.#candidateMs };
  }

  #onNothing(probability: number): undefined {
    // Between two windows of a soft onset the model may waver; below OFF it was a click.
    if (this.#state === 'maybe' && probability < OFF) {
      this.#state = 'silence';
      this.#speechWindows = Math.max(0, this.#speechWindows - this.#runWindows);
      this.#runWindows = 0;
    }
    return undefined;
  }

  #onSilence(): SegmentEvent | undefined {
    return this.nowMs - this.#lastSpeechMs >= this.#pauseMs ? this.#pause() : undefined;
  }

  #pause(): SegmentEvent {
    this.#state = 'silence';
    this.#runWindows = 0;
    return { type: 'pause', segment: ++this.#segment, lastSpeechMs: this.#lastSpeechMs, detectedMs: this.nowMs };
  }
}
