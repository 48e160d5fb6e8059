import { phrases } from './phrases.js';
import { zhAnswers } from './zh-answers.js';
import { zhBackground } from './zh-background.js';
import { zhControl } from './zh-control.js';
import { zhHeard, zhNearMisses } from './zh-heard.js';
import { zhManner } from './zh-manner.js';
import { zhMore } from './zh-more.js';
import { zhScenes } from './zh-scenes.js';
import { zhSpeakers } from './zh-speakers.js';
import { zhWiderAnswers } from './zh-wider-answers.js';
import { zhWiderControl, zhWiderNearMisses } from './zh-wider-control.js';

type Name = keyof typeof zhMore;

/** The same intents in Chinese. */
export const universalZh: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({ ...zhAnswers, ...zhControl, ...zhManner }).map(([name, block]) => [name, [block, zhMore[name as Name], zhHeard[name], zhWiderAnswers[name], zhWiderControl[name], zhSpeakers[name], zhScenes[name]].flatMap((part) => phrases(part ?? ''))]),
);

/** Phrases that mean none of them. */
export const backgroundZh: readonly string[] = [...phrases(zhBackground), ...phrases(zhNearMisses), ...phrases(zhWiderNearMisses), ...[zhSpeakers, zhScenes].flatMap(({ none }) => phrases(none ?? ''))];
