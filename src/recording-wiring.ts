import { join, resolve } from 'node:path';
import type { Config } from './config/schema.js';
import type { Logger } from './kernel/log.js';
import type { Random } from './kernel/random.js';
import { loadMasterKeys } from './recording/master-keys.js';
import { RecordingVault } from './recording/vault.js';

/** Part of the composition root: where recordings lie and what they are sealed with. */
export function openVault(config: Config, dir: string, parts: { random: Random; log: Logger }): RecordingVault {
  const { encrypt, key_file: file = join(resolve(config.data_dir), 'recordings.key') } = config.recordings;
  return new RecordingVault({ dir, keys: encrypt ? loadMasterKeys(file, parts.random, 'recordings.key_file') : undefined, ...parts });
}
