import type { Understood } from '../answers/understand.js';
import type { AnswerKind, DialogueOutput } from '../dialogue.js';
import { BACK } from '../flow/schema.js';
import type { Template } from '../flow/prompt.js';
import type { ProgramAction, ProgramQuestion } from '../program.js';
import { askWhether, isDenied, isDoubtful, isFaint } from './final-doubt.js';
import { WAIT, go } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** Patience after "hold on", ms. */
const HOLD_SILENCE_MS = 30_000;

/** 1 is yes, 2 is no; of two that were offered, the first and the second. */
export const ONE_KEY = { minDigits: 1, maxDigits: 1 } as const;

/** What is asked at this moment: of a form, it is the slot's question and not the node's. */
export interface Asked {
  readonly again: readonly Template[];
  readonly reprompt: readonly Template[];
  readonly help: readonly Template[] | undefined;
  readonly silenceReprompt: readonly Template[];
  readonly kind: AnswerKind;
  readonly dtmf: Extract<DialogueOutput, { type: 'listen' }>['dtmf'];
  readonly patient: boolean;
}

/** A kind of node that waits for the caller; one file a kind. */
export interface QuestionStep<N extends ProgramQuestion> {
  /** Asks, the first time or again after a digression (`back`). May find that there is nothing to ask. */
  enter(talk: TalkState, node: N, back: boolean): Move;
  hear(talk: TalkState, node: N, text: string): Move;
  keys(talk: TalkState, node: N, pressed: string): Move;
  asked(talk: TalkState, node: N): Asked;
  /** What a part of an utterance would be here; changes nothing. */
  meaning(talk: TalkState, node: N, text: string): Understood;
}

/** Target: the open question is asked again. No file can name it, as a dot is in it. */
export const AGAIN = '.again';

export function listenAgain(talk: TalkState, node: ProgramQuestion, asked: Asked, templates: readonly Template[]): Move {
  if (templates.length > 0) talk.say(templates, node.bargeIn);
  // A read-back has a value that no template knows: it is said again as it was.
  if (asked.again.length === 0) talk.outputs.push(...talk.lastSaid);
  talk.listen(node, asked.kind, asked.dtmf, asked.patient);
  return WAIT;
}

/** A failure asks once more, then with help, then takes the flow's way out. */
export function fail(talk: TalkState, node: ProgramQuestion, asked: Asked, reprompt: readonly Template[]): Move {
  talk.failures++;
  talk.allFailures++;
  if (talk.failures >= talk.program.maxFailures) {
    talk.decision = `${talk.decision ?? ''} fallback`.trim();
    return go(node.fallback);
  }
  return listenAgain(talk, node, asked, talk.failures > 1 ? (asked.help ?? reprompt) : reprompt);
}

/** `label`: what was meant. */
function perform(talk: TalkState, node: ProgramQuestion, asked: Asked, action: ProgramAction, label: string): Move {
  switch (action.do) {
    case 'repeat':
      talk.outputs.push(...talk.lastSaid);
      talk.listen(node, asked.kind, asked.dtmf, asked.patient);
      return WAIT;
    case 'slower':
      talk.slower = true;
      talk.outputs.push(...talk.lastSaid);
      talk.listen(node, asked.kind, asked.dtmf, true);
      return WAIT;
    case 'hold':
      talk.held = true;
      talk.say(action.say.pieces.length > 0 ? [action.say] : [], true);
      talk.listen({ ...node, silenceMs: HOLD_SILENCE_MS }, asked.kind, asked.dtmf, asked.patient);
      return WAIT;
    case 'end':
      talk.fillAll(action.set);
      talk.ended = true;
      talk.say([action.say], false);
      talk.outputs.push({ type: 'end', node: talk.at, verdict: action.verdict });
      return WAIT;
    case 'go':
      talk.fillAll(action.set);
      if (action.say !== undefined) talk.say([action.say], node.bargeIn);
      if (action.goto === BACK) return go(AGAIN);
      if (!isAnswerInside(talk, node, label)) talk.leave(!node.own.has(label));
      talk.led = 'intent';
      return go(action.goto);
  }
}

/** `chosen`: by the caller among some, or in answer to whether it is meant: what is final needs no other proof. */
export function onIntent(talk: TalkState, node: ProgramQuestion, asked: Asked, label: string, chosen = false): Move {
  const action = node.actions.get(label);
  if (action === undefined) return fail(talk, node, asked, asked.reprompt);
  if (!chosen && isDoubtful(talk, node, label)) return isDenied(talk, label) || isFaint(talk, node, label) ? fail(talk, node, asked, asked.reprompt) : askWhether(talk, node, label);
  talk.intents.push(label);
  if (node.kind === 'ask' && node.answer === 'intents' && node.slot !== undefined && action.do === 'go' && action.goto !== BACK) talk.fill(node.slot, label);
  return perform(talk, node, asked, action, label);
}

/** Intents that a question of a digression was asked for are its answer: from there `back` leads to what the digression interrupted. */
function isAnswerInside(talk: TalkState, node: ProgramQuestion, label: string): boolean {
  return node.kind === 'ask' && node.answer === 'intents' && node.own.has(label) && talk.left.at(-1)?.shared === true;
}

/** The question as it is put when the talk comes back to it, with the flow's "as I was saying" after a digression. */
export function resumed(talk: TalkState, again: readonly Template[]): readonly Template[] {
  const { resume } = talk.program.words;
  const digressed = talk.outputs.some((output) => output.type === 'say' && output.prompt.text !== '');
  return resume !== undefined && digressed ? [resume, ...again] : again;
}
