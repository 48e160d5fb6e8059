import { isChinese, normaliserOf } from './normalise.js';
import { libraryOf } from './universal/library.js';

/** Of the library's phrases so many must have it: the library knows names, too. */
const OFTEN = { en: 10, zh: 3 } as const;
const HAN = /^\p{Script=Han}{2}$/u;

const known = new Map<'en' | 'zh', ReadonlySet<string>>();

/**
 * What people say anyway, whoever they are: words of English, pairs of Chinese
 * characters. A name that is one of them ("May", 马尚 for 马上) is no name by itself.
 * Takes a tenth of a second, once in a process.
 */
export function everydayWords(language: string): ReadonlySet<string> {
  const key = isChinese(language) ? 'zh' : 'en';
  let words = known.get(key);
  if (words === undefined) known.set(key, (words = oftenSaid(key)));
  return words;
}

function oftenSaid(language: 'en' | 'zh'): ReadonlySet<string> {
  const normalise = normaliserOf(language);
  const { universal, background } = libraryOf(language);
  const counts = new Map<string, number>();
  for (const phrases of [...universal.values(), background]) {
    for (const phrase of phrases) for (const part of new Set(language === 'zh' ? pairsOf(normalise(phrase)) : normalise(phrase).split(' '))) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return new Set([...counts].flatMap(([part, count]) => (count >= OFTEN[language] ? [part] : [])));
}

function pairsOf(text: string): string[] {
  const units = [...text];
  return units.flatMap((unit, at) => (HAN.test(unit + (units[at + 1] ?? '')) ? [unit + (units[at + 1] ?? '')] : []));
}
