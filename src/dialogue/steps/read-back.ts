import { isAgreed, praised, praisesElse } from '../answers/agreed.js';
import { wantsOther } from '../answers/correction.js';
import type { Understood } from '../answers/understand.js';
import { isHedged } from '../answers/yes-no.js';
import type { ProgramQuestion, ProgramSlot } from '../program.js';
import { namesIn } from '../slots/choice.js';
import { LOOSE, WHEN } from '../slots/kinds.js';
import type { SlotValue } from '../slots/slot-type.js';
import { yesNo } from '../slots/yes-no.js';
import { CLEAR, intentOf } from './intents.js';
import type { TalkState } from './talk-state.js';

/** A yes or no this sure is the whole answer. */
const PLAIN = 0.9;
/** From here on a guess is believed, as at a question. */
const MEANT = 0.5;
/** Said in passing, and wishes to be called: beside a yes they are courtesy, and what is read back itself. */
export const PASSING: ReadonlySet<string> = new Set(['bye', 'thanks']);
export const LATER: ReadonlySet<string> = new Set(['call_later', 'busy_now']);
/** "No, that's the wrong number" is said of what was read back. */
export const NUMBERS: ReadonlySet<string> = new Set(['phone', 'digits', 'number']);
const AGREEING: ReadonlySet<string> = new Set(['yes', 'interested']);
const BUT = /\bbut\b|不过|但是?/giu;
const REFUSING: ReadonlySet<string> = new Set(['no']);

/**
 * What is said to "I have X. Is that right?": a plain yes or no, else an intent that is
 * clear whatever it begins with ("no, let me speak to a person"), else what it begins
 * with, else what it comes to: "see you then" is a yes. "Yes, but a bit later" is neither.
 */
export function answerToReadBack(talk: TalkState, node: ProgramQuestion, slot: ProgramSlot, text: string): Understood {
  const heard = yesNo.hear(text, talk.slotContext({}, undefined));
  const lead = heard?.kind === 'value' ? { value: heard.value === true, sure: heard.sure } : undefined;
  const isOther = isOtherWanted(talk, text);
  const begins = isOther && lead?.value === true ? undefined : lead;
  if (begins !== undefined && begins.sure >= PLAIN) return answered(begins.value);
  const came = begins ?? byMeaning(talk, slot, text);
  const meant = isOther && came?.value === true ? undefined : came;
  const beside = intentBeside(talk, node, slot, text, meant?.value);
  // "A bit later" is said of the time: it is no wish to be called, and beside a yes no goodbye.
  const intent = beside !== undefined && isOther && ((WHEN.has(slot.type.name) && LATER.has(beside.label)) || (lead?.value === true && PASSING.has(beside.label))) ? undefined : beside;
  if (intent !== undefined && !PASSING.has(intent.label) && intent.sure >= Math.max(CLEAR, begins === undefined ? (meant?.sure ?? 0) : 0)) return intent;
  if (begins !== undefined) return answered(begins.value);
  if (meant !== undefined && (intent === undefined || PASSING.has(intent.label) || meant.sure >= intent.sure)) return answered(meant.value);
  return intent ?? { type: 'nothing', note: 'no yes or no' };
}

function answered(value: boolean): Understood {
  return { type: 'answer', value, note: value ? 'yes' : 'no' };
}

/** What was read back. */
function openValue(talk: TalkState): SlotValue | undefined {
  return talk.correction?.value ?? talk.form?.pending;
}

/** In these words, or in others of the same breath: of "sure, but another day" the day may be heard by itself. What follows a "but" may be a question. */
function isOtherWanted(talk: TalkState, text: string): boolean {
  const { language } = talk.program;
  const all = talk.heard?.includes(text) === true ? talk.heard.replace(BUT, ' ') : '';
  return wantsOther(text, language) || wantsOther(all, language);
}

/** The words name the value that was read back. */
function saysValue(talk: TalkState, slot: ProgramSlot, text: string): boolean {
  const open = openValue(talk);
  if (open === undefined || LOOSE.has(slot.type.name)) return false;
  const heard = (previous: SlotValue | undefined): SlotValue | undefined => {
    const reading = slot.type.hear(text, talk.slotContext(slot.settings, previous));
    return reading?.kind === 'value' ? reading.value : undefined;
  };
  return heard(undefined) !== undefined && heard(open) === open;
}

/** "Friday is fine" of a Friday, and "the time is fine" of any. */
function praisesValue(talk: TalkState, slot: ProgramSlot, text: string): boolean {
  const what = praised(text, talk.program.language, namesIn(slot.settings));
  return what === 'it' || (what === 'value' && saysValue(talk, slot, text));
}

function byMeaning(talk: TalkState, slot: ProgramSlot, text: string): { readonly value: boolean; readonly sure: number } | undefined {
  if (isAgreed(text, talk.program.language) || praisesValue(talk, slot, text)) return { value: true, sure: PLAIN };
  const taught = talk.asTaught(text);
  const [guess] = talk.program.yesNo?.classify(taught, talk.moment().meaningOf?.(taught)) ?? [];
  if (guess === undefined || guess.score < MEANT) return undefined;
  const value = guess.label === 'yes';
  return value && (isHedged(text, talk.program.language) || praisesElse(text, talk.program.language, [String(openValue(talk) ?? ''), ...namesIn(slot.settings)])) ? undefined : { value, sure: guess.score };
}

/** `value`: the yes or no beside it, which some intents only say once more. */
function intentBeside(talk: TalkState, node: ProgramQuestion, slot: ProgramSlot, text: string, value: boolean | undefined): ReturnType<typeof intentOf> {
  const intent = intentOf(talk, node, text);
  if (intent === undefined || (intent.label === 'wrong_number' && NUMBERS.has(slot.type.name))) return undefined;
  const saysIt = value === true ? AGREEING.has(intent.label) || (WHEN.has(slot.type.name) && LATER.has(intent.label)) : value === false && REFUSING.has(intent.label);
  return saysIt ? undefined : intent;
}
