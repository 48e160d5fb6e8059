import { isOnlyValue } from '../answers/correction.js';
import { lowerOfRough } from './approximate-zh.js';
import { chineseNumber } from './number-words-zh.js';
import { MINUTE_WORDS, smallNumber } from './small-numbers-en.js';
import type { SlotLanguage } from './slot-type.js';
import { figuresOfTime } from './spelled-time.js';
import { isRough } from './when-en.js';

/** "An hour later", 晚一天: how far a time that stands already is moved. */
export interface Move {
  readonly ms: number;
  readonly days: number;
  readonly months: number;
}

/** What was said of a stretch of time, and what else. */
export interface Moved {
  /** Undefined: a stretch was said, and nobody knows that it moves anything ("remind me a day before"). */
  readonly by: Move | undefined;
  /** 晚两三个小时: by the least that was meant. */
  readonly rough: boolean;
  readonly rest: string;
}

const UNITS_MS = new Map([['minute', 60_000], ['min', 60_000], ['hour', 3_600_000], ['小时', 3_600_000], ['钟头', 3_600_000], ['分钟', 60_000], ['刻钟', 900_000]]);
const UNITS_DAYS = new Map([['day', 1], ['week', 7], ['天', 1], ['日', 1], ['星期', 7], ['礼拜', 7], ['周', 7]]);

const STRETCH_EN = `((?:an? )?half(?: an?)?|another|an?|${MINUTE_WORDS}|\\d{1,3}) (minute|min|hour|day|week|month)s?( and a half)?`;
const END_EN = "(?= (?:that|please|instead|then|would|works|is|if|maybe)\\b|[\\s,.!?]*$|[,.!?])";
/** Of 0 nobody knows which way. */
const MOVED_EN: readonly (readonly [RegExp, 1 | -1 | 0])[] = [
  [new RegExp(`\\b${STRETCH_EN} (?:later|further (?:on|out)|after(?: that)?${END_EN})`, 'g'), 1],
  [new RegExp(`\\b${STRETCH_EN} (?:earlier|sooner|before(?: that)?${END_EN})`, 'g'), -1],
  [new RegExp(`\\b(?:(?:push|move|put|set) (?:it |that |this )?back|(?:push|delay|postpone) (?:it|that|this)(?: out)?) (?:by )?${STRETCH_EN}`, 'g'), 1],
  [new RegExp(`\\b(?:bring|move|pull) (?:it |that |this )?(?:forward|up) (?:by )?${STRETCH_EN}`, 'g'), -1],
  [new RegExp(`\\b(?:move|shift|change|put) (?:it |that |this )?by ${STRETCH_EN}`, 'g'), 0],
];
const NEXT_DAY_EN: readonly (readonly [RegExp, number])[] = [
  [new RegExp(`\\bthe (day|week) after(?: that)?${END_EN}`, 'g'), 1],
  [/\bthe (?:next|following) (day|week)\b/g, 1],
  [new RegExp(`\\bthe (day|week) before(?: that)?${END_EN}`, 'g'), -1],
];

const STRETCH_ZH = '(半|[0-9零一二两三四五六七八九十]{1,4})个?(半)?(小时|钟头|分钟|刻钟|天|日|星期|礼拜|周(?![一二三四五六日天末])|月)';
const MOVED_ZH: readonly (readonly [RegExp, 1 | -1])[] = [
  [new RegExp(`(?:(?<![今明昨每最])晚|迟|往后(?:推|挪|延|移|改)?|推后|推迟|后推|延后|延迟|顺延|改晚)(?:个|了)?${STRETCH_ZH}`, 'gu'), 1],
  [new RegExp(`(?:(?<![今明最])早|提前|提早|往前(?:提|挪|移|改)?|改早)(?:个|了)?${STRETCH_ZH}`, 'gu'), -1],
];
/** 周五前一天 is a day by itself. */
const NO_DAY_ZH = '(?<![日天号节旦安诞一二三四五六末]的?)';
const NEXT_DAY_ZH: readonly (readonly [RegExp, number])[] = [
  [new RegExp(`${NO_DAY_ZH}(?:第二天|再?后一天|次日)`, 'gu'), 1],
  [new RegExp(`${NO_DAY_ZH}前一天`, 'gu'), -1],
];

