import { englishNumber, numbersInEnglish } from './number-words-en.js';
import type { NumberFound } from './number-words-en.js';
import { hanziNumber, numbersInChinese } from './number-words-zh.js';
import { afterNo, partedNumbers } from './denied-values.js';
import { fault, lastMeant, value, without } from './readings.js';
import type { SlotLanguage, SlotReading, SlotSettings, SlotType } from './slot-type.js';

/** "That's the one", "one moment": a word that points, and counts nothing. */
const POINTS_BEFORE = /\b(?:the|that|this|which|no|any|every|each|other|another|first|second|third|last|next|right|wrong|same)\s+$/i;
const POINTS_AFTER = /^\s+(?:moment|second|sec|thing|more time)\b/i;
/** "Yes, one hundred percent" is a yes. */
const EMPHASIS: Record<SlotLanguage, RegExp> = {
  en: /(?<=\b(?:yes|yeah|yep|sure|absolutely|definitely|right|correct|okay)\b[\s,.!]*(?:that is |that's |i'm |i am )?)(?:(?:a|one) hundred|100) ?(?:per ?cent\b|%)|\b(?:(?:a|one) hundred|100) ?(?:per ?cent|%)(?= (?:yes|sure|certain|right|correct|positive)\b)/gi,
  zh: /(?<=(?:对|是|好|行|的|没错|可以|确定|肯定|同意)[，,。！!\s]*)(?:百分之?百|100%)|(?:百分之?百|100%)的?(?=确定|肯定|同意|愿意|对|正确|没问题|可以)/g,
};
/** 周五 is the name of a day; of 百分之三十 only the 三十 counts, and of 一家三口 the 三口. */
const NAMED_ZH = /(?:周|星期|礼拜)[一二三四五六]|百分之|一家(?=[0-9两三四五六七八九十]+口)/g;

/** The numbers that count something. Places are those of the text. */
export function numbersIn(text: string, language: SlotLanguage): NumberFound[] {
  const blank = (words: string): string => ' '.repeat(words.length);
  // "2-3" is a range, and nothing negative.
  const plain = text.replace(EMPHASIS[language], blank).replace(/(?<=\d ?)[-\u2013\u2014](?= ?\d)/g, ' ');
  if (language === 'zh') return numbersInChinese(plain.replace(NAMED_ZH, blank));
  return numbersInEnglish(plain).filter(({ from, to }) => !/^one$/i.test(plain.slice(from, to)) || !(POINTS_BEFORE.test(plain.slice(Math.max(0, from - 12), from)) || POINTS_AFTER.test(plain.slice(to))));
}

/** A count or a measure. */
export const number: SlotType = {
  name: 'number',
  answerKind: 'open',
  hear(text, { language, settings }) {
    const has = (words: string): boolean => numbersIn(words, language).length > 0;
    const said = lastMeant(afterNo(partedNumbers(text), has), has);
    const found = numbersIn(said, language);
    const first = found[0];
    if (first === undefined) return undefined;
    if (found.length === 1) return judge(first.value, first.sure, settings, without(said, first.from, first.to));
    const values = [...new Set(found.map((one) => one.value))];
    const joined = Number(found.map((one) => one.value).join(''));
    // 五分五分, "five, yes, five": said twice, where 55 cannot be meant.
    if (values.length === 1 && settings.max !== undefined && joined > settings.max) return judge(first.value, first.sure, settings, '');
    // "One, two, five": digits said one by one are one number, but "four adults and two kids" are two, and so are two that make too large a one.
    const together = areDigits(said, found) ? judge(joined, 0.5, settings, '') : undefined;
    if (together?.kind === 'value' || (together !== undefined && found.length > 2)) return together;
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

/** Digits with nothing but spaces and commas between them; both numbers of 两三个 lie in the same place. */
function areDigits(said: string, found: readonly NumberFound[]): boolean {
  const isDigit = ({ value: of }: NumberFound): boolean => Number.isInteger(of) && of >= 0 && of < 10;
  return found.length <= 15 && found.every((one, at) => isDigit(one) && (found[at - 1]?.to ?? 0) <= one.from && /^[\s,，、]*$/.test(said.slice(found[at - 1]?.to ?? one.from, one.from)));
}

export function judge(of: number, sure: number, { min, max }: SlotSettings, rest: string): SlotReading {
  if (!Number.isFinite(of)) return fault('malformed');
  if (min !== undefined && of < min) return fault('too_small', of);
  if (max !== undefined && of > max) return fault('too_large', of);
  return value(of, sure, rest);
}
