import type { Audio } from '../audio/frame.js';

/** PORT: speaking. Implemented by the client of the mouth worker (`src/proto/mouth.proto`). Contract suite: `test/contract/mouth.ts`. */
export interface SpeakRequest {
  /** One sentence or a part of one, as written; numbers, money, dates and times are read as people do. At most 1,000 characters. */
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
  /** Voice name from the manifest; undefined takes the configured one for the language. */
  readonly voice?: string;
  /** 1 is normal; 0.5 to 2. */
  readonly speed?: number;
  /** Part of a sentence: how it joins its neighbours (affects intonation and trimmed silence). */
  readonly join?: { readonly before: boolean; readonly after: boolean };
  readonly signal?: AbortSignal;
  /** To the first audio, ms; missed: TRK_SPEECH_DEADLINE. Default 3000. */
  readonly deadlineMs?: number;
}

export interface Mouth {
  /** Chunks at 8 kHz, silence at both ends trimmed, first chunk as soon as it is made. TRK_WORKER_LOST, TRK_WORKER_BUSY, TRK_SPEECH_DEADLINE, TRK_SPEECH_REQUEST. */
  speak(request: SpeakRequest): AsyncIterable<Audio>;
  readonly capacity: { readonly total: number; readonly used: number };
  readonly ready: boolean;
  close(): Promise<void>;
}