/** What may stand beside a move; with more it may be a remark, or an errand ("remind me a day before"). */
const BESIDE: Record<SlotLanguage, RegExp> = {
  en: /\b(?:can|could|shall|may|might|would|will|we|us|me|you|how about|what about|why not|maybe|perhaps|possible|possibly|if|better|best|good|great|fine|perfect|easier|works?|suits?|prefer|like|want(?:ed)?|do|have it|got to|just|instead|thanks|by|for|about|only|i'd|then|so|and|or so|even|still|move|push|put|set|bring|i'm|i|come|be there|need|book|schedule|take|deliver|send|ship|pay|free|off|available|is there|there|anything|something|any|a slot|rather|too|also|but|though|same (?:time|hour|day|place)|at the same time|or else)\b/g,
  zh: /能不能|可不可以|行不行|好不好|如果|要是|可以|的话|不过|但是?|要不然?|要么|干脆|不如|帮[我你忙]?|给[我您你]?|[吗呢来您你想能请再那送交付取改也呗嘛啦]|麻烦|一下|约|同样|时间|最好|比较好|更好|合适|方便|谢谢|还是|要|安排/gu,
};
const CALLED: Record<SlotLanguage, RegExp> = { en: /\b(?:call|ring|phone)(?: me| us)?(?: back)?\b/g, zh: /(?:给我)?打(?:给我|过来|来|电话)?/gu };
/** "Call me a day before" may be a call beside the appointment. */
const AHEAD: Record<SlotLanguage, RegExp> = { en: /\b(?:before|after)\b/, zh: /提前|提早|一天$/ };
const DENIED: Record<SlotLanguage, RegExp> = { en: /(?<!\bwhy )\bnot\b|\bnever\b|n't\b/, zh: /别|没|不(?:要|想|用|能|行|好|可以|是)/u };
const ASKED_ZH = /能不能|可不可以|行不行|好不好/gu;
/** Nobody says more stretches in one breath. */
const MOST_TRIED = 4;
const CLAUSE = { before: /[^,.;!?，。；！？]*$/u, after: /^[^,.;!?，。；！？]*/u };

/**
 * What is said of a time that stands already; undefined where no stretch is said, as "in an
 * hour" counts from now. A move is all that its clause says, but for courtesy and the time
 * itself: "the next day is bad" and "please remind me a day before" move nothing, and their
 * stretch is not one from now either.
 */
export function movedBy(text: string, language: SlotLanguage): Moved | undefined {
  const { text: said, rough } = language === 'en' ? { text: figuresOfTime(text), rough: isRough(text) } : lowerOfRough(text);
  const [moved, days] = language === 'en' ? [MOVED_EN, NEXT_DAY_EN] : [MOVED_ZH, NEXT_DAY_ZH];
  const found = [
    ...moved.flatMap(([pattern, sign]) => [...said.matchAll(pattern)].map((match) => ({ match, by: stretchOf(match, language, sign) }))).filter(({ by }) => by !== undefined),
    ...days.flatMap(([pattern, sign]) => [...said.matchAll(pattern)].map((match) => ({ match, by: { ms: 0, days: sign * (match[1] === 'week' ? 7 : 1), months: 0 } }))),
  ];
  if (found.length === 0) return undefined;
  const rest = found.reduce((left, { match }) => left.replace(match[0], ' '), said);
  return { by: found.slice(0, MOST_TRIED).find(({ match, by }) => by !== undefined && (by.ms !== 0 || by.days !== 0 || by.months !== 0) && isAlone(match, said, language))?.by, rough, rest };
}

function isAlone(match: RegExpExecArray, said: string, language: SlotLanguage): boolean {
  const before = CLAUSE.before.exec(said.slice(0, match.index))?.[0] ?? '';
  const after = CLAUSE.after.exec(said.slice(match.index + match[0].length))?.[0] ?? '';
  const clause = `${before} ${after}`;
  if (DENIED[language].test(clause.replace(ASKED_ZH, ''))) return false;
  const beside = AHEAD[language].test(match[0]) ? clause : clause.replace(CALLED[language], ' ');
  return isOnlyValue(beside.replace(BESIDE[language], ' '), language);
}

function stretchOf([, countText = '', second = '', third]: RegExpExecArray, language: SlotLanguage, sign: 1 | -1 | 0): Move | undefined {
  const [unit, half] = language === 'en' ? [second, third] : [third ?? '', second === '' ? undefined : second];
  const count = language === 'en' ? countIn(countText) : countText === '半' ? 0.5 : (chineseNumber(countText) ?? 0);
  const amount = count + (half === undefined ? 0 : 0.5);
  if (amount === 0) return undefined;
  const ms = UNITS_MS.get(unit);
  if (ms !== undefined) return { ms: sign * amount * ms, days: 0, months: 0 };
  const days = UNITS_DAYS.get(unit);
  if (days === undefined) return amount % 1 === 0 ? { ms: 0, days: 0, months: sign * amount } : undefined;
  return Number.isInteger(amount * days) ? { ms: 0, days: sign * amount * days, months: 0 } : undefined;
}

function countIn(words: string): number {
  if (words.includes('half')) return 0.5;
  return /^(?:an?|another)$/.test(words) ? 1 : (smallNumber(words) ?? Number(words));
}
