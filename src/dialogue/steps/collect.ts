import { isDropped } from '../answers/dropped.js';
import { placeOf, placeOfKey } from '../answers/place.js';
import type { ProgramCollect, ProgramSlot } from '../program.js';
import { saysNoName } from '../slots/free-text.js';
import { LOOSE, WHEN } from '../slots/kinds.js';
import { READ_BACK_BELOW } from '../slots/readings.js';
import type { SlotFault, SlotReading, SlotValue } from '../slots/slot-type.js';
import { yesNo } from '../slots/yes-no.js';
import { anotherValue, otherTwo, readBackAsked } from './correction.js';
import { ASIDE_SURE, NEVER_ASIDE, heardBefore, keepWords, nextSlot, openForm, previousOf, referredTo } from './form.js';
import { CLEAR, intentOf, isDigression } from './intents.js';
import { fail, listenAgain, onIntent, resumed } from './question.js';
import type { Asked, QuestionStep } from './question.js';
import { LATER, answerToReadBack } from './read-back.js';
import { WAIT, go } from './talk-state.js';
import type { FormState, Move, TalkState } from './talk-state.js';

/** One of two that were offered; and one that was not. */
const CHOSEN_SURE = 0.9;
const NOT_OFFERED_SURE = 0.55;
/** A name this sure was spelt, or said to be one. */
const NAMED_SURE = 0.7;
/** Halves of an answer in any words, by then one that is not understood. */
const MAX_PARTS = 3;

