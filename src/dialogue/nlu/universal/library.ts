import { isChinese } from '../normalise.js';
import { backgroundEn, universalEn } from './en.js';
import { backgroundZh, universalZh } from './zh.js';

/** Curated phrases of one language. */
export interface Library {
  /** Intents that every conversation knows, each with its phrases. */
  readonly universal: ReadonlyMap<string, readonly string[]>;
  /** Phrases that mean none of them. */
  readonly background: readonly string[];
}

const en: Library = { universal: universalEn, background: backgroundEn };
const zh: Library = { universal: universalZh, background: backgroundZh };

/** Languages other than Chinese get the English one. */
export function libraryOf(language: string): Library {
  return isChinese(language) ? zh : en;
}
