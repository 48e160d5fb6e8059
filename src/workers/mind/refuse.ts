import { TrunklineError } from '../../kernel/errors.js';

/** A request that cannot be served however often it is tried. The reason never holds its text. */
export function refuse(reason: string): TrunklineError {
  return new TrunklineError('TRK_SPEECH_REQUEST', { params: { worker: 'mind', reason } });
}
