import { fromEspeak, isSpelled, spellLetters } from './text/zh/english.js';
import { syllableIpa } from './text/zh/ipa.js';
import { NUMERAL } from './text/zh/numerals.js';
import { readHanzi } from './text/zh/pinyin.js';

/** What one run of the model says. */
export interface Unit {
  readonly phonemes: string;
  /** Silence after it, ms; the model's own is cut off. */
  readonly pauseMs: number;
}

/** English words in, IPA of each out. */
export type EnglishReader = (words: readonly string[]) => Promise<readonly string[]>;

type Mark = '.' | ',' | ';' | ':' | '?' | '!';

interface Clause {
  /** Chinese characters and Latin words. */
  readonly text: string;
  readonly mark: Mark;
  /** It goes on in the next one without a pause. */
  readonly cut?: true;
}

const PAUSES_MS: Readonly<Record<Mark, number>> = { ',': 160, ';': 240, ':': 240, '.': 320, '?': 320, '!': 320 };
/** A run costs the silence at its ends besides what it says, so a clause as short as 您好 is none of its own. */
const LEAST = 5;
/** Characters of the first run: the caller waits for it. */
const FIRST = 10;
/** Of the later ones: each is made while the one before is heard, which gives it about twice that one's length. */
const SECOND = 12;
const LATER = 20;
/** A clause that is longer by no more than this is not worth a cut. */
const TOLERANCE = 4;
/** A cut inside a clause is no pause. */
const CUT_PAUSE_MS = 40;
/** A stretch without a mark is cut at the end of a word. */
const LONGEST_CLAUSE = 60;

/**
 * The runs that say a normalised text (Chinese characters, Latin words and
 * `.,;:?!`): the first is short, so that it is heard soon. `open` says that the
 * text goes on in another utterance.
 */
export async function kokoroUnits(text: string, open: boolean, english: EnglishReader): Promise<Unit[]> {
  const units: Unit[] = [];
  for (const group of groupsOf(clausesOf(text, open))) {
    const phonemes = await phonemesOf(group, english);
    const last = group.at(-1);
    if (last !== undefined && /[^\s.,;:?!]/.test(phonemes)) units.push({ phonemes, pauseMs: last.cut === true ? CUT_PAUSE_MS : PAUSES_MS[last.mark] });
  }
  return units;
}

function groupsOf(clauses: readonly Clause[]): Clause[][] {
  const groups: Clause[][] = [];
  const waiting = [...clauses];
  let group: Clause[] = [];
  let room = FIRST;
  const finish = (): void => {
    groups.push(group);
    room = Math.min(LATER, Math.max(SECOND, 2 * sizeOf(group)));
    group = [];
  };
  for (let clause = waiting.shift(); clause !== undefined; clause = waiting.shift()) {
    const space = room - sizeOf(group);
    const enough = sizeOf(group) >= LEAST;
    if (sizeOf([clause]) <= space + (enough ? 0 : TOLERANCE)) {
      group.push(clause);
      if (groups.length === 0 && sizeOf(group) >= LEAST) finish();
      continue;
    }
    const pieces = enough ? undefined : cutWithin(clause, space);
    if (pieces !== undefined) {
      group.push(pieces[0]);
      waiting.unshift(pieces[1]);
    } else if (group.length > 0) waiting.unshift(clause);
    else group.push(clause);
    finish();
  }
  if (group.length > 0) finish();
  return groups;
}

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

/** Words that lean on the one before them. */
const LEANING = /^[的地得了着过吗呢吧啊呀们个位元年月日号点分块角]/;

/** Cuts a clause after at most `space` characters, where two words meet that do not belong together closely; undefined if there is no such place. */
function cutWithin(clause: Clause, space: number): [Clause, Clause] | undefined {
  let best = 0;
  let at = 0;
  for (const { segment } of segmenter.segment(clause.text)) {
    const before = clause.text.slice(0, at);
    const size = sizeOf([{ text: before, mark: ',' }]);
    const inside = LEANING.test(segment) || (NUMERAL.test(segment) && NUMERAL.test(before.at(-1) ?? '')) || /[A-Za-z']$/.test(before);
    if (size > 1 && size <= space && !inside) best = at;
    at += segment.length;
  }
  if (best === 0) return undefined;
  return [{ text: clause.text.slice(0, best), mark: ',', cut: true }, { text: clause.text.slice(best).trim(), mark: clause.mark, ...(clause.cut === true ? { cut: true } : {}) }];
}

/** A Latin word takes about as long as two characters. */
function sizeOf(clauses: readonly Clause[]): number {
  return clauses.reduce((sum, { text }) => sum + [...text.replace(/[A-Za-z']+/g, '啊啊').replace(/\s/g, '')].length, 0);
}

function clausesOf(text: string, open: boolean): Clause[] {
  const clauses: Clause[] = [];
  for (const match of text.matchAll(/([^.,;:?!]+)([.,;:?!]?)/g)) {
    const words = (match[1] ?? '').trim();
    if (words === '') continue;
    const mark = (match[2] === '' ? (open ? ',' : '.') : match[2]) as Mark;
    const pieces = cutLong(words);
    pieces.forEach((piece, index) => clauses.push({ text: piece, mark: index < pieces.length - 1 ? ',' : mark }));
  }
  return clauses;
}

function cutLong(text: string): string[] {
  if (text.length <= LONGEST_CLAUSE) return [text];
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of segmenter.segment(text)) {
    if (piece.length + segment.length > LONGEST_CLAUSE && piece !== '') {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
  }
  // A single "word" may be as long as the text.
  return [...pieces, piece].flatMap((one) => one.match(new RegExp(`.{1,${LONGEST_CLAUSE}}`, 'gu')) ?? []);
}

async function phonemesOf(clauses: readonly Clause[], english: EnglishReader): Promise<string> {
  const said: string[] = [];
  for (const clause of clauses) {
    const phonemes = await clausePhonemes(clause.text, english);
    if (phonemes !== '') said.push(phonemes + clause.mark);
  }
  return said.join(' ');
}

/** Kokoro's symbols for a clause, a space between words. */
export async function clausePhonemes(text: string, english: EnglishReader): Promise<string> {
  const pieces = text.match(/\p{Script=Han}+|[A-Za-z][A-Za-z']*/gu) ?? [];
  const words = pieces.filter((piece) => /^[A-Za-z]/.test(piece) && !isSpelled(piece));
  const spoken = words.length === 0 ? [] : await english(words);
  let next = 0;
  return pieces
    .map((piece) => {
      if (!/^[A-Za-z]/.test(piece)) return readHanzi(piece).map((word) => word.syllables.map((syllable) => syllableIpa(syllable) ?? '').join('')).join(' ');
      return isSpelled(piece) ? spellLetters(piece) : fromEspeak(spoken[next++] ?? '');
    })
    .filter((phonemes) => phonemes !== '')
    .join(' ');
}
