import type { EarRate } from './engine.js';

/** Between the worker's main thread and its decoding threads. */
export interface DecodeThreadData {
  /** Directory of the Moonshine model. */
  readonly directory: string;
}

export interface DecodeJob {
  readonly id: number;
  /** Moved, not copied. */
  readonly samples: Int16Array;
  readonly sampleRate: EarRate;
  /** Not 0: the answer is no longer wanted. Shared memory, because a message would wait behind the decoding itself. */
  readonly cancelled: Int32Array;
}

export type DecodeReply =
  | { readonly type: 'ready' }
  | { readonly type: 'text'; readonly id: number; /** Undefined: cancelled. */ readonly text: string | undefined }
  | { readonly type: 'failed'; readonly id: number; readonly reason: string };
