import { normaliserOf } from '../nlu/normalise.js';
import { libraryOf } from '../nlu/universal/library.js';
import type { FlowPath, Report } from './parse.js';
import type { AskNode, BranchNode, EndNode, FlowFile } from './schema.js';
import { kinded } from './graph.js';
import { examplesOf, plainPhraseOf } from './phrases.js';

type AskKey = 'yes' | 'no' | 'next' | 'otherwise' | 'min_digits' | 'max_digits';

/** Keys of a question that only some kinds have. */
const askKeys: Readonly<Record<AskNode['kind'], { readonly needs: readonly (AskKey | 'slot' | 'intents')[]; readonly may: readonly AskKey[] }>> = {
  intents: { needs: ['intents'], may: ['otherwise'] },
  yes_no: { needs: ['yes', 'no'], may: ['yes', 'no'] },
  digits: { needs: ['max_digits', 'next', 'slot'], may: ['min_digits', 'max_digits', 'next'] },
  time: { needs: ['next', 'slot'], may: ['next'] },
  text: { needs: ['next', 'slot'], may: ['next'] },
};

export function checkAsk(flow: FlowFile, name: string, ask: AskNode, report: Report): void {
  const at: FlowPath = ['nodes', name];
  const { needs, may } = askKeys[ask.kind];
  for (const key of needs) if (ask[key] === undefined) report(at, `a question of kind ${ask.kind} needs "${key}"`);
  for (const key of ['yes', 'no', 'next', 'otherwise', 'min_digits', 'max_digits'] as const) {
    if (ask[key] !== undefined && !may.includes(key)) report([...at, key], `a question of kind ${ask.kind} has no "${key}"`);
  }
  if (ask.min_digits !== undefined && ask.max_digits !== undefined && ask.min_digits > ask.max_digits) {
    report([...at, 'min_digits'], `min_digits ${ask.min_digits} is above max_digits ${ask.max_digits}`);
  }
  if (ask.fallback === undefined && flow.fallback === undefined) report(at, 'the question has no fallback, and the flow has none either');
  checkIntents(flow, at, ask, report);
}

function checkIntents(flow: FlowFile, at: FlowPath, ask: AskNode, report: Report): void {
  const intents = Object.entries(ask.intents ?? {});
  const { universal } = libraryOf(flow.language);
  const plainOf = plainPhraseOf(flow);
  if (ask.kind === 'intents' && ask.intents !== undefined && intents.length === 0) report([...at, 'intents'], 'there is no intent to choose from');
  const seen = new Map<string, string>();
  for (const [label, action] of intents) {
    const path: FlowPath = [...at, 'intents', label];
    if (!universal.has(label) && flow.intents?.[label] === undefined && examplesOf(action).length === 0) report(path, `"${label}" is no universal intent, so it needs examples`);
    if (ask.kind === 'yes_no' && (label === 'yes' || label === 'no')) report(path, `a question of kind yes_no has "${label}: node" for this`);
    for (const [index, example] of examplesOf(action).entries()) {
      const plain = plainOf(example);
      const other = seen.get(plain);
      if (plain === '') report([...path, 'examples', index], 'there are no words in this phrase');
      else if (other !== undefined && other !== label) report([...path, 'examples', index], `the phrase "${example}" is also an example of "${other}"`);
      else if (other === undefined) warnOfLibrary(flow, ask, [...path, 'examples', index], label, plain, report);
      seen.set(plain, label);
    }
  }
}

/** The flow's own phrase wins over the library, but its author should know; whoever has phrases for both has drawn the line. */
function warnOfLibrary(flow: FlowFile, ask: AskNode, path: FlowPath, label: string, plain: string, report: Report): void {
  const normalise = normaliserOf(flow.language);
  const active = [...Object.keys(ask.intents ?? {}), ...(ask.universal === false ? [] : Object.keys(flow.universal ?? {})), ...(ask.kind === 'yes_no' ? ['yes', 'no'] : [])];
  for (const other of active) {
    if (other === label || examplesOf(ask.intents?.[other] ?? true).length > 0 || !libraryOf(flow.language).universal.get(other)?.some((phrase) => normalise(phrase) === plain)) continue;
    report(path, `the universal intent "${other}" has this phrase too; here it will mean "${label}"`, 'warning');
  }
}

const endKeys: Readonly<Record<EndNode['end'], readonly (keyof EndNode)[]>> = {
  continue: [],
  end: [],
  redial_at: ['at', 'in_minutes'],
  follow_up: ['channel', 'template'],
  handoff: ['queue'],
};

export function checkEnd(flow: FlowFile, name: string, end: EndNode, report: Report): void {
  const at: FlowPath = ['nodes', name];
  const own = endKeys[end.end];
  for (const key of ['at', 'in_minutes', 'channel', 'template', 'queue'] as const) {
    if (end[key] !== undefined && !own.includes(key)) report([...at, key], `the verdict ${end.end} has no "${key}"`);
  }
  if (end.end !== 'continue' && end.reason === undefined) report(at, `the verdict ${end.end} needs a "reason"`);
  if (end.end === 'redial_at' && end.at === undefined && end.in_minutes === undefined) report(at, 'the verdict redial_at needs "at" or "in_minutes"');
  if (end.end === 'follow_up') for (const key of ['channel', 'template'] as const) if (end[key] === undefined) report(at, `the verdict follow_up needs "${key}"`);
  if (end.end === 'handoff' && end.queue === undefined) report(at, 'the verdict handoff needs "queue"');
  if (end.at !== undefined && !isTimeSlot(flow, end.at) && flow.slots?.[end.at]?.kind !== 'datetime') report([...at, 'at'], `"${end.at}" is not the slot of a question of kind time, nor one of kind datetime`);
  // A `datetime` slot is moved before it is read back; here only the last words can tell.
  if (end.at !== undefined && isTimeSlot(flow, end.at) && flow.calling_hours !== undefined && end.say !== undefined && !end.say.includes(`{${end.at}}`)) report([...at, 'say'], `the time may be moved inside calling_hours, and nobody says so: say {${end.at}}`, 'warning');
  if (end.at !== undefined && end.in_minutes === undefined && end.end === 'redial_at') report(at, 'without "in_minutes" the verdict is `end` when no time was understood', 'warning');
}

function isTimeSlot(flow: FlowFile, slot: string): boolean {
  return Object.values(flow.nodes).some((node) => {
    const one = kinded(node);
    return one.kind === 'ask' && one.node.kind === 'time' && one.node.slot === slot;
  });
}

export function checkBranch(name: string, branch: BranchNode, report: Report): void {
  branch.branch.forEach((arm, index) => {
    if (typeof arm.when === 'string') return;
    const conditions = 'all' in arm.when ? arm.when.all : 'any' in arm.when ? arm.when.any : [arm.when];
    if (conditions.some((condition) => Object.keys(condition).length < 2)) report(['nodes', name, 'branch', index, 'when'], 'the condition compares nothing');
  });
}
