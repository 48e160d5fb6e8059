import type { IntentModel } from './nlu/intent-model.js';
import type { Values } from './flow/conditions.js';
import type { BranchNode, EndNode } from './flow/schema.js';
import type { Template } from './flow/prompt.js';
import type { Verdict } from '../store/store.js';

/** A flow made ready to run: what compile.ts makes and interpreter.ts walks. All times ms. */
export interface Program {
  readonly start: string;
  readonly nodes: ReadonlyMap<string, ProgramNode>;
  readonly apology: Template;
  readonly defaults: Values;
  readonly required: readonly string[];
  /** How a variable is spoken; by default as it is written. */
  readonly spokenAs: ReadonlyMap<string, 'digits' | 'time'>;
  readonly maxTurns: number;
  readonly timeZone: string;
}

export type ProgramNode =
  | { readonly kind: 'say'; readonly prompt: Template; readonly bargeIn: boolean; readonly next: string }
  | { readonly kind: 'branch'; readonly arms: BranchNode['branch']; readonly otherwise: string }
  | { readonly kind: 'set'; readonly values: Values; readonly next: string }
  | { readonly kind: 'end'; readonly say: Template | undefined; readonly end: EndNode }
  | ProgramAsk;

export interface ProgramAsk {
  readonly kind: 'ask';
  readonly answer: 'intents' | 'yes_no' | 'digits' | 'time' | 'text';
  readonly slot: string | undefined;
  readonly prompt: readonly Template[];
  readonly again: readonly Template[];
  readonly reprompt: readonly Template[];
  readonly silenceReprompt: readonly Template[];
  readonly bargeIn: boolean;
  readonly silenceMs: number;
  readonly accept: number;
  readonly askAgain: number;
  readonly digits: { readonly minDigits: number; readonly maxDigits: number } | undefined;
  /** What to do for each label of the model, universal ones included. */
  readonly actions: ReadonlyMap<string, ProgramAction>;
  /** Label to the name of what follows from it; labels with the same outcome need not be told apart. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** Undefined if nothing but digits, a time or text is expected here. */
  readonly model: IntentModel | undefined;
  readonly yes: string | undefined;
  readonly no: string | undefined;
  readonly next: string | undefined;
  readonly otherwise: string | undefined;
  readonly fallback: string;
}

export type ProgramAction =
  | { readonly do: 'repeat' }
  | { readonly do: 'hold'; readonly say: Template }
  | { readonly do: 'end'; readonly say: Template; readonly set: Values; readonly verdict: Verdict }
  | { readonly do: 'go'; readonly say: Template | undefined; readonly set: Values; readonly goto: string };
