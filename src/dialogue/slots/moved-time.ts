import { lowerOfRough } from './approximate-zh.js';
import { chineseNumber } from './number-words-zh.js';
import { smallNumber } from './small-numbers-en.js';
import type { SlotLanguage } from './slot-type.js';
import { figuresOfTime } from './spelled-time.js';
import { isRough } from './when-en.js';

/** "An hour later", 晚一天: how far a time that stands already is moved, and what else was said. */
export interface Move {
  readonly ms: number;
  readonly days: number;
  readonly months: number;
  /** 晚两三个小时: by the least that was meant. */
  readonly rough: boolean;
  readonly rest: string;
}

const UNITS_MS = new Map([['minute', 60_000], ['min', 60_000], ['hour', 3_600_000], ['小时', 3_600_000], ['钟头', 3_600_000], ['分钟', 60_000], ['刻钟', 900_000]]);
const UNITS_DAYS = new Map([['day', 1], ['week', 7], ['天', 1], ['日', 1], ['星期', 7], ['礼拜', 7], ['周', 7]]);

const STRETCH_EN = "(half an|half a|another|an?|[a-z]+(?:[ -][a-z]+)?|\\d{1,3}) (minute|min|hour|day|week|month)s?( and a half)?";
const END_EN = "(?= (?:that|please|instead|then|would|works|is|if|maybe)\\b|[\\s,.!?]*$|[,.!?])";
const MOVED_EN: readonly (readonly [RegExp, 1 | -1])[] = [
  [new RegExp(`\\b${STRETCH_EN} (?:later|further (?:on|out)|after(?: that)?${END_EN})`), 1],
  [new RegExp(`\\b${STRETCH_EN} (?:earlier|sooner|before(?: that)?${END_EN})`), -1],
  [new RegExp(`\\b(?:push|move|put|set) (?:it |that |this )?back (?:by )?${STRETCH_EN}`), 1],
  [new RegExp(`\\b(?:bring|move|pull) (?:it |that |this )?(?:forward|up) (?:by )?${STRETCH_EN}`), -1],
];
const NEXT_DAY_EN: readonly (readonly [RegExp, number])[] = [
  [new RegExp(`\\bthe (day|week) after(?: that)?${END_EN}`), 1],
  [/\bthe (?:next|following) (day|week)\b/, 1],
  [new RegExp(`\\bthe (day|week) before(?: that)?${END_EN}`), -1],
];

const STRETCH_ZH = '(半|[0-9零一二两三四五六七八九十]{1,4})个?(半)?(小时|钟头|分钟|刻钟|天|日|星期|礼拜|周(?![一二三四五六日天末])|月)';
const MOVED_ZH: readonly (readonly [RegExp, 1 | -1])[] = [
  [new RegExp(`(?:(?<![今明昨每])晚|迟|往后(?:推|挪|延|移|改)?|推后|推迟|后推|延后|延迟|顺延|改晚)(?:个|了)?${STRETCH_ZH}`, 'u'), 1],
  [new RegExp(`(?:(?<![今明])早|提前|提早|往前(?:提|挪|移|改)?|改早)(?:个|了)?${STRETCH_ZH}`, 'u'), -1],
];
const NEXT_DAY_ZH: readonly (readonly [RegExp, number])[] = [
  [/第二天|后一天|再后一天|次日/u, 1],
  [/前一天/u, -1],
];

/** Undefined where nothing is moved: "in an hour" counts from now. */
export function movedBy(text: string, language: SlotLanguage): Move | undefined {
  const { text: said, rough } = language === 'en' ? { text: figuresOfTime(text), rough: isRough(text) } : lowerOfRough(text);
  const [moved, days] = language === 'en' ? [MOVED_EN, NEXT_DAY_EN] : [MOVED_ZH, NEXT_DAY_ZH];
  for (const [pattern, sign] of moved) {
    const match = pattern.exec(said);
    const stretch = match === null ? undefined : stretchOf(match, language, sign);
    if (match !== null && stretch !== undefined) return { ...stretch, rough, rest: without(said, match) };
  }
  for (const [pattern, sign] of days) {
    const match = pattern.exec(said);
    if (match !== null) return { ms: 0, days: sign * (match[1] === 'week' ? 7 : 1), months: 0, rough, rest: without(said, match) };
  }
  return undefined;
}

function without(text: string, match: RegExpExecArray): string {
  return `${text.slice(0, match.index)} ${text.slice(match.index + match[0].length)}`;
}

function stretchOf([, countText = '', second = '', third]: RegExpExecArray, language: SlotLanguage, sign: 1 | -1): Omit<Move, 'rest' | 'rough'> | undefined {
  const [unit, half] = language === 'en' ? [second, third] : [third ?? '', second === '' ? undefined : second];
  const count = (language === 'en' ? countIn(countText) : countText === '半' ? 0.5 : chineseNumber(countText)) ?? 0;
  const amount = count + (half === undefined ? 0 : 0.5);
  if (amount === 0) return undefined;
  const ms = UNITS_MS.get(unit);
  if (ms !== undefined) return { ms: sign * amount * ms, days: 0, months: 0 };
  const days = UNITS_DAYS.get(unit);
  if (days === undefined) return amount % 1 === 0 ? { ms: 0, days: 0, months: sign * amount } : undefined;
  return Number.isInteger(amount * days) ? { ms: 0, days: sign * amount * days, months: 0 } : undefined;
}

function countIn(words: string): number | undefined {
  if (words.startsWith('half')) return 0.5;
  const plain = words.split(' ').at(-1) ?? '';
  return /^(?:an?|another)$/.test(plain) ? 1 : (smallNumber(words) ?? smallNumber(plain) ?? (/^\d+$/.test(plain) ? Number(plain) : undefined));
}
