import type { SlotLanguage } from './slot-type.js';

/** Letters as people spell them: "b as in boy", "alpha", "double u", "bee"; figures stay. */
const NATO = new Map(Object.entries({ alpha: 'a', alfa: 'a', bravo: 'b', charlie: 'c', delta: 'd', echo: 'e', foxtrot: 'f', golf: 'g', hotel: 'h', india: 'i', juliet: 'j', juliett: 'j', kilo: 'k', lima: 'l', mike: 'm', november: 'n', oscar: 'o', papa: 'p', quebec: 'q', romeo: 'r', sierra: 's', tango: 't', uniform: 'u', victor: 'v', whiskey: 'w', whisky: 'w', xray: 'x', yankee: 'y', zulu: 'z' }));
const NAMES = new Map(Object.entries({ ay: 'a', eh: 'a', bee: 'b', be: 'b', see: 'c', sea: 'c', cee: 'c', dee: 'd', ee: 'e', ef: 'f', eff: 'f', gee: 'g', aitch: 'h', age: 'h', eye: 'i', jay: 'j', kay: 'k', okay: 'k', el: 'l', ell: 'l', em: 'm', en: 'n', oh: 'o', owe: 'o', pee: 'p', pea: 'p', cue: 'q', queue: 'q', are: 'r', ar: 'r', ess: 's', es: 's', tee: 't', tea: 't', you: 'u', vee: 'v', ex: 'x', why: 'y', wye: 'y', zee: 'z', zed: 'z' }));
const DIGITS = new Map(Object.entries({ zero: '0', one: '1', two: '2', three: '3', four: '4', five: '5', six: '6', seven: '7', eight: '8', nine: '9' }));

export interface Spelt {
  readonly letters: string;
  /** Letters that came one by one: whole words are not spelt. */
  readonly single: number;
}

/** The spelt part of an utterance, lower case; whole words of two letters or more are taken as they are. */
export function spelt(text: string): Spelt {
  const tokens = text
    .toLowerCase()
    .replace(/\bdouble[ -]?u\b|\bdouble you\b/g, ' w ')
    .replace(/\bx[ -]ray\b/g, 'xray')
    // "b as in boy", "b for bravo": the letter is said, the word explains it.
    .replace(/\b([a-z])(?:\s+as in|\s+for|\s+like|\s+wie)\s+[a-z]+/g, ' $1 ')
    .match(/[a-z]+|\d/g) ?? [];
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

function letterOf(token: string): string | undefined {
  if (token.length === 1) return token;
  return NATO.get(token) ?? DIGITS.get(token) ?? NAMES.get(token);
}

/** Letter by letter, for read-back. */
export function spelledOut(text: string, language: SlotLanguage): string {
  return [...text.toUpperCase()].join(language === 'zh' ? '，' : ', ');
}
