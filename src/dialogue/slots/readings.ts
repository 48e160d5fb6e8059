import { NO_VALUE_EN, withoutDeniedValues } from './denied-values.js';
import type { HasValue } from './denied-values.js';
import type { SlotFault, SlotReading, SlotValue } from './slot-type.js';

/** Below this a value is read back even where the flow does not ask for it. */
export const READ_BACK_BELOW = 0.6;

/** A time whose hour was said, but not its half of the day; one without an hour is less sure. */
export const HOUR_SAID = 0.58;

export function value(of: SlotValue, sure: number, rest = ''): SlotReading {
  return { kind: 'value', value: of, sure, rest: rest.trim() };
}

export function fault(kind: SlotFault, heard?: SlotValue): SlotReading {
  return { kind: 'fault', fault: kind, heard };
}

/** The text without the characters that made the value. */
export function without(text: string, from: number, to: number): string {
  return `${text.slice(0, from)} ${text.slice(to)}`.replace(/\s+/g, ' ').trim();
}

/** Without a mark between them the two halves are short: 不是五十是六十. */
const CONTRAST_ZH = /不(?:是|要)[^，,。]{1,20}[，,]\s*(?:而?是|要|应该是)(.+)$|^\s*(?:不对?[，,]\s*)?不(?:是|要)(?![很太特这那不])[^，,。]{1,20}[，,](.+)$|(?<![是要])不(?:是|要)(?![很太特这那不])[^，,。是要]{1,16}(?:而?是|要)(?![是不吧吗的啊了])([^，,。]+)$/su;
/** "No, not Thursday, Friday"; "not bad, ..." and "not until five" deny no value. */
const CONTRAST_EN = new RegExp(`^\\s*(?:(?:no|nope|sorry|oh|uh|um|well|it's|it is|that's|i said|i mean)[\\s,.]+)*not\\s+(?=\\S)(?!(?:${NO_VALUE_EN}|an?)\\b)[^,.;!?]{1,30}?(?:\\s*[,.;]\\s*(?:but\\s+|it's\\s+|it is\\s+)*|\\s+but\\s+)(\\S.*)$`, 'isu');

/** 不是周四，是周五, "not Thursday, Friday": what it is, and not what it is not. */
export function contrasted(text: string): string | undefined {
  const found = CONTRAST_ZH.exec(text) ?? CONTRAST_EN.exec(text.replace(/\u2019/g, "'"));
  return found?.[1] ?? found?.[2] ?? found?.[3];
}

/**
 * After a correction only what follows counts: "Thursday, no, Friday", "no, not four,
 * five", 不是四，是五; and what is denied does not: "Friday, not Thursday", if the kind
 * of value is told by `has`. The whole text where nothing is corrected.
 */
export function lastMeant(text: string, has: HasValue = () => false): string {
  const said = withoutDeniedValues(contrasted(text) ?? text, has);
  const turns = said.split(TURN).filter((part) => /[\p{L}\p{N}]/u.test(part));
  return turns.at(-1) ?? said;
}

/** What parts the first try from the second; 不是 only with a mark behind it, as 不是周四 denies the Thursday. */
const TURN = /[,.;，。；]?(?<!\s)\s*\b(?:no wait|no sorry|sorry no|wait no|no i mean|i mean|i meant|rather(?! than)|correction|scratch that|no,? actually|actually no|make that|sorry)\b[,.，]?\s*|[,;.]\s*no\b[,.]?\s+|[，,]\s*[哦噢啊]?不[，,]\s*|(?:不对|不是(?:的|啊)|不是(?=[，,。\s])|错了|说错了|我是说|应该是|更正)[，,。]?\s*/iu;
