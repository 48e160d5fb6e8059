import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { CountryCode } from 'libphonenumber-js';
import { spokenDigits } from '../answers/digits.js';
import { afterNo } from './denied-values.js';
import { chineseDigits } from './digit-string.js';
import { hanziDigits } from './number-words-zh.js';
import { fault, lastMeant, value } from './readings.js';
import type { SlotContext, SlotReading, SlotType } from './slot-type.js';

/** Below this more is to come; the shortest subscriber numbers have five digits, but nobody gives one alone. */
const SHORTEST = 7;
/** Mobile numbers in China and those with their area code have eleven digits, 400 and 800 numbers ten; a library takes seven of them for a whole number. */
const UNFINISHED_CN = /^(?:(?:1[3-9]|0)\d{0,8}|[48]00\d{0,6})$/;
/** What could still come: no number has more than 15 digits, and a few digits to go on with tell whether it could be one. */
const MISSING = [1, 2, 3, 4];
const GO_ON_WITH = ['2', '5', '0'];

/** A telephone number: kept as E.164. */
export const phone: SlotType = {
  name: 'phone',
  answerKind: 'digits',
  hear(text, context) {
    const read = (words: string): string => (context.language === 'zh' ? chineseDigits(words) : spokenDigits(words.replace(/\bplus\b/gi, ' ')));
    const has = (words: string): boolean => read(words) !== '';
    const said = lastMeant(afterNo(text, has), has);
    const digits = read(said);
    if (digits === '') return undefined;
    const international = /^\s*(?:\+|.*\bplus\b|.*加)/i.test(said) && !/^0/.test(digits);
    return continued(digits, international, context);
  },
  keyed: (keys, context) => (/^\d+$/.test(keys) ? judge(keys, keys.startsWith('00'), context) : fault('malformed')),
  readBack(of, { language, settings }) {
    const parsed = parsePhoneNumberFromString(String(of));
    const national = parsed === undefined || parsed.country !== settings.country ? undefined : parsed.formatNational();
    const groups = (national ?? parsed?.formatInternational() ?? String(of)).match(/\d+/g) ?? [];
    // Chinese mobile numbers are read 3, 4, 4, however a format has them.
    const digits = groups.join('');
    const spoken = national !== undefined && digits.length === 11 && language === 'zh' ? [digits.slice(0, 3), digits.slice(3, 7), digits.slice(7)] : groups;
    const plus = national === undefined ? (language === 'zh' ? '加' : 'plus ') : '';
    return plus + spoken.map((group) => (language === 'zh' ? hanziDigits(group) : [...group].join(' '))).join(language === 'zh' ? '，' : ', ');
  },
  check: ({ country }) => (country === undefined ? [['country', 'is needed: what a number without a country code means']] : /^[A-Z]{2}$/.test(country) ? [] : [['country', 'is an ISO 3166 code such as US']]),
};

/** What goes on where a part stopped, or starts anew: "four one five" - "four one five, five five five, ...". */
function continued(digits: string, international: boolean, context: SlotContext): SlotReading {
  const { previous } = context;
  const alone = judge(digits, international, context);
  if (typeof previous !== 'string' || !/^\+?\d{1,14}$/.test(previous)) return alone;
  const before = previous.replace('+', '');
  const anew = digits.length > before.length && digits.startsWith(before);
  if (anew && alone.kind === 'value') return alone;
  const joined = judge(before + digits, international || previous.startsWith('+'), context);
  if (joined.kind === 'value') return joined;
  return anew || alone.kind === 'value' ? alone : joined;
}

function judge(digits: string, international: boolean, { settings: { country } }: SlotContext): SlotReading {
  const part: SlotReading = { kind: 'part', value: `${international ? '+' : ''}${digits}` };
  if (digits.length < SHORTEST || (country === 'CN' && UNFINISHED_CN.test(international ? digits.replace(/^(?:00)?86/, '') : digits))) return part;
  const written = international ? `+${digits.replace(/^00/, '')}` : digits;
  const parsed = parsePhoneNumberFromString(written, country as CountryCode | undefined);
  if (parsed === undefined) return fault('malformed', digits);
  if (parsed.isValid()) return value(parsed.number, 0.85);
  const national = parsed.nationalNumber.length;
  if (national >= 10) return fault('too_long', digits);
  return isBeginning(written, country) ? part : fault('too_short', digits);
}

/** "Four one five, five five five two" of a number with ten digits. */
function isBeginning(written: string, country: string | undefined): boolean {
  return MISSING.some((count) => GO_ON_WITH.some((digit) => parsePhoneNumberFromString(written + digit.repeat(count), country as CountryCode | undefined)?.isValid() === true));
}
