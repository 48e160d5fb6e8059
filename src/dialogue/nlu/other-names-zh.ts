import { everydayWords } from './everyday-words.js';
import { LONG_SURNAMES_ZH, SURNAMES_ZH } from './name-words.js';
import type { NameFinder, Place } from './spoken-names.js';
import { isHan, textOf, titleAt, unitsOf } from './units-zh.js';
import type { Unit } from './units-zh.js';

/** Characters of a given name. */
const MOST_GIVEN = 2;
/** 我是江苏人 tells no name. */
const NO_NAME = /[人的了员生师长工士家方吧吗呢啊他她你我]$/u;
const SOFT: ReadonlySet<string> = new Set('啊呀吧呢哦的'.split(''));

/** Places at which somebody tells who they are, or is called by title: 我是赵女士, 我叫李小红, 我姓赵. Whose name it is is not asked here. */
export const namesOfOthersZh: NameFinder = (text) => {
  const said = unitsOf(text);
  const found: Place[] = [];
  for (let at = 1; at < said.length; at++) {
    const count = said[at]!.joined ? nameAt(said, at) : 0;
    if (count === 0) continue;
    found.push({ from: said[at]!.from, to: said[at + count - 1]!.to });
    at += count - 1;
  }
  return found;
};

/** Units from here that are a name with its title; 0: none. */
function nameAt(said: readonly Unit[], at: number): number {
  const surname = LONG_SURNAMES_ZH.has(textOf(said, at, 2)) ? 2 : SURNAMES_ZH.has(said[at]!.text) ? 1 : 0;
  const before = said[at - 1]!.text;
  if (surname === 0 || !'是叫姓'.includes(before)) return 0;
  if (before === '姓') return endsAt(said, at + surname) ? surname : 0;
  for (let given = 0; given <= MOST_GIVEN; given++) {
    const title = titleAt(said, at + surname + given);
    if (title !== undefined && isOne(said, at, surname + given)) return surname + given + title.length;
  }
  if (!'我字'.includes(said[at - 2]?.text ?? '-') && textOf(said, at - 3, 3) !== '我就是') return 0;
  for (let given = MOST_GIVEN; given > 0; given--) if (endsAt(said, at + surname + given) && isGiven(said, at, surname + given)) return surname + given;
  return 0;
}

function isOne(said: readonly Unit[], at: number, count: number): boolean {
  return at + count <= said.length && said.slice(at, at + count).every(({ text, joined }, index) => isHan(text) && (index === 0 || joined));
}

/** 我是方便 and 我是马上 tell no name either. */
function isGiven(said: readonly Unit[], at: number, count: number): boolean {
  const everyday = everydayWords('zh');
  const name = textOf(said, at, count);
  return isOne(said, at, count) && !NO_NAME.test(name) && [...name].every((character, index, all) => !everyday.has(character + (all[index + 1] ?? '')));
}

function endsAt(said: readonly Unit[], at: number): boolean {
  const next = said[at];
  return next?.joined !== true || (SOFT.has(next.text) && said[at + 1]?.joined !== true);
}
