import type { ProgramChoose, ProgramCollect, ProgramNode, ProgramSlot } from '../program.js';
import type { SlotSettings, SlotType } from '../slots/slot-type.js';
import { slotTypes } from '../slots/slot-types.js';
import { insideHours } from '../verdict/redial.js';
import { defaultNumbers, defaultTexts, defaultWords } from './built-in.js';
import type { Compiler } from './compiler.js';
import type { KindedNode } from './graph.js';
import type { Template } from './prompt.js';
import type { ChooseNode, CollectNode, FlowSlot, ScheduleNode } from './schema-v2.js';
import { redialSlots } from './values.js';

type NodeOfVersion2 = Exclude<KindedNode, { kind: 'say' | 'ask' | 'branch' | 'set' | 'end' | 'transfer' }>;

/** Keys that end with `#`, for kinds whose length is open. */
const OPEN_KEYS = { minDigits: 1, maxDigits: 15 } as const;

export function compileVersion2(compiler: Compiler, name: string, one: NodeOfVersion2): ProgramNode {
  switch (one.kind) {
    case 'collect':
      return collect(compiler, one.node, one.node.collect, one.node.next);
    case 'schedule':
      return collect(compiler, one.node, [one.node.schedule], scheduledEnd(name));
    case 'choose':
      return choose(compiler, one.node);
    case 'answer': {
      const prompt = compiler.text(one.node.answer);
      const again = one.node.again === undefined ? prompt : compiler.text(one.node.again);
      const labels = new Map((['yes', 'no'] as const).map((label) => [label, compiler.examples(one.node, label)] as const));
      return { ...compiler.listening(one.node, { prompt: [prompt], again: [again], labels }), kind: 'answer', facts: Object.keys(compiler.flow.facts ?? {}), next: one.node.next };
    }
    case 'generate':
      return { kind: 'generate', instruction: one.node.generate, facts: one.node.facts ?? Object.keys(compiler.flow.facts ?? {}), scripted: compiler.text(one.node.scripted), bargeIn: one.node.barge_in ?? compiler.flow.defaults?.barge_in ?? true, deadlineMs: one.node.deadline_ms ?? defaultNumbers.generateMs, next: one.node.next };
    case 'action':
      return { kind: 'action', name: one.node.action, input: one.node.input ?? {}, output: new Map(Object.entries(one.node.output ?? {})), filler: one.node.filler === undefined ? undefined : compiler.text(one.node.filler), deadlineMs: one.node.deadline_ms ?? defaultNumbers.lookupMs, next: one.node.next, failed: one.node.failed };
    case 'run':
      return { kind: 'run', start: compiler.flow.sub_flows?.[one.node.run]?.start ?? compiler.flow.start, set: one.node.set ?? {}, next: one.node.next };
    case 'verdict':
      return { kind: 'verdict', say: new Map(Object.entries(one.node.words ?? {}).map(([kind, text]) => [kind as 'end', compiler.text(text)])), otherwise: one.node.say === undefined ? undefined : compiler.text(one.node.say) };
    case 'switch_flow':
      return { kind: 'switch', say: one.node.say === undefined ? undefined : compiler.text(one.node.say), flow: one.node.switch_flow, failed: one.node.failed };
    case 'handoff':
      return { kind: 'end', say: one.node.say === undefined ? undefined : compiler.text(one.node.say), end: { end: 'handoff', queue: one.node.handoff, reason: one.node.reason } };
  }
}

/** The second half of a `schedule` node: no file can name it, as a dot is in it. */
export function scheduledEnd(name: string): string {
  return `${name}.end`;
}

export function compileScheduledEnd(compiler: Compiler, node: ScheduleNode): ProgramNode {
  return compiler.ending(node.say, { end: 'redial_at', at: node.schedule, in_minutes: node.in_minutes ?? defaultNumbers.redialMinutes, reason: node.reason });
}

function collect(compiler: Compiler, node: CollectNode | ScheduleNode, names: readonly string[], next: string): ProgramCollect {
  const slots = names.map((name) => compiler.slot(name));
  const intro = 'intro' in node && node.intro !== undefined ? [compiler.text(node.intro)] : [];
  // What is asked again is the question of the slot that is open, which only the step knows.
  return { ...compiler.listening(node, { prompt: intro, again: [] }), kind: 'collect', slots, next, cancel: 'cancel' in node ? node.cancel : undefined, anew: 'anew' in node ? node.anew : undefined };
}

