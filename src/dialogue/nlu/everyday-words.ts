import { CALENDAR, FAMILY_NAMES, GIVEN_NAMES, WORD_NAMES } from './name-words.js';
import { isChinese, normaliserOf } from './normalise.js';
import { libraryOf } from './universal/library.js';

/** Of the library's phrases so many must have it: the library knows names, too. */
const OFTEN = { en: 10, zh: 3 } as const;
/** A word that so many phrases have is no stranger's name, unless it is in the list of names. */
const KNOWN = 3;
const FILLERS = ['um', 'umm', 'uh', 'uhh', 'er', 'erm', 'hmm', 'hm', 'mm', 'ah', 'oh', 'eh'] as const;
const HAN = /^\p{Script=Han}{2}$/u;
const VARIABLE = /\{[a-z][a-z0-9_]*\}/g;

type Language = 'en' | 'zh';

const known = new Map<Language, ReadonlyMap<string, number>>();
const everyday = new Map<Language, ReadonlySet<string>>();
let beside: ReadonlySet<string> | undefined;

/**
 * What people say anyway, whoever they are: words of English, pairs of Chinese
 * characters. A name that is one of them ("May", 马尚 for 马上) is no name by itself.
 * Takes a tenth of a second, once in a process.
 */
export function everydayWords(language: string): ReadonlySet<string> {
  const key = keyOf(language);
  let words = everyday.get(key);
  if (words === undefined) {
    const often = [...counted(key)].flatMap(([part, count]) => (count >= OFTEN[key] ? [part] : []));
    everyday.set(key, (words = new Set(key === 'en' ? [...often, ...WORD_NAMES, ...CALENDAR] : often)));
  }
  return words;
}

/** English words that stand beside a name and belong to no name: beside any other, "Green" may be the name of Tom Green. */
export function wordsBesideNames(): ReadonlySet<string> {
  return (beside ??= new Set([...FILLERS, ...[...counted('en')].flatMap(([word, count]) => (count >= KNOWN && word !== '#' && ![GIVEN_NAMES, FAMILY_NAMES, WORD_NAMES].some((names) => names.has(word)) ? [word] : []))]));
}

/** Words, pairs of characters, of the flow's own texts: where it speaks of a period of grace, "grace" names nobody. */
export function wordsOfTexts(language: string, texts: readonly string[]): ReadonlySet<string> {
  const parts = partsOf(keyOf(language));
  return new Set(texts.flatMap((text) => parts(text.replace(VARIABLE, ' '))));
}

function keyOf(language: string): Language {
  return isChinese(language) ? 'zh' : 'en';
}

/** In how many phrases of the library a word or pair stands. */
function counted(key: Language): ReadonlyMap<string, number> {
  let counts = known.get(key);
  if (counts === undefined) known.set(key, (counts = countParts(key)));
  return counts;
}

function countParts(key: Language): ReadonlyMap<string, number> {
  const parts = partsOf(key);
  const { universal, background } = libraryOf(key);
  const counts = new Map<string, number>();
  for (const phrases of [...universal.values(), background]) {
    for (const phrase of phrases) for (const part of new Set(parts(phrase))) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return counts;
}

function partsOf(key: Language): (text: string) => string[] {
  const normalise = normaliserOf(key);
  return key === 'zh' ? (text) => pairsOf(normalise(text)) : (text) => normalise(text).split(' ').filter((word) => word !== '');
}

function pairsOf(text: string): string[] {
  const units = [...text];
  return units.flatMap((unit, at) => (HAN.test(unit + (units[at + 1] ?? '')) ? [unit + (units[at + 1] ?? '')] : []));
}
