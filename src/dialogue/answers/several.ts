import type { ProgramAsk } from '../program.js';
import { clausesIn } from './clauses.js';
import { afterTurn } from './turn.js';
import { onlySpokenOf } from './stop-wish.js';
import { understand, withoutWish } from './understand.js';
import type { Moment, Understood } from './understand.js';

/** A part that speaks for a whole that was not understood must be this sure. */
const SPEAKS_FOR_ALL = 0.75;

/** "Well, you know, with my birthday and all, I can't pay": the last part that says something, as people come to the point late; an intent before a yes or no. */
export function clearestIn(ask: ProgramAsk, text: string, moment: Moment, admits: (meant: Understood) => boolean = () => true): Understood | undefined {
  const parts = clausesIn(text, moment.language);
  if (parts.length < 2) return undefined;
  const spokenOf = onlySpokenOf(text, moment.language);
  const strict = { ...ask, accept: Math.max(ask.accept, SPEAKS_FOR_ALL) };
  const understood = parts.map((part) => withoutWish(understand(strict, part.text, moment), spokenOf.has(part.from))).filter(admits);
  return understood.findLast((one) => one.type === 'intent') ?? understood.findLast((one) => one.type === 'answer' && ask.answer === 'yes_no');
}

/** What `understand` may look at beside the whole, so that its meaning can be looked up ahead. */
export function clausesOf(text: string, language: Moment['language']): string[] {
  const parts = partsOf(text, { language });
  const rest = afterTurn(text, language);
  return [...(parts.length > 1 ? parts : []), ...(rest === undefined ? [] : [rest])];
}

function partsOf(text: string, { language }: Pick<Moment, 'language'>): string[] {
  return clausesIn(text, language).map((clause) => clause.text);
}
