import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { TrunklineError } from '../../kernel/errors.js';
import { checkWorkerOptions } from '../worker-options.js';
import type { WorkerOptions } from '../worker-options.js';

/** The mind's own keys; those of every worker stand in worker-options.ts. */
const MindKeys = Type.Object({
  name: Type.String({ minLength: 1, description: 'Of the model, for Describe.' }),
  model_file: Type.String({ minLength: 1, description: 'GGUF.' }),
  slots: Type.Integer({ minimum: 1, maximum: 64, default: 4, description: 'Requests at once.' }),
  context_tokens: Type.Integer({ minimum: 256, maximum: 131_072, default: 1024, description: 'Of one request.' }),
  threads: Type.Integer({ minimum: 1, maximum: 64, default: 1 }),
  prefix_cache_bytes: Type.Integer({ minimum: 0, default: 256 * 1024 * 1024, description: 'Saved states of prefixes.' }),
});

export type MindKeys = Static<typeof MindKeys>;
export type MindOptions = WorkerOptions & MindKeys;

const validate = new Ajv({ useDefaults: true }).compile<MindKeys>(MindKeys);

/** TRK_CONFIG_INVALID names the key that is wrong. */
export function checkMindOptions(raw: Readonly<Record<string, unknown>>): MindOptions {
  const common = checkWorkerOptions(raw);
  const keys = structuredClone(raw) as unknown;
  if (!validate(keys)) {
    const first = validate.errors?.[0];
    throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `mind options ${first?.instancePath ?? ''} ${first?.message ?? ''}` } });
  }
  const { name, model_file, slots, context_tokens, threads, prefix_cache_bytes } = keys;
  return { ...common, name, model_file, slots, context_tokens, threads, prefix_cache_bytes };
}
