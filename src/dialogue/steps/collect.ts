import { isDropped } from '../answers/dropped.js';
import { understand } from '../answers/understand.js';
import type { ProgramAsk, ProgramCollect, ProgramSlot } from '../program.js';
import { READ_BACK_BELOW, contrasted, lastMeant } from '../slots/readings.js';
import type { SlotFault, SlotReading, SlotValue } from '../slots/slot-type.js';
import { yesNo } from '../slots/yes-no.js';
import { fail, listenAgain, markQuestion, onIntent, resumed } from './question.js';
import type { Asked, QuestionStep } from './question.js';
import { WAIT, go } from './talk-state.js';
import type { FormState, Move, TalkState } from './talk-state.js';

/** Kinds that take any words: an intent comes before them. */
const LOOSE = new Set(['text', 'name', 'address']);
const WHEN = new Set(['date', 'time', 'datetime']);
/** Kinds that are never taken from words meant for another slot: too much looks like one. */
const NEVER_ASIDE = new Set(['text', 'name', 'address', 'yes_no', 'digits', 'number']);
/** A value heard aside must be this sure. */
const ASIDE_SURE = 0.8;
/** A name this sure was spelt, or said to be one. */
const NAMED_SURE = 0.7;

/** A form: asks for what is not known yet, reads back what is unsure, takes corrections in place. */
export const collectStep: QuestionStep<ProgramCollect> = {
  enter(talk, node, back) {
    if (talk.form?.node !== nameOf(talk)) talk.form = undefined;
    const form = talk.form ?? openForm(talk, node);
    if (form === undefined) return go(node.next);
    const slot = slotOf(node, form);
    if (back) talk.say(resumed(talk, collectStep.asked(talk, node).again), node.bargeIn);
    else talk.say([...(form === talk.form && talk.outputs.length > 0 ? [] : node.prompt), slot.ask], node.bargeIn);
    talk.form = form;
    markQuestion(talk);
    return listen(talk, node);
  },

  hear(talk, node, text) {
    const form = talk.form ?? openForm(talk, node);
    if (form === undefined) return go(node.next);
    talk.form = form;
    const slot = slotOf(node, form);
    // "I'd rather not" is the answer where a yes or no is asked for.
    if ((slot.type.name !== 'yes_no' || form.stage !== 'ask') && isDropped(text, talk.program.language)) return drop(talk, node);
    if (form.stage === 'confirm') return confirmed(talk, node, slot, form, text);
    if (form.stage === 'which') return which(talk, node, slot, form, text);
    const reading = slot.type.hear(text, talk.slotContext(slot.settings, form.pending));
    const intent = intentOf(talk, node, text);
    // "Stop calling me" is no address; "tomorrow at three" is no "call me later".
    const strong = intent !== undefined && (reading?.kind !== 'value' || (LOOSE.has(slot.type.name) && !isNamed(slot, reading.sure)) || reading.sure < READ_BACK_BELOW) && !isOnlyTheTime(slot, reading, intent.label);
    if (strong) {
      talk.decision = intent.note;
      return onIntent(talk, node, collectStep.asked(talk, node), intent.label);
    }
    return take(talk, node, slot, form, reading, text);
  },

  keys(talk, node, pressed) {
    const form = talk.form ?? openForm(talk, node);
    if (form === undefined) return go(node.next);
    talk.form = form;
    const slot = slotOf(node, form);
    if (form.stage === 'confirm') {
      const answer = yesNo.keyed(pressed, talk.slotContext({}, undefined));
      talk.decision = 'dtmf confirm';
      if (answer?.kind === 'value') return answer.value === true ? keep(talk, node, slot, form) : again(talk, node, slot, form);
      return fail(talk, node, collectStep.asked(talk, node), collectStep.asked(talk, node).reprompt);
    }
    talk.decision = `dtmf ${slot.name} ${pressed.length}`;
    return take(talk, node, slot, form, slot.type.keyed(pressed, talk.slotContext(slot.settings, form.pending)), '');
  },

  asked(talk, node): Asked {
    const form = talk.form;
    const slot = form === undefined ? node.slots[0] : slotOf(node, form);
    const silent = (own: Asked['again']): Asked['again'] => [...node.silenceReprompt, ...own];
    if (slot === undefined) return { again: node.again, reprompt: node.reprompt, help: node.help, silenceReprompt: node.silenceReprompt, kind: 'open', dtmf: undefined, patient: false };
    if (form?.stage === 'confirm') {
      // The read-back itself stands in lastSaid: it has a value that no template knows.
      return { again: [], reprompt: [], help: undefined, silenceReprompt: [], kind: 'yes_no', dtmf: { minDigits: 1, maxDigits: 1 }, patient: false };
    }
    return { again: [slot.again], reprompt: slot.reprompt, help: slot.help, silenceReprompt: silent([slot.again]), kind: slot.type.answerKind, dtmf: slot.keys, patient: slot.type.answerKind !== 'yes_no' };
  },
};

