import * as tellingsEn from './tellings-en.js';
import * as tellingsZh from './tellings-zh.js';
import * as wordingEn from './wording-en.js';
import * as wordingZh from './wording-zh.js';
import type { Circumstances } from './tellings-en.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/** How sentences of a language are laid side by side. */
export interface Wording {
  /** Its words in their order, each figure or day one (`#60_USD`), made alike whatever way they are put. */
  readonly wordsIn: (sentence: string) => string[];
  /** The rows that a clause may be read as. */
  readonly formsOf: (words: readonly string[]) => Set<string>;
  /** The rows that tell a sentence of the facts, without loss. */
  readonly tellingsOf: (sentence: string, before: string | undefined, about: Circumstances) => Set<string>;
  readonly plain: (words: readonly string[]) => string;
}

export const WORDING: Record<SlotLanguage, Wording> = { en: { ...wordingEn, ...tellingsEn }, zh: { ...wordingZh, ...tellingsZh } };
