import type { AnswerKind } from '../dialogue.js';
import { fits, understand } from '../answers/understand.js';
import type { Understood } from '../answers/understand.js';
import { placeOf } from '../answers/place.js';
import { clearestIn } from '../answers/several.js';
import { BACK } from '../flow/schema.js';
import type { ProgramAsk } from '../program.js';
import { yesNo } from '../slots/yes-no.js';
import { ONE_KEY, fail, onIntent, resumed } from './question.js';
import type { Asked, QuestionStep } from './question.js';
import { WAIT, go } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

export const askStep: QuestionStep<ProgramAsk> = {
  enter(talk, node, back) {
    const known = back ? undefined : knownAnswer(talk, node);
    if (known !== undefined) return known;
    const asked = askStep.asked(talk, node);
    talk.say(back ? resumed(talk, node.again) : node.prompt, node.bargeIn);
    talk.markQuestion();
    talk.listen(node, asked.kind, asked.dtmf);
    return WAIT;
  },

  hear(talk, node, text) {
    const moment = talk.moment();
    const asked = askStep.asked(talk, node);
    const chosen = chosenBetween(talk, node, text, asked);
    if (chosen !== undefined) return chosen;
    const whole = understand(node, text, moment);
    const clearest = talk.program.maxFailures > 2 && (whole.type === 'nothing' || whole.type === 'unsure') ? clearestIn(node, text, moment) : undefined;
    talk.decision = clearest === undefined ? whole.note : `${clearest.note} in part`;
    return act(talk, node, clearest ?? whole, text, asked);
  },

  meaning: (talk, node, text) => understand(node, text, talk.moment()),

  keys(talk, node, pressed) {
    const digits = pressed.replace(/[^0-9]/g, '');
    const asked = askStep.asked(talk, node);
    talk.decision = `dtmf ${digits.length}`;
    const { between } = talk;
    talk.between = undefined;
    if (between !== undefined) return digits === '1' || digits === '2' ? onIntent(talk, node, asked, between[digits === '1' ? 0 : 1], true) : fail(talk, node, asked, asked.reprompt);
    if (node.answer === 'yes_no') {
      const pressedFor = yesNo.keyed(digits, talk.slotContext({}, undefined));
      return pressedFor?.kind === 'value' ? onAnswer(talk, node, pressedFor.value === true, '') : fail(talk, node, asked, asked.reprompt);
    }
    return fits(node, digits) ? act(talk, node, { type: 'answer', value: digits, note: '' }, '', asked) : fail(talk, node, asked, asked.reprompt);
  },

  asked(_talk, node) {
    const kind: AnswerKind = node.answer === 'yes_no' || node.answer === 'digits' ? node.answer : 'open';
    return { again: node.again, reprompt: node.reprompt, help: node.help, silenceReprompt: node.silenceReprompt, kind, dtmf: node.answer === 'yes_no' ? ONE_KEY : node.digits, patient: false };
  },
};

/** What its slot has already is the answer, the first time it comes up. */
function knownAnswer(talk: TalkState, node: ProgramAsk): Move | undefined {
  const name = talk.question ?? talk.at;
  const first = !talk.asked.has(name);
  talk.asked.add(name);
  if (!first || node.anew || node.slot === undefined || !talk.isKnown(node.slot)) return undefined;
  const value = talk.values[node.slot];
  switch (node.answer) {
    case 'yes_no':
      return typeof value !== 'boolean' ? undefined : known(node, value ? node.yes : node.no);
    case 'intents': {
      const action = node.actions.get(String(value));
      return action?.do === 'go' && action.goto !== BACK ? known(node, action.goto) : undefined;
    }
    case 'digits':
      return fits(node, String(value)) ? known(node, node.next) : undefined;
    case 'time':
    case 'text':
      return known(node, node.next);
  }
}

function known(node: ProgramAsk, target: string | undefined): Move {
  return go(target ?? node.fallback);
}

function act(talk: TalkState, node: ProgramAsk, understood: Understood, text: string, asked: Asked): Move {
  switch (understood.type) {
    case 'answer':
      return onAnswer(talk, node, understood.value, text);
    case 'intent':
      return onIntent(talk, node, asked, understood.label);
    case 'unsure':
      return unsure(talk, node, understood, text, asked);
    case 'nothing':
      if (node.otherwise !== undefined) return go(node.otherwise);
      return fail(talk, node, asked, asked.reprompt);
  }
}

function onAnswer(talk: TalkState, node: ProgramAsk, value: string | boolean, text: string): Move {
  if (node.slot !== undefined) {
    talk.fill(node.slot, value);
    // The words stay beside the time, so that a person can check what was understood.
    if (node.answer === 'time') talk.fill(`${node.slot}_words`, text.trim());
  }
  if (node.answer === 'yes_no') talk.led = value === true ? 'choice' : 'no';
  if (node.answer === 'yes_no') talk.intents.push(value === true ? 'yes' : 'no');
  const target = node.answer === 'yes_no' ? (value === true ? node.yes : node.no) : node.next;
  return go(target ?? node.fallback);
}

/** The same guess twice is believed; two close ones are asked about, where they have names. */
function unsure(talk: TalkState, node: ProgramAsk, understood: Extract<Understood, { type: 'unsure' }>, text: string, asked: Asked): Move {
  const { label, rival } = understood;
  if (talk.unsureLabel === label) {
    talk.decision = `${understood.note} twice`;
    return node.actions.has(label) ? onIntent(talk, node, asked, label) : onAnswer(talk, node, label === 'yes', text);
  }
  talk.unsureLabel = label;
  const names = [node.called.get(label), rival === undefined ? undefined : node.called.get(rival)] as const;
  if (rival === undefined || names[0] === undefined || names[1] === undefined) return fail(talk, node, asked, asked.reprompt);
  talk.between = [label, rival];
  talk.failures++;
  talk.allFailures++;
  talk.sayWith([talk.program.words.didYouMean], { first: names[0], second: names[1] }, node.bargeIn);
  talk.listen(node, 'open', ONE_KEY);
  return WAIT;
}

/** The answer to "Did you mean A or B?": by name, by place, or by saying it again. */
function chosenBetween(talk: TalkState, node: ProgramAsk, text: string, asked: Asked): Move | undefined {
  const between = talk.between;
  talk.between = undefined;
  if (between === undefined) return undefined;
  const said = text.toLowerCase();
  const [first, second] = between.map((label) => said.includes((node.called.get(label) ?? '\u0000').toLowerCase()));
  const index = first === true && second !== true ? 0 : second === true && first !== true ? 1 : placeOf(text);
  if (index === undefined) return undefined;
  talk.decision = `did_you_mean:${between[index] ?? ''}`;
  return onIntent(talk, node, asked, between[index] ?? '', true);
}
