import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { MediaSession } from '../media/media-session.js';
import { recordingName } from '../store/recordings.js';

export interface RecordingParts {
  readonly config: Config;
  readonly recordingsDir: string;
  /** Puts the closed file under its key; the file stays as it is if this rejects. */
  readonly sealRecording?: ((name: string) => Promise<void>) | undefined;
}

/** Undefined if calls are not recorded; else a function that closes the file and says where it is. */
export function startRecording(parts: RecordingParts, media: MediaSession, callId: string, log: Logger): (() => Promise<string | undefined>) | undefined {
  if (!parts.config.media.record) return undefined;
  const name = recordingName(callId);
  const failed = (error: unknown): void => {
    const coded = error instanceof TrunklineError ? error : new TrunklineError('TRK_MEDIA_RECORDING', { params: { reason: 'write failed' }, cause: error });
    log.error({ code: coded.code }, 'recording failed; the call goes on');
  };
  try {
    media.startRecording(join(parts.recordingsDir, name));
  } catch (error) {
    failed(error);
    return undefined;
  }
  media.onRecordingError(failed);
  return async () => {
    try {
      await media.stopRecording();
    } catch (error) {
      failed(error);
      return undefined;
    }
    await parts.sealRecording?.(name).catch((error: unknown) => log.error({ code: asTrunklineError(error).code, callId }, 'the recording is not sealed yet'));
    return name;
  };
}
