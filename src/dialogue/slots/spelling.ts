import { editDistance } from './choice.js';
import { hanziDigits } from './number-words-zh.js';
import type { SlotLanguage } from './slot-type.js';

/** Letters as people spell them: "b as in boy", "alpha", "double u", "bee"; figures stay. */
const NATO = new Map(Object.entries({ alpha: 'a', alfa: 'a', bravo: 'b', charlie: 'c', delta: 'd', echo: 'e', foxtrot: 'f', golf: 'g', hotel: 'h', india: 'i', juliet: 'j', juliett: 'j', kilo: 'k', lima: 'l', mike: 'm', november: 'n', oscar: 'o', papa: 'p', quebec: 'q', romeo: 'r', sierra: 's', tango: 't', uniform: 'u', victor: 'v', whiskey: 'w', whisky: 'w', xray: 'x', yankee: 'y', zulu: 'z' }));
const NAMES = new Map(Object.entries({ ay: 'a', eh: 'a', bee: 'b', be: 'b', see: 'c', sea: 'c', cee: 'c', dee: 'd', ee: 'e', ef: 'f', eff: 'f', gee: 'g', aitch: 'h', age: 'h', eye: 'i', jay: 'j', kay: 'k', okay: 'k', el: 'l', ell: 'l', em: 'm', en: 'n', oh: 'o', owe: 'o', pee: 'p', pea: 'p', cue: 'q', queue: 'q', are: 'r', ar: 'r', ess: 's', es: 's', tee: 't', tea: 't', you: 'u', vee: 'v', ex: 'x', why: 'y', wye: 'y', zee: 'z', zed: 'z', apostrophe: "'", hyphen: '-', dash: '-' }));
const DIGITS = new Map(Object.entries({ zero: '0', one: '1', two: '2', three: '3', four: '4', five: '5', six: '6', seven: '7', eight: '8', nine: '9' }));

export interface Spelt {
  readonly letters: string;
  /** Letters that came one by one: whole words are not spelt. */
  readonly single: number;
}

/** The spelt part of an utterance, lower case; whole words of two letters or more are taken as they are. */
export function spelt(text: string): Spelt {
  const tokens = unexplained(text.toLowerCase()).match(/[a-z\u00df-\u024f]+|\d/g) ?? [];
  let letters = '';
  let single = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    const times = token === 'double' ? 2 : token === 'triple' ? 3 : 1;
    const next = times > 1 ? letterOf(tokens[at + 1] ?? '') : undefined;
    if (next !== undefined) {
      letters += next.repeat(times);
      single += times;
      at++;
      continue;
    }
    const letter = letterOf(token);
    letters += letter ?? token;
    if (letter !== undefined) single++;
  }
  return { letters, single };
}

/** "b as in boy", "b for bravo": the letter is said, the word explains it. */
function unexplained(text: string): string {
  return text
    .replace(/\bdouble[ -]?u\b|\bdouble you\b/gi, ' w ')
    .replace(/\bx[ -]ray\b/gi, 'xray')
    .replace(/\b([a-z])(?:\s+as in|\s+for|\s+like|\s+wie)\s+[a-z]+/gi, ' $1 ');
}

/** A word that is spelt after or before it is said is one word, as its letters have it: "smith s m i t h", "jon j o h n". */
export function withoutSpelling(text: string): string {
  const words = unexplained(text).match(/[\p{L}\p{N}'-]+/gu) ?? [];
  const kept: string[] = [];
  for (let at = 0; at < words.length; ) {
    const length = lettersFrom(words, at);
    if (length < 2) {
      kept.push(words[at] ?? '');
      at++;
      continue;
    }
    const { letters } = spelt(words.slice(at, at + length).join(' '));
    if (isNear(kept.at(-1), letters)) kept.pop();
    else if (isNear(words[at + length], letters)) at++;
    // "Mary S M I T H"; the two of "John J R" stay apart.
    kept.push(...(length > 2 || isNear(words[at - 1], letters) ? [letters] : words.slice(at, at + length)));
    at += length;
  }
  return kept.join(' ');
}

/** How many words from here are letters, the first of them written as one. */
function lettersFrom(words: readonly string[], start: number): number {
  if (words[start]?.length !== 1) return 0;
  let at = start;
  while (at < words.length && (letterOf(words[at]?.toLowerCase() ?? '') !== undefined || /^(?:double|triple)$/i.test(words[at] ?? ''))) at++;
  return at - start;
}

function isNear(word: string | undefined, letters: string): boolean {
  return word !== undefined && word.length > 1 && editDistance(word.toLowerCase(), letters) <= Math.floor(letters.length / 3);
}

function letterOf(token: string): string | undefined {
  if (token.length === 1) return token;
  return NATO.get(token) ?? DIGITS.get(token) ?? NAMES.get(token);
}

/** How the signs of names and addresses are called. */
const SIGNS: Record<SlotLanguage, ReadonlyMap<string, string>> = {
  en: new Map([['.', 'dot'], ['_', 'underscore'], ['-', 'dash'], ['+', 'plus'], ["'", 'apostrophe']]),
  zh: new Map([['.', '点'], ['_', '下划线'], ['-', '横线'], ['+', '加号'], ["'", '撇号']]),
};

/** Letter by letter, for read-back; signs by their names. */
export function spelledOut(text: string, language: SlotLanguage): string {
  return [...text.toUpperCase()].map((character) => saidSign(character, language) ?? character).join(language === 'zh' ? '，' : ', ');
}

/** Word by word, with signs by their names and figures one by one: "mary 2 2 dot jones". */
export function wordByWord(text: string, language: SlotLanguage): string {
  const pieces = text.match(/[a-z]+|\d+|\S/gi) ?? [];
  return pieces.map((piece) => (/\d/.test(piece) ? [...piece].map((digit) => saidSign(digit, language) ?? digit).join(language === 'zh' ? '' : ' ') : (saidSign(piece, language) ?? piece))).join(' ');
}

function saidSign(character: string, language: SlotLanguage): string | undefined {
  if (language === 'zh' && /\d/.test(character)) return hanziDigits(character);
  return SIGNS[language].get(character);
}
