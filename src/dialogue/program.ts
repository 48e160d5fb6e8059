import type { Expression } from './expression.js';
import type { Template } from './flow/prompt.js';
import type { Values } from './flow/conditions.js';
import type { EndNode, FlowWhen, TransferNode } from './flow/schema.js';
import type { QuestionModel } from './nlu/question-model.js';
import type { StandIns } from './nlu/stand-ins.js';
import type { SlotLanguage, SlotSettings, SlotType } from './slots/slot-type.js';
import type { CallingHours } from './verdict/calling-hours.js';
import type { VerdictRules } from './verdict/verdict-rules.js';
import type { Verdict } from '../store/store.js';

/** A flow made ready to run: what compile.ts makes and interpreter.ts walks. All times ms. */
export interface Program {
  readonly language: SlotLanguage;
  readonly start: string;
  readonly nodes: ReadonlyMap<string, ProgramNode>;
  readonly apology: Template;
  readonly defaults: Values;
  readonly required: readonly string[];
  /** How a variable is spoken; by default as it is written. */
  readonly spokenAs: ReadonlyMap<string, 'digits' | 'time'>;
  /** Values that are read back as their kind has it. */
  readonly slots: ReadonlyMap<string, ProgramSlot>;
  readonly maxTurns: number;
  /** The flow's fallback: where a talk is led that goes nowhere. */
  readonly wayOut: string | undefined;
  /** This many failures at one question lead to its fallback. */
  readonly maxFailures: number;
  readonly timeZone: string;
  readonly words: ProgramWords;
  /** Tells a yes from a no where a value is read back; undefined in a flow without slots. */
  readonly yesNo: QuestionModel | undefined;
  /** For values of the call that stand in example phrases. */
  readonly standIns: StandIns;
  readonly facts: ReadonlyMap<string, ProgramFact>;
  readonly mood: readonly ProgramMoodRule[];
  /** Undefined: nodes of kind `end` say the verdict themselves. */
  readonly verdicts: VerdictRules | undefined;
  /** When somebody may be called again; undefined: at any time. */
  readonly callingHours?: CallingHours | undefined;
}

/** What the engine itself says, unless the flow has words of its own. */
export interface ProgramWords {
  /** Before a question to which the talk comes back; undefined says nothing. */
  readonly resume: Template | undefined;
  /** `{first}` and `{second}`. */
  readonly didYouMean: Template;
  /** `{value}`. */
  readonly confirm: Template;
  /** `{value}`. */
  readonly noted: Template;
  readonly goOn: Template;
  readonly tooShort: Template;
  readonly tooLong: Template;
  readonly wrong: Template;
  readonly past: Template;
  readonly sorry: Template;
  /** Whether a final no is meant that was not said in plain words. */
  readonly stopCalling: Template;
  readonly wrongNumber: Template;
}

export interface ProgramFact {
  readonly id: string;
  readonly say: Template;
  /** As it is written, for a model that words it. */
  readonly text: string;
}

export interface ProgramMoodRule {
  readonly when: Expression;
  readonly say: Template | undefined;
  readonly goto: string | undefined;
  /** Prompts are given slower from here on. */
  readonly slower: boolean;
}

export type ProgramNode =
  | { readonly kind: 'say'; readonly prompt: Template; readonly bargeIn: boolean; readonly next: string }
  | { readonly kind: 'branch'; readonly arms: readonly ProgramArm[]; readonly otherwise: string }
  | { readonly kind: 'set'; readonly values: Values; readonly next: string }
  | { readonly kind: 'end'; readonly say: Template | undefined; /** Said where the verdict is not the one that `say` speaks of: nobody can be called again. */ readonly instead?: Template; readonly end: EndNode }
  | { readonly kind: 'transfer'; readonly say: Template | undefined; readonly transfer: TransferNode }
  | { readonly kind: 'switch'; readonly say: Template | undefined; readonly flow: string; readonly failed: string }
  | { readonly kind: 'verdict'; readonly say: ReadonlyMap<Verdict['kind'], Template>; readonly otherwise: Template | undefined }
  | { readonly kind: 'run'; readonly start: string; readonly set: Values; readonly next: string }
  | ProgramLookup
  | ProgramGenerate
  | ProgramQuestion;

export type ProgramArm = { readonly when: FlowWhen | Expression; readonly goto: string };

