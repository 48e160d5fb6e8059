import { readFileSync } from 'node:fs';

interface Package {
  readonly version: string;
}

/** Of package.json, the only place where it is written. */
export const VERSION = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Package).version;
