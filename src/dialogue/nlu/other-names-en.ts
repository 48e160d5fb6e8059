import { GIVEN_NAMES } from './name-words.js';
import type { NameFinder, Place } from './spoken-names.js';
import { SUFFIXES, TITLES, fitsAfter, isPlain, wordsOf } from './words-en.js';
import type { Word } from './words-en.js';

/** Nobody's name has more, title aside. */
const MOST_WORDS = 4;
/** After these a name is told, whatever word it is. */
const NAMED: ReadonlySet<string> = new Set(['my name is', 'name is', 'you are speaking with', 'you are speaking to', 'you are talking to', 'you have reached']);
/** After these a word may also say how somebody is. */
const PERHAPS_NAMED: ReadonlySet<string> = new Set(['this is', 'i am', 'it is']);
/** "Tom Green speaking" tells a name without any of them. */
const ENDS: ReadonlySet<string> = new Set(['speaking', 'here']);
/** How something is, not who. */
const DESCRIBES = /(?:ly|ing|ous|ed)$/;
const OPENING: ReadonlySet<string> = new Set(['yes', 'no', 'yeah', 'yep', 'nope', 'hello', 'hi', 'hey', 'sorry', 'well', 'okay', 'oh', 'it', 'is', 'this']);

/** Places at which somebody tells who they are, or somebody is called by title: "Mr Walters", "my name is John Brown". Whose name it is is not asked here. */
export const namesOfOthersEn: NameFinder = (text) => {
  const said = wordsOf(text);
  const found: Place[] = [];
  for (let at = 0; at < said.length; at++) {
    const count = nameAt(said, at);
    if (count === 0) continue;
    found.push({ from: said[at]!.from, to: said[at + count - 1]!.to });
    at += count - 1;
  }
  return found;
};

/** Words from here that are a name with its title and suffix; 0: none. */
function nameAt(said: readonly Word[], at: number): number {
  const titled = TITLES.has(said[at]!.plain);
  const first = titled ? at + 1 : at;
  let end = first;
  while (end < said.length && end - first < MOST_WORDS && isPartAt(said, end, end > first)) end++;
  if (end === first) return 0;
  const words = said.slice(first, end);
  if (titled) return end - at;
  const before = said.slice(0, at).flatMap(({ parts }) => parts).filter((part) => part !== '');
  const ends = end === said.length || said[end]!.apart;
  const speaks = end < said.length && ENDS.has(said[end]!.plain) && end + 1 === said.length;
  const opens = before.every((part) => OPENING.has(part));
  if ([4, 3, 2].some((count) => NAMED.has(before.slice(-count).join(' ')))) return end - at;
  if (speaks && opens && (said[end]!.plain === 'speaking' || isNameLike(words))) return end - at;
  return (ends || speaks) && PERHAPS_NAMED.has(before.slice(-2).join(' ')) && isNameLike(words) ? end - at : 0;
}

function isPartAt(said: readonly Word[], at: number, inside: boolean): boolean {
  const word = said[at]!;
  if (/\p{N}/u.test(word.plain) || TITLES.has(word.plain)) return false;
  return inside ? !word.apart && (SUFFIXES.has(word.plain) || !fitsAfter(said, at)) : !SUFFIXES.has(word.plain) && !isPlain(word);
}

/** "this is outrageous" is no name, "this is Anna" and "this is John Brown" are. */
function isNameLike(words: readonly Word[]): boolean {
  const first = words[0]!.plain;
  return GIVEN_NAMES.has(first) || (words.length === 2 && words.every(({ plain }) => !DESCRIBES.test(plain)));
}