/** Asks a system outside, in the call. */
export interface ProgramLookup {
  readonly kind: 'action';
  readonly name: string;
  readonly input: Values;
  /** Variable to path in the answer: `customer.balance`. */
  readonly output: ReadonlyMap<string, string>;
  readonly filler: Template | undefined;
  readonly deadlineMs: number;
  readonly next: string;
  readonly failed: string;
}

/** A language model words a reply, clause by clause through the guard. */
export interface ProgramGenerate {
  readonly kind: 'generate';
  readonly instruction: string;
  readonly facts: readonly string[];
  readonly scripted: Template;
  readonly bargeIn: boolean;
  readonly deadlineMs: number;
  readonly next: string;
}

export type ProgramQuestion = ProgramAsk | ProgramCollect | ProgramChoose | ProgramAnswer;

/** What all questions share. */
export interface Listening {
  readonly prompt: readonly Template[];
  readonly again: readonly Template[];
  readonly reprompt: readonly Template[];
  /** After the second failure; longer, with an example. */
  readonly help: readonly Template[] | undefined;
  readonly silenceReprompt: readonly Template[];
  readonly bargeIn: boolean;
  readonly silenceMs: number;
  readonly accept: number;
  readonly askAgain: number;
  /** What to do for each label of the model, universal ones included. */
  readonly actions: ReadonlyMap<string, ProgramAction>;
  /** Those of them that the node itself declares. */
  readonly own: ReadonlySet<string>;
  /** Label to the name of what follows from it; labels with the same outcome need not be told apart. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** Label to what it is called in "did you mean". */
  readonly called: ReadonlyMap<string, string>;
  /** Undefined if no intent is expected here. */
  readonly model: QuestionModel | undefined;
  readonly fallback: string;
}

export interface ProgramAsk extends Listening {
  readonly kind: 'ask';
  readonly answer: 'intents' | 'yes_no' | 'digits' | 'time' | 'text';
  readonly slot: string | undefined;
  readonly digits: { readonly minDigits: number; readonly maxDigits: number } | undefined;
  readonly yes: string | undefined;
  readonly no: string | undefined;
  readonly next: string | undefined;
  readonly otherwise: string | undefined;
  /** Asked even if the value is known. */
  readonly anew: boolean;
  /** It asks for somebody by name: who says that name goes where a yes does. */
  readonly asksWho?: boolean;
  /** Its intent that leads back to such a question: for who is the one asked for after all. */
  readonly afterAll?: string | undefined;
}

export interface ProgramSlot {
  readonly name: string;
  readonly type: SlotType;
  readonly settings: SlotSettings;
  readonly ask: Template;
  readonly again: Template;
  readonly reprompt: readonly Template[];
  readonly help: readonly Template[] | undefined;
  readonly confirm: 'always' | 'unsure' | 'never';
  /** With `{value}`. */
  readonly confirmPrompt: Template;
  readonly keys: { readonly minDigits: number; readonly maxDigits: number } | undefined;
}

/** A form: asks for each value that is not known yet. */
export interface ProgramCollect extends Listening {
  readonly kind: 'collect';
  readonly slots: readonly ProgramSlot[];
  readonly next: string;
  /** Where it goes when the caller drops it; undefined: as after the last failure. */
  readonly cancel: string | undefined;
  /** True: every value is asked for each time; false: none that is known; undefined: anew where the caller is led back into the form. */
  readonly anew: boolean | undefined;
}

export interface ProgramOption {
  readonly label: string;
  readonly goto: string;
  readonly set: Values;
}

export interface ProgramChoose extends Listening {
  readonly kind: 'choose';
  readonly slot: string | undefined;
  readonly type: SlotType;
  readonly settings: SlotSettings;
  readonly options: ReadonlyMap<string, ProgramOption>;
  /** Asked even if the value is known. */
  readonly anew: boolean;
}

/** Answers questions from the facts until there are no more. */
export interface ProgramAnswer extends Listening {
  readonly kind: 'answer';
  readonly facts: readonly string[];
  readonly next: string;
}

export type ProgramAction =
  | { readonly do: 'repeat' }
  | { readonly do: 'hold'; readonly say: Template }
  | { readonly do: 'slower' }
  | { readonly do: 'end'; readonly say: Template; readonly set: Values; readonly verdict: Verdict }
  | { readonly do: 'go'; readonly say: Template | undefined; readonly set: Values; readonly goto: string };
