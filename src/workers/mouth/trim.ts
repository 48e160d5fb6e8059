import { fromDecibel } from './level.js';

/** Below this a 5 ms frame is silence; the voices' own noise lies at -60 dBFS. */
const SILENCE_DB = -46;
const FRAME_MS = 5;
/** A soft beginning or end (f, h, s) lies below the threshold; so much is kept around what lies above. */
const KEEP_BEFORE_MS = 15;

export interface TrimOptions {
  readonly sampleRate: number;
  /** Silence to leave after the last sound, ms. */
  readonly keepAfterMs: number;
}

/**
 * Takes the silence off both ends of a stream. Silence inside is held back until
 * sound follows it, so a pause between two clauses stays as it was.
 */
export class SilenceTrimmer {
  readonly #frame: number;
  readonly #keepBefore: number;
  readonly #keepAfter: number;
  readonly #threshold = fromDecibel(SILENCE_DB);
  #started = false;
  /** Less than a frame, not yet judged. */
  #partial = new Float32Array(0);
  /** Frames of silence, not yet known to be inside. */
  #held: Float32Array[] = [];

  constructor(options: TrimOptions) {
    this.#frame = Math.round((FRAME_MS * options.sampleRate) / 1000);
    this.#keepBefore = Math.ceil(KEEP_BEFORE_MS / FRAME_MS);
    this.#keepAfter = Math.round((options.keepAfterMs * options.sampleRate) / 1000);
  }

  push(samples: Float32Array): Float32Array {
    const input = join([this.#partial, samples]);
    const out: Float32Array[] = [];
    let at = 0;
    for (; at + this.#frame <= input.length; at += this.#frame) this.#judge(input.subarray(at, at + this.#frame), out);
    this.#partial = input.slice(at);
    return join(out);
  }

  /** The silence that belongs to the end. */
  flush(): Float32Array {
    const out: Float32Array[] = [];
    if (this.#partial.length > 0) this.#judge(this.#partial, out);
    if (this.#started) out.push(join(this.#held).subarray(0, this.#keepAfter));
    this.#held = [];
    return join(out);
  }

  #judge(frame: Float32Array, out: Float32Array[]): void {
    let energy = 0;
    for (const sample of frame) energy += sample * sample;
    if (Math.sqrt(energy / frame.length) < this.#threshold) {
      this.#held.push(frame.slice());
      if (!this.#started && this.#held.length > this.#keepBefore) this.#held.shift();
      return;
    }
    out.push(...this.#held, frame);
    this.#held = [];
    this.#started = true;
  }
}

export function join(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
