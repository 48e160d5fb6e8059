import type { CallOptions, Client, ClientReadableStream, ClientUnaryCall, ServiceError } from '@grpc/grpc-js';

/** Client side of grpc.health.v1 (the package `grpc-health-check` serves it). */
export interface HealthCheckRequest {
  /** Empty asks for the whole server. */
  readonly service: string;
}

export interface HealthCheckResponse {
  readonly status: 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
}

export interface HealthGrpcClient extends Client {
  check(request: HealthCheckRequest, options: CallOptions, done: (error: ServiceError | null, reply?: HealthCheckResponse) => void): ClientUnaryCall;
  watch(request: HealthCheckRequest, options?: CallOptions): ClientReadableStream<HealthCheckResponse>;
}
