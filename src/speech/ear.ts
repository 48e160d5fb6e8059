/**
 * PORT: hearing. The client of the ear worker implements it; so does anyone's
 * worker that speaks `src/proto/ear.proto`. Contract suite: `test/contract/ear.ts`.
 *
 * Time inside a stream is audio time: ms since the first sample written, so a
 * late worker never shifts what was heard when.
 */
export interface EarStreamOptions {
  /** BCP 47, e.g. `en-US`. */
  readonly language: string;
  /** Engine name, e.g. `moonshine` or `vosk`; undefined takes the configured one for the language. */
  readonly engine?: string;
  /** Hz of the audio that is written; default 8000. */
  readonly sampleRate?: 8000 | 16000;
  /** Silence after which a pause is reported and the words so far are decoded, ms. Default 120. */
  readonly pauseMs?: number;
}

export type EarEvent =
  /** Speech began at `atMs`. */
  | { readonly type: 'speech'; readonly atMs: number }
  /** `pauseMs` of silence after speech that ended at `lastSpeechMs`; a `transcript` with the same `segment` follows. */
  | { readonly type: 'pause'; readonly segment: number; readonly lastSpeechMs: number; readonly detectedMs: number }
  /**
   * All words since the last `reset`, decoded at the pause `segment`; not sent if `speech` or `reset` came before it
   * was ready, because the next pause answers for everything. Text is empty if nothing was understood.
   * `confidence` 0 to 1, or undefined if the engine has none worth trusting.
   */
  | { readonly type: 'transcript'; readonly segment: number; readonly text: string; readonly confidence: number | undefined; readonly startMs: number; readonly endMs: number; readonly decodeMs: number }
  /** The stream cannot go on; a new one must be opened. */
  | { readonly type: 'lost'; readonly error: Error };

export interface EarStream {
  /**
   * Mono, any multiple of 10 ms up to 100 ms. Dropped (and counted) when the worker is more than 2 s behind.
   * `sampleRate`: where it is not that of the stream (a re-INVITE brought another codec) the audio is converted.
   */
  write(samples: Int16Array, sampleRate?: 8000 | 16000): void;
  /** Forgets the words up to the last pause: the turn was taken. Speech that goes on at this moment belongs to the next. */
  reset(): void;
  onEvent(listener: (event: EarEvent) => void): void;
  close(): void;
}

export interface Ear {
  /** TRK_WORKER_BUSY (no capacity), TRK_WORKER_LOST, TRK_SPEECH_REQUEST (unknown language or engine). */
  open(options: EarStreamOptions): Promise<EarStream>;
  /** Streams that may be opened now, and those open. */
  readonly capacity: { readonly total: number; readonly used: number };
  /** Its engine may take so long for the words of a pause, ms, and is well nevertheless; undefined: what any other takes. */
  readonly wordsWithinMs?: number | undefined;
  /** A worker is up and answers its health check. */
  readonly ready: boolean;
  close(): Promise<void>;
}
