import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * PORT inside the room: what a language model words reaches the caller only clause by
 * clause through a guard. A clause passes if each number, amount, date, percentage,
 * name and promise-like verb phrase in it stands in the grounds, and if most of its
 * words come from there, but not from the caller alone. Pure.
 */
export interface Grounds {
  readonly language: SlotLanguage;
  /** The node's facts, as texts. */
  readonly facts: readonly string[];
  /** What the call has filled in. */
  readonly slots: Readonly<Record<string, string | number | boolean>>;
  /** What the caller said in the last turns. */
  readonly callerWords: readonly string[];
  /** Names that may be spoken anyway: the company, the product, the bot. */
  readonly names: readonly string[];
}

export type GuardVerdict =
  | { readonly passes: true }
  /** `what` goes into the record; `span` is the offending text (pii). */
  | { readonly passes: false; readonly what: 'number' | 'amount' | 'date' | 'percentage' | 'name' | 'promise' | 'unfounded' | 'instruction' | 'language' | 'form'; readonly span: string };

export interface Guard {
  check(clause: string): GuardVerdict;
}

/** Cuts a stream of model text into clauses at which speech may begin; bounded in length and number. */
export interface ClauseCutter {
  /** Whole clauses that `text` completes. */
  push(text: string): readonly string[];
  /** What is left at the end. */
  end(): string | undefined;
}
