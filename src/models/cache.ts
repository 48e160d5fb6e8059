import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where models lie: one directory for all checkouts of a user, so that a second
 * clone downloads nothing. Layout: `<cache>/<model>/<file>`, with `.verified.json`
 * beside the files; `<cache>/.partial` holds downloads that were cut off.
 */
export function defaultModelsDirectory(env: NodeJS.ProcessEnv = process.env): string {
  // XDG Base Directory: a relative path in the variable is invalid and ignored.
  const base = env['XDG_CACHE_HOME'];
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.cache'), 'trunkline', 'models');
}

export function modelDirectory(cache: string, model: string): string {
  return join(cache, model);
}

/** Of what is derived from a model after the pull (a Piper voice's two halves). */
export function derivedDirectory(cache: string, model: string): string {
  return join(cache, model, 'derived');
}