/** A form: asks for what is not known yet, reads back what is unsure, takes corrections in place. */
export const collectStep: QuestionStep<ProgramCollect> = {
  enter(talk, node, back) {
    const name = nameOf(talk);
    if (talk.form?.node !== name) talk.form = undefined;
    const open = talk.form;
    const form = open ?? openForm(talk, node, name);
    talk.asked.add(name);
    // A form on the way leads back into no other.
    talk.led = talk.led === undefined ? undefined : 'choice';
    if (form === undefined) return go(node.next);
    talk.form = form;
    if (!back) return askSlot(talk, node, form, form === open && talk.outputs.length > 0 ? [] : node.prompt);
    talk.say(resumed(talk, collectStep.asked(talk, node).again), node.bargeIn);
    // What was read back has a value that no template knows.
    if (form.stage === 'confirm') return readBack(talk, node, slotOf(node, form), form);
    if (form.stage === 'which') return offer(talk, node, slotOf(node, form), form);
    talk.markQuestion();
    return listen(talk, node);
  },

  hear(talk, node, text) {
    const form = talk.form ?? openForm(talk, node, nameOf(talk));
    if (form === undefined) return go(node.next);
    talk.form = form;
    const slot = slotOf(node, form);
    const intent = intentAt(talk, node, slot, text);
    // "I'd rather not" is the answer where a yes or no is asked for.
    if ((slot.type.name !== 'yes_no' || form.stage !== 'ask') && isDropped(text, talk.program.language)) {
      // "Just cancel it" drops the form, unless the flow itself knows what it is.
      return intent !== undefined && node.own.has(intent.label) && !isDigression(node.actions.get(intent.label)) ? act(talk, node, intent) : drop(talk, node);
    }
    if (form.stage === 'confirm') return confirmed(talk, node, slot, form, text);
    if (form.stage === 'which') return which(talk, node, slot, form, text);
    const same = referredTo(talk, form, slot, text);
    if (same !== undefined) return takeSame(talk, node, slot, form, same);
    const reading = slot.type.hear(text, talk.slotContext(slot.settings, previousOf(talk, form)));
    // "Stop calling me" is no address, but what takes any words (没什么) is not given up for a guess; "tomorrow at three" is no "call me later".
    const strong = intent !== undefined && (!LOOSE.has(slot.type.name) || reading === undefined || intent.sure >= CLEAR) && (reading?.kind !== 'value' || (LOOSE.has(slot.type.name) && !isNamed(slot, reading.sure)) || reading.sure < READ_BACK_BELOW) && !isOnlyTheTime(slot, reading, intent.label);
    return strong ? act(talk, node, intent) : take(talk, node, slot, form, reading, text);
  },

  meaning(talk, node, text) {
    const form = talk.form;
    const slot = form === undefined ? node.slots[0] : slotOf(node, form);
    if (slot === undefined) return { type: 'nothing', note: 'no slot' };
    const reading = slot.type.hear(text, talk.slotContext(slot.settings, form === undefined ? undefined : previousOf(talk, form)));
    const heard = reading?.kind === 'value' ? reading : undefined;
    // Any words are a value of some kinds, but what is read back is corrected by none of them.
    if (form?.stage === 'confirm' && (heard === undefined || LOOSE.has(slot.type.name))) {
      const said = answerToReadBack(talk, node, slot, text);
      return said.type !== 'intent' || said.sure >= CLEAR ? said : { type: 'nothing', note: 'no yes or no' };
    }
    const intent = intentAt(talk, node, slot, text);
    const clear = intent !== undefined && intent.sure >= CLEAR && (heard === undefined || (LOOSE.has(slot.type.name) && !isNamed(slot, heard.sure)));
    if (clear && !isOnlyTheTime(slot, heard ?? (reading?.kind === 'ambiguous' ? reading : spokenTime(talk, slot, intent.label)), intent.label)) return intent;
    return reading !== undefined ? { type: 'answer', value: '', note: slot.name } : { type: 'nothing', note: `no ${slot.type.name}` };
  },

  keys(talk, node, pressed) {
    const form = talk.form ?? openForm(talk, node, nameOf(talk));
    if (form === undefined) return go(node.next);
    talk.form = form;
    const slot = slotOf(node, form);
    if (form.stage === 'confirm') {
      const answer = yesNo.keyed(pressed, talk.slotContext({}, undefined));
      talk.decision = 'dtmf confirm';
      if (answer?.kind === 'value') return answer.value === true ? keep(talk, node, slot, form) : again(talk, node, slot, form);
      return fail(talk, node, collectStep.asked(talk, node), collectStep.asked(talk, node).reprompt);
    }
    if (form.stage === 'which') return whichKey(talk, node, slot, form, pressed);
    talk.decision = `dtmf ${slot.name} ${pressed.length}`;
    return take(talk, node, slot, form, slot.type.keyed(pressed, talk.slotContext(slot.settings, form.pending)), '', 1);
  },

  asked(talk, node): Asked {
    const form = talk.form;
    const slot = form === undefined ? node.slots[0] : slotOf(node, form);
    const silent = (own: Asked['again']): Asked['again'] => [...node.silenceReprompt, ...own];
    if (slot === undefined) return { again: node.again, reprompt: node.reprompt, help: node.help, silenceReprompt: node.silenceReprompt, kind: 'open', dtmf: undefined, patient: false };
    if (form?.stage === 'confirm') return readBackAsked;
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

/** Asks for the slot that is open, or reads back what was said for it before. `intro`: said first. */
function askSlot(talk: TalkState, node: ProgramCollect, form: FormState, intro: ProgramCollect['prompt']): Move {
  const slot = slotOf(node, form);
  const known = heardBefore(talk, form, slot);
  if (known === undefined) {
    talk.say([...intro, slot.ask], node.bargeIn);
    talk.markQuestion();
    return listen(talk, node);
  }
  if (intro.length > 0) talk.say(intro, node.bargeIn);
  talk.decision = `${talk.decision ?? ''} ${slot.name} heard before`.trim();
  form.pending = known;
  return slot.confirm === 'never' ? keep(talk, node, slot, form) : readBack(talk, node, slot, form);
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

function act(talk: TalkState, node: ProgramCollect, intent: { readonly label: string; readonly note: string }): Move {
  talk.decision = intent.note;
  return onIntent(talk, node, collectStep.asked(talk, node), intent.label);
}

/** "I don't know her", where a name is asked for, is said of her, and not of who was called. */
function intentAt(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, text: string): ReturnType<typeof intentOf> {
  const intent = intentOf(talk, node, text);
  return intent?.label === 'wrong_number' && slot.type.name === 'name' && saysNoName(text) ? undefined : intent;
}

/** "Her name is Susan" is a name whatever intent it resembles; "Susan is not here" may be one. */
function isNamed(slot: ProgramSlot, sure: number): boolean {
  return slot.type.name === 'name' && sure >= NAMED_SURE;
}

/** Where a time is asked for, one that was heard is the answer, though its hour be unsure, or its day one of two, and "tomorrow at three" resemble "call me later". */
function isOnlyTheTime(slot: ProgramSlot, reading: SlotReading | undefined, label: string): boolean {
  return (reading?.kind === 'value' || reading?.kind === 'ambiguous') && WHEN.has(slot.type.name) && LATER.has(label);
}

/** "Call me back, tomorrow at three": the first half is no wish of its own. */
function spokenTime(talk: TalkState, slot: ProgramSlot, label: string): SlotReading | undefined {
  return talk.heard === undefined || !LATER.has(label) || !WHEN.has(slot.type.name) ? undefined : slot.type.hear(talk.heard, talk.slotContext(slot.settings, undefined));
}

/** The earlier value is read back; the slot's own of before needs no second yes. */
function takeSame(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState, same: SlotValue): Move {
  talk.decision = `${slot.name} as before`;
  form.pending = same;
  return same === talk.values[slot.name] || slot.confirm === 'never' ? keep(talk, node, slot, form) : readBack(talk, node, slot, form);
}

/** `ear`: how sure the ear is of the words; no value is surer than they are. */
function take(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState, reading: SlotReading | undefined, text: string, ear = talk.confidence): Move {
  const asked = collectStep.asked(talk, node);
  switch (reading?.kind) {
    case undefined:
      talk.decision = `no ${slot.type.name}`;
      return fail(talk, node, asked, asked.reprompt);
    case 'part': {
      talk.decision = `part of ${slot.name}`;
      const isNew = reading.value !== form.pending;
      form.pending = reading.value;
      form.parts++;
      // Of what takes any words, more halves come to no whole; what was heard of them is no part of the next answer.
      const isVain = LOOSE.has(slot.type.name) && form.parts >= MAX_PARTS;
      if (isVain) form.pending = undefined;
      if (isVain || !isNew) return fail(talk, node, asked, asked.reprompt);
      return listenAgain(talk, node, asked, [talk.program.words.goOn]);
    }
    case 'fault':
      talk.decision = `${slot.name}: ${reading.fault}`;
      form.pending = undefined;
      return fail(talk, node, asked, [faultWords(talk, reading.fault), ...asked.again]);
    case 'ambiguous':
      talk.decision = `${slot.name}: ambiguous`;
      form.stage = 'which';
      form.options = reading.values;
      return offer(talk, node, slot, form);
    case 'value': {
      const sure = Math.min(reading.sure, ear);
      talk.decision = `${slot.name} ${sure.toFixed(2)}`;
      form.pending = reading.value;
      aside(talk, node, slot, form, reading.rest === '' ? text : reading.rest, ear);
      if (slot.confirm === 'always' || (slot.confirm === 'unsure' && sure < READ_BACK_BELOW)) return readBack(talk, node, slot, form);
      return keep(talk, node, slot, form);
    }
  }
}

/** "A table for four, tomorrow at seven": the other values of the form need not be asked for; what is always read back is, when its turn comes. */
function aside(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState, words: string, ear: number): void {
  if (words === '') return;
  for (const other of node.slots) {
    const known = Object.hasOwn(talk.values, other.name) && !form.anew.has(other.name);
    if (other.name === slot.name || known || other.confirm === 'always' || NEVER_ASIDE.has(other.type.name) || other.type.name === slot.type.name) continue;
    const reading = other.type.hear(words, talk.slotContext(other.settings, undefined));
    if (reading?.kind !== 'value' || Math.min(reading.sure, ear) < ASIDE_SURE) continue;
    talk.fill(other.name, reading.value);
    form.anew.delete(other.name);
  }
  if (!LOOSE.has(slot.type.name)) keepWords(form, slot, words);
}

function readBack(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState): Move {
  form.stage = 'confirm';
  const value = slot.type.readBack(form.pending ?? '', talk.slotContext(slot.settings, undefined));
  talk.sayWith([slot.confirmPrompt], { value }, node.bargeIn);
  talk.markQuestion();
  return listen(talk, node);
}

function confirmed(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState, text: string): Move {
  const begins = yesNo.hear(text, talk.slotContext({}, undefined));
  const accepted = begins?.kind === 'value' && begins.value === true;
  const corrected = anotherValue(talk, slot, form.pending, text, accepted);
  // "No, Friday": what corrects the value says more than the no.
  if (corrected !== undefined) {
    talk.decision = `${slot.name} corrected`;
    form.pending = corrected.value;
    return accepted || corrected.sure < READ_BACK_BELOW || slot.confirm === 'always' ? readBack(talk, node, slot, form) : keep(talk, node, slot, form);
  }
  const between = otherTwo(talk, slot, form.pending, text);
  if (between !== undefined) return take(talk, node, slot, form, between, text);
  const answer = answerToReadBack(talk, node, slot, text);
  if (answer.type === 'intent') return act(talk, node, answer);
  if (answer.type === 'answer') {
    talk.decision = answer.value === true ? `${slot.name} confirmed` : `${slot.name} denied`;
    return answer.value === true ? keep(talk, node, slot, form) : again(talk, node, slot, form);
  }
  talk.decision = 'no yes or no';
  return failed(talk) ? go(node.fallback) : readBack(talk, node, slot, form);
}

/** Counts a failure; true if it was one too many. */
function failed(talk: TalkState): boolean {
  talk.failures++;
  talk.allFailures++;
  return talk.failures >= talk.program.maxFailures;
}

/** Two or three meanings: the caller says which. */
function offer(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState): Move {
  const context = talk.slotContext(slot.settings, undefined);
  const [first = '', second = ''] = form.options.map((option) => slot.type.readBack(option, context));
  talk.sayWith([talk.program.words.didYouMean], { first, second }, node.bargeIn);
  talk.markQuestion();
  // 1 or 2 is enough for one of the two, however long the value is.
  talk.listen(node, 'open', slot.keys === undefined ? undefined : { ...slot.keys, minDigits: 1 });
  return WAIT;
}

/** The first or the second of what was offered; else another value, which is then read back. */
function which(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState, text: string): Move {
  const { options } = form;
  const reading = slot.type.hear(text, talk.slotContext(slot.settings, undefined));
  if (reading?.kind === 'ambiguous') {
    talk.decision = `${slot.name}: ambiguous again`;
    return failed(talk) ? go(node.fallback) : offer(talk, node, slot, form);
  }
  const place = placeOf(text);
  const heard = reading?.kind === 'value' ? options.find((option) => option === reading.value) : undefined;
  const chosen = (place === undefined ? undefined : options[place]) ?? heard;
  form.stage = 'ask';
  form.options = [];
  if (chosen !== undefined) return take(talk, node, slot, form, { kind: 'value', value: chosen, sure: CHOSEN_SURE, rest: '' }, '');
  if (reading?.kind !== 'value') return collectStep.hear(talk, node, text);
  return take(talk, node, slot, form, { ...reading, sure: Math.min(reading.sure, NOT_OFFERED_SURE) }, text);
}

/** By key: the value itself, if that was offered; else the first or the second. */
function whichKey(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState, pressed: string): Move {
  const { options } = form;
  const place = placeOfKey(pressed);
  // Among choices a key is a place, and of two that were offered it is a place among these.
  const reading = slot.type.name === 'choice' ? undefined : slot.type.keyed(pressed, talk.slotContext(slot.settings, undefined));
  const keyed = reading?.kind === 'value' ? options.find((option) => option === reading.value) : undefined;
  const chosen = keyed ?? (place === undefined ? undefined : options[place]);
  talk.decision = `dtmf ${slot.name} ${pressed.length}`;
  if (chosen === undefined && reading?.kind !== 'value') return failed(talk) ? go(node.fallback) : offer(talk, node, slot, form);
  form.stage = 'ask';
  form.options = [];
  return take(talk, node, slot, form, chosen === undefined ? reading : { kind: 'value', value: chosen, sure: CHOSEN_SURE, rest: '' }, '', 1);
}

function again(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState): Move {
  form.stage = 'ask';
  form.pending = undefined;
  form.parts = 0;
  const asked = collectStep.asked(talk, node);
  return fail(talk, node, asked, [talk.program.words.sorry, slot.again]);
}

function keep(talk: TalkState, node: ProgramCollect, slot: ProgramSlot, form: FormState): Move {
  if (form.pending !== undefined) talk.fill(slot.name, form.pending);
  form.anew.delete(slot.name);
  talk.lastFilled = slot.name;
  talk.failures = 0;
  if (nextSlot(talk, node, form)) return askSlot(talk, node, form, []);
  talk.form = undefined;
  return go(node.next);
}

function faultWords(talk: TalkState, fault: SlotFault): ProgramCollect['prompt'][number] {
  const { words } = talk.program;
  if (fault === 'too_short' || fault === 'too_small') return words.tooShort;
  if (fault === 'too_long' || fault === 'too_large') return words.tooLong;
  return fault === 'past' || fault === 'future' ? words.past : words.wrong;
}
