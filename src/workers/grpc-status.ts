import { status } from '@grpc/grpc-js';
import { asTrunklineError } from '../kernel/errors.js';
import type { ErrorCode } from '../kernel/errors.js';

/** What of a coded error the far side of gRPC can act on; all others are INTERNAL. */
const STATUS: Partial<Record<ErrorCode, status>> = {
  TRK_SPEECH_REQUEST: status.INVALID_ARGUMENT,
  TRK_WORKER_BUSY: status.RESOURCE_EXHAUSTED,
  TRK_SPEECH_DEADLINE: status.DEADLINE_EXCEEDED,
  TRK_CLOSED: status.UNAVAILABLE,
  TRK_WORKER_LOST: status.UNAVAILABLE,
};

/** The gRPC error for whatever was thrown in a worker. Its text never holds what people said. */
export function toGrpc(thrown: unknown): Error & { readonly code: status; readonly details: string } {
  const error = asTrunklineError(thrown);
  // The client puts its own words around the reason.
  const details = error.message.replace(/^The \w+ worker refused the request: (.*)\.$/, '$1');
  return Object.assign(new Error(details), { code: STATUS[error.code] ?? status.INTERNAL, details });
}
