import { isChanged, isCorrection, isOnlyValue, isYesBut } from '../answers/correction.js';
import { withoutPronouns } from '../answers/place.js';
import type { ProgramQuestion, ProgramSlot } from '../program.js';
import { namesIn } from '../slots/choice.js';
import { LOOSE, WHEN } from '../slots/kinds.js';
import { READ_BACK_BELOW, contrasted, lastMeant } from '../slots/readings.js';
import type { SlotReading, SlotValue } from '../slots/slot-type.js';
import { yesNo } from '../slots/yes-no.js';
import { AGAIN, onIntent, resumed } from './question.js';
import type { Asked, QuestionStep } from './question.js';
import { answerToReadBack } from './read-back.js';
import { WAIT, go } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** Of these no correction can be told from a remark. */
const UNCORRECTED: ReadonlySet<string> = new Set([...LOOSE, 'yes_no']);

/** How a read-back is listened to; it stands in `lastSaid`, as it has a value that no template knows. */
export const readBackAsked: Asked = { again: [], reprompt: [], help: undefined, silenceReprompt: [], kind: 'yes_no', dtmf: { minDigits: 1, maxDigits: 1 }, patient: false };

/**
 * At the question after a value: "no, Friday, not Thursday" corrects it, if nothing more
 * is said; a remark ("actually, we waited two hours") never does. A value that is always
 * read back is, before it replaces the other, and so is one that was heard unsurely. Undefined if it is no correction.
 */
export function correctLast(talk: TalkState, node: ProgramQuestion, text: string): Move | undefined {
  const slot = talk.lastFilled === undefined ? undefined : talk.program.slots.get(talk.lastFilled);
  talk.lastFilled = undefined;
  if (slot === undefined || (node.kind === 'ask' && node.answer === 'text')) return undefined;
  const by = correctedBy(talk, slot, text);
  if (by === undefined) return undefined;
  talk.decision = `${slot.name} corrected`;
  if (slot.confirm === 'always' || (slot.confirm === 'unsure' && by.sure < READ_BACK_BELOW)) return askBack(talk, node, slot, by.value);
  return replace(talk, slot, by.value);
}

/**
 * While a correction is read back: the same question, at which a yes or no is about the
 * value. What is no answer to it leaves it open ("say that again", a question, "hold on"),
 * and anything else that is said leaves the value as it was and is heard by `question`.
 */
export function readBackStep(question: QuestionStep<ProgramQuestion>): QuestionStep<ProgramQuestion> {
  return {
    enter(talk, node) {
      const open = openCorrection(talk);
      if (open === undefined) return question.enter(talk, node, true);
      const resume = resumed(talk, []);
      if (resume.length > 0) talk.say(resume, node.bargeIn);
      return askBack(talk, node, open.slot, open.value);
    },
    hear(talk, node, text) {
      const open = openCorrection(talk);
      if (open === undefined) return question.hear(talk, node, text);
      const begins = yesNo.hear(text, talk.slotContext({}, undefined));
      const accepted = begins?.kind === 'value' && begins.value === true;
      const again = correctedBy(talk, open.slot, text) ?? (accepted || isOnlyValue(text, talk.program.language, namesIn(open.slot.settings)) ? anotherValue(talk, open.slot, open.value, text, true) : undefined);
      if (again !== undefined && again.value !== open.value) return askBack(talk, node, open.slot, again.value);
      const said = answerToReadBack(talk, node, open.slot, text);
      if (said.type === 'intent') {
        talk.decision = said.note;
        return onIntent(talk, node, readBackAsked, said.label);
      }
      if (said.type === 'nothing' && isYesBut(text, talk.program.language)) return askBack(talk, node, open.slot, open.value);
      talk.correction = undefined;
      return said.type === 'answer' ? settle(talk, open.slot, said.value === true ? open.value : undefined) : question.hear(talk, node, text);
    },
    meaning(talk, node, text) {
      const open = openCorrection(talk);
      return open === undefined ? question.meaning(talk, node, text) : answerToReadBack(talk, node, open.slot, text);
    },
    keys(talk, _node, pressed) {
      const open = openCorrection(talk);
      talk.correction = undefined;
      if (open === undefined) return go(AGAIN);
      const answer = yesNo.keyed(pressed, talk.slotContext({}, undefined));
      return settle(talk, open.slot, answer?.kind === 'value' && answer.value === true ? open.value : undefined);
    },
    asked: () => readBackAsked,
  };
}

