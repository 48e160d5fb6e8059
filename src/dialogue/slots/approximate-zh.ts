/** Numbers that Chinese says roughly by two neighbours: 两三点, 三五天, 二十七八号. */

const PLACES = '一二三四五六七八九';
const DIGIT = '[一二两三四五六七八九]';
const AFTER_PAIR = '[点點時时个天日号周月年岁刻分小钟位口人次块元毛十百千万星礼]';
/** 周三四点 is four o'clock on Wednesday; digits before it make it no pair: 二零二三年. */
const PAIR = new RegExp(`(?<![0-9零〇一二两三四五六七八九幺点])(?<!周|星期|礼拜)(${DIGIT})[、，,]?(${DIGIT})(?=${AFTER_PAIR})`, 'g');
const RANGE = new RegExp(`(?<![0-9零〇一二两三四五六七八九十百]|周|星期|礼拜)((?:[0-9]{1,2}|[一二两三四五六七八九十]{1,3}))(?:到|至|或者?|、|~|～|-)(?:[0-9]{1,2}|[一二两三四五六七八九十]{1,3})(?=个?(?:半)?(?:[点點時时天]|小时|钟头|分钟|星期|礼拜|周(?![一二三四五六日天末])|月后))`, 'g');
/** 几天后: a few. As many as "a few" in English. */
const FEW: readonly (readonly [RegExp, string])[] = [
  [/(?<![十百])几(?=分钟)/g, '十'],
  [/(?<![十百])[好]?几(?=天(?:后|以后|之后|再|吧|$)|个?(?:小时|钟头)(?:后|以后|之后|再))|(?<=过[好]?)几(?=天|个?(?:小时|钟头))/g, '三'],
];

/** Two digits beside each other that no counting goes through by one are no such pair; 三五 is. */
export function isPair(first: string, second: string): boolean {
  const [low, high] = [first, second].map((digit) => PLACES.indexOf(digit === '两' ? '二' : digit));
  return low !== undefined && high !== undefined && (high === low + 1 || (low === 2 && high === 4));
}

/** The lower of what was said roughly, and whether anything was. */
export function lowerOfRough(text: string): { text: string; rough: boolean } {
  const lower = FEW.reduce((left, [pattern, count]) => left.replace(pattern, count), text)
    .replace(PAIR, (words, first: string, second: string) => (isPair(first, second) ? first : words))
    // The pair of 八九点 and 十一二点.
    .replace(/(?<![0-9一二两三四五六七八九十])九十(?=[点點時时])/g, '九')
    .replace(RANGE, '$1');
  return { text: lower, rough: lower !== text };
}