/** "Never mind": nothing is half done, and what was given is forgotten. */
function drop(talk: TalkState, node: ProgramCollect): Move {
  for (const { name } of node.slots) talk.forget(name);
  talk.form = undefined;
  talk.lastFilled = undefined;
  talk.failures = 0;
  talk.decision = 'form dropped';
  return go(node.cancel ?? node.fallback);
}

function nameOf(talk: TalkState): string {
  return talk.question ?? talk.at;
}

function openForm(talk: TalkState, node: ProgramCollect): FormState | undefined {
  const next = node.slots.find((slot) => !Object.hasOwn(talk.values, slot.name));
  return next === undefined ? undefined : { node: nameOf(talk), slot: next.name, stage: 'ask', pending: undefined, options: [] };
}

function slotOf(node: ProgramCollect, form: FormState): ProgramSlot {
  const slot = node.slots.find((one) => one.name === form.slot) ?? node.slots[0];
  if (slot === undefined) throw new RangeError('a form without slots');
  return slot;
}

function listen(talk: TalkState, node: ProgramCollect): Move {
  const asked = collectStep.asked(talk, node);
  talk.listen(node, asked.kind, asked.dtmf, asked.patient);
  return WAIT;
}

function intentOf(talk: TalkState, node: ProgramCollect, text: string): { label: string; note: string } | undefined {
  const open: ProgramAsk = { ...node, kind: 'ask', answer: 'intents', slot: undefined, digits: undefined, yes: undefined, no: undefined, next: undefined, otherwise: undefined };
  const meant = understand(open, text, talk.moment());
  return meant.type === 'intent' ? meant : undefined;
}

/** "Her name is Susan" is a name whatever intent it resembles; "Susan is not here" may be one. */
function isNamed(slot: ProgramSlot, sure: number): boolean {
  return slot.type.name === 'name' && sure >= NAMED_SURE;
}

/** Where a time is asked for, one that was heard is the answer, though its hour be unsure and "tomorrow at three" resemble "call me later". */
function isOnlyTheTime(slot: ProgramSlot, reading: SlotReading | undefined, label: string): boolean {
  return reading?.kind === 'value' && WHEN.has(slot.type.name) && (label === 'call_later' || label === 'busy_now');
}

function take(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState, reading: SlotReading | undefined, text: string): Move {
  const asked = collectStep.asked(talk, node);
  switch (reading?.kind) {
    case undefined:
      talk.decision = `no ${slot.type.name}`;
      return fail(talk, node, asked, asked.reprompt);
    case 'part':
      talk.decision = `part of ${slot.name}`;
      form.pending = reading.value;
      return listenAgain(talk, node, asked, [talk.program.words.goOn]);
    case 'fault':
      talk.decision = `${slot.name}: ${reading.fault}`;
      form.pending = undefined;
      return fail(talk, node, asked, [faultWords(talk, reading.fault), ...asked.again]);
    case 'ambiguous':
      talk.decision = `${slot.name}: ambiguous`;
      form.stage = 'which';
      form.options = reading.values;
      return offer(talk, node, slot, form);
    case 'value':
      talk.decision = `${slot.name} ${reading.sure.toFixed(2)}`;
      form.pending = reading.value;
      aside(talk, node, slot, reading.rest, text);
      if (slot.confirm === 'always' || (slot.confirm === 'unsure' && reading.sure < READ_BACK_BELOW)) return readBack(talk, node, slot, form);
      return keep(talk, node, slot, form);
  }
}

/** "A table for four, tomorrow at seven": the other values of the form need not be asked for. */
function aside(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, rest: string, text: string): void {
  const words = rest === '' ? text : rest;
  for (const other of node.slots) {
    if (other.name === slot.name || Object.hasOwn(talk.values, other.name) || NEVER_ASIDE.has(other.type.name) || other.type.name === slot.type.name) continue;
    const reading = other.type.hear(words, talk.slotContext(other.settings, undefined));
    if (reading?.kind === 'value' && reading.sure >= ASIDE_SURE && other.confirm !== 'always') talk.fill(other.name, reading.value);
  }
}

function readBack(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState): Move {
  form.stage = 'confirm';
  const value = slot.type.readBack(form.pending ?? '', talk.slotContext(slot.settings, undefined));
  talk.sayWith([slot.confirmPrompt], { value }, node.bargeIn);
  markQuestion(talk);
  return listen(talk, node);
}

