import { TrunklineError } from '../../kernel/errors.js';
import type { ModelManifest } from '../../models/manifest.js';
import { requireModel } from '../../models/verify.js';
import type { MindKeys } from './options.js';

/** Saved states of prefixes, bytes: 256 MiB are ten thousand tokens of a 135 M model. */
const PREFIX_CACHE_BYTES = 256 * 1024 * 1024;

/** The mind's own options for a model of the manifest, or for any GGUF file by its absolute path. TRK_MODEL_UNKNOWN, TRK_MODEL_MISSING, TRK_MODEL_CORRUPT. */
export async function mindKeysFor(options: { manifest: ModelManifest; cache: string; model: string; slots: number; contextTokens: number; threads?: number }): Promise<MindKeys> {
  const common = { name: options.model, slots: options.slots, context_tokens: options.contextTokens, threads: options.threads ?? 1, prefix_cache_bytes: PREFIX_CACHE_BYTES };
  if (options.model.startsWith('/')) return { ...common, model_file: options.model };
  const installed = await requireModel(options.manifest, options.cache, options.model);
  const gguf = installed.entry.files.find((one) => one.path.endsWith('.gguf'));
  if (gguf === undefined) throw new TrunklineError('TRK_MODEL_UNKNOWN', { params: { model: options.model } });
  return { ...common, model_file: installed.file(gguf.path) };
}
