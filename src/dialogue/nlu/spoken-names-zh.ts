import { pinyin } from 'pinyin-pro';
import { everydayWords } from './everyday-words.js';
import { agree, folded } from './spoken-names.js';
import type { Gender, NameFinder, Place } from './spoken-names.js';

const TITLES: readonly (readonly [string, Gender | undefined])[] = [
  ['先生', 'male'],
  ['女士', 'female'],
  ['小姐', 'female'],
  ['太太', 'female'],
  ['夫人', 'female'],
  ['老师', undefined],
  ['医生', undefined],
  ['大夫', undefined],
  ['教授', undefined],
  ['经理', undefined],
];
/** Surnames of two characters. */
const LONG_SURNAMES: ReadonlySet<string> = new Set(['欧阳', '司马', '上官', '诸葛', '司徒', '东方', '皇甫', '尉迟', '公孙', '慕容', '夏侯', '令狐', '端木', '司空', '南宫', '独孤', '长孙', '宇文', '轩辕', '西门']);
const UNIT = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu;
const HAN = /^\p{Script=Han}$/u;

interface Unit extends Place {
  readonly text: string;
}

/**
 * 王小明先生 is also 王小明, 王先生, 姓王 and 小明, but not 王女士. Recognisers write a name
 * with any characters of its sound, tones aside; what is short is a name only where it is
 * nothing that people say anyway, and a surname of one character only beside its title.
 */
export function namesZh(value: string): NameFinder {
  const units = unitsOf(value).map(({ text }) => text);
  const titled = TITLES.find(([title]) => units.length > title.length && units.slice(-title.length).join('') === title);
  const name = titled === undefined ? units : units.slice(0, -titled[0].length);
  const surname = name.slice(0, LONG_SURNAMES.has(name.slice(0, 2).join('')) ? 2 : 1);
  const given = name.slice(surname.length);
  const everyday = everydayWords('zh');
  const isEveryday = (said: readonly Unit[], at: number, count: number): boolean => count === 2 && everyday.has(textOf(said, at, count));

  /** Units from `at` that are the name, its title with it; 0: none. */
  const lengthAt = (said: readonly Unit[], at: number): number => {
    for (const form of given.length > 0 ? [name, surname] : [name]) {
      if (!sounds(said, at, form)) continue;
      const after = at + form.length;
      const title = TITLES.find(([one]) => sounds(said, after, [...one]));
      if (title !== undefined) return agree(title[1], titled?.[1]) ? form.length + title[0].length : 0;
      if (form === name && (form.length > 1 || !HAN.test(form[0] ?? '')) && !isEveryday(said, at, form.length)) return form.length;
    }
    if (said[at]!.text === '姓' && sounds(said, at + 1, surname)) return 1 + surname.length;
    return given.length > 1 && textOf(said, at, given.length) === given.join('') && !isEveryday(said, at, given.length) ? given.length : 0;
  };

  return (text) => {
    const said = unitsOf(text);
    const found: Place[] = [];
    for (let at = 0; at < said.length; at++) {
      const count = lengthAt(said, at);
      if (count === 0) continue;
      // Who says 姓王 says it of a name: 姓 stays.
      found.push({ from: said[said[at]!.text === '姓' && name[0] !== '姓' ? at + 1 : at]!.from, to: said[at + count - 1]!.to });
      at += count - 1;
    }
    return found;
  };
}

function unitsOf(text: string): Unit[] {
  return [...text.matchAll(UNIT)].map((match) => ({ text: folded(match[0]), from: match.index, to: match.index + match[0].length }));
}

function textOf(said: readonly Unit[], at: number, count: number): string {
  return said.slice(at, at + count).map(({ text }) => text).join('');
}

/** True if the units from `at` sound like the form. */
function sounds(said: readonly Unit[], at: number, form: readonly string[]): boolean {
  return at + form.length <= said.length && form.every((unit, index) => soundsLike(said[at + index]!.text, unit));
}

function soundsLike(said: string, unit: string): boolean {
  if (said === unit) return true;
  if (!HAN.test(said) || !HAN.test(unit)) return false;
  // The name may be read in a way of its own (单, 曾, 仇); a recogniser writes what is usual.
  return readings(unit).has(readings(said).values().next().value ?? '');
}

const known = new Map<string, ReadonlySet<string>>();

/** Sounds of a character without tones, the usual one first. */
function readings(character: string): ReadonlySet<string> {
  let found = known.get(character);
  if (found === undefined) known.set(character, (found = new Set([pinyin(character, { toneType: 'none' }), ...pinyin(character, { toneType: 'none', multiple: true, type: 'array' })])));
  return found;
}
