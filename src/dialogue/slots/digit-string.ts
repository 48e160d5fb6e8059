import { spokenDigits } from '../answers/digits.js';
import { afterNo } from './denied-values.js';
import { hanziDigits } from './number-words-zh.js';
import { fault, lastMeant, value } from './readings.js';
import type { SlotReading, SlotSettings, SlotType } from './slot-type.js';

const MAX_DIGITS = 40;
const HANZI_DIGIT = new Map([...'零〇洞一幺壹二两贰三叁四肆五伍六陆七柒拐八捌九玖勾'].map((character, index) => [character, '0001112223344556677788999'.charAt(index)]));
const TIMES_ZH: readonly (readonly [string, number])[] = [['两个', 2], ['俩', 2], ['双', 2], ['三个', 3], ['四个', 4], ['五个', 5], ['六个', 6]];

/** Account, card, order and PIN numbers: digits whose leading zeros count. */
export const digitString: SlotType = {
  name: 'digits',
  answerKind: 'digits',
  hear(text, context) {
    const read = context.language === 'zh' ? chineseDigits : spokenDigits;
    const has = (words: string): boolean => read(words) !== '';
    const digits = read(lastMeant(afterNo(text, has), has));
    if (digits === '') return undefined;
    const before = typeof context.previous === 'string' && /^\d+$/.test(context.previous) && continues(context.previous, digits, context.settings) ? context.previous : '';
    return judge(before + digits, context.settings);
  },
  keyed: (keys, { settings }) => (/^\d+$/.test(keys) ? judge(keys, settings) : fault('malformed')),
  readBack: (digits, { language, settings }) => grouped(String(digits), settings.grouping).map((group) => (language === 'zh' ? hanziDigits(group) : [...group].join(' '))).join(language === 'zh' ? '，' : ', '),
  check(settings) {
    const { minDigits = 1, maxDigits = MAX_DIGITS, grouping } = settings;
    const problems: [keyof SlotSettings, string][] = [];
    if (minDigits > maxDigits) problems.push(['minDigits', 'is above the most digits']);
    if (grouping !== undefined && grouping.reduce((sum, size) => sum + size, 0) < minDigits) problems.push(['grouping', 'has fewer digits than the number']);
    if (settings.checkDigit === 'iban') problems.push(['checkDigit', 'an IBAN has letters; digits have none']);
    return problems;
  },
};

/** A second answer goes on where the first stopped if both together still fit, and one alone would not do. */
function continues(before: string, digits: string, settings: SlotSettings): boolean {
  const { minDigits = 1, maxDigits = MAX_DIGITS } = settings;
  return before.length < minDigits && digits.length < minDigits && before.length + digits.length <= maxDigits;
}

function judge(digits: string, settings: SlotSettings): SlotReading {
  const { minDigits = 1, maxDigits = MAX_DIGITS, checkDigit } = settings;
  // What is missing may still come: only a silence makes it too short.
  if (digits.length < minDigits) return { kind: 'part', value: digits };
  if (digits.length > maxDigits) return fault('too_long', digits);
  if (checkDigit !== undefined && !checks(digits, checkDigit)) return fault('check_digit', digits);
  return value(digits, checkDigit === undefined ? 0.8 : 0.98);
}

function checks(digits: string, kind: NonNullable<SlotSettings['checkDigit']>): boolean {
  switch (kind) {
    case 'luhn':
      return luhn(digits);
    case 'iso7064_mod11_2':
      return mod11(digits);
    case 'iban':
      return false;
  }
}

/** ISO/IEC 7812-1 annex B. */
function luhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** ISO 7064 MOD 11-2; a check character X is not among digits and therefore never right here. */
function mod11(digits: string): boolean {
  const sum = [...digits].reduce((total, digit) => ((total + Number(digit)) * 2) % 11, 0);
  return sum % 11 === 2 || (sum * 6) % 11 === 1;
}

function grouped(digits: string, grouping: readonly number[] | undefined): string[] {
  const sizes = grouping ?? (digits.length <= 4 ? [digits.length] : evenGroups(digits.length));
  const groups: string[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= digits.length) break;
    groups.push(digits.slice(at, at + size));
    at += size;
  }
  if (at < digits.length) groups.push(digits.slice(at));
  return groups;
}

/** Threes, and fours where a lone digit would be left: 11 is 3, 4, 4 as phone numbers in China are. */
function evenGroups(length: number): number[] {
  if (length === 11) return [3, 4, 4];
  const fours = length % 3 === 0 ? 0 : length % 3 === 1 ? 1 : 2;
  const threes = (length - fours * 4) / 3;
  return threes < 0 ? [length] : [...Array<number>(threes).fill(3), ...Array<number>(fours).fill(4)];
}

/** 记一下, 等一会儿, 唯一: an 一 that is no digit; 一个零 is one zero. */
const NO_DIGIT_ZH = /一(?:下儿?|会儿?|定|样|起|直|共|般|旦|点儿?(?![0-9零〇洞一幺二两三四五六七拐八九勾])|个(?=[0-9零〇洞幺二两三四五六七拐八九勾]))|(?:第|唯|统|同|万)一(?:个|次)?/gu;

/** 一三八，两个零，五 to 138005; empty if the words are about something else. */
export function chineseDigits(text: string): string {
  let spoken = text.normalize('NFKC').replace(/[\s，,。.、-]/g, '').replace(NO_DIGIT_ZH, '');
  for (const [words, times] of TIMES_ZH) {
    spoken = spoken.replace(new RegExp(`${words}([0-9零〇洞一幺二两三四五六七拐八九勾])`, 'g'), (_, digit: string) => digit.repeat(times));
  }
  const digits = [...spoken].map((character) => (/[0-9]/.test(character) ? character : (HANZI_DIGIT.get(character) ?? ''))).join('');
  const others = [...spoken.replace(/(?:我的|号码|电话|手机|卡号|账号|密码|身份证|尾号|后四位|就是|应该|没错|好的?|那个|然后|再|是|嗯|呃|哦|啊|的)/gu, '')].filter((character) => !/[0-9]/.test(character) && !HANZI_DIGIT.has(character)).length;
  return others > 0 && digits.length <= others ? '' : digits;
}
