import { STOP_CALLING, speaksOfCalls } from '../answers/stop-wish.js';
import { understand } from '../answers/understand.js';
import { normalise } from '../nlu/normalise.js';
import type { ProgramQuestion } from '../program.js';
import { yesNo } from '../slots/yes-no.js';
import { finalWords, putFinal } from './final-doubt.js';
import { forIntents, isDigression, leadsOn } from './intents.js';
import { AGAIN, ONE_KEY, onIntent } from './question.js';
import type { Asked, QuestionStep } from './question.js';
import { go } from './talk-state.js';
import type { Move, OpenFinal, TalkState } from './talk-state.js';

/** At "Shall we stop calling you?" "stop" is a yes. */
const STOP = /^(?:(?:yes|yeah|please|just|okay|right) )*stop(?: (?:it|that|please|now))*$|^(?:[对是好]的?)*停(?:止|了|吧)*$/u;
/** No need to call, or none to stop it. */
const NO_NEED = /^\s*(?:不用|不必|不需要)(?:了|啦|吧)?[，,。.！!\s]*$/u;
/** A no that is not said as one. */
const MISUNDERSTOOD = /\b(?:not what i (?:mean|meant|said)|(?:did not|do not) mean (?:that|it|you)|misunderst\w+|got me wrong|carry on|go on|go ahead)\b|(?:不是|没)(?:有)?(?:这个|那个)意思|误会|(?:可以|还是|接着|继续)打(?!扰|搅)|你(?:接着|继续)?说吧?$/u;
/** What leads up to more than a no. */
const NO = /^\s*(?:(?:no|nope|nah|not at all)\b(?:[\s,.;!]+(?:no|thanks|thank you|please|sorry|wait|i mean)\b)*|(?:不是?(?:的|啊)?|没有?)(?=[，,。.\s]))[\s,.;!，。！]*/iu;
/** Not understood so often: who may have asked to be left in peace is. */
const MOST_FAILURES = 2;

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
      return answer?.kind === 'value' ? settle(talk, node, open, answer.value === true) : unheardFinal(talk, node, open);
    },
    asked: (talk) => askedOf(talk),
  };
}

/** The answer to it. A wish in words is a yes; what leads somewhere else closes the question and is heard there. */
export function hearFinalAnswer(talk: TalkState, node: ProgramQuestion, question: QuestionStep<ProgramQuestion>, open: OpenFinal, text: string): Settled {
  const { language } = talk.program;
  const isStop = open.label === STOP_CALLING;
  if (isStop && (speaksOfCalls(text, language) === 'wish' || STOP.test(language === 'zh' ? text.replace(/[\s\p{P}]+/gu, '') : normalise(text)))) return { move: settle(talk, node, open, true) };
  if (NO_NEED.test(text)) return { move: unheardFinal(talk, node, open) };
  const heard = yesNo.hear(text, talk.slotContext({}, undefined));
  if (heard?.kind === 'value' && heard.value === true) return { move: settle(talk, node, open, true) };
  if (heard?.kind === 'value') {
    const rest = text.replace(NO, '');
    const isMore = rest !== text && rest !== '' && !['nothing', 'unsure'].includes(question.meaning(talk, node, rest).type);
    if (!isMore) return { move: settle(talk, node, open, false) };
    deny(talk, open);
    return { heard: rest };
  }
  if (MISUNDERSTOOD.test(language === 'zh' ? text.replace(/[\s\p{P}]+/gu, '') : normalise(text))) return { move: settle(talk, node, open, false) };
  const meant = understand(forIntents(node), text, talk.moment());
  const action = meant.type === 'intent' ? node.actions.get(meant.label) : undefined;
  if (meant.type === 'intent' && meant.label === open.label) return { move: settle(talk, node, open, true) };
  // "Say that again", "hold on" and a question leave it open.
  if (meant.type === 'intent' && action !== undefined && (isDigression(action) || !leadsOn(action))) {
    talk.decision = meant.note;
    return { move: onIntent(talk, node, askedOf(talk), meant.label) };
  }
  const isElse = meant.type === 'intent' ? action !== undefined : question.meaning(talk, node, text).type === 'answer';
  if (!isElse) return { move: unheardFinal(talk, node, open) };
  deny(talk, open);
  return { heard: text };
}

/** Nothing that answers it. Once more, and then a wish that may have been said in words counts: to call somebody who asked us not to is worse than not to call. */
export function unheardFinal(talk: TalkState, node: ProgramQuestion, open: OpenFinal): Move {
  open.failures++;
  talk.allFailures++;
  if (open.failures >= MOST_FAILURES) return settle(talk, node, open, open.byWords);
  talk.decision = `${open.label}?`;
  return putFinal(talk, node, open.label);
}

/** Who hangs up at "Shall we stop calling you?" instead of saying no is not called again. */
export function takeOpenFinal(talk: TalkState, node: ProgramQuestion | undefined): void {
  const action = talk.finalAsked?.label === STOP_CALLING ? node?.actions.get(STOP_CALLING) : undefined;
  if (action !== undefined && 'set' in action) talk.fillAll(action.set);
}

function settle(talk: TalkState, node: ProgramQuestion, open: OpenFinal, meant: boolean): Move {
  talk.decision = `${open.label}:${meant ? 'yes' : 'no'}`;
  if (!meant) {
    deny(talk, open);
    return go(AGAIN);
  }
  const asked = askedOf(talk);
  talk.finalAsked = undefined;
  return onIntent(talk, node, asked, open.label, true);
}

function deny(talk: TalkState, { label }: OpenFinal): void {
  talk.finalAsked = undefined;
  talk.finalsDenied.set(label, (talk.finalsDenied.get(label) ?? 0) + 1);
}

function askedOf(talk: TalkState): Asked {
  const words = talk.finalAsked === undefined ? [] : [finalWords(talk, talk.finalAsked.label)];
  return { again: words, reprompt: words, help: undefined, silenceReprompt: words, kind: 'yes_no', dtmf: ONE_KEY, patient: false };
}
