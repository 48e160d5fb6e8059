import { understand } from '../answers/understand.js';
import type { ProgramAnswer, ProgramAsk } from '../program.js';
import { fail, markQuestion, onIntent } from './question.js';
import type { QuestionStep } from './question.js';
import { WAIT, go } from './talk-state.js';

/** Label of the intent that asks for a fact. */
export const factLabel = (id: string): string => `fact_${id}`;

/** "Do you have any questions?": answers from the facts until there are none. */
export const answerStep: QuestionStep<ProgramAnswer> = {
  enter(talk, node, back) {
    const asked = answerStep.asked(talk, node);
    talk.say(back ? node.again : node.prompt, node.bargeIn);
    markQuestion(talk);
    talk.listen(node, asked.kind, asked.dtmf);
    return WAIT;
  },
  hear(talk, node, text) {
    const asked = answerStep.asked(talk, node);
    const open: ProgramAsk = { ...node, kind: 'ask', answer: 'yes_no', digits: undefined, slot: undefined, yes: undefined, no: undefined, next: undefined, otherwise: undefined };
    const meant = understand(open, text, talk.moment());
    talk.decision = meant.note;
    if (meant.type === 'intent') return onIntent(talk, node, asked, meant.label);
    if (meant.type !== 'answer') return fail(talk, node, asked, asked.reprompt);
    if (meant.value === false) return go(node.next);
    // "Yes": there is a question, and now it comes.
    talk.say([talk.program.words.goOn], node.bargeIn);
    talk.listen(node, asked.kind, asked.dtmf);
    return WAIT;
  },
  keys(talk, node) {
    const asked = answerStep.asked(talk, node);
    return fail(talk, node, asked, asked.reprompt);
  },
  asked(_talk, node) {
    return { again: node.again, reprompt: node.reprompt, help: node.help, silenceReprompt: node.silenceReprompt, kind: 'open', dtmf: undefined, patient: false };
  },
};
