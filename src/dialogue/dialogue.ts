import type { Verdict } from '../store/store.js';

/**
 * PORT: a conversation without audio. `Dialogue` is a pure state machine: what was
 * heard goes in, what to say and how to listen comes out. A call, `flow chat` and
 * the tests drive the same object.
 */

/** A part of a sentence: fixed words are rendered when the flow is loaded, variable ones in the call. */
export interface PromptPart {
  readonly kind: 'fixed' | 'variable';
  readonly text: string;
}

export interface Prompt {
  /** The whole sentence(s), for transcript and chat. */
  readonly text: string;
  readonly parts: readonly PromptPart[];
}

/** Decides how long a silence ends the turn: short, normal, long. */
export type AnswerKind = 'yes_no' | 'open' | 'digits';

export type DialogueOutput =
  | { readonly type: 'say'; readonly node: string; readonly prompt: Prompt; readonly bargeIn: boolean }
  /** Always the last of a batch, unless `end` is. */
  | {
      readonly type: 'listen';
      readonly node: string;
      readonly kind: AnswerKind;
      /** No answer after this time from the end of the prompt, ms. */
      readonly silenceMs: number;
      readonly bargeIn: boolean;
      /** DTMF is taken: this many digits end the input, `#` ends it earlier. */
      readonly dtmf: { readonly minDigits: number; readonly maxDigits: number } | undefined;
    }
  | { readonly type: 'end'; readonly node: string; readonly verdict: Verdict };

export type DialogueInput =
  | { readonly type: 'start' }
  | { readonly type: 'utterance'; readonly text: string; readonly confidence?: number }
  | { readonly type: 'dtmf'; readonly digits: string }
  | { readonly type: 'silence' }
  /** Hearing was lost for a moment: say the flow's apology and ask again. */
  | { readonly type: 'trouble' };

export interface Dialogue {
  /** Pure apart from its own state; takes at most a few ms. After `end` it returns []. */
  next(input: DialogueInput): readonly DialogueOutput[];
  /** Everything set so far: task variables and answers. */
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  /** Only what the flow filled in. */
  readonly slots: Readonly<Record<string, string | number | boolean>>;
  readonly node: string;
  /** What the last input was taken for, for records and chat: e.g. `intent:interested 0.93`. */
  readonly lastDecision: string | undefined;
}

/** A checked flow, ready to start dialogues; made by `compileFlow`. */
export interface CompiledFlow {
  readonly id: string;
  readonly language: string;
  readonly voice: string | undefined;
  /** Variables that the task must bring. */
  readonly requiredVariables: readonly string[];
  /** Every fixed text that the flow can say, `apology` included, without doubles: to be rendered ahead. */
  readonly fixedTexts: readonly string[];
  /** Said when a part of the system was lost for a moment. */
  readonly apology: string;
  /** TRK_FLOW_VARIABLE if a required variable has no value. */
  start(variables: Readonly<Record<string, string | number | boolean>>): Dialogue;
}
