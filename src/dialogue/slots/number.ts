import { englishNumber, numbersInEnglish } from './number-words-en.js';
import type { NumberFound } from './number-words-en.js';
import { hanziNumber, numbersInChinese } from './number-words-zh.js';
import { fault, lastMeant, value, without } from './readings.js';
import type { SlotLanguage, SlotReading, SlotSettings, SlotType } from './slot-type.js';

export function numbersIn(text: string, language: SlotLanguage): NumberFound[] {
  return language === 'zh' ? numbersInChinese(text) : numbersInEnglish(text);
}

/** A count or a measure. */
export const number: SlotType = {
  name: 'number',
  answerKind: 'open',
  hear(text, { language, settings }) {
    const said = lastMeant(text);
    const found = numbersIn(said, language);
    const first = found[0];
    if (first === undefined) return undefined;
    if (found.length === 1) return judge(first.value, first.sure, settings, without(said, first.from, first.to));
    const values = [...new Set(found.map((one) => one.value))];
    const joined = Number(found.map((one) => one.value).join(''));
    // 五分五分, "five, yes, five": said twice, where 55 cannot be meant.
    if (values.length === 1 && settings.max !== undefined && joined > settings.max) return judge(first.value, first.sure, settings, '');
    // "Two, three": two numbers are no answer, but digits said one by one are.
    if (!/\bor\b|\bto\b|\bbetween\b|或|到|还是/i.test(said) && found.every((one) => Number.isInteger(one.value) && one.value >= 0 && one.value < 10) && found.length <= 15) return judge(joined, 0.5, settings, '');
    if (values.length === 1) return judge(first.value, first.sure, settings, '');
    // "Eleven out of ten", where five is the most: which of them is meant does not matter.
    const possible = values.filter((one) => judge(one, 1, settings, '').kind === 'value');
    return possible.length === 0 ? judge(first.value, first.sure, settings, '') : { kind: 'ambiguous', values: values.slice(0, 3) };
  },
  keyed(keys, { settings }) {
    return /^\d+(?:\*\d+)?$/.test(keys) ? judge(Number(keys.replace('*', '.')), 0.95, settings, '') : fault('malformed');
  },
  readBack: (of, { language }) => (language === 'zh' ? hanziNumber(Number(of)) : englishNumber(Number(of))),
  check: ({ min, max }) => (min !== undefined && max !== undefined && min > max ? [['min', 'is above max']] : []),
};

export function judge(of: number, sure: number, { min, max }: SlotSettings, rest: string): SlotReading {
  if (!Number.isFinite(of)) return fault('malformed');
  if (min !== undefined && of < min) return fault('too_small', of);
  if (max !== undefined && of > max) return fault('too_large', of);
  return value(of, sure, rest);
}
