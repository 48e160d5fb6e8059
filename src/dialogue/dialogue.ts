import type { Verdict } from '../store/store.js';
import type { Grounds } from './fence/guard.js';
import type { Mood, VoiceCues } from './mood/mood.js';

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

/** What a prompt says of which a record is kept: who calls and that it is a machine, and how not to be called again. */
export type PromptMark = 'disclosure' | 'opt_out';

export interface Prompt {
  /** The whole sentence(s), for transcript and chat. */
  readonly text: string;
  readonly marks?: readonly PromptMark[];
  readonly parts: readonly PromptPart[];
}

/** Decides how long a silence ends the turn: short, normal, long. */
export type AnswerKind = 'yes_no' | 'open' | 'digits';

export type DialogueOutput =
  | { readonly type: 'say'; readonly node: string; readonly prompt: Prompt; readonly bargeIn: boolean; /** The caller has trouble following: to be spoken slower than it was rendered. */ readonly slower?: boolean }
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
      /** Longer pauses belong to the answer: digits, spelling, addresses. */
      readonly patient?: boolean;
    }
  /** The last of a batch. Something outside is asked; `effect` with this id is the next input, whatever comes of it. */
  | { readonly type: 'effect'; readonly node: string; readonly id: number; readonly effect: DialogueEffect; /** Said while it takes long; undefined says nothing. */ readonly filler: Prompt | undefined; readonly deadlineMs: number; /** The caller may speak over what is worded. */ readonly bargeIn?: boolean }
  /** The last of a batch. The caller is handed to somebody else; `verdict` stands if that works, else `transfer_failed` is the next input. */
  | { readonly type: 'transfer'; readonly node: string; readonly to: string; readonly mode: 'blind' | 'attended'; readonly verdict: Verdict }
  /** The last of a batch. The call goes on in another flow; if it cannot, `transfer_failed` is the next input. */
  | { readonly type: 'switch'; readonly node: string; readonly flow: string }
  | { readonly type: 'end'; readonly node: string; readonly verdict: Verdict };

/** What a dialogue cannot do by itself, as it is pure. */
export type DialogueEffect =
  /** A declared lookup; `input` is what it gets. */
  | { readonly kind: 'lookup'; readonly name: string; readonly input: Readonly<Record<string, string | number | boolean>> }
  /** Words by a language model: each clause passes the guard before it is said; `scripted` is said where none passed. */
  | { readonly kind: 'generate'; readonly instruction: string; readonly grounds: Grounds; readonly lastTurns: readonly { readonly who: 'caller' | 'bot'; readonly text: string }[]; readonly scripted: Prompt };

export type EffectOutcome =
  /** `values`: of a lookup, by path, e.g. `customer.balance`. `said`: what of a generated reply was spoken; `interrupted`: the caller spoke over it. */
  | { readonly ok: true; readonly values?: Readonly<Record<string, string | number | boolean>>; readonly said?: string; readonly interrupted?: boolean }
  | { readonly ok: false; readonly reason: string };

export type DialogueInput =
  | { readonly type: 'start' }
  | { readonly type: 'utterance'; readonly text: string; readonly confidence?: number; readonly voice?: VoiceCues; readonly interrupted?: boolean }
  | { readonly type: 'effect'; readonly id: number; readonly outcome: EffectOutcome }
  | { readonly type: 'dtmf'; readonly digits: string }
  | { readonly type: 'silence' }
  /** The transfer, or the change to another flow, that the flow wanted did not happen. */
  | { readonly type: 'transfer_failed' }
  /** Hearing was lost for a moment: say the flow's apology and ask again. */
  | { readonly type: 'trouble' };

export interface Dialogue {
  /**
   * Looks up what an utterance means, so that `next` has it at hand; to be waited for
   * before `next` gets the same text. Undefined if there is nothing to wait for. Never
   * rejects, and takes at most a few tens of ms: without it, or if it comes too late,
   * `next` decides by words alone.
   */
  prepare?(text: string): Promise<void> | undefined;
  /** Pure apart from its own state; takes at most a few ms. After `end` it returns []. */
  next(input: DialogueInput): readonly DialogueOutput[];
  /** Everything set so far: task variables and answers. */
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  /** Only what the flow filled in. */
  readonly slots: Readonly<Record<string, string | number | boolean>>;
  readonly node: string;
  /** What the last input was taken for, for records and chat: e.g. `intent:interested 0.93`. */
  readonly lastDecision: string | undefined;
  /** How the caller feels by now. */
  readonly mood: Mood;
  /**
   * The business judgement when the call is over before the flow has ended: `ended`
   * says why, e.g. `caller_hung_up`. Undefined if the flow has no rules for it.
   */
  judge(ended: string): Verdict | undefined;
}

/** What a dialogue may know of its task beside the variables. */
export interface DialogueContext {
  readonly attempts?: { readonly made: number; readonly left: number };
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
  /** What a language model is told before every talk at a node of the flow, where it is the same in all calls: to be computed ahead. */
  readonly modelPrefixes: readonly string[];
  /** Said when a part of the system was lost for a moment. */
  readonly apology: string;
  /** TRK_FLOW_VARIABLE if a required variable has no value. */
  start(variables: Readonly<Record<string, string | number | boolean>>, context?: DialogueContext): Dialogue;
}
