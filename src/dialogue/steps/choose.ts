import { understand } from '../answers/understand.js';
import type { ProgramAsk, ProgramChoose } from '../program.js';
import { READ_BACK_BELOW } from '../slots/readings.js';
import type { SlotReading } from '../slots/slot-type.js';
import { fail, markQuestion, onIntent, resumed } from './question.js';
import type { QuestionStep } from './question.js';
import { WAIT, go } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** One of a few, by name, place or key. */
export const chooseStep: QuestionStep<ProgramChoose> = {
  enter(talk, node, back) {
    const asked = chooseStep.asked(talk, node);
    talk.say(back ? resumed(talk, node.again) : node.prompt, node.bargeIn);
    markQuestion(talk);
    talk.listen(node, asked.kind, asked.dtmf);
    return WAIT;
  },
  hear(talk, node, text) {
    const asked = chooseStep.asked(talk, node);
    const reading = node.type.hear(text, talk.slotContext(node.settings, undefined));
    if (reading?.kind === 'value' && reading.sure >= READ_BACK_BELOW) return chosen(talk, node, reading);
    const open: ProgramAsk = { ...node, kind: 'ask', answer: 'intents', digits: undefined, slot: undefined, yes: undefined, no: undefined, next: undefined, otherwise: undefined };
    const meant = understand(open, text, talk.moment());
    talk.decision = meant.note;
    if (meant.type === 'intent') return node.options.has(meant.label) ? pick(talk, node, meant.label) : onIntent(talk, node, asked, meant.label);
    if (reading?.kind === 'value') return chosen(talk, node, reading);
    if (reading?.kind === 'ambiguous') {
      const [first = '', second = ''] = reading.values.map((value) => node.type.readBack(value, talk.slotContext(node.settings, undefined)));
      talk.decision = 'choice: ambiguous';
      talk.sayWith([talk.program.words.didYouMean], { first, second }, node.bargeIn);
      talk.listen(node, asked.kind, asked.dtmf);
      return WAIT;
    }
    return fail(talk, node, asked, asked.reprompt);
  },
  keys(talk, node, pressed) {
    const asked = chooseStep.asked(talk, node);
    talk.decision = `dtmf ${pressed.length}`;
    const reading = node.type.keyed(pressed, talk.slotContext(node.settings, undefined));
    return reading?.kind === 'value' ? chosen(talk, node, reading) : fail(talk, node, asked, asked.reprompt);
  },
  asked(_talk, node) {
    return { again: node.again, reprompt: node.reprompt, help: node.help, silenceReprompt: node.silenceReprompt, kind: 'open', dtmf: { minDigits: 1, maxDigits: node.options.size > 9 ? 2 : 1 }, patient: false };
  },
};

function chosen(talk: TalkState, node: ProgramChoose, reading: Extract<SlotReading, { kind: 'value' }>): Move {
  talk.decision = `choice:${String(reading.value)} ${reading.sure.toFixed(2)}`;
  return pick(talk, node, String(reading.value));
}

function pick(talk: TalkState, node: ProgramChoose, label: string): Move {
  const option = node.options.get(label);
  if (option === undefined) return go(node.fallback);
  talk.intents.push(label);
  if (node.slot !== undefined) talk.fill(node.slot, label);
  talk.fillAll(option.set);
  return go(option.goto);
}
