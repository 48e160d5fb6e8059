import { BACK } from '../flow/schema.js';
import { AGAIN } from './question.js';
import type { Move, TalkState } from './talk-state.js';
import { go } from './talk-state.js';
import { verdictValues } from './verdict.js';

/** The first rule on the caller's mood that holds and has not fired yet in this call; undefined where none does. `mayLead`: rules that lead elsewhere count, too. */
export function moodMove(talk: TalkState, mayLead: boolean): Move | undefined {
  const index = talk.program.mood.findIndex((rule, at) => !talk.firedMoodRules.has(at) && (mayLead || rule.goto === undefined) && rule.when.holds(verdictValues(talk, 'running')));
  const rule = talk.program.mood[index];
  if (rule === undefined) return undefined;
  talk.firedMoodRules.add(index);
  talk.decision = `${talk.decision ?? ''} mood:${talk.mood.mood.label}`.trim();
  if (rule.slower) talk.slower = true;
  if (rule.say !== undefined) talk.say([rule.say], true);
  if (rule.goto === undefined) return undefined;
  if (rule.goto === BACK) return go(AGAIN);
  talk.leave(true);
  return go(rule.goto);
}
