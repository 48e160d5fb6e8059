import { homedir } from 'node:os';
import { join } from 'node:path';

/** This user's directory for what can be made again, shared by all checkouts. */
export function userCacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  // XDG Base Directory: a relative path in the variable is invalid and ignored.
  const base = env['XDG_CACHE_HOME'];
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.cache'), 'trunkline');
}
