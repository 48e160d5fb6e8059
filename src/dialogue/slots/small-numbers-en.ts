/** English numbers that name days and hours, and the names of days and months, for patterns. */

const UNITS = 'one two three four five six seven eight nine'.split(' ');
const TEENS = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const TENS = 'twenty thirty forty fifty'.split(' ');
const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(' ');

export const TEN_WORDS = [...TENS, 'sixty', 'seventy', 'eighty', 'ninety'].join('|');
export const TEEN_WORDS = TEENS.join('|');
export const UNIT_WORDS = UNITS.join('|');
/** 1 to 59, the longest first. */
export const MINUTE_WORDS = `(?:(?:${TENS.join('|')})(?:[ -](?:${UNIT_WORDS}))?|${TEENS.join('|')}|${UNIT_WORDS})`;
/** 1 to 20. */
export const ORDINAL_WORDS = ORDINALS;
export const MONTHS = 'january february march april may june july august september october november december'.split(' ');
export const MONTH = '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
export const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

/** "twenty five" to 25; undefined for words that are no such number. */
export function smallNumber(words: string): number | undefined {
  const [first = '', second] = words.toLowerCase().split(/[ -]/);
  const tens = TENS.indexOf(first);
  const unit = second === undefined ? 0 : UNITS.indexOf(second) + 1;
  if (tens >= 0) return second !== undefined && unit === 0 ? undefined : (tens + 2) * 10 + unit;
  if (second !== undefined) return undefined;
  if (UNITS.includes(first)) return UNITS.indexOf(first) + 1;
  return TEENS.includes(first) ? TEENS.indexOf(first) + 10 : undefined;
}
