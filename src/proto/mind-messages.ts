import type { CallOptions, Client, ClientReadableStream, ClientUnaryCall, ServiceError, UntypedServiceImplementation, handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js';

/** TypeScript mirror of `mind.proto`; the meaning and the unit of each field stand there. */
export interface GenerateMessage {
  readonly prefix: string;
  readonly prompt: string;
  readonly grammarGbnf: string;
  readonly grammarJsonSchema: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly stop: readonly string[];
}

export interface Finish {
  readonly reason: string;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly generatedTokens: number;
  readonly firstTokenMs: number;
}

export interface GenerateChunk {
  readonly text: string;
  /** Null on every chunk but the last. */
  readonly finish: Finish | null;
}

export interface ScoreMessage {
  readonly prefix: string;
  readonly prompt: string;
  readonly labels: readonly string[];
}

export interface ScoreReply {
  readonly logProbability: readonly number[];
}

export interface PrepareMessage {
  readonly prefix: string;
}

export interface PrepareReply {
  readonly tokens: number;
}

export interface MindDescribeReply {
  readonly model: string;
  readonly contextTokens: number;
  readonly slots: number;
  readonly usedSlots: number;
}

export interface MindHandlers extends UntypedServiceImplementation {
  generate: handleServerStreamingCall<GenerateMessage, GenerateChunk>;
  score: handleUnaryCall<ScoreMessage, ScoreReply>;
  prepare: handleUnaryCall<PrepareMessage, PrepareReply>;
  describe: handleUnaryCall<Record<never, never>, MindDescribeReply>;
}

type Done<Reply> = (error: ServiceError | null, reply?: Reply) => void;

export interface MindGrpcClient extends Client {
  generate(request: GenerateMessage, options?: CallOptions): ClientReadableStream<GenerateChunk>;
  score(request: ScoreMessage, options: CallOptions, done: Done<ScoreReply>): ClientUnaryCall;
  prepare(request: PrepareMessage, options: CallOptions, done: Done<PrepareReply>): ClientUnaryCall;
  describe(request: Record<never, never>, options: CallOptions, done: Done<MindDescribeReply>): ClientUnaryCall;
}
