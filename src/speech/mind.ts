/** PORT: the language model. Implemented by the client of the mind worker (`src/proto/mind.proto`). Contract suite: `test/contract/mind.ts`. */
export interface MindRequest {
  /** Fixed text that many calls share (instructions, facts); its state stays in the worker's cache. */
  readonly prefix: string;
  /** What belongs to this turn. */
  readonly prompt: string;
  /** GBNF grammar or JSON Schema text that the output must follow. */
  readonly grammar?: { readonly kind: 'gbnf' | 'json-schema'; readonly text: string };
  /** Default 64. */
  readonly maxTokens?: number;
  /** 0 is greedy, the default. */
  readonly temperature?: number;
  readonly stop?: readonly string[];
  /** For the whole generation, ms; missed: TRK_SPEECH_DEADLINE. Default 2000. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

export interface Mind {
  /** Pieces of text as they are generated. TRK_WORKER_LOST, TRK_WORKER_BUSY, TRK_SPEECH_DEADLINE, TRK_SPEECH_REQUEST. */
  generate(request: MindRequest): AsyncIterable<string>;
  /** Log-probability (natural) of each label as the continuation of prefix + prompt, length-normalised. */
  score(request: { prefix: string; prompt: string; labels: readonly string[]; deadlineMs?: number; signal?: AbortSignal }): Promise<readonly number[]>;
  /** Loads a prefix into the cache ahead of need. */
  prepare(prefix: string): Promise<void>;
  readonly capacity: { readonly total: number; readonly used: number };
  readonly ready: boolean;
  close(): Promise<void>;
}
