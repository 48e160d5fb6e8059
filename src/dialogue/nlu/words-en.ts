import { wordsBesideNames } from './everyday-words.js';
import { normalise } from './normalise.js';
import { folded } from './spoken-names.js';
import type { Place, Title } from './spoken-names.js';

/** With what recognisers write for them. */
export const TITLES: ReadonlyMap<string, Title> = new Map<string, Title>([
  ...(['mr', 'mister'] as const).map((title) => [title, { gender: 'male' }] as const),
  ...(['ms', 'miz'] as const).map((title) => [title, { gender: 'female' }] as const),
  ...(['mrs', 'misses', 'missus'] as const).map((title) => [title, { gender: 'female', married: true }] as const),
  ['miss', { gender: 'female', married: false }],
  ...(['dr', 'doctor', 'prof', 'professor'] as const).map((title) => [title, {}] as const),
]);
/** A son is called as his father. */
export const SUFFIXES: ReadonlyMap<string, string> = new Map([
  ['jr', 'junior'],
  ['junior', 'junior'],
  ['sr', 'senior'],
  ['senior', 'senior'],
  ['ii', 'second'],
  ['iii', 'third'],
]);
const WORD = /(?:(?!\p{Script=Han})[\p{L}\p{N}])+(?:['\u2019\u02bc](?:(?!\p{Script=Han})[\p{L}\p{N}])+)*/gu;
/** "Miller's not here": what follows the name is a word of its own. */
const ENDING = /['\u2019\u02bc](?:s|ll|d)$/i;
const PAUSE = /[,;:.!?\u2013\u2014]/;
/** A title ends with one, too. */
const TITLE_DOT = /^\.?\s*$/;

export interface Word extends Place {
  readonly plain: string;
  /** With its ending, as models know it: "I'm" is two words. */
  readonly parts: readonly string[];
  /** A sign that parts sentences stands before it. */
  readonly apart: boolean;
}

export function wordsOf(text: string): Word[] {
  let end = 0;
  return [...text.matchAll(WORD)].map((match) => {
    const word = match[0].replace(ENDING, '');
    const between = text.slice(end, match.index);
    const apart = PAUSE.test(between) && !(TITLE_DOT.test(between) && TITLES.has(folded(text.slice(0, end).split(/\s/).at(-1) ?? '')));
    end = match.index + match[0].length;
    return { plain: folded(word), parts: normalise(match[0]).split(' '), apart, from: match.index, to: match.index + word.length };
  });
}

/** Words that are also names, and yet stand beside a name. */
const OPENS: ReadonlySet<string> = new Set(['well', 'wait', 'good', 'clear', 'still']);
const GOES_ON: ReadonlySet<string> = new Set(['will', 'may', 'still', 'heard', 'wait']);
const NONE: ReadonlySet<string> = new Set();
const ENDS: ReadonlySet<string> = new Set(['speaking', 'here']);
const ARTICLES: ReadonlySet<string> = new Set(['a', 'an', 'the']);

/** How much of a name is said. */
export type Form = 'whole' | 'surname' | 'given';

/** True if the word before leaves the name what it is: "anna" may be a part of it, and "the green" is a thing. */
export function fitsBefore(word: Word | undefined, form: Form): boolean {
  return word === undefined || (isPlain(word) && (form === 'whole' || !ARTICLES.has(word.plain)));
}

/** True if the word at `at`, after the name, does so. */
export function fitsAfter(said: readonly Word[], at: number): boolean {
  const word = said[at];
  if (word === undefined || isPlain(word, NONE)) return true;
  const next = said[at + 1];
  return GOES_ON.has(word.plain) && next !== undefined && !ENDS.has(next.plain);
}

/** True if it is no part of a name. */
export function isPlain(word: Word, more: ReadonlySet<string> = OPENS): boolean {
  const beside = wordsBesideNames();
  return word.parts.every((part) => part === '' || beside.has(part) || more.has(part));
}

/** What stands before a name that is told: of oneself, of somebody, of nobody. */
const TELLS = /(?:^| )(?:this is|(?:my |the )?name is|speaking (?:with|to)|talking (?:with|to)|you have reached|called|by the name of|(?:there is|we have|have|has|is|know|knows) (?:no|not an?y?|nobody|any)|no|not know any)$/;
/** After these a word also says how somebody or something is: "I'm young". */
const DESCRIBES = /(?:^| )(?:i am|it is)$/;
const DESCRIBING: ReadonlySet<string> = new Set('good fine well free best rich short long young old strong sharp small savage swift wild cold early late gay blind still noble bright frank ready close dear low strange hardy moody jolly grand great sweet stout winter summer may'.split(' '));
const BEGINS: ReadonlySet<string> = new Set(['yes', 'yeah', 'yep', 'no', 'hello', 'hi', 'hey', 'well', 'okay', 'oh', 'sorry', 'so']);
/** What may be said of somebody who is named there. */
const SAID_OF = /^(?:is not|is out|is away|is at work|does not live|is no longer|no longer|moved|has moved|here|lives|by that name|at this)\b/;

/** True if the words around say that what stands there is a name, so that any word may be one: "this is Brown", "Brown speaking", "there's no Brown here". */
export function isNamedAt(said: readonly Word[], at: number, length: number): boolean {
  const before = said.slice(0, at).flatMap(partsOf).join(' ');
  const after = said.slice(at + length);
  const ends = after.length === 0 || after[0]!.apart || (ENDS.has(after[0]!.plain) && (after.length === 1 || after[1]!.apart));
  if (ends && (TELLS.test(before) || (DESCRIBES.test(before) && !DESCRIBING.has(said[at]!.plain)))) return true;
  const opens = before.split(' ').every((word) => word === '' || BEGINS.has(word)) || said[at]!.apart;
  if (!opens || after.length === 0 || after[0]!.apart) return false;
  return ends || SAID_OF.test(after.flatMap(partsOf).join(' '));
}

/** "Name's" is two words here. */
function partsOf(word: Word): readonly string[] {
  return word.plain === 'name' && word.parts.join('') === 'names' ? ['name', 'is'] : word.parts;
}
