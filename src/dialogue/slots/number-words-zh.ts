import { isPair } from './approximate-zh.js';
import type { NumberFound } from './number-words-en.js';

/**
 * Numbers in Chinese characters and figures: 两万五千三百, 一百二 (120), 3万5, 三点五,
 * 二零二六, 百分之三十 is left to who wants percentages. Written Chinese has no spaces:
 * numbers are the longest runs that read as one.
 */
const DIGITS = new Map([...'零〇洞', ...'一二三四五六七八九', ...'幺两俩拐勾', ...'壹贰叁肆伍陆柒捌玖'].map((character, index) => [character, [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 2, 7, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9][index] ?? 0]));
const SMALL_UNITS = new Map([['十', 10], ['拾', 10], ['百', 100], ['佰', 100], ['千', 1000], ['仟', 1000]]);
const LARGE_UNITS = new Map([['万', 1e4], ['亿', 1e8]]);
const RUN = /负?[0-9零〇洞一二三四五六七八九幺两俩拐勾壹贰叁肆伍陆柒捌玖十拾百佰千仟万亿][0-9零〇洞一二三四五六七八九幺两俩拐勾壹贰叁肆伍陆柒捌玖十拾百佰千仟万亿]*(?:[点.][0-9零〇一二三四五六七八九两]+)?[万亿]?(?:个?半(?!天|个|小时|年|月))?/g;
/** Words in which a numeral counts nothing: 一下, 一定, 万一, 一言为定, ... */
const NO_NUMBER = /^(?:一(?:[个位分块毛元张份次点句天]钱?(?:都|也)(?:不|没|别)|下|定|样|起|直|般|些|会儿|点儿?(?![零一二三四五六七八九0-9])|边|旦|切|共|致|言|清二楚|模一样|心|五一十)|万一|万无一失|十分|十全十美|千万|千真万确|百万(?=别)|一?百个(?:放心|愿意|同意)|二话|三心二意|七上八下|不三不四|八九不离十)/;

/** 两三 before these is two or three; alone it may be digits. */
const COUNTED = /^(?:[个位名口人张件份次遍天日号岁年月周块元毛分点刻本条只辆台套盒包瓶斤层间晚桌]|公斤|公里|小时|钟头|星期|礼拜|美元|美金|欧元|英镑)/;
const PAIR = /^((?:.*[十百千万亿])?)([一二两三四五六七八九])([一二两三四五六七八九])([十百千万亿]*)$/;

export function numbersInChinese(text: string): NumberFound[] {
  const found: NumberFound[] = [];
  for (const match of text.matchAll(RUN)) {
    if (NO_NUMBER.test(text.slice(match.index)) || text.slice(Math.max(0, match.index - 1), match.index + 1) === '万一') continue;
    // 十几个, 几百 and 一半 count nothing that could be kept.
    if (/^几/.test(text.slice(match.index + match[0].length)) || /几$/.test(text.slice(0, match.index)) || /^[一1]半(?!天|个|小时|年|月)/.test(match[0])) continue;
    const to = match.index + match[0].length;
    const pair = COUNTED.test(text.slice(to)) || /[十百千万亿]$/.test(match[0]) ? twoOf(match[0]) : undefined;
    if (pair !== undefined) {
      found.push(...pair.map((value) => ({ value, sure: 0.6, from: match.index, to })));
      continue;
    }
    const value = chineseNumber(match[0]);
    if (value === undefined) continue;
    const rough = /^[多几来]/.test(text.slice(to)) || /[大约左右差不多]$/.test(text.slice(0, match.index));
    found.push({ value, sure: rough ? 0.6 : 0.95, from: match.index, to });
  }
  return found;
}

/** 两三 of 两三个, 十二三 of 十二三岁, 五六十: two numbers beside each other in counting, and none of two digits. */
function twoOf(text: string): [number, number] | undefined {
  const match = PAIR.exec(text);
  if (match === null) return undefined;
  const [, head = '', first = '', second = '', tail = ''] = match;
  if (!isPair(first, second)) return undefined;
  const low = chineseNumber(head + first + tail);
  const high = chineseNumber(head + second + tail);
  return low === undefined || high === undefined ? undefined : [low, high];
}

/** One whole numeral; undefined if it is none, e.g. 百点. */
export function chineseNumber(text: string): number | undefined {
  const negative = text.startsWith('负');
  let rest = negative ? text.slice(1) : text;
  let half = 0;
  if (/个?半$/.test(rest)) {
    rest = rest.replace(/个?半$/, '');
    half = 0.5;
  }
  const tail = /[点.][^点.]*?([万亿])$/.exec(rest)?.[1];
  if (tail !== undefined) rest = rest.slice(0, -1);
  const [whole = '', decimals] = rest.split(/[点.]/);
  const integer = wholeNumber(whole);
  if (integer === undefined) return undefined;
  let value = decimals === undefined ? integer : Number(`${integer}.${figures(decimals)}`);
  if (Number.isNaN(value)) return undefined;
  value += half * lastUnit(whole);
  if (tail !== undefined) value = Math.round(value * (LARGE_UNITS.get(tail) ?? 1) * 1e6) / 1e6;
  return negative ? -value : value;
}

