import { clausesIn, withoutClauses } from '../answers/clauses.js';
import { onlySpokenOf } from '../answers/stop-wish.js';
import { afterTurn } from '../answers/turn.js';
import { withoutWish } from '../answers/understand.js';
import type { Understood } from '../answers/understand.js';
import { leavesOpenWho } from '../answers/who-speaks.js';
import type { ProgramQuestion } from '../program.js';
import { LOOSE } from '../slots/kinds.js';
import { isDoubtful } from './final-doubt.js';
import { finalIn, isFinal } from './final.js';
import { BESIDE_ANSWER, CLEAR, isDigression, leadsOn } from './intents.js';
import { AGAIN, onIntent } from './question.js';
import type { Intended } from './intents.js';
import type { QuestionStep } from './question.js';
import { PASSING } from './read-back.js';
import { go } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** "I paid it. Stop calling me" is both, and a final no is obeyed whatever stands beside it. Undefined: there is none. */
export function hearFinal(talk: TalkState, step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): Move | undefined {
  const final = finalIn(talk, step, node, text);
  if (final === undefined) return undefined;
  const { label, note } = final.meant;
  if (isDoubtful(talk, node, label)) {
    talk.decision = note;
    return onIntent(talk, node, step.asked(talk, node), label);
  }
  const others = clausesIn(text, talk.program.language).filter(({ from }) => from !== final.clause.from).map((clause) => ({ clause, meant: step.meaning(talk, node, clause.text) }));
  return decide(talk, step, node, [...intendedIn(node, others).filter((one) => leadsOn(one.action) && !isFinal(one.meant.label)), final], []);
}

/**
 * What was said at a question, which may be several things: each question is answered,
 * in order, values are kept, and the last decision is acted on.
 */
export function hearAll(talk: TalkState, step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): Move {
  const said = afterChange(talk, step, node, text);
  const clauses = clausesIn(said, talk.program.language);
  const plainly = (): Move => step.hear(talk, node, text);
  if (clauses.length < 2) return plainly();
  // "Go ahead, I'm taking it down for her": who speaks only the whole tells.
  if (node.kind === 'ask' && node.asksWho === true && leavesOpenWho(talk.asTaught(said), talk.program.language)) return plainly();
  const spokenOf = onlySpokenOf(said, talk.program.language);
  const parts = clauses.map((clause) => ({ clause, meant: withoutWish(step.meaning(talk, node, clause.text), spokenOf.has(clause.from)) }));
  const intended = intendedIn(node, parts);
  // A question back is open: what is said answers it. Version 1 takes an utterance as one.
  if (intended.length === 0 || talk.program.maxFailures <= 2 || isAskedBack(talk)) return plainly();
  const whole = step.meaning(talk, node, text);
  if (whole.type === 'intent' && whole.sure === 1) return plainly();
  const asides = firstOfEach(intended.filter(({ meant, action }) => isDigression(action) && !isFinal(meant.label)), node);
  const lastAnswer = parts.findLast(({ meant }) => meant.type === 'answer')?.clause.from ?? -1;
  // "Yes, bye" at a read-back is a yes, and what was said in passing may be said again.
  const settled = lastAnswer >= 0 && isReadBack(talk, node) ? intended.filter(({ meant }) => !PASSING.has(meant.label)) : intended;
  const decisions = isLoose(talk, node) ? [] : decisionsIn(settled, node, lastAnswer);
  if (asides.length === 0) {
    const [one] = decisions;
    // "Yes, this is a good time" is a yes, whatever its second half resembles.
    const alone = decisions.length === 1 && whole.type !== 'intent' && one !== undefined && one.meant.sure >= (whole.type === 'answer' ? BESIDE_ANSWER : CLEAR);
    return decisions.length > 1 || alone ? decide(talk, step, node, decisions, []) : plainly();
  }
  if (decisions.length > 0) return decide(talk, step, node, decisions, asides);
  const rest = withoutClauses(said, clauses, new Set(intended.map(({ clause }) => clause)));
  const answer = [rest, ...parts.filter(({ meant }) => meant.type === 'answer').map(({ clause }) => clause.text)].find((words) => words !== '' && isUnderstood(step.meaning(talk, node, words)));
  if (answer === undefined && isUnderstood(whole) && asides.length === 1 && !(whole.type === 'intent' && whole.label === asides[0]?.meant.label)) return plainly();
  const note = sayAsides(talk, node, asides);
  const move = answer === undefined ? go(AGAIN) : step.hear(talk, node, answer);
  talk.decision = answer === undefined ? note : `${note} + ${talk.decision ?? ''}`;
  return move;
}