export function compileSlot(compiler: Compiler, name: string): ProgramSlot {
  const slot = compiler.flow.slots?.[name];
  const heard = slotTypes.get(slot?.kind ?? '');
  const hours = compiler.flow.calling_hours;
  const type = heard !== undefined && hours !== undefined && redialSlots(compiler.flow).has(name) ? insideHours(heard, hours) : heard;
  if (slot === undefined || type === undefined) throw new RangeError(`slot ${name} is not declared`);
  const ask = compiler.text(slot.ask);
  const again = slot.again === undefined ? ask : compiler.text(slot.again);
  const general = compiler.flow.defaults?.reprompt ?? defaultTexts[compiler.language].reprompt;
  const settings = settingsOf(slot);
  return {
    name,
    type,
    settings,
    ask,
    again,
    reprompt: compiler.own(slot.reprompt, general, [again]),
    help: slot.help === undefined ? undefined : [compiler.text(slot.help)],
    confirm: slot.confirm ?? (isExact(slot) ? 'always' : 'unsure'),
    confirmPrompt: compiler.text(slot.confirm_prompt ?? compiler.flow.words?.confirm ?? defaultWords[compiler.language].confirm),
    keys: slot.keypad === false ? undefined : keysOf(type, settings),
  };
}

/** One wrong sign makes it somebody else's, and nothing in it shows that. */
function isExact({ kind, check_digit: checkDigit }: FlowSlot): boolean {
  return kind === 'email' || kind === 'phone' || (kind === 'digits' && checkDigit === undefined);
}

/** The file writes settings_like_this, the types readLikeThis. */
export function settingsOf(slot: FlowSlot): SlotSettings {
  const { min_digits: minDigits, max_digits: maxDigits, check_digit: checkDigit, max_length: maxLength, grouping, min, max, currency, country, when, known } = slot;
  const choices = slot.choices?.map((one) => ({ value: one.value, ...(one.say === undefined ? {} : { say: one.say }), synonyms: one.synonyms ?? [] }));
  const given = { minDigits: minDigits ?? maxDigits, maxDigits, checkDigit, maxLength, grouping, min, max, currency, country, when, known, choices };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function keysOf(type: SlotType, settings: SlotSettings): ProgramSlot['keys'] {
  switch (type.name) {
    case 'yes_no':
      return { minDigits: 1, maxDigits: 1 };
    case 'choice':
      return { minDigits: 1, maxDigits: (settings.choices?.length ?? 0) > 9 ? 2 : 1 };
    case 'digits':
      return { minDigits: settings.minDigits ?? 1, maxDigits: settings.maxDigits ?? 40 };
    case 'phone':
      return { minDigits: 7, maxDigits: 15 };
    case 'date':
      return { minDigits: 4, maxDigits: 8 };
    case 'time':
      return { minDigits: 3, maxDigits: 4 };
    case 'number':
    case 'amount':
      return OPEN_KEYS;
    default:
      return undefined;
  }
}

function choose(compiler: Compiler, node: ChooseNode): ProgramChoose {
  const type = slotTypes.get('choice');
  if (type === undefined) throw new RangeError('there is no slot type for choices');
  const prompt = compiler.text(node.choose);
  const again: Template = node.again === undefined ? prompt : compiler.text(node.again);
  const options = Object.entries(node.options);
  const choices = options.map(([value, option]) => ({ value, ...(option.say === undefined ? {} : { say: option.say }), synonyms: option.synonyms ?? [] }));
  const labels = new Map(options.map(([label, option]) => [label, [option.say ?? label.replaceAll('_', ' '), ...(option.synonyms ?? [])]] as const));
  return {
    ...compiler.listening(node, { prompt: [prompt], again: [again], labels }),
    kind: 'choose',
    slot: node.slot,
    type,
    settings: { choices },
    options: new Map(options.map(([label, option]) => [label, { label, goto: option.goto, set: option.set ?? {} }])),
    anew: node.anew === true,
  };
}
