import type { CompiledFlow } from '../../src/dialogue/dialogue.js';
import { compileFlow } from '../../src/dialogue/flow/compile.js';
import type { FlowSlot } from '../../src/dialogue/flow/schema-v2.js';
import type { SlotLanguage, SlotValue } from '../../src/dialogue/slots/slot-type.js';
import { systemClock } from '../../src/kernel/clock.js';

/** What the caller knows. */
export interface Wanted {
  readonly value: SlotValue;
  /** As the caller first says it, in one utterance or in parts. */
  readonly said: string | readonly string[];
  /** As they say it when that was not understood: plainly. */
  readonly plainly: string;
  /** How the bot must read it back to be right. */
  readonly readBack: string;
}

export interface Filled {
  readonly value: SlotValue | undefined;
  readonly turns: number;
  readonly lines: readonly string[];
}

/** Nobody has more patience. */
const MAX_TURNS = 10;
const CONFIRM: Record<SlotLanguage, { readonly prompt: string; readonly heard: RegExp; readonly yes: string; readonly no: string }> = {
  en: { prompt: 'I have {value}. Is that right?', heard: /^I have (.*)\. Is that right\?$/su, yes: "Yes, that's right.", no: "No, that's not right." },
  zh: { prompt: '我听到的是{value}，对吗？', heard: /^我听到的是(.*)，对吗？$/su, yes: '对的', no: '不对' },
};
/** What a caller may mean at any question: a value must not be taken for one of these. */
const UNIVERSAL = ['repeat', 'hold_on', 'slower', 'stop_calling', 'wrong_number', 'bye'];

/** A flow that asks for one value and reads it back. */
export function slotFlow(kind: string, settings: Omit<FlowSlot, 'kind' | 'ask'>, language: SlotLanguage, nowMs: number, timeZone: string): CompiledFlow {
  const zh = language === 'zh';
  const source = JSON.stringify({
    trunkline: 2,
    id: `slot-${kind.replaceAll('_', '-')}`,
    language: zh ? 'zh-CN' : 'en-US',
    direction: 'inbound',
    start: 'form',
    fallback: 'lost',
    universal: Object.fromEntries(UNIVERSAL.map((name) => [name, true])),
    slots: { value: { ...settings, kind, ask: zh ? '请说。' : 'Please say it.', confirm: 'always', confirm_prompt: CONFIRM[language].prompt } },
    nodes: {
      form: { collect: ['value'], next: 'done' },
      done: { end: 'end', reason: 'known', say: zh ? '再见。' : 'Goodbye.' },
      lost: { end: 'end', reason: 'not understood', say: zh ? '再见。' : 'Goodbye.' },
    },
  });
  return compileFlow(source, { clock: { ...systemClock, now: () => nowMs }, timezone: timeZone });
}

/** The caller says no to a wrong read-back, and then the value plainly; yes only to the right one. */
export function fillSlot(flow: CompiledFlow, language: SlotLanguage, { value, said, plainly, readBack }: Wanted): Filled {
  const { heard, yes, no } = CONFIRM[language];
  const dialogue = flow.start({});
  let outputs = dialogue.next({ type: 'start' });
  const lines: string[] = [];
  const first = typeof said === 'string' ? [said] : said;
  let times = 0;
  for (let turns = 0; turns < MAX_TURNS; turns++) {
    const says = outputs.flatMap((output) => (output.type === 'say' ? [output.prompt.text] : []));
    lines.push(...says.map((line) => `bot: ${line}`));
    if (outputs.some(({ type }) => type === 'end')) return { value: dialogue.slots['value'], turns, lines };
    const back = heard.exec(says.at(-1) ?? '')?.[1];
    const answer = back === undefined ? (first[times++] ?? plainly) : back === readBack ? yes : no;
    lines.push(`caller: ${answer}`);
    outputs = dialogue.next({ type: 'utterance', text: answer });
  }
  lines.push(`wanted: ${String(value)}`);
  return { value: undefined, turns: MAX_TURNS, lines };
}
