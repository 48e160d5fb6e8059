import '../no-telemetry.js';
import { Tensor } from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';
import { loadSession } from '../ear/onnx.js';
import { WordPiece } from './word-piece.js';

/** What a caller says in one turn fits; the rest adds little. */
const MAX_TOKENS = 128;

export interface SentenceFiles {
  readonly graph: string;
  readonly tokenizer: string;
}

/** Turns a sentence into a vector of length 1; near vectors mean near meanings. */
export class SentenceModel {
  readonly #session: InferenceSession;
  readonly #pieces: WordPiece;

  private constructor(session: InferenceSession, pieces: WordPiece) {
    this.#session = session;
    this.#pieces = pieces;
  }

  static async load(files: SentenceFiles): Promise<SentenceModel> {
    return new SentenceModel(await loadSession(files.graph), WordPiece.load(files.tokenizer));
  }

  /** Blocks its thread for 1 to 10 ms. */
  async embed(text: string): Promise<Float32Array> {
    const ids = this.#pieces.encode(text, MAX_TOKENS);
    const tokens = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    const positions = new Tensor('int64', BigInt64Array.from(ids, (_, at) => BigInt(at)), [ids.length]);
    const { sentence } = await this.#session.run({ tokens, positions });
    return Float32Array.from(sentence?.data as Float32Array);
  }
}