/**
 * Another value that is said to the one that was read back. With a yes it must be all that
 * is said, or stand beside a "but": "yes, that's the one" and "yes, I'm off at five" are none.
 */
export function anotherValue(talk: TalkState, slot: ProgramSlot, before: SlotValue | undefined, text: string, accepted: boolean): { readonly value: SlotValue; readonly sure: number } | undefined {
  if (LOOSE.has(slot.type.name) || slot.type.name === 'yes_no') return undefined;
  const said = withoutPronouns(withoutNo(text));
  const reading = slot.type.hear(said, talk.slotContext(slot.settings, before));
  if (reading?.kind !== 'value' || reading.value === before) return undefined;
  if (accepted && !isChanged(text) && !isOnlyValue(said, talk.program.language, namesIn(slot.settings))) return undefined;
  return { value: reading.value, sure: Math.min(reading.sure, talk.confidence) };
}

/** "Saturday or Sunday" in place of what was read back. */
export function otherTwo(talk: TalkState, slot: ProgramSlot, before: SlotValue | undefined, text: string): SlotReading | undefined {
  const said = withoutNo(text).replace(OR, ' ');
  const reading = WHEN.has(slot.type.name) && isOnlyValue(said, talk.program.language) ? slot.type.hear(withoutNo(text), talk.slotContext(slot.settings, before)) : undefined;
  return reading?.kind === 'ambiguous' ? reading : undefined;
}

function openCorrection(talk: TalkState): { readonly slot: ProgramSlot; readonly value: SlotValue } | undefined {
  const slot = talk.correction === undefined ? undefined : talk.program.slots.get(talk.correction.slot);
  return slot === undefined || talk.correction === undefined ? undefined : { slot, value: talk.correction.value };
}

function correctedBy(talk: TalkState, slot: ProgramSlot, text: string): { readonly value: SlotValue; readonly sure: number } | undefined {
  if (UNCORRECTED.has(slot.type.name) || !isCorrection(text, talk.program.language, namesIn(slot.settings))) return undefined;
  const before = talk.values[slot.name];
  const reading = slot.type.hear(withoutNo(text), talk.slotContext(slot.settings, before));
  return reading?.kind === 'value' && reading.value !== before ? reading : undefined;
}

function askBack(talk: TalkState, node: ProgramQuestion, slot: ProgramSlot, value: SlotValue): Move {
  talk.correction = { slot: slot.name, value };
  talk.sayWith([slot.confirmPrompt], { value: slot.type.readBack(value, talk.slotContext(slot.settings, undefined)) }, node.bargeIn);
  talk.markQuestion();
  talk.listen(node, readBackAsked.kind, readBackAsked.dtmf);
  return WAIT;
}

function settle(talk: TalkState, slot: ProgramSlot, value: SlotValue | undefined): Move {
  talk.decision = value === undefined ? `${slot.name} stays` : `${slot.name} corrected`;
  return value === undefined ? go(AGAIN) : replace(talk, slot, value);
}

function replace(talk: TalkState, slot: ProgramSlot, value: SlotValue): Move {
  talk.fill(slot.name, value);
  talk.lastFilled = slot.name;
  talk.sayWith([talk.program.words.noted], { value: slot.type.readBack(value, talk.slotContext(slot.settings, undefined)) }, true);
  return go(AGAIN);
}

/** It parts two values. */
const OR = /\bor\b|或者?是?|还是/giu;
/** "Not Friday" and 不是周一 deny the value behind them; 不，周一 is a no. */
const NO = /^\s*(?:(?:no|nope|not quite|wrong)\b|不对|错了|不是(?:[的啊]|(?=[\s,，.。]))|不(?![是要想选能会可行用太好同过]))[\s,，.。]*/iu;

/** What is left of "no, not Thursday, Friday" for the kind to read. */
export function withoutNo(text: string): string {
  return contrasted(text) ?? lastMeant(text.replace(NO, ''));
}
