import '../no-telemetry.js';
import { InferenceSession } from 'onnxruntime-node';

/**
 * A session with one thread that never spins: with two threads, or with threads
 * that wait by spinning, speech models run 2 to 5 times slower on a busy machine.
 * `run` blocks the JavaScript thread it is called on (it only defers by one
 * setImmediate), so everything that takes more than a millisecond belongs in a
 * worker thread.
 */
export function loadSession(path: string): Promise<InferenceSession> {
  return InferenceSession.create(path, {
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  });
}
