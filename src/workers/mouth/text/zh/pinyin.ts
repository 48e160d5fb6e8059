import { pinyin } from 'pinyin-pro';
import { LEXICON, LONGEST_WORD } from './lexicon.js';
import { NUMERAL } from './numerals.js';
import { applySandhi } from './sandhi.js';

/** One word: its characters and a syllable for each, the tone (1 to 5) last. */
export interface Word {
  readonly characters: readonly string[];
  readonly syllables: string[];
}

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

/** A stretch of Chinese characters without marks, as words with their syllables as they are spoken. */
export function readHanzi(text: string): Word[] {
  const characters = [...text];
  const citation = pinyin(text, { type: 'array', toneType: 'num', toneSandhi: false, v: true, nonZh: 'consecutive' });
  // One syllable a character, or the dictionary knows a character that we do not.
  const syllables = characters.map((character, index) => (citation[index] ?? character).replace(/0$/, '5'));
  const ends = new Set<number>();
  let at = 0;
  for (const { segment } of segmenter.segment(text)) ends.add((at += [...segment].length));
  correct(characters, syllables, ends);
  const words = cut(characters, syllables, ends);
  applySandhi(words);
  return words.map(erhua);
}

/** Our own readings go over the dictionary's: the longest word first, and no word ends inside one. */
function correct(characters: readonly string[], syllables: string[], ends: Set<number>): void {
  for (let at = 0; at < characters.length; ) {
    let length = Math.min(LONGEST_WORD, characters.length - at);
    let reading: readonly string[] | undefined;
    for (; length > 1; length--) {
      reading = LEXICON.get(characters.slice(at, at + length).join(''));
      // A word of ours that begins inside another word is a chance meeting: 不对|应该, not 对应.
      if (reading !== undefined && (at === 0 || ends.has(at) || ends.has(at + length))) break;
      reading = undefined;
    }
    if (reading === undefined) {
      at++;
      continue;
    }
    reading.forEach((syllable, index) => (syllables[at + index] = syllable));
    for (let inside = at + 1; inside < at + length; inside++) ends.delete(inside);
    ends.add(at + length);
    at += length;
  }
}

/** Numerals are words of one character each: their tones meet as those of separate words do. */
function cut(characters: readonly string[], syllables: readonly string[], ends: ReadonlySet<number>): Word[] {
  const words: Word[] = [];
  let from = 0;
  characters.forEach((character, index) => {
    const number = NUMERAL.test(character) && NUMERAL.test(characters[index + 1] ?? '');
    if (!ends.has(index + 1) && !number) return;
    words.push({ characters: characters.slice(from, index + 1), syllables: syllables.slice(from, index + 1) });
    from = index + 1;
  });
  if (from < characters.length) words.push({ characters: characters.slice(from), syllables: syllables.slice(from) });
  return words;
}

/** Words in which 儿 is a syllable of its own. */
const CHILD = /^(?:儿|女儿|婴儿|幼儿|孤儿|少儿|胎儿|新生儿|儿.*)$/;

/** 哪儿 is one syllable with a curl, not two. */
function erhua(word: Word): Word {
  const last = word.characters.length - 1;
  if (word.characters[last] !== '儿' || CHILD.test(word.characters.join(''))) return word;
  const curled = (word.syllables[last - 1] ?? '').replace(/(\d)$/, 'r$1');
  return { characters: word.characters, syllables: [...word.syllables.slice(0, last - 1), curled] };
}
