import type { SlotFault, SlotReading, SlotValue } from './slot-type.js';

/** Below this a value is read back even where the flow does not ask for it. */
export const READ_BACK_BELOW = 0.6;

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

/** 不是周四，是周五: what it is, and not what it is not. */
export function contrasted(text: string): string | undefined {
  return /不(?:是|要)[^，,。]{1,20}[，,]\s*(?:而?是|要|应该是)(.+)$/su.exec(text)?.[1];
}

/**
 * After a correction only what follows counts: "Thursday, no, Friday", "no, not four,
 * five", 不是四，是五. The whole text where nothing is corrected.
 */
export function lastMeant(text: string): string {
  const contrast = contrasted(text);
  if (contrast !== undefined) return contrast;
  const turns = text.split(/[,.;，。；]?\s*\b(?:no wait|no sorry|sorry no|wait no|no i mean|i mean|i meant|rather|correction|scratch that|no,? actually|actually no|make that|sorry)\b[,.，]?\s*|[,;.]\s*no\b[,.]?\s+|[，,]\s*不[，,]\s*|(?:不对|不是的?|错了|说错了|我是说|应该是|更正)[，,。]?\s*/iu).filter((part) => /[\p{L}\p{N}]/u.test(part));
  return turns.at(-1) ?? text;
}
