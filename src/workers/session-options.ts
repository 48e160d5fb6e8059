import './no-telemetry.js';
import type { InferenceSession } from 'onnxruntime-node';

/** One intra-op thread, and it does not spin while it waits: more threads, or spinning ones, lose on a loaded machine. */
export const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
};
