import { clausesIn } from '../answers/clauses.js';
import type { Clause } from '../answers/clauses.js';
import { isDropped } from '../answers/dropped.js';
import type { SpeaksOfCalls } from '../answers/speaks-of-calls.js';
import { STOP_CALLING, callsIn } from '../answers/stop-wish.js';
import { afterTurn } from '../answers/turn.js';
import { byModel } from '../answers/understand.js';
import { WRONG_NUMBER } from '../answers/wrong-number.js';
import { builtIn } from '../flow/built-in.js';
import type { ProgramQuestion } from '../program.js';
import { isDenied } from './final-doubt.js';
import { BESIDE_ANSWER, CLEAR, forIntents, leadsOn } from './intents.js';
import type { Intended } from './intents.js';
import type { QuestionStep } from './question.js';
import { NUMBERS } from './read-back.js';
import type { TalkState } from './talk-state.js';

/** Clauses whose meaning is looked up, the last ones. */
const LOOKED_UP = 8;
const ANOTHER_TIME = ['call_later', 'busy_now'] as const;

/**
 * The final no in what was said, if there may be one: not to be called again, or not to be
 * the one who is called. It is sought in all of the words, before a value, a choice, a yes
 * or a change of mind is: what stands beside it takes nothing back.
 */
export function finalIn(talk: TalkState, step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): Intended | undefined {
  return stopWish(talk, step, node, text) ?? wrongNumber(talk, step, node, text) ?? boundedWish(talk, step, node, text);
}

function stopWish(talk: TalkState, step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): Intended | undefined {
  const action = node.actions.get(STOP_CALLING);
  if (action === undefined) return undefined;
  const spoken = callsIn(text, talk.program.language);
  const inWords = (as: SpeaksOfCalls, sure: number): Intended | undefined => {
    const found = spoken.find(({ speaks }) => speaks === as);
    return found && { clause: found.clause, meant: { type: 'intent', label: STOP_CALLING, sure, note: `intent:${STOP_CALLING} by its words` }, action };
  };
  const wish = inWords('wish', 1);
  if (wish !== undefined) return wish;
  // "Stop", in the middle of a form, stops the form.
  if (node.kind === 'collect' && isDropped(text, talk.program.language)) return undefined;
  const doubt = inWords('doubt', CLEAR);
  if (doubt !== undefined) return isDenied(talk, STOP_CALLING) ? undefined : doubt;
  const open = spoken.filter(({ speaks }) => speaks === undefined).map(({ clause }) => clause);
  // A whole in which calls are only spoken of resembles the wish by those words.
  const whole: Clause[] = open.length === spoken.length ? [{ text, from: 0, to: text.length }] : [];
  for (const clause of [...whole, ...(spoken.length > 1 ? open.slice(-LOOKED_UP) : [])]) {
    const meant = byModel(forIntents(node), clause.text, talk.moment());
    if (meant?.type !== 'intent' || meant.label !== STOP_CALLING || meant.sure < CLEAR) continue;
    if (meant.sure >= BESIDE_ANSWER || step.meaning(talk, node, clause.text).type !== 'answer') return { clause, meant, action };
  }
  return undefined;
}

/** "Don't call me before nine" asks for another time, where nothing here takes it otherwise. */
function boundedWish(talk: TalkState, step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): Intended | undefined {
  const label = ANOTHER_TIME.find((one) => node.actions.has(one));
  const action = label === undefined ? undefined : node.actions.get(label);
  if (label === undefined || action === undefined || !leadsOn(action)) return undefined;
  const spoken = callsIn(text, talk.program.language);
  const bounded = spoken.find(({ speaks }) => speaks === 'bounded');
  if (bounded === undefined || [text, ...spoken.map(({ clause }) => clause.text)].some((said) => !['nothing', 'unsure'].includes(step.meaning(talk, node, said).type))) return undefined;
  return { clause: bounded.clause, meant: { type: 'intent', label, sure: CLEAR, note: `intent:${label} by its words` }, action };
}

/** Beside something else. "Wrong number. No wait, actually, yes, that is me" takes it back, and a number that is read back may be wrong, too. */
function wrongNumber(talk: TalkState, step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): Intended | undefined {
  const action = node.actions.get(WRONG_NUMBER);
  if (action === undefined || NUMBERS.has(openKind(talk, node) ?? '')) return undefined;
  const rest = afterTurn(text, talk.program.language);
  const clauses = clausesIn(rest !== undefined && step.meaning(talk, node, rest).type === 'answer' ? rest : text, talk.program.language);
  if (clauses.length < 2) return undefined;
  for (const clause of clauses) {
    const meant = step.meaning(talk, node, clause.text);
    if (meant.type === 'intent' && meant.label === WRONG_NUMBER && meant.sure >= CLEAR) return { clause, meant, action };
  }
  return undefined;
}

/** Kind of the value that is asked for or read back. */
function openKind(talk: TalkState, node: ProgramQuestion): string | undefined {
  const name = talk.correction?.slot ?? (node.kind === 'collect' ? (talk.form?.slot ?? node.slots[0]?.name) : undefined);
  return name === undefined ? undefined : talk.program.slots.get(name)?.type.name;
}

/** What is final sets a value of its own, which no other intent may set beside it. */
export function isFinal(label: string): boolean {
  return builtIn.get(label)?.slot !== undefined;
}
