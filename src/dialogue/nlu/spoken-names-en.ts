import { everydayWords } from './everyday-words.js';
import { agree, folded } from './spoken-names.js';
import type { Gender, NameFinder, Place } from './spoken-names.js';

/** With what recognisers write for them. */
const TITLES: ReadonlyMap<string, Gender | undefined> = new Map<string, Gender | undefined>([
  ...(['mr', 'mister'] as const).map((title) => [title, 'male'] as const),
  ...(['ms', 'mrs', 'miss', 'misses', 'missus', 'miz'] as const).map((title) => [title, 'female'] as const),
  ...(['dr', 'doctor', 'prof', 'professor'] as const).map((title) => [title, undefined] as const),
]);
const SUFFIXES: ReadonlySet<string> = new Set(['jr', 'junior', 'sr', 'senior', 'ii', 'iii']);
const WORD = /(?:(?!\p{Script=Han})[\p{L}\p{N}])+(?:['\u2019\u02bc](?:(?!\p{Script=Han})[\p{L}\p{N}])+)*/gu;
/** "Miller's not here": what follows the name is a word of its own. */
const ENDING = /['\u2019\u02bc](?:s|ll|d)$/i;
/** "O'Brien" may be heard as two words, and "Van Dyke" as one. */
const MORE_WORDS = 2;

interface Word extends Place {
  readonly plain: string;
}

/** "Ms Mary Miller" is also "Mary Miller", "Mrs. Miller", "Miller" and "Mary", but not "Mr Miller". */
export function namesEn(value: string): NameFinder {
  const words = wordsOf(value).map(({ plain }) => plain);
  const title = words.find((word) => TITLES.has(word));
  const name = words.filter((word) => !TITLES.has(word) && !SUFFIXES.has(word));
  const forms = new Set([name.join(''), name.at(-1) ?? '', name[0] ?? ''].filter((form) => form !== ''));
  const everyday = everydayWords('en');
  return (text) => {
    const said = wordsOf(text);
    const found: Place[] = [];
    for (let at = 0; at < said.length; at++) {
      const called = TITLES.has(said[at]!.plain);
      const first = called ? at + 1 : at;
      const count = wordsIn(said, first, forms, name.length + MORE_WORDS);
      const last = said[first + count - 1];
      if (count === 0 || last === undefined) continue;
      const isName = called ? agree(TITLES.get(said[at]!.plain), title === undefined ? undefined : TITLES.get(title)) : count > 1 || !everyday.has(last.plain);
      if (isName) found.push({ from: said[at]!.from, to: last.to });
      at = first + count - 1;
    }
    return found;
  };
}

/** How many words from here are one of the forms, as many as can be. */
function wordsIn(said: readonly Word[], from: number, forms: ReadonlySet<string>, most: number): number {
  let joined = '';
  let count = 0;
  for (let at = from; at < Math.min(said.length, from + most); at++) {
    joined += said[at]!.plain;
    if (forms.has(joined)) count = at - from + 1;
  }
  return count;
}

function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map((match) => {
    const word = match[0].replace(ENDING, '');
    return { plain: folded(word), from: match.index, to: match.index + word.length };
  });
}
