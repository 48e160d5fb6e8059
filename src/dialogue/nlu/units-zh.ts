import { pinyin } from 'pinyin-pro';
import { folded } from './spoken-names.js';
import type { Place, Title } from './spoken-names.js';

export const TITLES_ZH: readonly (readonly [string, Title])[] = [
  ['先生', { gender: 'male' }],
  ['女士', { gender: 'female' }],
  ['小姐', { gender: 'female', married: false }],
  ['太太', { gender: 'female', married: true }],
  ['夫人', { gender: 'female', married: true }],
  ['老师', {}],
  ['医生', {}],
  ['大夫', {}],
  ['教授', {}],
  ['经理', {}],
];
/** Of each of them. */
export const TITLE_LENGTH = 2;
const UNIT = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu;
const HAN = /^\p{Script=Han}$/u;

/** A character, or a word of letters. */
export interface Unit extends Place {
  readonly text: string;
  /** The unit before stands close: no sign between characters, nothing but a space between words of letters. */
  readonly joined: boolean;
}

export function unitsOf(text: string): Unit[] {
  let end = 0;
  return [...text.matchAll(UNIT)].map((match) => {
    const joined = match.index > 0 && text.slice(end, match.index).trim() === '' && end > 0;
    end = match.index + match[0].length;
    return { text: folded(match[0]), joined, from: match.index, to: end };
  });
}

export function textOf(said: readonly Unit[], at: number, count: number): string {
  return said.slice(at, at + count).map(({ text }) => text).join('');
}

export function isHan(unit: string | undefined): boolean {
  return unit !== undefined && HAN.test(unit);
}

/** How like a name it must sound: `folded` is any characters of the sound, tones aside; `near` is also what recognisers confuse with it, n and ng, z and zh. */
export type Likeness = 'same' | 'tones' | 'folded' | 'near';

/** True if the units from `at` are the form, or sound like it. */
export function sounds(said: readonly Unit[], at: number, form: readonly string[], likeness: Likeness): boolean {
  return at >= 0 && at + form.length <= said.length && form.every((unit, index) => soundsLike(said[at + index]!.text, unit, likeness));
}

function soundsLike(said: string, unit: string, likeness: Likeness): boolean {
  if (said === unit) return true;
  if (likeness === 'same' || !isHan(said) || !isHan(unit)) return false;
  // The name may be read in a way of its own (单, 曾, 仇); a recogniser writes what is usual.
  return readings(unit, likeness).has(readings(said, likeness).values().next().value ?? '');
}

const known = { tones: new Map<string, ReadonlySet<string>>(), folded: new Map<string, ReadonlySet<string>>(), near: new Map<string, ReadonlySet<string>>() } as const;

/** Sounds of a character, the usual one first. */
function readings(character: string, likeness: 'tones' | 'folded' | 'near'): ReadonlySet<string> {
  const toneType = likeness === 'tones' ? 'num' : 'none';
  let found = known[likeness].get(character);
  if (found === undefined) {
    const all = [pinyin(character, { toneType }), ...pinyin(character, { toneType, multiple: true, type: 'array' })];
    known[likeness].set(character, (found = new Set(likeness === 'near' ? all.map(near) : all)));
  }
  return found;
}

/** One form for sounds that many do not tell apart. */
function near(sound: string): string {
  return sound.replace(/ng$/, 'n').replace(/^([zcs])h/, '$1');
}

/** The title that stands there, and its length. */
export function titleAt(said: readonly Unit[], at: number): { readonly title: Title; readonly length: number } | undefined {
  const found = TITLES_ZH.find(([one]) => sounds(said, at, [...one], 'folded'));
  return found === undefined ? undefined : { title: found[1], length: found[0].length };
}
