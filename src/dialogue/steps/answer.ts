import { understand } from '../answers/understand.js';
import type { ProgramAnswer, ProgramAsk } from '../program.js';
import { yesNo } from '../slots/yes-no.js';
import { fail, onIntent } from './question.js';
import type { QuestionStep } from './question.js';
import { WAIT, go } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** Label of the intent that asks for a fact. */
export const factLabel = (id: string): string => `fact_${id}`;

/** "Do you have any questions?": answers from the facts until there are none. */
export const answerStep: QuestionStep<ProgramAnswer> = {
  enter(talk, node, back) {
    const asked = answerStep.asked(talk, node);
    talk.say(back ? node.again : node.prompt, node.bargeIn);
    talk.markQuestion();
    talk.listen(node, asked.kind, asked.dtmf);
    return WAIT;
  },
  hear(talk, node, text) {
    const asked = answerStep.asked(talk, node);
    const meant = answerStep.meaning(talk, node, text);
    talk.decision = meant.note;
    if (meant.type === 'intent') return onIntent(talk, node, asked, meant.label);
    if (meant.type !== 'answer') return fail(talk, node, asked, asked.reprompt);
    return onAnswer(talk, node, meant.value === true);
  },
  meaning(talk, node, text) {
    const open: ProgramAsk = { ...node, kind: 'ask', answer: 'yes_no', digits: undefined, slot: undefined, yes: undefined, no: undefined, next: undefined, otherwise: undefined, anew: false };
    return understand(open, text, talk.moment());
  },
  keys(talk, node, pressed) {
    const asked = answerStep.asked(talk, node);
    talk.decision = `dtmf ${pressed.length}`;
    const answer = yesNo.keyed(pressed.replace(/[^0-9]/g, ''), talk.slotContext({}, undefined));
    return answer?.kind === 'value' ? onAnswer(talk, node, answer.value === true) : fail(talk, node, asked, asked.reprompt);
  },
  asked(_talk, node) {
    return { again: node.again, reprompt: node.reprompt, help: node.help, silenceReprompt: node.silenceReprompt, kind: 'open', dtmf: { minDigits: 1, maxDigits: 1 }, patient: false };
  },
};

function onAnswer(talk: TalkState, node: ProgramAnswer, hasQuestion: boolean): Move {
  if (!hasQuestion) return go(node.next);
  const asked = answerStep.asked(talk, node);
  // "Yes": there is a question, and now it comes. A second yes brings none.
  if (talk.invited) return fail(talk, node, asked, asked.reprompt);
  talk.invited = true;
  talk.say([talk.program.words.goOn], node.bargeIn);
  talk.listen(node, asked.kind, asked.dtmf);
  return WAIT;
}
