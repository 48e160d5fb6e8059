import { readFileSync } from 'node:fs';
import { TrunklineError } from '../kernel/errors.js';

/** TRK_CONFIG_UNREADABLE names the file. */
export function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TrunklineError('TRK_CONFIG_UNREADABLE', { params: { reason: `TLS file ${path}` }, cause });
  }
}
