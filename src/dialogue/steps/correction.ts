import { isCorrection } from '../answers/correction.js';
import type { ProgramQuestion, ProgramSlot } from '../program.js';
import { contrasted, lastMeant } from '../slots/readings.js';
import type { SlotValue } from '../slots/slot-type.js';
import { yesNo } from '../slots/yes-no.js';
import { AGAIN, markQuestion } from './question.js';
import type { Asked } from './question.js';
import { WAIT, go } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** Kinds that take any words: no correction can be told from a remark. */
const LOOSE = new Set(['text', 'name', 'address', 'yes_no']);

/** How a read-back is listened to; it stands in `lastSaid`, as it has a value that no template knows. */
export const readBackAsked: Asked = { again: [], reprompt: [], help: undefined, silenceReprompt: [], kind: 'yes_no', dtmf: { minDigits: 1, maxDigits: 1 }, patient: false };

/**
 * At the question after a value: "no, Friday, not Thursday" corrects it, if nothing more
 * is said; a remark ("actually, we waited two hours") never does. A value that is always
 * read back is, before it replaces the other. Undefined if it is no correction.
 */
export function correctLast(talk: TalkState, node: ProgramQuestion, text: string): Move | undefined {
  const slot = talk.lastFilled === undefined ? undefined : talk.program.slots.get(talk.lastFilled);
  talk.lastFilled = undefined;
  if (slot === undefined || (node.kind === 'ask' && node.answer === 'text')) return undefined;
  const value = correctedBy(talk, slot, text);
  if (value === undefined) return undefined;
  talk.decision = `${slot.name} corrected`;
  if (slot.confirm === 'always') return askBack(talk, node, slot, value);
  return replace(talk, slot, value);
}

/** The answer to the read-back of a correction. Undefined: something else was said, and the value stays as it was. */
export function onCorrection(talk: TalkState, node: ProgramQuestion, text: string): Move | undefined {
  const open = talk.correction;
  const slot = open === undefined ? undefined : talk.program.slots.get(open.slot);
  talk.correction = undefined;
  if (open === undefined || slot === undefined) return undefined;
  const again = correctedBy(talk, slot, text);
  if (again !== undefined && again !== open.value) return askBack(talk, node, slot, again);
  const answer = yesNo.hear(text, talk.slotContext({}, undefined));
  if (answer?.kind !== 'value') return undefined;
  return settle(talk, slot, answer.value === true ? open.value : undefined);
}

export function onCorrectionKeys(talk: TalkState, pressed: string): Move {
  const open = talk.correction;
  const slot = open === undefined ? undefined : talk.program.slots.get(open.slot);
  talk.correction = undefined;
  if (open === undefined || slot === undefined) return go(AGAIN);
  const answer = yesNo.keyed(pressed, talk.slotContext({}, undefined));
  return settle(talk, slot, answer?.kind === 'value' && answer.value === true ? open.value : undefined);
}

function correctedBy(talk: TalkState, slot: ProgramSlot, text: string): SlotValue | undefined {
  if (LOOSE.has(slot.type.name) || !isCorrection(text, talk.program.language, namesOf(slot))) return undefined;
  const before = talk.values[slot.name];
  const reading = slot.type.hear(withoutNo(text), talk.slotContext(slot.settings, before));
  return reading?.kind === 'value' && reading.value !== before ? reading.value : undefined;
}

/** Words that are values of this slot. */
export function namesOf(slot: ProgramSlot): string[] {
  return slot.settings.choices?.flatMap((one) => [one.value.replaceAll('_', ' '), one.say ?? '', ...one.synonyms]).filter((name) => name !== '') ?? [];
}

function askBack(talk: TalkState, node: ProgramQuestion, slot: ProgramSlot, value: SlotValue): Move {
  talk.correction = { slot: slot.name, value };
  talk.sayWith([slot.confirmPrompt], { value: slot.type.readBack(value, talk.slotContext(slot.settings, undefined)) }, node.bargeIn);
  markQuestion(talk);
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

/** What is left of "no, not Thursday, Friday" for the kind to read. */
export function withoutNo(text: string): string {
  return contrasted(text) ?? lastMeant(text.replace(/^\s*(?:no|nope|not quite|wrong|不是|不对|不|错了)[\s,，.。]*/iu, ''));
}
