import '../no-telemetry.js';
import { InferenceSession } from 'onnxruntime-node';
import { SESSION_OPTIONS } from '../session-options.js';

/**
 * A session with one thread that never spins: with two threads, or with threads
 * that wait by spinning, speech models run 2 to 5 times slower on a busy machine.
 * `run` blocks the JavaScript thread it is called on (it only defers by one
 * setImmediate), so everything that takes more than a millisecond belongs in a
 * worker thread.
 */
export function loadSession(path: string): Promise<InferenceSession> {
  return InferenceSession.create(path, SESSION_OPTIONS);
}
