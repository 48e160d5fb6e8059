import '../no-telemetry.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { PIPER_TENSORS } from '../../models/derive-piper.js';
import type { PiperParts } from '../../models/derive-piper.js';
import { seedOf } from '../seed-of.js';
import { SESSION_OPTIONS } from '../session-options.js';
import { gaussianNoise } from './noise.js';

const { mean: MEAN, deviation: DEVIATION, drawn: DRAWN, mask: MASK, latent: LATENT } = PIPER_TENSORS;
const CHANNELS = 192;
/** Latent frames that the decoder turns into samples at a time; 40 are 464 ms. */
const CHUNK_FRAMES = 40;
/** The first chunk is shorter: it is what the caller waits for. */
const FIRST_CHUNK_FRAMES = 20;
/** Frames given to the decoder on each side of a chunk and cut off again: with 10 the chunks join as if made at once. */
const CONTEXT_FRAMES = 10;
/** How far the sound strays from the mean of the voice; its own 0.667 is rougher on the telephone. Durations do not stray at all. */
const NOISE_SCALE = 0.333;
const DURATION_NOISE = 0;

export interface Latent {
  /** [channel][frame], row after row. */
  readonly values: Float32Array;
  readonly frames: number;
}

/** A Piper voice in three parts (see models/derive-piper.ts). Every call blocks its thread for tens of ms. */
export class PiperModel {
  readonly #encoder: InferenceSession;
  readonly #flow: InferenceSession;
  readonly #decoder: InferenceSession;

  private constructor(encoder: InferenceSession, flow: InferenceSession, decoder: InferenceSession) {
    this.#encoder = encoder;
    this.#flow = flow;
    this.#decoder = decoder;
  }

  static async load(parts: PiperParts): Promise<PiperModel> {
    const load = (file: string): Promise<InferenceSession> => InferenceSession.create(file, SESSION_OPTIONS);
    return new PiperModel(await load(parts.encoder), await load(parts.flow), await load(parts.decoder));
  }

  /** The noise comes from the ids: a sentence sounds the same each time it is said, here and after a restart. */
  async encode(ids: readonly number[], lengthScale: number): Promise<Latent> {
    const encoded = await this.#encoder.run({
      input: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      input_lengths: new Tensor('int64', BigInt64Array.from([BigInt(ids.length)]), [1]),
      scales: new Tensor('float32', Float32Array.from([NOISE_SCALE, lengthScale, DURATION_NOISE]), [3]),
    });
    const mean = encoded[MEAN]!;
    const means = mean.data as Float32Array;
    const deviations = encoded[DEVIATION]!.data as Float32Array;
    const drawn = gaussianNoise(seedOf(ids), means.length);
    for (let at = 0; at < drawn.length; at++) drawn[at] = means[at]! + drawn[at]! * deviations[at]! * NOISE_SCALE;
    const result = await this.#flow.run({ [DRAWN]: new Tensor('float32', drawn, mean.dims), [MASK]: encoded[MASK]! });
    const latent = result[LATENT]!;
    return { values: latent.data as Float32Array, frames: latent.dims[2]! };
  }

  /** Samples of the frames `from` to `to`, which do not depend on how a sentence is cut. */
  async decode(latent: Latent, from: number, to: number): Promise<Float32Array> {
    const first = Math.max(0, from - CONTEXT_FRAMES);
    const last = Math.min(latent.frames, to + CONTEXT_FRAMES);
    const width = last - first;
    const window = new Float32Array(CHANNELS * width);
    for (let channel = 0; channel < CHANNELS; channel++) {
      const row = channel * latent.frames;
      window.set(latent.values.subarray(row + first, row + last), channel * width);
    }
    const result = await this.#decoder.run({ [LATENT]: new Tensor('float32', window, [1, CHANNELS, width]) });
    const samples = result['output']!.data as Float32Array;
    const perFrame = samples.length / width;
    return samples.slice((from - first) * perFrame, (to - first) * perFrame);
  }

  async release(): Promise<void> {
    await this.#encoder.release();
    await this.#flow.release();
    await this.#decoder.release();
  }
}

/** The frame ranges in which a sentence of `frames` frames is decoded. */
export function chunkRanges(frames: number, first: boolean): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  for (let from = 0; from < frames; ) {
    const wanted = first && from === 0 ? FIRST_CHUNK_FRAMES : CHUNK_FRAMES;
    // A last chunk of a few frames would cost a whole context for nothing.
    const to = frames - from <= wanted + CONTEXT_FRAMES ? frames : from + wanted;
    ranges.push([from, to]);
    from = to;
  }
  return ranges;
}
