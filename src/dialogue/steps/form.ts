import { clausesIn } from '../answers/clauses.js';
import { withoutPronouns } from '../answers/place.js';
import { sameAsBefore } from '../answers/reference.js';
import type { ProgramCollect, ProgramSlot } from '../program.js';
import { withoutTaken } from '../slots/denied-times.js';
import { LOOSE, WHEN } from '../slots/kinds.js';
import { HOUR_SAID, READ_BACK_BELOW } from '../slots/readings.js';
import type { SlotLanguage, SlotReading, SlotValue } from '../slots/slot-type.js';
import type { FormState, TalkState } from './talk-state.js';

/** Kinds that are never taken from words meant for something else: too much looks like one. */
const NEVER_BEFORE = new Set([...LOOSE, 'yes_no', 'number']);
/** The same, of words that were said at another slot of the form and not on the way into it. */
export const NEVER_ASIDE: ReadonlySet<string> = new Set([...NEVER_BEFORE, 'digits']);
/** A value heard aside must be this sure. */
export const ASIDE_SURE = 0.8;
/** Fewer digits may be any number. */
const SHORTEST_CODE = 4;
/** Words that are kept for later slots, of the last few answers. */
const MAX_HEARD = 4;
/** What is denied, or ends then, is not what is wanted: "I can't on Tuesday", "I'm busy until three". */
const DENIED: Record<SlotLanguage, RegExp> = {
  en: /\b(?:not|never|no|cannot|until|till|busy|meeting)\b|n['’]t\b/i,
  zh: /不|没|别|以前|之前|忙|开会/,
};
/** 行不行 asks, and denies nothing. */
const ASKED_ZH = /行不行|好不好|可不可以|能不能|是不是|方不方便/g;
const MONEY = /[$€£¥￥]|\b(?:dollars?|bucks?|euros?|pounds?|quid|cents?|yuan|rmb|usd|eur|gbp)\b|[块元毛]/i;

/**
 * How a form begins: at the first value that is not known. One that is filled and has been
 * visited before is asked anew if an intent or a `no` has led back into it: the caller wants
 * to change something. Undefined: there is nothing to ask.
 */
export function openForm(talk: TalkState, node: ProgramCollect, name: string): FormState | undefined {
  const full = node.slots.every((slot) => Object.hasOwn(talk.values, slot.name));
  const ledBack = full && talk.asked.has(name) && (talk.led === 'intent' || talk.led === 'no');
  const anew = node.anew === true || (ledBack && node.anew !== false);
  const form: FormState = { node: name, slot: '', stage: 'ask', pending: undefined, parts: 0, options: [], anew: new Set(anew ? node.slots.map((slot) => slot.name) : []), heard: [] };
  if (!nextSlot(talk, node, form)) return undefined;
  if (talk.led !== undefined && talk.heard !== undefined && talk.heard !== '') form.heard.push({ words: talk.heard, led: true, kinds: new Set() });
  return form;
}

/** Goes on to the next slot to be asked for; false if there is none. */
export function nextSlot(talk: TalkState, node: ProgramCollect, form: FormState): boolean {
  const next = node.slots.find((slot) => form.anew.has(slot.name) || !Object.hasOwn(talk.values, slot.name));
  form.slot = next?.name ?? '';
  form.stage = 'ask';
  form.pending = undefined;
  form.parts = 0;
  form.options = [];
  return next !== undefined;
}

/** What an answer may go on from or correct: half a value, or the one of before. */
export function previousOf(talk: TalkState, form: FormState): SlotValue | undefined {
  return form.pending ?? (form.anew.has(form.slot) ? talk.values[form.slot] : undefined);
}

/** Words of this answer in which values of later slots may stand, too. */
export function keepWords(form: FormState, slot: ProgramSlot, words: string): void {
  form.heard.unshift({ words, led: false, kinds: new Set([slot.type.name]) });
  form.heard.length = Math.min(form.heard.length, MAX_HEARD);
}

/** The slot's value in words that were said before it was asked for: it is read back and not asked for. */
export function heardBefore(talk: TalkState, form: FormState, slot: ProgramSlot): SlotValue | undefined {
  const kind = slot.type.name;
  for (const { words, led, kinds } of form.heard) {
    if (kinds.has(kind) || (led ? NEVER_BEFORE : NEVER_ASIDE).has(kind)) continue;
    // The same words do not answer a second question of the kind.
    kinds.add(kind);
    const reading = readIn(talk, form, slot, led ? wanted(words, kind, talk.program.language) : words);
    const least = !led ? ASIDE_SURE : WHEN.has(kind) ? HOUR_SAID : READ_BACK_BELOW;
    if (reading?.kind === 'value' && reading.sure >= least && reading.value !== talk.values[slot.name]) return reading.value;
  }
  return undefined;
}

function readIn(talk: TalkState, form: FormState, slot: ProgramSlot, words: string): SlotReading | undefined {
  const said = withoutPronouns(words);
  if (slot.type.name === 'amount' && !MONEY.test(said)) return undefined;
  const reading = slot.type.hear(said, talk.slotContext(slot.settings, previousOf(talk, form)));
  // "Two short questions" is no code of one digit.
  return slot.type.name === 'digits' && reading?.kind === 'value' && String(reading.value).length < SHORTEST_CODE ? undefined : reading;
}

/** Of a time only the words that deny it go, as "I'm busy call me tomorrow at three" has no mark; else the whole clause. */
function wanted(text: string, kind: string, language: SlotLanguage): string {
  if (WHEN.has(kind)) return withoutTaken(text, language);
  const clauses = clausesIn(text, language).map((clause) => clause.text);
  return (clauses.length === 0 ? [text] : clauses).filter((clause) => !DENIED[language].test(clause.replace(ASKED_ZH, ''))).join(language === 'zh' ? '，' : ', ');
}

/** "The same number as before": the last value of the kind, or the slot's own of before; with "at five" beside it, that too. */
export function referredTo(talk: TalkState, form: FormState, slot: ProgramSlot, text: string): SlotValue | undefined {
  const same = sameAsBefore(text, talk.program.language);
  if (same === undefined) return undefined;
  const earlier = form.anew.has(slot.name) ? talk.values[slot.name] : lastOfKind(talk, slot);
  if (earlier === undefined || same.rest === '') return earlier;
  const reading = LOOSE.has(slot.type.name) ? undefined : slot.type.hear(same.rest, talk.slotContext(slot.settings, earlier));
  return reading?.kind === 'value' ? reading.value : undefined;
}

function lastOfKind(talk: TalkState, slot: ProgramSlot): SlotValue | undefined {
  const name = Object.keys(talk.filled).findLast((one) => one !== slot.name && talk.program.slots.get(one)?.type.name === slot.type.name);
  return name === undefined ? undefined : talk.filled[name];
}
