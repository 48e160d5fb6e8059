import { isDeepStrictEqual } from 'node:util';
import type { CompiledFlow, DialogueInput, DialogueOutput } from '../../src/dialogue/dialogue.js';
import type { Verdict } from '../../src/store/store.js';
import { chatInput } from '../../src/dialogue/chat.js';
import { garbled } from './line-noise.js';

/** What a customer does at a question: what is said, in order; the last is repeated. */
type Lines = string | readonly string[];

type Slots = Readonly<Record<string, string | number | boolean>>;

/** Parts of the verdict by their names, and values of slots. */
export interface Expected {
  readonly kind: Verdict['kind'];
  readonly slots?: Slots;
  readonly reason?: string;
  readonly at?: string;
  readonly channel?: string;
  readonly template?: string;
  readonly queue?: string;
}

/** A simulated customer; bench/personas/README.md describes the file. */
export interface Customer {
  readonly who: string;
  readonly kind: string;
  readonly wants: string;
  /** `@node` or a regular expression on what the bot just said, to what the customer says; the first that fits. */
  readonly react: Readonly<Record<string, Lines>>;
  /** Where nothing fits. Default: silence. */
  readonly otherwise?: Lines;
  /** Share of the words that the line spoils, 0 to 1. */
  readonly noise?: number;
  readonly seed?: number;
  readonly attempts_left?: number;
  /** The parts of the verdict that must be so, and under `slots` values that must be kept. */
  readonly expected: Expected;
}

export interface CustomerFile {
  readonly language: 'en' | 'zh';
  /** File in examples/flows without its ending. */
  readonly flow: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly customers: readonly Customer[];
}

export interface Talked {
  readonly right: boolean;
  readonly verdict: Verdict | undefined;
  readonly slots: Slots;
  readonly turns: number;
  readonly lines: readonly string[];
}

/** A talk that is longer has lost its way. */
const MAX_TURNS = 60;
const HANG_UP = '(hangs up)';

export function customersIn(file: CustomerFile): readonly Customer[] {
  for (const customer of file.customers) {
    if (customer.who === undefined || customer.kind === undefined || customer.react === undefined || customer.expected === undefined) throw new RangeError(`a customer of ${file.flow} lacks who, kind, react or expected`);
    const unknown = Object.keys(customer.expected).find((key) => !PARTS.has(key));
    if (unknown !== undefined) throw new RangeError(`${customer.who} of ${file.flow} expects "${unknown}", which is no part of a verdict`);
  }
  return file.customers;
}

/** A misspelt part would never be compared with anything. */
const PARTS = new Set(['kind', 'slots', 'reason', 'at', 'channel', 'template', 'queue']);

export async function converse(flow: CompiledFlow, file: CustomerFile, customer: Customer): Promise<Talked> {
  const dialogue = flow.start(file.variables, { attempts: { made: 1, left: customer.attempts_left ?? 2 } });
  const said = new Map<string, number>();
  const lines: string[] = [];
  let turns = 0;
  let verdict: Verdict | undefined;
  let outputs = dialogue.next({ type: 'start' });
  while (verdict === undefined && turns < MAX_TURNS) {
    const bot = outputs.flatMap((output) => (output.type === 'say' && output.prompt.text !== '' ? [output.prompt.text] : [])).join(' ');
    lines.push(`bot: ${bot}`);
    verdict = verdictIn(outputs);
    if (verdict !== undefined) break;
    const line = answer(customer, dialogue.node, bot, said);
    turns++;
    if (line === HANG_UP) {
      lines.push(HANG_UP);
      verdict = dialogue.judge('caller_hung_up');
      break;
    }
    const heard = garbled(line, customer.noise ?? 0, (customer.seed ?? 1) + turns, file.language);
    const input: DialogueInput = chatInput(heard);
    if (input.type === 'utterance') await dialogue.prepare?.(input.text);
    outputs = dialogue.next(input);
    lines.push(`${customer.who}: ${heard === '' ? '(silence)' : heard}   [${dialogue.lastDecision ?? ''}]`);
  }
  const { slots } = dialogue;
  const right = verdict !== undefined && isAsExpected(customer.expected, verdict, slots);
  return { right, verdict, slots, turns, lines };
}

export function isAsExpected({ slots: wanted = {}, ...parts }: Expected, verdict: Verdict, slots: Slots): boolean {
  const holds = (expected: object, found: object): boolean => Object.entries(expected).every(([key, value]) => Object.hasOwn(found, key) && isDeepStrictEqual((found as Record<string, unknown>)[key], value));
  return holds(parts, verdict) && holds(wanted, slots);
}

function answer(customer: Customer, node: string, bot: string, said: Map<string, number>): string {
  const key = Object.keys(customer.react).find((one) => (one.startsWith('@') ? one.slice(1) === node : new RegExp(one, 'iu').test(bot)));
  const lines = key === undefined ? (customer.otherwise ?? '') : (customer.react[key] ?? '');
  const all = typeof lines === 'string' ? [lines] : lines;
  const times = said.get(key ?? '') ?? 0;
  said.set(key ?? '', times + 1);
  return all[Math.min(times, all.length - 1)] ?? '';
}

function verdictIn(outputs: readonly DialogueOutput[]): Verdict | undefined {
  for (const output of outputs) if (output.type === 'end' || output.type === 'transfer') return output.verdict;
  return undefined;
}
