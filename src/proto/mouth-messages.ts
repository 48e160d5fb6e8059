import type { CallOptions, Client, ClientReadableStream, ClientUnaryCall, ServiceError, UntypedServiceImplementation, handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js';

/** TypeScript mirror of `mouth.proto`; the meaning and the unit of each field stand there. */
export interface SpeakMessage {
  readonly text: string;
  readonly language: string;
  readonly voice: string;
  readonly speed: number;
  readonly sampleRateHz: number;
  readonly joinsBefore: boolean;
  readonly joinsAfter: boolean;
}

export interface SpeakChunk {
  readonly audio: Buffer;
}

export interface Voice {
  readonly name: string;
  readonly languages: readonly string[];
}

export interface MouthDescribeReply {
  readonly voices: readonly Voice[];
  readonly capacity: number;
  readonly running: number;
}

export interface MouthHandlers extends UntypedServiceImplementation {
  speak: handleServerStreamingCall<SpeakMessage, SpeakChunk>;
  describe: handleUnaryCall<Record<never, never>, MouthDescribeReply>;
}

export interface MouthGrpcClient extends Client {
  speak(request: SpeakMessage, options?: CallOptions): ClientReadableStream<SpeakChunk>;
  describe(request: Record<never, never>, options: CallOptions, done: (error: ServiceError | null, reply?: MouthDescribeReply) => void): ClientUnaryCall;
}
