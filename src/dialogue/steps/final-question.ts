import { finalAnswer } from '../answers/final-answer.js';
import { STOP_CALLING } from '../answers/stop-wish.js';
import { understand } from '../answers/understand.js';
import type { Understood } from '../answers/understand.js';
import type { ProgramQuestion } from '../program.js';
import { yesNo } from '../slots/yes-no.js';
import { finalWords, putFinal } from './final-doubt.js';
import { BESIDE_ANSWER, CLEAR, forIntents, isDigression, leadsOn } from './intents.js';
import { AGAIN, ONE_KEY, onIntent } from './question.js';
import type { Asked, QuestionStep } from './question.js';
import { go } from './talk-state.js';
import type { Move, OpenFinal, TalkState } from './talk-state.js';
import { isLoose } from './utterance.js';

/** Not understood so often: who may have asked to be left in peace is. */
const MOST_FAILURES = 2;
/** A caller who is annoyed, busy or not interested has not said that we may call again. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['yes', 'no', 'interested', 'not_interested', 'already_have', 'busy_now', 'angry', 'complaint', 'thanks', 'machine']);
const BYE = 'bye';

/** What becomes of an utterance at "Shall we stop calling you?": the talk moves on, or goes back to what was asked before, with what is left of the words. */
type Settled = { readonly move: Move } | { readonly heard: string };

/** While a final no is asked about: the same question, at which a yes or no is about that. */
export function finalQuestionStep(question: QuestionStep<ProgramQuestion>): QuestionStep<ProgramQuestion> {
  return {
    enter: (talk, node) => (talk.finalAsked === undefined ? question.enter(talk, node, true) : putFinal(talk, node, talk.finalAsked.label)),
    hear: (talk, node, text) => question.hear(talk, node, text),
    meaning: (talk, node, text) => question.meaning(talk, node, text),
    keys(talk, node, pressed) {
      const open = talk.finalAsked;
      const answer = yesNo.keyed(pressed, talk.slotContext({}, undefined));
      talk.decision = `dtmf ${pressed.length}`;
      if (open === undefined) return go(AGAIN);
      if (answer?.kind !== 'value') return unheardFinal(talk, node, open);
      if (answer.value === true) return take(talk, node, open);
      deny(talk, open);
      return go(AGAIN);
    },
    asked: (talk) => askedOf(talk),
  };
}

/** The answer to it. A wish in words is a yes; what clearly leads somewhere else closes the question and is heard there. */
export function hearFinalAnswer(talk: TalkState, node: ProgramQuestion, question: QuestionStep<ProgramQuestion>, open: OpenFinal, text: string): Settled {
  const answer = finalAnswer(open.label, text, talk.slotContext({}, undefined));
  if (answer?.meant === true) return { move: take(talk, node, open) };
  // Where any words are an answer, those beside a no may explain it.
  const loose = isLoose(talk, node);
  if (answer?.meant === false) return denied(talk, open, [loose ? '' : answer.more, open.rest].find((words) => words !== '' && isHeard(question.meaning(talk, node, words))));
  const meant = understand(forIntents(node), text, talk.moment());
  const action = meant.type === 'intent' ? node.actions.get(meant.label) : undefined;
  if (meant.type === 'intent' && action !== undefined) {
    if (meant.label === open.label && meant.sure >= CLEAR) return { move: take(talk, node, open) };
    // Who says goodbye instead of no has not said it either.
    if (meant.label === BYE) takeOpenFinal(talk, node);
    // "Say that again", "hold on" and a question leave it open.
    if (isDigression(action) || !leadsOn(action)) {
      talk.decision = meant.note;
      return { move: onIntent(talk, node, askedOf(talk), meant.label) };
    }
  }
  if (!leadsAway(node, meant) && (loose || !isAnother(question.meaning(talk, node, text)))) return { move: unheardFinal(talk, node, open) };
  deny(talk, open);
  return { heard: text };
}

/** "Get me a person", "call me at five": what is all but certain and no courtesy, refusal or complaint. */
function leadsAway(node: ProgramQuestion, meant: Understood): boolean {
  return meant.type === 'intent' && node.actions.has(meant.label) && (meant.label === BYE || (!SAYS_NOTHING.has(meant.label) && meant.sure >= BESIDE_ANSWER));
}

/** A value for the question before: "Friday at four". A yes or no would be about this one. */
function isAnother(meaning: Understood): boolean {
  return meaning.type === 'answer' && typeof meaning.value === 'string' && meaning.note !== 'yes' && meaning.note !== 'no';
}

function isHeard(meaning: Understood): boolean {
  return meaning.type === 'answer' || meaning.type === 'intent';
}

/** Nothing that answers it. Once more, and then a wish that was as good as said counts: to call somebody who asked us not to is worse than not to call. */
export function unheardFinal(talk: TalkState, node: ProgramQuestion, open: OpenFinal): Move {
  open.failures++;
  talk.allFailures++;
  talk.decision = `${open.label}?`;
  if (open.failures < MOST_FAILURES) return putFinal(talk, node, open.label);
  if (open.isLikely) return take(talk, node, open);
  deny(talk, open);
  return go(AGAIN);
}

/** Who hangs up at "Shall we stop calling you?" instead of saying no is not called again. */
export function takeOpenFinal(talk: TalkState, node: ProgramQuestion | undefined): void {
  const action = talk.finalAsked?.label === STOP_CALLING && talk.finalAsked.isLikely ? node?.actions.get(STOP_CALLING) : undefined;
  if (action !== undefined && 'set' in action) talk.fillAll(action.set);
}

function take(talk: TalkState, node: ProgramQuestion, open: OpenFinal): Move {
  talk.decision = `${open.label}:yes`;
  const asked = askedOf(talk);
  talk.finalAsked = undefined;
  return onIntent(talk, node, asked, open.label, true);
}

/** Back to the question before; what was said beside the doubtful words is its answer. */
function denied(talk: TalkState, open: OpenFinal, words: string | undefined): Settled {
  talk.decision = `${open.label}:no`;
  deny(talk, open);
  return words === undefined ? { move: go(AGAIN) } : { heard: words };
}

function deny(talk: TalkState, { label }: OpenFinal): void {
  talk.finalAsked = undefined;
  talk.finalsDenied.set(label, (talk.finalsDenied.get(label) ?? 0) + 1);
}

function askedOf(talk: TalkState): Asked {
  const words = talk.finalAsked === undefined ? [] : [finalWords(talk, talk.finalAsked.label)];
  return { again: words, reprompt: words, help: undefined, silenceReprompt: words, kind: 'yes_no', dtmf: ONE_KEY, patient: false };
}
