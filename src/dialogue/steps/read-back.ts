import { isAgreed, praisesElse } from '../answers/agreed.js';
import type { Understood } from '../answers/understand.js';
import { isHedged } from '../answers/yes-no.js';
import type { ProgramQuestion, ProgramSlot } from '../program.js';
import { namesIn } from '../slots/choice.js';
import { LOOSE, WHEN } from '../slots/kinds.js';
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
const REFUSING: ReadonlySet<string> = new Set(['no']);

/**
 * What is said to "I have X. Is that right?": a plain yes or no, else an intent that is
 * clear whatever it begins with ("no, let me speak to a person"), else what it begins
 * with, else what it comes to: "see you then" is a yes.
 */
export function answerToReadBack(talk: TalkState, node: ProgramQuestion, slot: ProgramSlot, text: string): Understood {
  const heard = yesNo.hear(text, talk.slotContext({}, undefined));
  const lead = heard?.kind === 'value' ? { value: heard.value === true, sure: heard.sure } : undefined;
  if (lead !== undefined && lead.sure >= PLAIN) return answered(lead.value);
  const meant = lead ?? byMeaning(talk, slot, text);
  const intent = intentBeside(talk, node, slot, text, meant?.value);
  if (intent !== undefined && !PASSING.has(intent.label) && intent.sure >= Math.max(CLEAR, lead === undefined ? (meant?.sure ?? 0) : 0)) return intent;
  if (lead !== undefined) return answered(lead.value);
  if (meant !== undefined && (intent === undefined || PASSING.has(intent.label) || meant.sure >= intent.sure)) return answered(meant.value);
  return intent ?? { type: 'nothing', note: 'no yes or no' };
}

function answered(value: boolean): Understood {
  return { type: 'answer', value, note: value ? 'yes' : 'no' };
}

/** Of kinds that take any words nothing tells what closes the matter from another value. */
function byMeaning(talk: TalkState, slot: ProgramSlot, text: string): { readonly value: boolean; readonly sure: number } | undefined {
  if (!LOOSE.has(slot.type.name) && isAgreed(text, talk.program.language)) return { value: true, sure: PLAIN };
  const taught = talk.asTaught(text);
  const [guess] = talk.program.yesNo?.classify(taught, talk.moment().meaningOf?.(taught)) ?? [];
  if (guess === undefined || guess.score < MEANT) return undefined;
  const value = guess.label === 'yes';
  return value && (isHedged(text, talk.program.language) || praisesElse(text, talk.program.language, [String(talk.form?.pending ?? ''), ...namesIn(slot.settings)])) ? undefined : { value, sure: guess.score };
}

/** `value`: the yes or no beside it, which some intents only say once more. */
function intentBeside(talk: TalkState, node: ProgramQuestion, slot: ProgramSlot, text: string, value: boolean | undefined): ReturnType<typeof intentOf> {
  const intent = intentOf(talk, node, text);
  if (intent === undefined || (intent.label === 'wrong_number' && NUMBERS.has(slot.type.name))) return undefined;
  const saysIt = value === true ? AGREEING.has(intent.label) || (WHEN.has(slot.type.name) && LATER.has(intent.label)) : value === false && REFUSING.has(intent.label);
  return saysIt ? undefined : intent;
}
