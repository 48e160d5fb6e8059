import { everydayWords } from './everyday-words.js';
import { LONG_SURNAMES_ZH } from './name-words.js';
import { agree, contradict, tellsMore } from './spoken-names.js';
import type { Place, SpokenName, Title } from './spoken-names.js';
import { TITLE_LENGTH, isHan, sounds, textOf, titleAt, unitsOf } from './units-zh.js';
import type { Unit } from './units-zh.js';

/** Before a name, and no part of one: 我是王小明, 没有王小明. */
const BEFORE: ReadonlySet<string> = new Set('是叫找我你您他她它们对那哪这等问给让跟和同的有识认道了吗吧啊呀嗯哦喂好呢人替帮代来就与'.split(''));
/** After one, by themselves. */
const AFTER: ReadonlySet<string> = new Set('的不在没是就啊呀吧呢吗嘛哦呗他她我你您这那了和跟也都已早还刚正本谁哪接住搬'.split(''));
/** What follows is a name, for certain. */
const NAMED: ReadonlySet<string> = new Set(['是', '叫']);
/** 我姓王 ends there, or goes on with one of these. */
const AFTER_SURNAME: ReadonlySet<string> = new Set('的啊呀吧呢吗嘛哦不是对'.split(''));

/**
 * 王小明先生 is also 王小明, 王先生 and 小明, but not 王女士, 王小红, 张小明 or 王小明明: in
 * doubt it is somebody else, and the flow asks. Recognisers write a name with any
 * characters of its sound; they count, tones aside, with the title or after 是 and 叫.
 * What is short is a name only where it is nothing that people say anyway, and a surname
 * of one character only beside its title or 姓. `own`: pairs of characters that the flow
 * itself says.
 */
export function namesZh(value: string, own: ReadonlySet<string>): SpokenName {
  const { surname, given, name, title } = parted(unitsOf(value));
  const everyday = everydayWords('zh');
  const isEveryday = (pair: string): boolean => everyday.has(pair) || own.has(pair);

  /** `named`: the whole name was said of somebody, so that 明 and 你 in 我是王小明你说 are no 明你. */
  const endsWell = (said: readonly Unit[], at: number, named: boolean): boolean => {
    const next = said[at];
    if (next === undefined || !next.joined) return true;
    if (!isHan(next.text)) return isHan(said[at - 1]!.text);
    if (!named && isEveryday(said[at - 1]!.text + next.text)) return false;
    const after = said[at + 1];
    return AFTER.has(next.text) || titleAt(said, at) !== undefined || (after?.joined === true && isEveryday(next.text + after.text));
  };
  const beginsWell = (said: readonly Unit[], at: number): boolean => {
    const before = said[at - 1];
    return before === undefined || !said[at]!.joined || (isHan(before.text) ? !isHan(said[at]!.text) || BEFORE.has(before.text) : isHan(said[at]!.text));
  };
  /** By the name alone, without a title. */
  const isBare = (said: readonly Unit[], at: number, form: readonly string[]): boolean => {
    if (form.length === 1 && isHan(form[0])) return false;
    const isNamed = said[at]!.joined && NAMED.has(said[at - 1]?.text ?? '');
    const likeness = form !== name ? 'same' : isNamed ? 'folded' : form.length > 2 ? 'tones' : 'same';
    if (!sounds(said, at, form, likeness) || (form.length === 2 && isEveryday(textOf(said, at, 2)))) return false;
    return beginsWell(said, at) && endsWell(said, at + form.length, isNamed && form === name);
  };
  /** Units from `at` that are the name, its title with it; 0: none. */
  const lengthAt = (said: readonly Unit[], at: number): number => {
    for (const form of given.length > 0 ? [name, surname] : [name]) {
      const saidTitle = sounds(said, at, form, form === name ? 'folded' : 'tones') ? titleAt(said, at + form.length) : undefined;
      if (saidTitle === undefined) continue;
      return (form === name && given.length > 0 && title === undefined) || agree(saidTitle.title, title) ? form.length + saidTitle.length : 0;
    }
    if (isBare(said, at, name)) return name.length;
    return given.length > 1 && isBare(said, at, given) ? given.length : 0;
  };
  const isSurnameAt = (said: readonly Unit[], at: number): boolean => {
    const after = said[at + 1 + surname.length];
    return given.length === 0 && said[at]!.text === '姓' && sounds(said, at + 1, surname, 'tones') && (after?.joined !== true || AFTER_SURNAME.has(after.text));
  };

  return {
    find: (text) => {
      const said = unitsOf(text);
      const found: Place[] = [];
      for (let at = 0; at < said.length; at++) {
        // Who says 姓王 says it of a name: 姓 stays.
        const first = isSurnameAt(said, at) ? at + 1 : at;
        const count = first > at ? surname.length : lengthAt(said, at);
        if (count === 0) continue;
        found.push({ from: said[first]!.from, to: said[first + count - 1]!.to });
        at = first + count - 1;
      }
      return found;
    },
    likeness: (text) => {
      const units = unitsOf(text);
      const other = parted(units);
      if (contradict(other.title, title) || other.surname.length !== surname.length || !sounds(units, 0, surname, 'near')) return 'another';
      const rest = units.slice(surname.length, other.name.length);
      if (rest.length === 0 && (given.length > 0 || title !== undefined) && tellsMore(other.title, title)) return 'doubtful';
      return given.length > 0 && rest.length > 0 && !(rest.length === given.length && sounds(rest, 0, given, 'near')) ? 'another' : 'likely';
    },
  };
}

interface Parts {
  readonly name: readonly string[];
  readonly surname: readonly string[];
  readonly given: readonly string[];
  readonly title: Title | undefined;
}

function parted(units: readonly Unit[]): Parts {
  const titled = units.length > TITLE_LENGTH ? titleAt(units, units.length - TITLE_LENGTH) : undefined;
  const name = (titled === undefined ? units : units.slice(0, -titled.length)).map(({ text }) => text);
  const surname = name.slice(0, LONG_SURNAMES_ZH.has(name.slice(0, 2).join('')) ? 2 : 1);
  return { name, surname, given: name.slice(surname.length), title: titled?.title };
}
