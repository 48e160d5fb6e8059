import { NUMERAL } from './numerals.js';
import type { Word } from './pinyin.js';

/** Tones change where syllables meet. `words` stand between two marks; their syllables are changed in place. */
export function applySandhi(words: readonly Word[]): void {
  const places = words.flatMap((word) => word.syllables.map((_syllable, index) => ({ word, index })));
  const characters = words.flatMap((word) => word.characters);
  const tone = (at: number): number => Number((places[at]?.word.syllables[places[at].index] ?? '').at(-1));
  const change = (at: number, to: number): void => {
    const place = places[at];
    if (place !== undefined) place.word.syllables[place.index] = (place.word.syllables[place.index] ?? '').replace(/\d$/, String(to));
  };
  characters.forEach((character, at) => {
    if (character === '一' && tone(at) !== 5) change(at, toneOfOne(characters, at, tone(at + 1)));
    else if (character === '不' && tone(at) !== 5) change(at, toneOfNot(characters, at, tone(at + 1)));
  });
  thirdTones(words, tone, change);
}

/** Ends of words in which 一 counts nothing and is said as it stands. */
const ENDS_IN_ONE = /[第周期拜之唯统单专划初逐其]/;
const NAMED_BY_ONE = /[月号日楼班]/;

/** 一: yī alone, in numbers and as "the first"; yí before a fourth tone, yì before the others, light in 看一看. */
function toneOfOne(characters: readonly string[], at: number, next: number): number {
  const before = characters[at - 1] ?? '';
  const after = characters[at + 1] ?? '';
  if (after === '百' || after === '千') return 4;
  if (after === '万' || after === '亿') return NUMERAL.test(before) ? 1 : 2;
  // 三点一起 is no decimal.
  const begins = /[起个下些定样直会共刻]/.test(after);
  if (after === '' || NUMERAL.test(before) || NUMERAL.test(after) || ENDS_IN_ONE.test(before)) return 1;
  // 一点五 is a number, 一点钟 and 一点儿 are not; before 点 a point says the same.
  if (before === '点' && !begins && NUMERAL.test(characters[at - 2] ?? '')) return 1;
  if (after === '点' && NUMERAL.test(characters[at + 2] ?? '') && characters[at + 3] !== '十') return 1;
  if (NAMED_BY_ONE.test(after)) return 1;
  if (before !== '' && before === after) return 5;
  // 一个: 个 is light, but it was a fourth tone.
  return next === 4 || after === '个' ? 2 : 4;
}

/** 不: bú before a fourth tone, light in 好不好. */
function toneOfNot(characters: readonly string[], at: number, next: number): number {
  const before = characters[at - 1] ?? '';
  if (before !== '' && before === characters[at + 1]) return 5;
  return next === 4 ? 2 : 4;
}

/**
 * Of third tones in a row all but the last rise. Inside a word that holds whatever
 * its length (展览馆), except that a first syllable which stands apart keeps low
 * (小老虎); between words it goes from the end, as they are spoken, and only where
 * one of the two is short enough to lean on the other.
 */
function thirdTones(words: readonly Word[], tone: (at: number) => number, change: (at: number, to: number) => void): void {
  const starts: number[] = [];
  let length = 0;
  for (const word of words) {
    starts.push(length);
    insideWord(word, length, tone, change);
    length += word.syllables.length;
  }
  for (let index = words.length - 2; index >= 0; index--) {
    const next = starts[index + 1] ?? 0;
    const leans = words[index]?.syllables.length === 1 || words[index + 1]?.syllables.length === 1;
    if (leans && tone(next - 1) === 3 && tone(next) === 3) change(next - 1, 2);
  }
}

function insideWord(word: Word, start: number, tone: (at: number) => number, change: (at: number, to: number) => void): void {
  const apart = word.syllables.length === 3 && /[小老很好我你]/.test(word.characters[0] ?? '');
  const low = word.syllables.map((_syllable, index) => tone(start + index) === 3);
  for (let index = word.syllables.length - 2; index >= 0; index--) {
    const next = apart && index === 0 ? tone(start + 1) === 3 : low[index + 1] === true;
    if (low[index] === true && next) change(start + index, 2);
  }
}
