import type { SlotLanguage } from './slot-type.js';

export interface ClockReading {
  readonly hour: number;
  readonly minute: number;
  /** The part of the day was said or cannot be doubted. */
  readonly certain: boolean;
  /** After the midnight that ends the day: "tonight at twelve", 明晚一点. */
  readonly nextDay?: boolean;
  /** Only a part of the day was said; the hour is its usual one. */
  readonly part?: PartOfDay;
}

export interface PartOfDay {
  /** `small` are the hours after midnight, which belong to the day that they begin. */
  readonly kind: 'small' | 'am' | 'noon' | 'pm' | 'evening' | 'night';
  /** Where no hour is said. */
  readonly usual: number;
  /** Hours that may be meant by it; the last is not. */
  readonly from: number;
  readonly to: number;
}

const PARTS: Record<SlotLanguage, readonly (readonly [RegExp, PartOfDay])[]> = {
  en: [
    [/\bmorning\b/gi, { kind: 'am', usual: 10, from: 5, to: 12 }],
    [/\bnoon\b|\bmidday\b/gi, { kind: 'noon', usual: 12, from: 11, to: 14 }],
    [/\bafternoon\b/gi, { kind: 'pm', usual: 15, from: 12, to: 18 }],
    [/\bevening\b/gi, { kind: 'evening', usual: 19, from: 17, to: 24 }],
    [/\btonight\b|\bnight\b/gi, { kind: 'night', usual: 19, from: 17, to: 24 }],
  ],
  zh: [
    [/凌晨/g, { kind: 'small', usual: 3, from: 0, to: 6 }],
    [/清晨|早上|早晨|一早|今早|明早|上午/g, { kind: 'am', usual: 10, from: 5, to: 12 }],
    [/中午|正午/g, { kind: 'noon', usual: 12, from: 11, to: 14 }],
    [/下午|午后/g, { kind: 'pm', usual: 15, from: 12, to: 18 }],
    [/傍晚/g, { kind: 'pm', usual: 18, from: 16, to: 20 }],
    [/晚上|今晚|明晚|昨晚/g, { kind: 'evening', usual: 19, from: 17, to: 24 }],
    [/夜里|夜晚/g, { kind: 'night', usual: 19, from: 17, to: 24 }],
    [/半夜|深夜|午夜/g, { kind: 'night', usual: 0, from: 0, to: 6 }],
  ],
};
const GREETING: Record<SlotLanguage, RegExp> = { en: /\bgood (?:morning|afternoon|evening|night)\b/gi, zh: /(?:早上|上午|中午|下午|晚上)好(?!不好|吗|了|一?点)/g };

/** The part of the day that was said last, before character `until` if there is one; a greeting is none. */
export function partOfDay(text: string, language: SlotLanguage, until = text.length): PartOfDay | undefined {
  const plain = text.replace(GREETING[language], (words) => ' '.repeat(words.length));
  return latest(plain.slice(0, until), language) ?? latest(plain, language);
}

function latest(text: string, language: SlotLanguage): PartOfDay | undefined {
  let found: PartOfDay | undefined;
  let at = -1;
  for (const [words, part] of PARTS[language]) {
    const last = [...text.matchAll(words)].at(-1)?.index ?? -1;
    if (last > at) [found, at] = [part, last];
  }
  return found;
}

/** A part of the day without an hour. */
export function usualHour(part: PartOfDay): ClockReading {
  return { hour: part.usual, minute: 0, certain: false, part, ...(part.kind === 'night' && part.usual === 0 ? { nextDay: true } : {}) };
}

/** An hour of the clock face, 0 to 24, in its part of the day. */
export function hourIn(part: PartOfDay | undefined, hour: number, minute: number): ClockReading {
  const twelve = hour === 0 || hour === 12 || hour === 24;
  if (part === undefined) {
    // Nobody makes appointments for the night: "at three" is in the afternoon.
    const guessed = hour >= 1 && hour < 8;
    return atMinute(guessed ? hour + 12 : hour % 24, minute, { certain: hour >= 13 || hour === 0, nextDay: hour === 24 });
  }
  // Twelve at night and what follows it lie after the midnight that ends the evening; hours of sleep are read back.
  if ((part.kind === 'evening' || part.kind === 'night') && (twelve || hour < (part.kind === 'night' ? 6 : 5))) return atMinute(twelve ? 0 : hour, minute, { certain: twelve, nextDay: true });
  if (part.kind === 'small') return atMinute(twelve ? 0 : hour, minute, { certain: true, nextDay: false });
  const after = hour < 12 && (part.kind === 'pm' || part.kind === 'evening' || part.kind === 'night' || (part.kind === 'noon' && hour < 3));
  return atMinute(after ? hour + 12 : hour % 24, minute, { certain: true, nextDay: hour === 24 });
}

/** Minutes before the hour may lie on the evening before. */
function atMinute(hour: number, minute: number, { certain, nextDay }: { certain: boolean; nextDay: boolean }): ClockReading {
  const total = hour * 60 + minute;
  return { hour: Math.floor((total + 1440) / 60) % 24, minute: (total + 1440) % 60, certain, ...(nextDay && total >= 0 ? { nextDay } : {}) };
}
