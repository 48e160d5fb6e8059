import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { TrunklineError } from '../kernel/errors.js';

/** A campaign file: YAML, or JSON, which is YAML as well; the body of `POST /v1/campaigns`. TRK_USAGE. */
export function readCampaignFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `${path} cannot be read.` }, field: path, cause });
  }
  try {
    return parse(text, { maxAliasCount: 20 }) as unknown;
  } catch (cause) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `${path} is no YAML: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : ''}` }, field: path, cause });
  }
}
