import type { AnswerKind } from '../dialogue.js';
import { fits, understand } from '../answers/understand.js';
import type { Understood } from '../answers/understand.js';
import { placeOf } from '../answers/place.js';
import { clearestIn } from '../answers/several.js';
import { isLikelyOneself, isYesOfOneself, leavesOpenWho, saysOneself } from '../answers/who-speaks.js';
import { BACK } from '../flow/schema.js';
import { DOUBTFUL_ONE, LIKELY_ONE } from '../nlu/stand-ins.js';
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
    const meant = clearest === undefined ? whole : { ...clearest, note: `${clearest.note} in part` };
    const known = node.asksWho === true ? byTheOneAskedFor(talk, node, text, meant) : afterAll(talk, node, text, meant);
    talk.decision = known.note;
    return act(talk, node, known, text, asked);
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

const SURE_BESIDE_NAME = 0.9;

/**
 * "Yes, I'm her son", 对，她在洗澡: where somebody is asked for by name, a yes counts if
 * nothing beside it is of somebody else; one that only leads, if nothing is beside it
 * but courtesy and the name.
 */
function byTheOneAskedFor(talk: TalkState, node: ProgramAsk, text: string, meant: Understood): Understood {
  const { language, standIns } = talk.program;
  const taught = talk.asTaught(text);
  if (isLikelyOneself(taught, language, standIns.names)) return { type: 'answer', value: true, note: 'yes, perhaps by name' };
  // What the model makes of a name that it does not know is no more than a guess.
  if (meant.type === 'intent' && meant.sure < SURE_BESIDE_NAME && taught.includes(LIKELY_ONE)) return { type: 'nothing', note: `${meant.note}, perhaps by name` };
  const inPart = meant.note.endsWith(' in part');
  const isDoubtful = taught.includes(DOUBTFUL_ONE);
  if ((!isYes(node, meant) && !(isDoubtful && inPart)) || meant.note === 'yes') return meant;
  const onlyLeads = meant.type === 'answer' && (inPart || meant.note.endsWith(' leads'));
  if (!leavesOpenWho(taught, language) && (!onlyLeads || isYesOfOneself(taught, language, standIns.names))) return meant;
  const other = isDoubtful || talk.program.maxFailures <= 2 ? undefined : clearestIn(node, text, talk.moment(), (part) => part.type === 'intent' && !isYes(node, part));
  return other === undefined ? { type: 'nothing', note: `${meant.note}, perhaps of somebody else` } : { ...other, note: `${other.note} in part` };
}

/** "That's me" to "does she live there?": it was the right one. */
function afterAll({ program }: TalkState, node: ProgramAsk, text: string, meant: Understood): Understood {
  if (node.afterAll === undefined || meant.type === 'intent' || !saysOneself(text, program.language)) return meant;
  return { type: 'intent', label: node.afterAll, sure: 1, note: `intent:${node.afterAll} after all` };
}

/** It leads where a yes leads. */
function isYes(node: ProgramAsk, meant: Understood): boolean {
  if (meant.type === 'answer') return meant.value === true;
  if (meant.type === 'nothing') return false;
  const action = node.actions.get(meant.label);
  return action === undefined ? meant.label === 'yes' : action.do === 'go' && action.goto === node.yes;
}

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
