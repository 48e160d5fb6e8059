/** Hz of what a stream hears: the telephone's, or that of a wideband codec. */
export type EarRate = 8000 | 16000;

/** One engine is one file behind this interface; `engines.ts` names them all. */
export interface RecognizerEngine {
  readonly name: string;
  readonly model: string;
  /** BCP 47 primary tags, e.g. `en`, or `*`. */
  readonly languages: readonly string[];
  /** For audio of this rate. */
  open(sampleRate: EarRate): Recognizer;
  close(): Promise<void>;
}

export interface Recognition {
  /** Empty if nothing was understood. */
  readonly text: string;
  /** 0 to 1; undefined if the engine has none worth trusting. */
  readonly confidence: number | undefined;
}

/**
 * The words of one stream. It is fed only what the VAD takes for speech, with a
 * little silence around it, in order and without overlap; of the rate that it was opened for.
 */
export interface Recognizer {
  feed(samples: Int16Array): void;
  /** All words since `reset`. Rejects with the signal's reason if aborted: speech went on, the answer would be stale. */
  recognize(signal: AbortSignal): Promise<Recognition>;
  /** Forgets all but the last `keep` samples that were fed. */
  reset(keep: number): void;
  close(): void;
}
