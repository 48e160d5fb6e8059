import { readFileSync } from 'node:fs';

/** SentencePiece marks the beginning of a word with this. */
const WORD_START = /\u2581/g;
const BYTE_TOKEN = /^<0x([0-9A-F]{2})>$/;
const CONTROL_TOKEN = /^<[^>]*>$/;

/** The vocabulary of Moonshine: `tokenizer.bin` is a list of byte strings, each after its length (one byte, or two with the high bit set). */
export class Tokenizer {
  readonly #pieces: readonly Buffer[];

  constructor(file: string) {
    const data = readFileSync(file);
    const pieces: Buffer[] = [];
    for (let at = 0; at < data.length; ) {
      let length = data[at++] ?? 0;
      if (length >= 128) length = (data[at++] ?? 0) * 128 + length - 128;
      pieces.push(toBytes(data.subarray(at, at + length)));
      at += length;
    }
    this.#pieces = pieces;
  }

  /** Bytes are joined before they become text: one character may be spelled with several byte tokens. */
  decode(tokens: readonly number[]): string {
    const bytes = Buffer.concat(tokens.map((token) => this.#pieces[token] ?? Buffer.alloc(0)));
    return bytes.toString('utf8').replace(WORD_START, ' ').trim();
  }
}

function toBytes(piece: Buffer): Buffer {
  const text = piece.toString('utf8');
  const byte = BYTE_TOKEN.exec(text)?.[1];
  if (byte !== undefined) return Buffer.from([parseInt(byte, 16)]);
  return CONTROL_TOKEN.test(text) ? Buffer.alloc(0) : piece;
}
