import { derivedDirectory } from '../../models/cache.js';
import type { ModelManifest } from '../../models/manifest.js';
import { requireModel } from '../../models/verify.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { MouthKeys } from './options.js';

/** The mouth's own options for a voice of the manifest that is installed in `cache`. TRK_MODEL_UNKNOWN, TRK_MODEL_MISSING, TRK_MODEL_CORRUPT. */
export async function mouthKeysFor(options: { manifest: ModelManifest; cache: string; voice: string; capacity: number; threads?: number }): Promise<MouthKeys> {
  const installed = await requireModel(options.manifest, options.cache, options.voice);
  const { entry } = installed;
  const model = entry.files.find((one) => one.path.endsWith('.onnx'));
  const config = entry.files.find((one) => one.path.endsWith('.onnx.json'));
  if (entry.loader !== 'piper' || model === undefined || config === undefined) throw new TrunklineError('TRK_MODEL_UNKNOWN', { params: { model: options.voice } });
  return {
    capacity: options.capacity,
    threads: options.threads ?? 1,
    derived_directory: derivedDirectory(options.cache, entry.name),
    voices: [{ engine: 'piper', name: entry.name, model_file: installed.file(model.path), config_file: installed.file(config.path), sha256: model.sha256 }],
  };
}
