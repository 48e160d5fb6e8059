import { enAnswers } from './en-answers.js';
import { enBackground } from './en-background.js';
import { enControl } from './en-control.js';
import { enHeard, enNearMisses } from './en-heard.js';
import { enManner } from './en-manner.js';
import { enMore } from './en-more.js';
import { enScenes } from './en-scenes.js';
import { enSpeakers } from './en-speakers.js';
import { enWiderAnswers } from './en-wider-answers.js';
import { enWiderControl, enWiderNearMisses } from './en-wider-control.js';
import { phrases } from './phrases.js';

export type UniversalIntent = keyof typeof enAnswers | keyof typeof enControl | keyof typeof enManner;

/** Intents that every conversation knows, each with its curated phrases. */
export const universalEn: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({ ...enAnswers, ...enControl, ...enManner }).map(([name, block]) => [name, [block, enMore[name as UniversalIntent], enHeard[name], enWiderAnswers[name], enWiderControl[name], enSpeakers[name], enScenes[name]].flatMap((part) => phrases(part ?? ''))]),
);

/** Phrases that mean none of them. */
export const backgroundEn: readonly string[] = [...phrases(enBackground), ...phrases(enNearMisses), ...phrases(enWiderNearMisses), ...[enSpeakers, enScenes].flatMap(({ none }) => phrases(none ?? ''))];
