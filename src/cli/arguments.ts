import { existsSync } from 'node:fs';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { TrunklineError } from '../kernel/errors.js';

/** The named file, else `trunkline.yaml` where it exists, else the defaults. */
export function configFrom(path: string | undefined): Config {
  return loadConfig(path ?? (existsSync('trunkline.yaml') ? 'trunkline.yaml' : undefined), process.env);
}

/** `name=value` pairs; numbers and true/false are taken as such. TRK_USAGE. */
export function variablesFrom(pairs: readonly string[]): Record<string, string | number | boolean> {
  const variables: Record<string, string | number | boolean> = {};
  for (const pair of pairs) {
    const split = pair.indexOf('=');
    if (split < 1) throw new TrunklineError('TRK_USAGE', { params: { reason: `--var wants name=value, got "${pair}".` } });
    variables[pair.slice(0, split)] = typed(pair.slice(split + 1));
  }
  return variables;
}

function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  // A leading zero or plus marks an identifier, not an amount.
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
