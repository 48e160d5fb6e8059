import { readFileSync } from 'node:fs';
import { TrunklineError } from '../../kernel/errors.js';

/** Longer words are no words. */
const LONGEST_WORD = 100;

/**
 * Splits text into the pieces of an uncased BERT: lower case without accents, words
 * and marks apart, each Chinese character a word, and words that are not in the
 * vocabulary cut greedily into pieces that are.
 */
export class WordPiece {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #start: number;
  readonly #end: number;
  readonly #unknown: number;

  /** TRK_MODEL_CORRUPT if the vocabulary lacks BERT's own pieces. */
  constructor(vocabulary: Readonly<Record<string, number>>) {
    this.#ids = new Map(Object.entries(vocabulary));
    const own = ['[CLS]', '[SEP]', '[UNK]'].map((piece) => this.#ids.get(piece));
    const [start, end, unknown] = own;
    if (start === undefined || end === undefined || unknown === undefined) throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: 'tokenizer.json' } });
    this.#start = start;
    this.#end = end;
    this.#unknown = unknown;
  }

  /** From a `tokenizer.json`. TRK_MODEL_CORRUPT. */
  static load(file: string): WordPiece {
    try {
      const { model } = JSON.parse(readFileSync(file, 'utf8')) as { model: { vocab: Record<string, number> } };
      return new WordPiece(model.vocab);
    } catch (cause) {
      if (cause instanceof TrunklineError) throw cause;
      throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: 'tokenizer.json' }, cause });
    }
  }

  /** Numbers of the pieces between those of start and end, at most `limit` in all; what is beyond is cut off. */
  encode(text: string, limit: number): number[] {
    const ids = [this.#start];
    for (const word of words(text)) {
      if (ids.length >= limit - 1) break;
      ids.push(...this.#pieces(word));
    }
    return [...ids.slice(0, limit - 1), this.#end];
  }

  #pieces(word: string): number[] {
    if (word.length > LONGEST_WORD) return [this.#unknown];
    const ids: number[] = [];
    for (let from = 0; from < word.length; ) {
      let to = word.length;
      let id: number | undefined;
      for (; to > from; to--) {
        id = this.#ids.get(`${from === 0 ? '' : '##'}${word.slice(from, to)}`);
        if (id !== undefined) break;
      }
      // One piece that is missing makes the whole word unknown.
      if (id === undefined) return [this.#unknown];
      ids.push(id);
      from = to;
    }
    return ids;
  }
}

function words(text: string): string[] {
  const plain = text.normalize('NFD').replace(/\p{Mn}/gu, '').toLowerCase();
  return plain.match(/\p{Script=Han}|[\p{P}\p{S}]|[^\s\p{P}\p{S}\p{Script=Han}\p{Cc}\p{Cf}]+/gu) ?? [];
}
