import type { SlotLanguage } from '../slots/slot-type.js';

/** Some ears part Chinese into words, which is neither a pause nor a mark: 好 别 再 打 了 is one run of speech. */
export function joinedWords(text: string, language: SlotLanguage): string {
  return language === 'zh' ? text.replace(/(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu, '') : text;
}
