/** What crosses between the mouth's event loop and the thread that runs the voice. */
export interface PiperThreadData {
  readonly encoderFile: string;
  readonly decoderFile: string;
}

export type ToPiperThread =
  | { readonly type: 'speak'; readonly id: number; /** Phoneme ids, one list a sentence. */ readonly sentences: readonly (readonly number[])[]; /** 1 is normal, larger is slower. */ readonly lengthScale: number }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' };

export type FromPiperThread =
  | { readonly type: 'ready' }
  | { readonly type: 'audio'; readonly id: number; readonly samples: Float32Array }
  | { readonly type: 'end'; readonly id: number }
  /** `id` is undefined when the thread cannot go on at all. */
  | { readonly type: 'failed'; readonly id: number | undefined; readonly reason: string };