/** "No thanks. Oh well, actually, go on": only what follows counts, if it is clear by itself. */
function afterChange(talk: TalkState, step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): string {
  const rest = afterTurn(text, talk.program.language);
  return rest !== undefined && isUnderstood(step.meaning(talk, node, rest)) ? rest : text;
}

/** The asides are said, what earlier decisions set is kept, and the last one leads on. */
function decide(talk: TalkState, step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, decisions: readonly Intended[], asides: readonly Intended[]): Move {
  const last = decisions.at(-1);
  if (last === undefined) return go(AGAIN);
  const notes = asides.length === 0 ? [] : [sayAsides(talk, node, asides)];
  for (const { meant, action } of decisions.slice(0, -1)) {
    talk.intents.push(meant.label);
    if ('set' in action) talk.fillAll(action.set);
    notes.push(meant.note);
  }
  talk.decision = [...notes, last.meant.note].join(' + ');
  return onIntent(talk, node, step.asked(talk, node), last.meant.label);
}

function sayAsides(talk: TalkState, node: ProgramQuestion, asides: readonly Intended[]): string {
  for (const { meant, action } of asides) {
    if (!isDigression(action)) continue;
    talk.fillAll(action.set);
    if (action.say !== undefined) talk.say([action.say], node.bargeIn);
    talk.intents.push(meant.label);
  }
  return asides.map(({ meant }) => meant.note).join(' + ');
}

function intendedIn(node: ProgramQuestion, parts: readonly { readonly clause: Intended['clause']; readonly meant: Understood }[]): Intended[] {
  return parts.flatMap(({ clause, meant }): Intended[] => {
    const action = meant.type === 'intent' ? node.actions.get(meant.label) : undefined;
    return meant.type === 'intent' && action !== undefined ? [{ clause, meant, action }] : [];
  });
}

/** What leads on, in order; where several lead to the same place, it is one. An answer after all of them has the last word: "no time; well, all right". */
function decisionsIn(intended: readonly Intended[], node: ProgramQuestion, lastAnswer: number): Intended[] {
  const found = firstOfEach(intended.filter(({ action }) => leadsOn(action)), node);
  const earnest = found.filter(({ meant }) => !PASSING.has(meant.label));
  const decisions = earnest.length > 0 ? earnest : found;
  const clear = decisions.filter(({ meant }) => meant.sure >= CLEAR);
  const counted = clear.length > 0 ? clear : decisions;
  return (counted.at(-1)?.clause.from ?? 0) < lastAnswer ? [] : counted;
}

function firstOfEach(intended: readonly Intended[], node: ProgramQuestion): Intended[] {
  const outcome = ({ meant }: Intended): string => node.outcomes.get(meant.label) ?? meant.label;
  return intended.filter((one, at) => intended.findIndex((other) => outcome(other) === outcome(one)) === at);
}

function isUnderstood(meant: Understood): boolean {
  return meant.type === 'answer' || meant.type === 'intent';
}

function isAskedBack(talk: TalkState): boolean {
  return talk.between !== undefined || talk.offered.length > 0 || talk.form?.stage === 'which';
}

function isReadBack(talk: TalkState, node: ProgramQuestion): boolean {
  return talk.correction !== undefined || (node.kind === 'collect' && talk.form?.stage === 'confirm');
}

/** Any words are an answer here. */
export function isLoose(talk: TalkState, node: ProgramQuestion): boolean {
  if (node.kind === 'ask') return node.answer === 'text';
  return node.kind === 'collect' && talk.form?.stage === 'ask' && LOOSE.has(node.slots.find(({ name }) => name === talk.form?.slot)?.type.name ?? '');
}
