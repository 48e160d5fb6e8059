import { everydayWords } from './everyday-words.js';
import { genderOf, isSameGiven } from './given-names.js';
import { GIVEN_NAMES } from './name-words.js';
import { agree, contradict, tellsMore } from './spoken-names.js';
import type { Place, SpokenName } from './spoken-names.js';
import { SUFFIXES, TITLES, fitsAfter, fitsBefore, isNamedAt, wordsOf } from './words-en.js';
import type { Form, Word } from './words-en.js';

/** Before a surname, and parts of it. */
const PARTICLES: ReadonlySet<string> = new Set(['van', 'von', 'der', 'den', 'de', 'del', 'della', 'di', 'da', 'dos', 'das', 'du', 'la', 'le', 'lo', 'el', 'al', 'bin', 'ibn', 'st', 'saint', 'ter', 'ten', 'zu', 'zur', 'mac', 'mc', 'san', 'santa', 'o']);
/** "O'Brien" may be heard as two words, and "Van Dyke" as one. */
const MORE_WORDS = 2;

/**
 * "Ms Mary Miller" is also "Mary Miller", "Mrs. Miller", "Miller" and "Mary", but not
 * "Mr Miller", nor "Anna Miller" or "Mary Walters": in doubt it is somebody else, and the
 * flow asks. `own`: words that the flow itself says, which name nobody by themselves.
 */
export function namesEn(value: string, own: ReadonlySet<string>): SpokenName {
  const words = wordsOf(value).map(({ plain }) => plain);
  const title = titleOf(words);
  const suffix = suffixOf(words);
  const name = words.filter((word) => !TITLES.has(word) && !SUFFIXES.has(word));
  const { given, surname } = parted(name, title !== undefined);
  const forms = new Map<string, Form>();
  for (const [form, kind] of [[[given[0] ?? ''], 'given'], [given, 'given'], [surname, 'surname'], [[...given.slice(0, 1), ...surname], 'whole'], [name, 'whole']] as const) if (form.join('') !== '') forms.set(form.join(''), kind);
  // A name of one word is as little by itself as a surname.
  if (given.length === 0 || surname.length === 0) forms.set(name.join(''), 'surname');
  const everyday = everydayWords('en');
  const isLone = title !== undefined && given.length === 0;

  /** Words of the name that the form at `at` belongs to, its suffix with it; 0: it is no name, or another's. */
  const lengthAt = (said: readonly Word[], at: number, { count, form }: Found, called: boolean): number => {
    const suffixed = SUFFIXES.get(said[at + count]?.plain ?? '');
    if ((suffixed !== undefined || form === 'whole') && suffixed !== suffix) return 0;
    const length = suffixed === undefined ? count : count + 1;
    const next = said[at + length];
    const isSure = called || form === 'whole';
    if (!fitsAfter(said, at + length) && !(isSure && next?.apart === true)) return 0;
    if (called) return (form === 'whole' && title === undefined) || agree(TITLES.get(said[at - 1]!.plain) ?? {}, title) ? length : 0;
    // "This is Brown", "there's no Brown here": whatever word it is.
    if (form === 'surname' && isLone && isNamedAt(said, at, length)) return length;
    if (form === 'whole') return said[at]!.apart || fitsBefore(said[at - 1], form) ? length : 0;
    const plain = said.slice(at, at + count).map((word) => word.plain).join('');
    return fitsBefore(said[at - 1], form) && !everyday.has(plain) && !own.has(plain) ? length : 0;
  };

  return {
    find: (text) => {
      const said = wordsOf(text);
      const found: Place[] = [];
      for (let at = 0; at < said.length; at++) {
        const called = TITLES.has(said[at]!.plain);
        const first = called ? at + 1 : at;
        const one = longest(said, first, forms, name.length + MORE_WORDS);
        if (one === undefined) continue;
        const length = lengthAt(said, first, one, called);
        if (length > 0) found.push({ from: said[at]!.from, to: said[first + length - 1]!.to });
        at = first + Math.max(length, one.count) - 1;
      }
      return found;
    },
    likeness: (text) => {
      const said = wordsOf(text).map(({ plain }) => plain);
      const plain = said.filter((word) => !TITLES.has(word) && !SUFFIXES.has(word));
      const saidTitle = titleOf(said);
      if (contradict(saidTitle, title) || (suffixOf(said) !== undefined && suffixOf(said) !== suffix)) return 'another';
      const isGiven = given.length > 0 && isSameGiven(plain[0] ?? '', given[0] ?? '');
      const isSurname = surname.length > 0 && plain.at(-1) === surname.at(-1);
      if (plain.length === 1) {
        const onlyGiven = given.length === 0 && title !== undefined && saidTitle === undefined && GIVEN_NAMES.has(plain[0]!);
        if (onlyGiven && !isSurname) return differs(genderOf(plain[0]!), title.gender) ? 'another' : 'likely';
        if (!isGiven && !isSurname) return 'another';
        if ((given.length === 0 && title === undefined) || !tellsMore(saidTitle, title)) return 'likely';
        const gender = genderOf(given[0] ?? '');
        return gender === undefined ? 'doubtful' : gender === saidTitle?.gender ? 'likely' : 'another';
      }
      // "Anna" may be anybody's first or last.
      if (title === undefined && given.length === 0) return plain.includes(surname[0] ?? '') ? 'likely' : 'another';
      if (given.length > 0) return isGiven && isSurname ? 'likely' : 'another';
      return isSurname && !differs(genderOf(plain[0]!), title?.gender) ? 'likely' : 'another';
    },
  };
}

function differs(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

interface Found {
  readonly count: number;
  readonly form: Form;
}

/** As many words from here as can be that are one of the forms. */
function longest(said: readonly Word[], from: number, forms: ReadonlyMap<string, Form>, most: number): Found | undefined {
  let joined = '';
  let found: Found | undefined;
  for (let at = from; at < Math.min(said.length, from + most); at++) {
    joined += said[at]!.plain;
    const form = forms.get(joined);
    if (form !== undefined) found = { count: at - from + 1, form };
  }
  return found;
}

/** "van der Berg" is one surname; whoever has a title may have nothing else. */
function parted(name: readonly string[], titled: boolean): { given: readonly string[]; surname: readonly string[] } {
  const least = titled || name.length < 2 ? 0 : 1;
  let start = name.length - 1;
  while (start > least && PARTICLES.has(name[start - 1]!)) start--;
  return { given: name.slice(0, Math.max(0, start)), surname: name.slice(Math.max(0, start)) };
}

function titleOf(words: readonly string[]): ReturnType<typeof TITLES.get> {
  return words.map((word) => TITLES.get(word)).find((title) => title !== undefined);
}

function suffixOf(words: readonly string[]): string | undefined {
  return words.map((word) => SUFFIXES.get(word)).find((suffix) => suffix !== undefined);
}