/** 两万半 is 25,000; 三个半 is 3.5. */
function lastUnit(text: string): number {
  const last = text.at(-1) ?? '';
  return LARGE_UNITS.get(last) ?? (SMALL_UNITS.get(last) ?? 1);
}

/** Digit by digit: 二零二六 to 2026. */
export function figures(text: string): string {
  return [...text].map((character) => (/[0-9]/.test(character) ? character : String(DIGITS.get(character) ?? ''))).join('');
}

function wholeNumber(text: string): number | undefined {
  if (text === '') return undefined;
  const characters = [...text];
  const hasUnit = characters.some((one) => SMALL_UNITS.has(one) || LARGE_UNITS.has(one));
  if (!hasUnit) return characters.length > 15 ? undefined : Number(figures(text));
  return withUnits(characters);
}

function withUnits(characters: readonly string[]): number | undefined {
  let total = 0;
  let section = 0;
  let pending: number | undefined;
  let unit = 1;
  let zero = false;
  let run = '';
  for (const character of characters) {
    const digit = DIGITS.get(character);
    if (/[0-9]/.test(character)) {
      run += character;
      pending = Number(run);
      continue;
    }
    run = '';
    if (digit !== undefined) {
      // 三五十: two digits in a row before a unit are no numeral.
      if (pending !== undefined && digit !== 0 && !zero) return undefined;
      if (digit === 0) zero = true;
      else pending = digit;
      continue;
    }
    const small = SMALL_UNITS.get(character);
    if (small !== undefined) {
      // 五十六十 are two numbers: within a numeral the units fall.
      if (section > 0 && small >= unit) return undefined;
      section += (pending ?? 1) * small;
      unit = small;
    } else {
      const large = LARGE_UNITS.get(character) ?? 1;
      total = large > 1e4 && total > 0 && section + (pending ?? 0) === 0 ? total * large : total + (section + (pending ?? 0) || 1) * large;
      section = 0;
      unit = large;
    }
    pending = undefined;
    zero = false;
  }
  if (pending === undefined) return total + section;
  // 一百二 is 120, 两万五 25,000; with 零 before it, or in figures, it is what it says.
  const short = !zero && unit >= 100 && pending < 10;
  return total + section + (short ? (pending * unit) / 10 : pending);
}

const NUMERALS = '零一二三四五六七八九';

/** 25300 as 两万五千三百; decimals digit by digit. Up to 10^16. */
export function hanziNumber(value: number): string {
  if (value < 0) return `负${hanziNumber(-value)}`;
  const [whole = '0', decimals] = plain(value).split('.');
  const spoken = hanziWhole(Number(whole));
  return decimals === undefined ? spoken : `${spoken}点${[...decimals].map((digit) => NUMERALS[Number(digit)] ?? '').join('')}`;
}

function plain(value: number): string {
  return value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 6 });
}

function hanziWhole(value: number): string {
  if (value === 0) return '零';
  let spoken = '';
  let rest = value;
  for (const [unit, size] of [['亿', 1e8], ['万', 1e4], ['', 1]] as const) {
    const section = Math.floor(rest / size);
    rest -= section * size;
    if (section === 0) continue;
    if (spoken !== '' && section < 1000) spoken += '零';
    spoken += (section >= 10_000 ? hanziWhole(section) : hanziSection(section, unit !== '' || section >= 100)) + unit;
  }
  // 一十五 is 十五 at the head of a number only.
  return spoken.replace(/^一十/, '十');
}

function hanziSection(section: number, liang: boolean): string {
  let spoken = '';
  let gap = false;
  for (const [unit, size] of [['千', 1000], ['百', 100], ['十', 10], ['', 1]] as const) {
    const digit = Math.floor(section / size) % 10;
    if (digit === 0) {
      gap = spoken !== '';
      continue;
    }
    if (gap) spoken += '零';
    gap = false;
    const two = digit === 2 && liang && (size >= 100 || (size === 1 && section === 2));
    spoken += (two ? '两' : (NUMERALS[digit] ?? '')) + unit;
  }
  return spoken;
}

/** Digit by digit as people read numbers aloud: 幺 for 1. */
export function hanziDigits(digits: string): string {
  return [...digits].map((digit) => (digit === '1' ? '幺' : (NUMERALS[Number(digit)] ?? ''))).join('');
}
