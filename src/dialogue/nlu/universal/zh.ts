import { phrases } from './phrases.js';
import { zhAnswers } from './zh-answers.js';
import { zhBackground } from './zh-background.js';
import { zhControl } from './zh-control.js';
import { zhHeard, zhNearMisses } from './zh-heard.js';
import { zhManner } from './zh-manner.js';
import { zhMore } from './zh-more.js';

type Name = keyof typeof zhMore;

/** The same intents in Chinese. */
export const universalZh: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({ ...zhAnswers, ...zhControl, ...zhManner }).map(([name, block]) => [name, [...phrases(block), ...phrases(zhMore[name as Name]), ...phrases(zhHeard[name] ?? '')]]),
);

/** Phrases that mean none of them. */
export const backgroundZh: readonly string[] = [...phrases(zhBackground), ...phrases(zhNearMisses)];
