import { readFileSync } from 'node:fs';
import { Chat, chatInput } from '../../src/dialogue/chat.js';
import type { CompiledFlow } from '../../src/dialogue/dialogue.js';
import { compileFlow } from '../../src/dialogue/flow/compile.js';
import type { Verdict } from '../../src/store/store.js';
import { ManualClock } from '../support/manual-clock.js';

/** Monday, 23 November 2026, 10:20 in New York. */
export const NOW = Date.parse('2026-11-23T15:20:00Z');
export const ZONE = 'America/New_York';

export function compile(source: string): CompiledFlow {
  return compileFlow(source, { clock: new ManualClock(NOW), timezone: ZONE });
}

export function compileExample(name: string): CompiledFlow {
  return compile(readFileSync(new URL(`../../examples/flows/${name}.en.yaml`, import.meta.url), 'utf8'));
}

export interface Talk {
  /** What the caller types, in the notation of `flow chat`. */
  readonly lines: readonly string[];
  /** Node after each line: one string, parted by spaces. */
  readonly nodes: string;
  readonly verdict?: Verdict;
  readonly slots?: Readonly<Record<string, unknown>>;
}

export interface Held {
  readonly said: readonly string[];
  readonly trace: readonly string[];
  readonly nodes: string;
  readonly verdict: Verdict | undefined;
  readonly slots: Readonly<Record<string, unknown>>;
}

export function hold(flow: CompiledFlow, variables: Readonly<Record<string, string | number | boolean>>, lines: readonly string[]): Held {
  const chat = new Chat(flow, variables);
  const said: string[] = [];
  const trace: string[] = [];
  const nodes: string[] = [];
  for (const feed of [() => chat.start(), ...lines.map((line) => () => chat.line(line))]) {
    for (const { who, text } of feed()) {
      (who === 'bot' ? said : trace).push(text);
      const moved = / > (\w+)$/.exec(text);
      if (who === 'trace' && moved !== null) nodes.push(moved[1] ?? '');
    }
  }
  return { said, trace, nodes: nodes.join(' '), verdict: chat.verdict, slots: chat.slots };
}

export function compileExampleIn(name: string, language: 'en' | 'zh'): { flow: CompiledFlow; source: string } {
  const source = readFileSync(new URL(`../../examples/flows/${name}.${language}.yaml`, import.meta.url), 'utf8');
  return { flow: compile(source), source };
}

/** The verdict if the caller hangs up after these lines, with attempts left or none. */
export function hangUp(flow: CompiledFlow, variables: Readonly<Record<string, string | number | boolean>>, lines: readonly string[], attemptsLeft = 2): Verdict | undefined {
  const dialogue = flow.start(variables, { attempts: { made: 1, left: attemptsLeft } });
  dialogue.next({ type: 'start' });
  for (const line of lines) dialogue.next(chatInput(line));
  return dialogue.judge('caller_hung_up');
}
