import type { PiperParts } from '../../models/derive-piper.js';

/** What crosses between the mouth's event loop and a thread that runs a voice. */
export type ToVoiceThread =
  | { readonly type: 'speak'; readonly id: number; /** Symbol ids, one list a sentence. */ readonly sentences: readonly (readonly number[])[]; /** 1 is normal, larger is slower. */ readonly lengthScale: number; /** Which of the model's voices; empty where it has one. */ readonly voice: string }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' };

export type FromVoiceThread =
  | { readonly type: 'ready' }
  | { readonly type: 'audio'; readonly id: number; readonly samples: Float32Array }
  | { readonly type: 'end'; readonly id: number }
  /** `id` is undefined when the thread cannot go on at all. */
  | { readonly type: 'failed'; readonly id: number | undefined; readonly reason: string };

export interface PiperThreadData {
  readonly parts: PiperParts;
}

export interface KokoroThreadData {
  readonly modelFile: string;
  /** Name of each voice and the file of its styles. */
  readonly voices: Readonly<Record<string, string>>;
}
