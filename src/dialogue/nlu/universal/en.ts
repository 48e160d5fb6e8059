import { enAnswers } from './en-answers.js';
import { enBackground } from './en-background.js';
import { enControl } from './en-control.js';

export type UniversalIntent = keyof typeof enAnswers | keyof typeof enControl;

function phrases(block: string): readonly string[] {
  return block.split(/[|\n]/).map((phrase) => phrase.trim()).filter((phrase) => phrase !== '');
}

/** Intents that every conversation knows, each with its curated phrases. */
export const universalEn: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({ ...enAnswers, ...enControl }).map(([name, block]) => [name, phrases(block)]),
);

/** Phrases that mean none of them. */
export const backgroundEn: readonly string[] = phrases(enBackground);
