import '../no-telemetry.js';
import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { MAX_SYMBOLS } from './kokoro-vocabulary.js';
import { SESSION_OPTIONS } from '../session-options.js';

/** Numbers that describe how a voice sounds. */
const STYLE = 256;

/** The arena keeps 100 MB after the longest sentence for no gain in speed. */
const OPTIONS: InferenceSession.SessionOptions = { ...SESSION_OPTIONS, enableCpuMemArena: false };

/** Kokoro with some of its voices, at 24 kHz: they share the weights, so a further one costs half a megabyte. A run takes hundreds of ms and blocks its thread. */
export class KokoroModel {
  readonly #session: InferenceSession;
  /** Of each voice, a style for each length of text, in symbols. */
  readonly #styles: ReadonlyMap<string, Float32Array>;

  private constructor(session: InferenceSession, styles: ReadonlyMap<string, Float32Array>) {
    this.#session = session;
    this.#styles = styles;
  }

  /** Throws what makes it no voice; the pool gives that its code. */
  static async load(modelFile: string, voices: Readonly<Record<string, string>>): Promise<KokoroModel> {
    const styles = new Map<string, Float32Array>();
    for (const [name, voiceFile] of Object.entries(voices)) {
      const bytes = await readFile(voiceFile);
      if (bytes.length !== MAX_SYMBOLS * STYLE * 4) throw new Error('the voice has not the size of one');
      styles.set(name, new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
    }
    return new KokoroModel(await InferenceSession.create(modelFile, OPTIONS), styles);
  }

  /** `ids` with a pad at each end; `lengthScale`: 1 is normal, larger is slower. */
  async run(ids: readonly number[], lengthScale: number, voice: string): Promise<Float32Array> {
    const styles = this.#styles.get(voice);
    if (styles === undefined) throw new Error('the model was loaded without this voice');
    const symbols = ids.length - 2;
    const at = Math.min(Math.max(symbols - 1, 0), MAX_SYMBOLS - 1) * STYLE;
    const result = await this.#session.run({
      tokens: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      style: new Tensor('float32', styles.slice(at, at + STYLE), [1, STYLE]),
      speed: new Tensor('float32', Float32Array.of(1 / lengthScale), [1]),
    });
    // A copy: the runtime's own memory cannot be handed to another thread.
    return Float32Array.from(result['audio']!.data as Float32Array);
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
