import { placeOf, placeOfKey } from '../answers/place.js';
import { understand } from '../answers/understand.js';
import type { Understood } from '../answers/understand.js';
import type { ProgramChoose } from '../program.js';
import { READ_BACK_BELOW } from '../slots/readings.js';
import type { SlotReading, SlotValue } from '../slots/slot-type.js';
import { forIntents } from './intents.js';
import { ONE_KEY, fail, onIntent, resumed } from './question.js';
import type { QuestionStep } from './question.js';
import { WAIT, go } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** One of a few, by name, place or key. */
export const chooseStep: QuestionStep<ProgramChoose> = {
  enter(talk, node, back) {
    const name = talk.question ?? talk.at;
    const known = back || node.anew || talk.asked.has(name) || node.slot === undefined || !talk.isKnown(node.slot) ? undefined : node.options.get(String(talk.values[node.slot]));
    talk.asked.add(name);
    if (known !== undefined) {
      talk.fillAll(known.set);
      return go(known.goto);
    }
    const asked = chooseStep.asked(talk, node);
    talk.say(back ? resumed(talk, node.again) : node.prompt, node.bargeIn);
    talk.markQuestion();
    talk.listen(node, asked.kind, asked.dtmf);
    return WAIT;
  },
  hear(talk, node, text) {
    const asked = chooseStep.asked(talk, node);
    const { offered } = talk;
    talk.offered = [];
    const place = placeOf(text);
    const offeredOne = place === undefined ? undefined : offered[place];
    if (offeredOne !== undefined) return chosen(talk, node, { kind: 'value', value: offeredOne, sure: 1, rest: '' });
    const reading = node.type.hear(text, talk.slotContext(node.settings, undefined));
    if (reading?.kind === 'value' && reading.sure >= READ_BACK_BELOW) return chosen(talk, node, reading);
    const meant = byIntent(talk, node, text);
    talk.decision = meant.note;
    if (meant.type === 'intent') return node.options.has(meant.label) ? pick(talk, node, meant.label) : onIntent(talk, node, asked, meant.label);
    if (reading?.kind === 'value') return chosen(talk, node, reading);
    return reading?.kind === 'ambiguous' ? offer(talk, node, reading.values) : fail(talk, node, asked, asked.reprompt);
  },
  meaning(talk, node, text) {
    const reading = node.type.hear(text, talk.slotContext(node.settings, undefined));
    const meant = byIntent(talk, node, text);
    const sure = reading?.kind === 'value' && reading.sure >= READ_BACK_BELOW;
    const picked = meant.type === 'intent' && node.options.has(meant.label);
    if (sure || picked || (reading !== undefined && meant.type !== 'intent')) return { type: 'answer', value: '', note: 'choice' };
    return meant;
  },
  keys(talk, node, pressed) {
    const asked = chooseStep.asked(talk, node);
    talk.decision = `dtmf ${pressed.length}`;
    const { offered } = talk;
    talk.offered = [];
    // "Did you mean A, or B?": 1 is A, whatever its place among all of them.
    if (offered.length > 0) {
      const place = placeOfKey(pressed);
      const offeredOne = place === undefined ? undefined : offered[place];
      return offeredOne === undefined ? fail(talk, node, asked, asked.reprompt) : chosen(talk, node, { kind: 'value', value: offeredOne, sure: 1, rest: '' });
    }
    const reading = node.type.keyed(pressed, talk.slotContext(node.settings, undefined));
    return reading?.kind === 'value' ? chosen(talk, node, reading) : fail(talk, node, asked, asked.reprompt);
  },
  asked(_talk, node) {
    return { again: node.again, reprompt: node.reprompt, help: node.help, silenceReprompt: node.silenceReprompt, kind: 'open', dtmf: { minDigits: 1, maxDigits: node.options.size > 9 ? 2 : 1 }, patient: false };
  },
};

function byIntent(talk: TalkState, node: ProgramChoose, text: string): Understood {
  return understand(forIntents(node), text, talk.moment());
}

/** "Did you mean A, or B?": nobody answers that for ever. */
function offer(talk: TalkState, node: ProgramChoose, values: readonly SlotValue[]): Move {
  talk.decision = 'choice: ambiguous';
  talk.failures++;
  talk.allFailures++;
  if (talk.failures >= talk.program.maxFailures) return go(node.fallback);
  talk.offered = values.slice(0, 2);
  const [first = '', second = ''] = talk.offered.map((value) => node.type.readBack(value, talk.slotContext(node.settings, undefined)));
  talk.sayWith([talk.program.words.didYouMean], { first, second }, node.bargeIn);
  talk.markQuestion();
  talk.listen(node, chooseStep.asked(talk, node).kind, ONE_KEY);
  return WAIT;
}

function chosen(talk: TalkState, node: ProgramChoose, reading: Extract<SlotReading, { kind: 'value' }>): Move {
  talk.decision = `choice:${String(reading.value)} ${reading.sure.toFixed(2)}`;
  return pick(talk, node, String(reading.value));
}

function pick(talk: TalkState, node: ProgramChoose, label: string): Move {
  const option = node.options.get(label);
  if (option === undefined) return go(node.fallback);
  talk.led = 'choice';
  talk.intents.push(label);
  if (node.slot !== undefined) talk.fill(node.slot, label);
  talk.fillAll(option.set);
  return go(option.goto);
}
