import type { AnswerKind } from '../dialogue.js';

/**
 * PORT inside the room: one kind of value that a caller can give (a number, a date, a
 * choice, ...). Pure: what was heard goes in, a value or what is wrong with it comes
 * out. One file a type in this folder; `slot-types.ts` lists them. Test:
 * `test/dialogue/slots/`.
 */

export type SlotLanguage = 'en' | 'zh';

/** Canonical: dates and times RFC 3339 or `2026-11-24`, amounts as decimal text with currency, phones E.164. */
export type SlotValue = string | number | boolean;

export interface SlotChoice {
  /** What the slot keeps. */
  readonly value: string;
  /** How it is said in read-back; default is `value`. */
  readonly say?: string;
  /** Other ways to say it. */
  readonly synonyms: readonly string[];
}

/** What a flow declares of a slot; each type reads those that it knows. */
export interface SlotSettings {
  readonly minDigits?: number;
  readonly maxDigits?: number;
  /** Digits in groups as they are read back, e.g. [3, 4, 4]. */
  readonly grouping?: readonly number[];
  readonly checkDigit?: 'luhn' | 'iso7064_mod11_2' | 'iban';
  readonly min?: number;
  readonly max?: number;
  /** ISO 4217; what an amount without a currency means. */
  readonly currency?: string;
  /** ISO 3166 alpha-2; what a phone number without a country means. */
  readonly country?: string;
  /** Dates and times: only those to come, or only past ones. */
  readonly when?: 'future' | 'past' | 'any';
  readonly choices?: readonly SlotChoice[];
  /** Names of people or places that are likely, to prefer over what was heard nearly so. */
  readonly known?: readonly string[];
  readonly maxLength?: number;
}

export interface SlotContext {
  readonly language: SlotLanguage;
  readonly nowMs: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly settings: SlotSettings;
  /** The value of before, when the caller corrects it ("no, Friday") or gives it in parts ("... and then 4 5 6"). */
  readonly previous: SlotValue | undefined;
}

export type SlotFault = 'too_short' | 'too_long' | 'check_digit' | 'past' | 'future' | 'too_small' | 'too_large' | 'ambiguous' | 'no_such_day' | 'no_such_choice' | 'malformed';

export type SlotReading =
  /** `sure`, 0 to 1: below 0.6 it is read back even where the flow does not ask for it. `rest`: the words that were not needed. */
  | { readonly kind: 'value'; readonly value: SlotValue; readonly sure: number; readonly rest: string }
  /** Half of it: the rest is still to come ("my number is one three eight ..."). */
  | { readonly kind: 'part'; readonly value: SlotValue }
  | { readonly kind: 'fault'; readonly fault: SlotFault; readonly heard: SlotValue | undefined }
  /** Two or three meanings that are equally good ("at seven": morning or evening?). */
  | { readonly kind: 'ambiguous'; readonly values: readonly SlotValue[] };

export interface SlotType {
  readonly name: string;
  /** How long a pause ends the answer. */
  readonly answerKind: AnswerKind;
  /** Undefined if nothing of this kind is in the words. Bounded: of 2,000 characters tens of milliseconds, of a usual answer a few. */
  hear(text: string, context: SlotContext): SlotReading | undefined;
  /** The same from the keypad: `0-9 * #`, where `*` is a decimal point or a separator. Undefined: this type has no keypad form. */
  keyed(keys: string, context: SlotContext): SlotReading | undefined;
  /** As a person would say it back; the mouth's own normalising must not change its sense. */
  readBack(value: SlotValue, context: Omit<SlotContext, 'previous'>): string;
  /** What is wrong with the declaration, as `[setting, reason]`. */
  check(settings: SlotSettings, language: SlotLanguage): readonly (readonly [keyof SlotSettings, string])[];
}
