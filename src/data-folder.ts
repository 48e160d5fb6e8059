import { mkdirSync } from 'node:fs';
import { TrunklineError } from './kernel/errors.js';

/** Makes `data_dir`, or a folder in it, for its owner only: names of files tell of calls. TRK_CONFIG_UNREADABLE. */
export function makeDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new TrunklineError('TRK_CONFIG_UNREADABLE', { params: { reason: (error as Error).message }, field: 'data_dir', cause: error });
  }
}
