import { derivedDirectory } from '../../models/cache.js';
import type { ModelManifest } from '../../models/manifest.js';
import { requireModel } from '../../models/verify.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { EarKeys, EngineOptions } from './options.js';

const VAD_MODEL = 'silero-vad-v5';
const VOSK_LIBRARY = 'vosk-library';
/** The model that an engine takes when none is named. */
const DEFAULT_MODELS: Readonly<Record<string, string>> = { moonshine: 'moonshine-tiny-en', vosk: 'vosk-model-small-en-us-0.15' };

/**
 * Where the files of the ear lie in a model cache, as the worker's options take them.
 * `engines` is in order of preference. TRK_MODEL_MISSING, TRK_MODEL_CORRUPT, TRK_MODEL_UNKNOWN.
 */
export async function earModels(manifest: ModelManifest, cache: string, engines: readonly { readonly engine: string; readonly model?: string }[]): Promise<Pick<EarKeys, 'vad_file' | 'engines'>> {
  const vad = await requireModel(manifest, cache, VAD_MODEL);
  const found: EngineOptions[] = [];
  for (const { engine, model } of engines) found.push(await engineModel(manifest, cache, engine, model ?? DEFAULT_MODELS[engine] ?? ''));
  return { vad_file: vad.file('silero_vad_v5.onnx'), engines: found };
}

async function engineModel(manifest: ModelManifest, cache: string, engine: string, model: string): Promise<EngineOptions> {
  if (engine !== 'moonshine' && engine !== 'vosk') throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `there is no recognition engine "${engine}"` } });
  const installed = await requireModel(manifest, cache, model);
  if (engine === 'moonshine') return { engine, model, directory: installed.directory };
  const library = await requireModel(manifest, cache, VOSK_LIBRARY);
  return {
    engine,
    model,
    languages: installed.entry.languages.map((language) => language.split('-')[0] ?? language),
    library_file: library.file('libvosk.so'),
    // A model that comes as an archive was unpacked by the pull.
    directory: installed.entry.derive === 'unzip' ? derivedDirectory(cache, model) : installed.directory,
  };
}
