import type { Clause } from '../answers/clauses.js';
import { understand } from '../answers/understand.js';
import type { Understood } from '../answers/understand.js';
import { BACK } from '../flow/schema.js';
import type { ProgramAction, ProgramAsk, ProgramQuestion } from '../program.js';
import type { TalkState } from './talk-state.js';

/** An intent that is acted on whatever else was said must be this sure. */
export const CLEAR = 0.75;
/** One that stands beside an answer must be all but certain. */
export const BESIDE_ANSWER = 0.9;

/** The question as one that listens for intents and nothing else. */
export function forIntents(node: ProgramQuestion): ProgramAsk {
  return { ...node, kind: 'ask', answer: 'intents', slot: undefined, digits: undefined, yes: undefined, no: undefined, next: undefined, otherwise: undefined, anew: false };
}

/** What the node acts on in these words, whatever value they hold. */
export function intentOf(talk: TalkState, node: ProgramQuestion, text: string): Extract<Understood, { type: 'intent' }> | undefined {
  const meant = understand(forIntents(node), text, talk.moment());
  return meant.type === 'intent' && node.actions.has(meant.label) ? meant : undefined;
}

/** A part of an utterance that the node acts on. */
export interface Intended {
  readonly clause: Clause;
  readonly meant: Extract<Understood, { type: 'intent' }>;
  readonly action: ProgramAction;
}

/** It leads away from the question for good. */
export function leadsOn(action: ProgramAction): boolean {
  return action.do === 'end' || (action.do === 'go' && !isDigression(action));
}

/** It says something and comes back: the question stays open. */
export function isDigression(action: ProgramAction | undefined): action is ProgramAction & { do: 'go' } {
  return action?.do === 'go' && action.goto === BACK && action.say !== undefined;
}
