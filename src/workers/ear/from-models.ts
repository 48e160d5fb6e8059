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
 * The ear's own options for models that are installed in `cache`. `engines` is in
 * order of preference. TRK_MODEL_MISSING, TRK_MODEL_CORRUPT, TRK_MODEL_UNKNOWN,
 * TRK_CONFIG_INVALID for an engine that does not exist.
 */
export async function earKeysFor(options: {
  readonly manifest: ModelManifest;
  readonly cache: string;
  readonly engines: readonly { readonly engine: string; readonly model?: string }[];
  readonly capacity: number;
  readonly recognizerThreads?: number;
}): Promise<EarKeys> {
  const { manifest, cache } = options;
  const vad = await requireModel(manifest, cache, VAD_MODEL);
  const engines: EngineOptions[] = [];
  for (const { engine, model } of options.engines) engines.push(await engineModel(manifest, cache, engine, model ?? DEFAULT_MODELS[engine] ?? ''));
  return { capacity: options.capacity, recognizer_threads: options.recognizerThreads ?? 1, vad_file: vad.file('silero_vad_v5.onnx'), engines };
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
