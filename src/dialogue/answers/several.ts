import type { ProgramAsk } from '../program.js';
import { afterTurn } from './turn.js';
import { understand } from './understand.js';
import type { Moment, Understood } from './understand.js';

/** A part of an utterance with fewer characters than this says nothing by itself. */
const SHORTEST: Record<Moment['language'], number> = { en: 2, zh: 1 };
const MAX_PARTS = 8;
/** A part that speaks for a whole that was not understood must be this sure. */
const SPEAKS_FOR_ALL = 0.75;

/**
 * What the parts of an utterance mean, each for itself: "yes, but what does it cost?"
 * is a yes and a question. Empty unless at least two parts are clearly understood.
 */
export function severalIn(ask: ProgramAsk, text: string, moment: Moment): Understood[] {
  const understood = partsOf(text, moment).map((part) => understand(ask, part, moment)).filter((one) => one.type === 'answer' || one.type === 'intent');
  return understood.length < 2 ? [] : understood;
}

/** "Well, you know, with my birthday and all, I can't pay": the last part that says something, as people come to the point late; an intent before a yes or no. */
export function clearestIn(ask: ProgramAsk, text: string, moment: Moment): Understood | undefined {
  const parts = partsOf(text, moment);
  if (parts.length < 2) return undefined;
  const strict = { ...ask, accept: Math.max(ask.accept, SPEAKS_FOR_ALL) };
  const understood = parts.map((part) => understand(strict, part, moment));
  return understood.findLast((one) => one.type === 'intent') ?? understood.findLast((one) => one.type === 'answer' && ask.answer === 'yes_no');
}

/** What `understand` may look at beside the whole, so that its meaning can be looked up ahead. */
export function clausesOf(text: string, language: Moment['language']): string[] {
  const parts = partsOf(text, { language });
  const rest = afterTurn(text, language);
  return [...(parts.length > 1 ? parts : []), ...(rest === undefined ? [] : [rest])];
}

/** The clauses of an utterance; "I can't ..." begins one without any mark. */
function partsOf(text: string, { language }: Pick<Moment, 'language'>): string[] {
  return text
    .split(/[.?!;。？！；，]+\s*|,\s+|\s+(?:but|and|also|however|though|so|because)\s+|\s+(?=I(?:'m|'ve|'ll|'d| am| can| cannot| have| do| will| would| want| need)\b)|(?:但是|不过|可是|还有|另外|而且|所以)/iu)
    .map((part) => part.replace(/^(?:but|and|so|also|however|但是?|不过|可是|那)\s*/iu, '').trim())
    .filter((part) => part.length >= SHORTEST[language])
    .slice(-MAX_PARTS);
}