function confirmed(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState, text: string): Move {
  const answer = yesNo.hear(text, talk.slotContext({}, undefined));
  // "No, Friday": what corrects the value says more than the no.
  const corrected = slot.type.hear(withoutNo(text), talk.slotContext(slot.settings, form.pending));
  if (corrected?.kind === 'value' && corrected.value !== form.pending && !LOOSE.has(slot.type.name) && slot.type.name !== 'yes_no') {
    talk.decision = `${slot.name} corrected`;
    form.pending = corrected.value;
    return corrected.sure < READ_BACK_BELOW || slot.confirm === 'always' ? readBack(talk, node, slot, form) : keep(talk, node, slot, form);
  }
  if (answer?.kind === 'value') {
    talk.decision = answer.value === true ? `${slot.name} confirmed` : `${slot.name} denied`;
    return answer.value === true ? keep(talk, node, slot, form) : again(talk, node, slot, form);
  }
  const intent = intentOf(talk, node, text);
  if (intent !== undefined) {
    talk.decision = intent.note;
    return onIntent(talk, node, collectStep.asked(talk, node), intent.label);
  }
  talk.decision = 'no yes or no';
  talk.failures++;
  talk.allFailures++;
  return talk.failures >= talk.program.maxFailures ? go(node.fallback) : readBack(talk, node, slot, form);
}

function withoutNo(text: string): string {
  return contrasted(text) ?? lastMeant(text.replace(/^\s*(?:no|nope|not quite|wrong|不是|不对|不|错了)[\s,，.。]*/iu, ''));
}

/** Two or three meanings: the caller says which. */
function offer(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState): Move {
  const context = talk.slotContext(slot.settings, undefined);
  const [first = '', second = ''] = form.options.map((option) => slot.type.readBack(option, context));
  talk.sayWith([talk.program.words.didYouMean], { first, second }, node.bargeIn);
  markQuestion(talk);
  talk.listen(node, 'open', slot.keys);
  return WAIT;
}

function which(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState, text: string): Move {
  const reading = slot.type.hear(text, talk.slotContext(slot.settings, undefined));
  const place = /\b(?:the )?(?:first|former)\b|第一|前/iu.test(text) ? 0 : /\b(?:the )?(?:second|latter|last)\b|第二|后一/iu.test(text) ? 1 : undefined;
  const chosen: SlotValue | undefined = reading?.kind === 'value' ? reading.value : place === undefined ? undefined : form.options[place];
  form.stage = 'ask';
  form.options = [];
  return take(talk, node, slot, form, chosen === undefined ? undefined : { kind: 'value', value: chosen, sure: 0.9, rest: '' }, text);
}

function again(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState): Move {
  form.stage = 'ask';
  form.pending = undefined;
  const asked = collectStep.asked(talk, node);
  return fail(talk, node, asked, [talk.program.words.sorry, slot.again]);
}

function keep(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState): Move {
  if (form.pending !== undefined) talk.fill(slot.name, form.pending);
  talk.lastFilled = slot.name;
  talk.failures = 0;
  talk.form = openForm(talk, node);
  if (talk.form === undefined) return go(node.next);
  const next = slotOf(node, talk.form);
  talk.say([next.ask], node.bargeIn);
  markQuestion(talk);
  return listen(talk, node);
}

function faultWords(talk: TalkState, fault: SlotFault): ProgramCollect['prompt'][number] {
  const { words } = talk.program;
  if (fault === 'too_short' || fault === 'too_small') return words.tooShort;
  if (fault === 'too_long' || fault === 'too_large') return words.tooLong;
  return fault === 'past' || fault === 'future' ? words.past : words.wrong;
}

/**
 * At a later question: "no, Friday, not Thursday" corrects what was given last.
 * True if it was one; the question is then asked again by the caller of this.
 */
export function correctsLast(talk: TalkState, text: string): boolean {
  const slot = talk.lastFilled === undefined ? undefined : talk.program.slots.get(talk.lastFilled);
  if (slot === undefined || LOOSE.has(slot.type.name) || !/^\s*(?:no|sorry|wait|actually|i meant|i mean|correction|not|不对|不是|等等|错了|说错了|应该是|我是说)/iu.test(text)) return false;
  const before = talk.values[slot.name];
  const reading = slot.type.hear(withoutNo(text), talk.slotContext(slot.settings, before));
  if (reading?.kind !== 'value' || reading.value === before || typeof reading.value === 'boolean') return false;
  talk.fill(slot.name, reading.value);
  talk.decision = `${slot.name} corrected`;
  const value = slot.type.readBack(reading.value, talk.slotContext(slot.settings, undefined));
  talk.sayWith([talk.program.words.noted], { value }, true);
  return true;
}
