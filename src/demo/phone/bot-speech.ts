import { rmsDbfs } from '../../audio/level.js';

/** A gap so long within speech makes the next loud packet a new beginning. */
const ONSET_GAP_MS = 200;

/** Says by energy when the far end speaks. Moments are those at which packets arrived. */
export class BotSpeech {
  readonly #thresholdDbfs: number;
  readonly #silenceMs: number;
  #speaking = false;
  #startedAt = -Infinity;
  #loudAt = -Infinity;

  constructor(thresholdDbfs: number, silenceMs: number) {
    this.#thresholdDbfs = thresholdDbfs;
    this.#silenceMs = silenceMs;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** First packet of the present or the last speech. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Last packet with speech. */
  get loudAt(): number {
    return this.#loudAt;
  }

  /** What a packet brings: the start of speech, a beginning after a short gap, more of it, or nothing. */
  heard(samples: Int16Array, atMs: number): 'start' | 'onset' | 'more' | undefined {
    if (rmsDbfs(samples) <= this.#thresholdDbfs) return undefined;
    const gap = atMs - this.#loudAt;
    this.#loudAt = atMs;
    if (!this.#speaking) {
      this.#speaking = true;
      this.#startedAt = atMs;
      return 'start';
    }
    return gap >= ONSET_GAP_MS ? 'onset' : 'more';
  }

  /** True once, when the silence has lasted long enough. */
  ended(atMs: number): boolean {
    if (!this.#speaking || atMs - this.#loudAt < this.#silenceMs) return false;
    this.#speaking = false;
    return true;
  }
}
