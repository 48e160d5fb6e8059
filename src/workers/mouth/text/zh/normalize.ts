import { stripMarkup } from '../markup.js';
import { codes, phones } from './codes.js';
import { dates, times } from './dates.js';
import { money } from './money.js';
import { codeFigures, figures, quantity, whole } from './numerals.js';
import { units } from './units.js';

/**
 * The order is the meaning: a telephone number keeps its dashes from the ranges,
 * a date its slashes from the fractions, a clock its colon from the ratios; what
 * still has digits after all of them is a number. What one rule has turned into
 * characters holds no digit any more, so a later rule does not see it.
 */
const RULES: readonly ((text: string) => string)[] = [(text) => stripMarkup(text, { dayFirst: false }), addresses, phones, keys, times, dates, money, codes, units, numbers, symbols, marks];

/** Written Chinese as it is read aloud: Chinese characters, Latin words and `.,;:!?` only, no digits. */
export function normalizeChinese(text: string): string {
  return RULES.reduce((written, rule) => rule(written), text);
}

/** Mail and web addresses: the signs in them are said. */
function addresses(text: string): string {
  return text
    .replace(/https?:\/\//g, '')
    .replace(/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|(?<![\w.])(?:[A-Za-z][\w-]{0,62}\.){1,4}(?:com|cn|net|org|io)(?![\w])/g, (address: string) =>
      address.replace(/\d+/g, (digits) => codeFigures(digits)).replaceAll('@', ' 艾特 ').replaceAll('.', '点').replaceAll('_', '下划线').replaceAll('-', '杠'));
}

/** Keys of the telephone, which are no quantities. */
function keys(text: string): string {
  return text.replace(/(按|拨)(下|一下)?\s*(?:([0-9])|([#*]))(?:号?键)?(?![\d元])/g, (written: string, press: string, once: string | undefined, digit: string | undefined, sign: string | undefined) =>
    `${press}${once ?? ''}${digit === undefined ? (sign === '#' ? '井号' : '星号') : whole(digit)}${written.endsWith('键') ? '键' : ''}`);
}

const NUMBER = '\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)*';

function numbers(text: string): string {
  return text
    .replace(/(\d)\s*[-~]\s*(?=\d)/g, '$1到')
    .replace(/(\d)\s*:\s*(?=\d)/g, '$1比')
    .replace(/(\d)\s*[xX×*]\s*(?=\d)/g, '$1乘')
    .replace(/(\d)\s*\+\s*(?=\d)/g, '$1加')
    // 1.2.3 is a version: every point is said, every part is a number.
    .replace(new RegExp(`(?<![\\d.])(-(?=\\d))?(${NUMBER})`, 'g'), (_written, minus: string | undefined, number: string) => {
      const parts = number.split('.');
      if (parts.length > 2) return parts.map(whole).join('点');
      return `${minus === undefined ? '' : '负'}${quantity(number)}`;
    });
}

function symbols(text: string): string {
  return text
    .replace(/&/g, '和')
    .replace(/\+/g, '加')
    .replace(/=/g, '等于')
    .replace(/@/g, '艾特')
    .replace(/°/g, '度')
    .replace(/[¥]/g, '元')
    .replace(/%/g, '百分号');
}

/** Every mark becomes one of `.,;:!?`; quotes go, brackets are a short pause. */
function marks(text: string): string {
  return text
    .replace(/[。．]/g, '.')
    .replace(/[、()（）【】[\]{}|]/g, ',')
    // Digits that stand where no rule expects them are still said; what is left has no sound.
    .replace(/\d+/g, figures)
    .replace(/[^\p{Script=Han}A-Za-z' .,;:!?]/gu, ' ')
    .replace(/(?<![A-Za-z])'|'(?![A-Za-z])/g, ' ')
    // Chinese is written without spaces; between two characters they mean nothing.
    .replace(/(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu, '')
    .replace(/\s*([.,;:!?])[\s.,;:!?]*/g, (_written, mark: string) => mark)
    .replace(/\s+/g, ' ')
    .trim();
}
