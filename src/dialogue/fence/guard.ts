import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * PORT inside the room: what a language model words reaches the caller only clause by
 * clause through a guard. A clause passes if one sentence of the facts, or one value of
 * the call, says the same: its numbers, amounts, dates, percentages and names of the
 * same thing, under the same conditions, with the same yes or no. Of the sentence whole
 * parts are told, never half of one. What binds the company must stand in the facts, and
 * so must what is said to be done, offered or granted: a model can do nothing but tell.
 * What the caller said may be given back as a quotation, but never as a price, a debt or
 * a deadline. Phrases of courtesy and offers to tell state nothing. A question that holds
 * a claim or a promise is judged like a statement. In doubt a clause is refused. Pure.
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
