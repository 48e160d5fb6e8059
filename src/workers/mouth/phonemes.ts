/** A stretch between two marks, which is what espeak-ng reads at a time, and the mark that ends it. */
export interface Clause {
  readonly text: string;
  readonly mark: '.' | ',' | ';' | ':' | '?' | '!';
}

export interface Sentence {
  readonly clauses: readonly Clause[];
}

/** Longer clauses are cut at a space, so that no single run of the model takes long. */
const MAX_CLAUSE_CHARS = 240;
/** A "sentence" that goes on longer is cut at its next comma. */
const MAX_SENTENCE_CHARS = 200;

function cutLong(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > MAX_CLAUSE_CHARS) {
    const space = rest.lastIndexOf(' ', MAX_CLAUSE_CHARS);
    const at = space > 0 ? space : MAX_CLAUSE_CHARS;
    pieces.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  return rest === '' ? pieces : [...pieces, rest];
}

/**
 * Splits a normalised text (words and `.,;:?!`) into sentences of clauses. Each
 * sentence is one run of the voice's encoder, so the first can be heard while the
 * second is still text. `open` says that the text goes on in another utterance:
 * its last clause then keeps the voice up instead of ending the sentence.
 */
export function splitSentences(text: string, open: boolean): Sentence[] {
  const sentences: Sentence[] = [];
  let clauses: Clause[] = [];
  let length = 0;
  const finish = (): void => {
    if (clauses.length > 0) sentences.push({ clauses });
    clauses = [];
    length = 0;
  };
  for (const match of text.matchAll(/([^.,;:?!]+)([.,;:?!]*)/g)) {
    const words = match[1]!.trim();
    const mark = (match[2]![0] ?? '') as Clause['mark'] | '';
    const pieces = cutLong(words);
    pieces.forEach((piece, index) => {
      if (length + piece.length > MAX_SENTENCE_CHARS) finish();
      clauses.push({ text: piece, mark: index < pieces.length - 1 ? ',' : mark === '' ? (open ? ',' : '.') : mark });
      length += piece.length;
    });
    if (mark === '.' || mark === '?' || mark === '!') finish();
  }
  finish();
  return sentences;
}

/** espeak-ng takes a lone "A" for the article; between other letters it is a letter, written as espeak's own phonemes. */
export function asEspeakReads(clause: string): string {
  return clause.replace(/\bA\b(?= [A-Z]\b|$)|(?<=\b[A-Z] )A\b/g, "[['eI]]");
}

/** From the voice's JSON: each symbol and its ids. */
export type PhonemeIds = Readonly<Record<string, readonly number[]>>;

/**
 * The ids that a Piper voice takes: start (^) and pad (_), each symbol of the
 * decomposed IPA followed by a pad, end ($). Symbols that the voice was not
 * trained with are left out.
 */
export function piperIds(phonemes: string, ids: PhonemeIds): number[] {
  const pad = ids['_'] ?? [0];
  const out = [...(ids['^'] ?? [1]), ...pad];
  for (const symbol of phonemes.normalize('NFD')) {
    const known = ids[symbol];
    if (known !== undefined) out.push(...known, ...pad);
  }
  out.push(...(ids['$'] ?? [2]));
  return out;
}

/** One string of phonemes for a sentence, the marks put back where they shape the melody. */
export function joinPhonemes(sentence: Sentence, spoken: readonly string[]): string {
  return sentence.clauses
    .map((clause, index) => (spoken[index] === undefined || spoken[index] === '' ? '' : spoken[index] + clause.mark))
    .filter((part) => part !== '')
    .join(' ');
}
