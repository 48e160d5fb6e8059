/** Level of speech on the telephone, dBFS RMS while speaking: loud enough beside people, with room for peaks. */
export const SPEECH_LEVEL_DB = -20;
/** No sample may be higher, so that the resampler's ripple cannot clip. */
export const PEAK = 0.84;
/** How far the limiter looks ahead, ms: the time it has to turn down without a click. */
const LOOK_AHEAD_MS = 4;
const RELEASE_MS = 60;
/** Frames below are pauses and do not count as speech. */
const ACTIVE_DB = -45;

function toDecibel(amplitude: number): number {
  return 20 * Math.log10(Math.max(amplitude, 1e-9));
}

export function fromDecibel(decibel: number): number {
  return 10 ** (decibel / 20);
}

/** RMS in dBFS over the 20 ms frames that hold speech; undefined if none does. */
export function speechLevel(samples: Float32Array, sampleRate: number): number | undefined {
  const frame = Math.round(sampleRate / 50);
  const floor = fromDecibel(ACTIVE_DB) ** 2;
  let sum = 0;
  let count = 0;
  for (let start = 0; start + frame <= samples.length; start += frame) {
    let energy = 0;
    for (let i = start; i < start + frame; i++) energy += samples[i]! * samples[i]!;
    if (energy / frame < floor) continue;
    sum += energy;
    count += frame;
  }
  return count === 0 ? undefined : toDecibel(Math.sqrt(sum / count));
}

/** The gain that brings a voice of this level to the telephone's; bounded, so that a silent voice is not blown up. */
export function gainFor(levelDb: number): number {
  return Math.min(fromDecibel(12), Math.max(fromDecibel(-12), fromDecibel(SPEECH_LEVEL_DB - levelDb)));
}

/**
 * Gain and peak limiter in one pass. It holds back `LOOK_AHEAD_MS`, so a peak is
 * turned down before it comes; its output does not depend on how the input was
 * cut into pieces.
 */
export class Leveler {
  readonly #gain: number;
  readonly #delay: Float32Array;
  readonly #attack: number;
  readonly #release: number;
  /** Samples for which the current target still has to be held. */
  #hold = 0;
  #target = 1;
  #reduction = 1;
  #at = 0;
  #filled = 0;

  constructor(gain: number, sampleRate: number) {
    const length = Math.max(1, Math.round((LOOK_AHEAD_MS * sampleRate) / 1000));
    this.#gain = gain;
    this.#delay = new Float32Array(length);
    // The reduction must have arrived (to 1 %) when the peak leaves the delay line.
    this.#attack = 1 - 0.01 ** (1 / length);
    this.#release = 1 - Math.exp(-1000 / (RELEASE_MS * sampleRate));
  }

  push(samples: Float32Array): Float32Array {
    const out = new Float32Array(samples.length);
    let made = 0;
    for (const sample of samples) {
      const value = this.#step(sample * this.#gain);
      if (this.#filled < this.#delay.length) this.#filled++;
      else out[made++] = value;
    }
    return out.subarray(0, made);
  }

  /** What is still held back. */
  flush(): Float32Array {
    const out = new Float32Array(this.#filled);
    // The oldest held sample lies at #at once the line is full, else at 0.
    if (this.#filled < this.#delay.length) this.#at = 0;
    for (let i = 0; i < out.length; i++) out[i] = this.#step(0);
    this.#filled = 0;
    return out;
  }

  #step(sample: number): number {
    const wanted = Math.min(1, PEAK / Math.max(Math.abs(sample), 1e-9));
    if (wanted <= this.#target) {
      this.#target = wanted;
      this.#hold = this.#delay.length;
    } else if (this.#hold > 0) this.#hold--;
    else this.#target = 1;
    this.#reduction += (this.#target - this.#reduction) * (this.#target < this.#reduction ? this.#attack : this.#release);
    const delayed = this.#delay[this.#at]!;
    this.#delay[this.#at] = sample;
    this.#at = (this.#at + 1) % this.#delay.length;
    return Math.max(-PEAK, Math.min(PEAK, delayed * this.#reduction));
  }
}
