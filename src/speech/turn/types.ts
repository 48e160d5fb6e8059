/** Decides how long a silence ends the turn; the same words as the dialogue port uses. */
export type TurnKind = 'yes_no' | 'open' | 'digits';

/** How many digits an answer has; with it a full number ends the turn early. */
export interface DigitRange {
  readonly minDigits: number;
  readonly maxDigits: number;
}

/** How to listen to one answer. All times are audio ms of the ear stream. */
export interface ListenSpec {
  readonly kind: TurnKind;
  /** No answer for this long after the bot fell silent is `silence`, ms. */
  readonly silenceMs: number;
  /** The caller may interrupt the prompt that is (or is about to be) played. */
  readonly bargeIn: boolean;
  /** A value is being given, and people stop to think or to look it up. Default false. */
  readonly patient?: boolean | undefined;
  /** Audio time at which listening was asked for, ms. */
  readonly atMs: number;
  readonly digits?: DigitRange | undefined;
}

export interface TurnHooks {
  /** The words are already a whole answer of this kind, so the short delay is enough. Default: never. */
  readonly isComplete?: (text: string, kind: TurnKind, digits: DigitRange | undefined) => boolean;
  /** What was heard so far does not belong to the next answer: `EarStream.reset` goes here. Called at every turn's end too. */
  readonly forget?: () => void;
  /** How long the words of a pause may be waited for after the turn is due, ms. Default `LATE_WORDS_MS`. */
  readonly lateWordsMs?: number | undefined;
}

export type TurnEvent =
  | {
      readonly type: 'turn_end';
      /** Empty if there was speech that was not understood. */
      readonly text: string;
      readonly confidence: number | undefined;
      /** Last frame of speech. */
      readonly lastSpeechMs: number;
      /** The ear reported the pause. Equals `decidedMs` if a turn over the limit was cut without one. */
      readonly pauseSeenMs: number;
      /** The words arrived, as audio time. Equals `decidedMs` if they never did. */
      readonly finalTextMs: number;
      readonly decidedMs: number;
    }
  | { readonly type: 'barge_in'; readonly atMs: number }
  | { readonly type: 'silence'; readonly atMs: number };
