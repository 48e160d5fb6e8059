import type { CallOptions, Client, ClientDuplexStream, ClientUnaryCall, ServiceError, UntypedServiceImplementation, handleBidiStreamingCall, handleUnaryCall } from '@grpc/grpc-js';

/** TypeScript mirror of `ear.proto`; the meaning and the unit of each field stand there. */
export interface Start {
  readonly language: string;
  readonly engine: string;
  readonly sampleRateHz: number;
  readonly pauseMs: number;
}

/** Exactly one field is set; `kind` names it on messages that were received. */
export interface ListenRequest {
  readonly kind?: 'start' | 'audio' | 'reset';
  readonly start?: Start;
  readonly audio?: Buffer;
  readonly reset?: Record<never, never>;
}

export interface Opened {
  readonly engine: string;
  readonly model: string;
}

export interface Speech {
  readonly atMs: number;
}

export interface Pause {
  readonly segment: number;
  readonly lastSpeechMs: number;
  readonly detectedMs: number;
}

export interface Transcript {
  readonly segment: number;
  readonly text: string;
  readonly confidence: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly decodeMs: number;
}

/** Exactly one field is set; `kind` names it on messages that were received. */
export interface ListenEvent {
  readonly kind?: 'speech' | 'pause' | 'transcript' | 'opened';
  readonly speech?: Speech;
  readonly pause?: Pause;
  readonly transcript?: Transcript;
  readonly opened?: Opened;
}

export interface Engine {
  readonly name: string;
  readonly model: string;
  readonly languages: readonly string[];
}

export interface EarDescribeReply {
  readonly engines: readonly Engine[];
  readonly capacity: number;
  readonly openStreams: number;
}

export interface EarHandlers extends UntypedServiceImplementation {
  listen: handleBidiStreamingCall<ListenRequest, ListenEvent>;
  describe: handleUnaryCall<Record<never, never>, EarDescribeReply>;
}

export interface EarGrpcClient extends Client {
  listen(options?: CallOptions): ClientDuplexStream<ListenRequest, ListenEvent>;
  describe(request: Record<never, never>, options: CallOptions, done: (error: ServiceError | null, reply?: EarDescribeReply) => void): ClientUnaryCall;
}
