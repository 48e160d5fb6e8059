import '../no-telemetry.js';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';
import { stretch } from '../../audio/resample.js';
import type { EarRate } from './engine.js';
import { loadSession } from './onnx.js';
import { Tokenizer } from './tokenizer.js';

const MODEL_RATE = 16_000;
/** Silence on each side, ms: it brings the word error rate of telephone speech from 6.1 to 5.7 %. */
const PADDING_MS = 300;
const LAYERS = 6;
const HEADS = 8;
const HEAD_SIZE = 36;
const START_TOKEN = 1;
const END_TOKEN = 2;
/** The model invents endless repetitions on what is no speech; people do not say more tokens than this. */
const TOKENS_PER_SECOND = 6.5;
const LEAST_TOKENS = 6;

type Feeds = Record<string, Tensor>;

/**
 * Moonshine tiny: an encoder over raw 16 kHz audio and a decoder with a cache of
 * keys and values. `decode` blocks its thread for about 20 ms per second of
 * speech in slices of one token, so it runs in a worker thread.
 */
export class MoonshineModel {
  readonly #encoder: InferenceSession;
  readonly #decoder: InferenceSession;
  readonly #tokenizer: Tokenizer;
  readonly #empty = new Tensor('float32', new Float32Array(0), [1, HEADS, 0, HEAD_SIZE]);
  /** Grows to the longest audio seen; masks of shorter audio are views of it. */
  #ones = new BigInt64Array(0);

  private constructor(encoder: InferenceSession, decoder: InferenceSession, tokenizer: Tokenizer) {
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
  }

  static async load(directory: string): Promise<MoonshineModel> {
    const encoder = await loadSession(join(directory, 'encoder_model.ort'));
    const decoder = await loadSession(join(directory, 'decoder_model_merged.ort'));
    return new MoonshineModel(encoder, decoder, new Tokenizer(join(directory, 'tokenizer.bin')));
  }

  /** Words in audio of 8 or 16 kHz; undefined if `cancelled` said so between two tokens. */
  async decode(samples: Int16Array, sampleRate: EarRate, cancelled: () => boolean): Promise<string | undefined> {
    const audio = toModelAudio(samples, sampleRate);
    const mask = this.#mask(audio.length);
    const encoded = await this.#encoder.run({ input_values: new Tensor('float32', audio, [1, audio.length]), attention_mask: mask });
    const states = encoded['last_hidden_state'];
    if (states === undefined) throw new Error('the encoder has no last_hidden_state');
    const limit = Math.max(LEAST_TOKENS, Math.ceil((samples.length / sampleRate) * TOKENS_PER_SECOND) + 2);
    const tokens = await this.#generate(states, mask, limit, cancelled);
    return tokens === undefined ? undefined : this.#tokenizer.decode(tokens);
  }

  async close(): Promise<void> {
    await this.#encoder.release();
    await this.#decoder.release();
  }

  /** Greedy. The mask has the length of the samples, not of the encoder's frames: the wrong one works on short audio and fails on long. */
  async #generate(states: Tensor, mask: Tensor, limit: number, cancelled: () => boolean): Promise<number[] | undefined> {
    const feeds: Feeds = { encoder_attention_mask: mask, encoder_hidden_states: states };
    for (const name of cacheNames('decoder', 'encoder')) feeds[`past_key_values.${name}`] = this.#empty;
    const tokens: number[] = [];
    for (let step = 0, token = START_TOKEN; step < limit; step++) {
      if (cancelled()) return undefined;
      feeds['input_ids'] = new Tensor('int64', BigInt64Array.of(BigInt(token)), [1, 1]);
      feeds['use_cache_branch'] = new Tensor('bool', Uint8Array.of(step > 0 ? 1 : 0), [1]);
      const output = await this.#decoder.run(feeds);
      token = largest(output['logits']?.data as Float32Array);
      if (token === END_TOKEN) break;
      tokens.push(token);
      // What the decoder knows of the encoder is made in the first step and stays; later steps answer it empty.
      const kept = step === 0 ? cacheNames('decoder', 'encoder') : cacheNames('decoder');
      for (const name of kept) {
        const present = output[`present.${name}`];
        if (present !== undefined) feeds[`past_key_values.${name}`] = present;
      }
    }
    return tokens;
  }

  #mask(length: number): Tensor {
    if (this.#ones.length < length) this.#ones = new BigInt64Array(length * 2).fill(1n);
    return new Tensor('int64', this.#ones.subarray(0, length), [1, length]);
  }
}

function* cacheNames(...sides: readonly ('decoder' | 'encoder')[]): Generator<string> {
  for (let layer = 0; layer < LAYERS; layer++) {
    for (const side of sides) {
      yield `${layer}.${side}.key`;
      yield `${layer}.${side}.value`;
    }
  }
}

function largest(logits: Float32Array): number {
  let best = 0;
  for (let index = 1; index < logits.length; index++) {
    if ((logits[index] ?? 0) > (logits[best] ?? 0)) best = index;
  }
  return best;
}

function toModelAudio(samples: Int16Array, sampleRate: EarRate): Float32Array {
  const wide = sampleRate === MODEL_RATE ? samples : stretch(samples, sampleRate, MODEL_RATE);
  const padding = (PADDING_MS * MODEL_RATE) / 1000;
  const audio = new Float32Array(padding + wide.length + padding);
  for (let index = 0; index < wide.length; index++) audio[padding + index] = (wide[index] ?? 0) / 32768;
  return audio;
}
