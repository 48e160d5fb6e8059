import { join } from 'node:path';
import { userCacheDirectory } from '../kernel/user-cache.js';

/**
 * Where models lie: one directory for all checkouts of a user, so that a second
 * clone downloads nothing. Layout: `<cache>/<model>/<file>`, with `.verified.json`
 * beside the files; `<cache>/.partial` holds downloads that were cut off.
 */
export function defaultModelsDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(userCacheDirectory(env), 'models');
}

export function modelDirectory(cache: string, model: string): string {
  return join(cache, model);
}

/** Of what is derived from a model after the pull (the parts of a Piper voice). */
export function derivedDirectory(cache: string, model: string): string {
  return join(cache, model, 'derived');
}
