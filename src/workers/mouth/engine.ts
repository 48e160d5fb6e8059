/** What a text-to-speech engine is asked for; the text is normalised by the engine itself, because only it knows its language. */
export interface Utterance {
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
  /** 1 is normal; 0.5 to 2. */
  readonly speed: number;
  /** The sentence goes on before or after this text, in another utterance. */
  readonly joinsBefore: boolean;
  readonly joinsAfter: boolean;
  readonly signal: AbortSignal;
}

export interface EngineVoice {
  readonly name: string;
  /** Languages (the part before the dash, e.g. `en`) that it can read. */
  readonly languages: readonly string[];
  /** Of the samples that `speak` gives, Hz. */
  readonly sampleRate: 16000 | 22050 | 24000;
}

/**
 * One text-to-speech engine with one voice. An engine is one file (and its
 * helpers) behind this interface; nothing else asks which engine it is.
 */
export interface VoiceEngine {
  readonly voice: EngineVoice;
  /**
   * Samples within +-1, in pieces as they are made. Ends early without an error
   * when the signal is aborted. Errors: TRK_SPEECH_REQUEST (nothing to say),
   * TRK_WORKER_LOST (a helper process cannot be kept alive).
   */
  speak(utterance: Utterance): AsyncIterable<Float32Array>;
  close(): Promise<void>;
}
