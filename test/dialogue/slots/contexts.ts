import type { SlotContext, SlotLanguage, SlotReading, SlotSettings } from '../../../src/dialogue/slots/slot-type.js';

/** Monday, 23 November 2026, 10:00 in the zone of the language. */
export const NOW: Record<SlotLanguage, Pick<SlotContext, 'nowMs' | 'timeZone'>> = {
  en: { nowMs: Date.UTC(2026, 10, 23, 15), timeZone: 'America/New_York' },
  zh: { nowMs: Date.UTC(2026, 10, 23, 2), timeZone: 'Asia/Shanghai' },
};
const CARDS = {
  en: [{ value: 'basic', say: 'the basic card', synonyms: ['standard'] }, { value: 'gold', synonyms: [] }, { value: 'platinum', synonyms: ['black card'] }],
  zh: [{ value: 'basic', say: '普通卡', synonyms: [] }, { value: 'gold', say: '金卡', synonyms: [] }, { value: 'platinum', say: '白金卡', synonyms: ['黑卡'] }],
};

export function contextOf(type: string, language: SlotLanguage, over: Partial<SlotContext> = {}): SlotContext {
  const settings: Record<string, SlotSettings> = { digits: { minDigits: 4, maxDigits: 4 }, amount: { currency: language === 'zh' ? 'CNY' : 'USD' }, phone: { country: language === 'zh' ? 'CN' : 'US' }, choice: { choices: CARDS[language] } };
  return { language, ...NOW[language], settings: settings[type] ?? {}, previous: undefined, ...over };
}

/** The value, or the kind of reading. */
export function taken(reading: SlotReading | undefined): unknown {
  if (reading === undefined) return 'none';
  return reading.kind === 'value' ? reading.value : reading.kind;
}

/** What callers say, by type, and what it must be taken for. */
export type Cases = Readonly<Record<string, readonly (readonly [string, unknown])[]>>;
