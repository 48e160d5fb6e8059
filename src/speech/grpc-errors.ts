import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { TrunklineError } from '../kernel/errors.js';

/** The coded error for what a worker's gRPC call ended with; `worker` is `ear`, `mouth` or `mind`. */
export function fromGrpc(worker: string, error: ServiceError | Error): TrunklineError {
  if (error instanceof TrunklineError) return error;
  const code = 'code' in error ? error.code : undefined;
  const details = 'details' in error ? error.details : error.message;
  switch (code) {
    case status.RESOURCE_EXHAUSTED:
      return new TrunklineError('TRK_WORKER_BUSY', { params: { worker }, cause: error });
    case status.DEADLINE_EXCEEDED:
      return new TrunklineError('TRK_SPEECH_DEADLINE', { params: { worker }, cause: error });
    case status.INVALID_ARGUMENT:
    case status.UNIMPLEMENTED:
      return new TrunklineError('TRK_SPEECH_REQUEST', { params: { worker, reason: details }, cause: error });
    case status.INTERNAL:
      // grpc-js reports a reset of the HTTP/2 stream, which is how a killed peer may look, as INTERNAL too.
      return /RST_STREAM|ECONNRESET|socket|protocol error/i.test(details)
        ? new TrunklineError('TRK_WORKER_LOST', { params: { worker }, cause: error })
        : new TrunklineError('TRK_INTERNAL', { params: { reason: `the ${worker} worker failed` }, cause: error });
    default:
      return new TrunklineError('TRK_WORKER_LOST', { params: { worker }, cause: error });
  }
}
