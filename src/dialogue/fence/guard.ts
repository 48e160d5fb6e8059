import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * PORT inside the room: what a language model words reaches the caller only clause by
 * clause through a guard. A clause passes if it is, word for word and in the same order,
 * one of the ways to tell one sentence of the facts: all its words, pronouns, prepositions
 * and figures, nothing left out that limits it and nothing added. What says when, where or
 * on what condition may stand first as a whole; a whole part of the sentence may stand
 * alone where nothing in it hangs on another; the few other ways to put a statement are
 * lists (see `wording-*.ts`, `tellings-*.ts`). A value of the call is said in a closed form
 * ("your ... is ..."), what the caller said as a quotation, but never as a price, a debt or
 * a deadline. Beside these pass phrases of courtesy, and offers to tell and announcements
 * of what stands in the facts. In doubt a clause is refused: that costs a scripted answer.
 * Pure.
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
  | { readonly passes: false; readonly what: 'number' | 'amount' | 'date' | 'percentage' | 'unfounded' | 'instruction' | 'language' | 'form'; readonly span: string };

export interface Guard {
  check(clause: string): GuardVerdict;
  /** It tells something of the facts: "I understand your question" passes, but does not. */
  tells(clause: string): boolean;
}

/** Cuts a stream of model text into clauses at which speech may begin; bounded in length and number. */
export interface ClauseCutter {
  /** Whole clauses that `text` completes. */
  push(text: string): readonly string[];
  /** What is left at the end. */
  end(): string | undefined;
}
