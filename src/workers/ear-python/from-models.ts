import { fileURLToPath } from 'node:url';
import { pythonEnvironment } from '../../models/derive-python.js';
import type { ModelManifest } from '../../models/manifest.js';
import { requireModel } from '../../models/verify.js';
import { descriptorsOf } from '../../proto/load.js';
import type { ForeignProgram } from '../worker-program.js';

/** The options of `options.py`, less those that every worker has. */
export interface WhisperKeys {
  readonly capacity: number;
  readonly recognizer_threads: number;
  readonly vad_file: string;
  readonly model: string;
  readonly model_directory: string;
  readonly languages: readonly string[];
  readonly packages_directory: string;
  readonly descriptors: readonly string[];
}

const PROGRAM = fileURLToPath(new URL('./main.py', import.meta.url));
const DEFAULT_MODEL = 'whisper-base';

/**
 * The ear worker in Python and its own options, for models that are installed in `cache`.
 * `language` is the one to expect; the model itself knows a hundred.
 * TRK_MODEL_MISSING, TRK_MODEL_CORRUPT, TRK_MODEL_UNKNOWN, TRK_MODEL_ENVIRONMENT.
 */
export async function whisperWorkerFor(options: { manifest: ModelManifest; cache: string; language: string; model?: string; capacity: number; threads?: number }): Promise<{ program: ForeignProgram; keys: WhisperKeys }> {
  const { manifest, cache, language, capacity, threads = 1 } = options;
  const vad = await requireModel(manifest, cache, 'silero-vad-v5');
  const model = await requireModel(manifest, cache, options.model ?? DEFAULT_MODEL);
  const python = await pythonEnvironment(cache, model.entry);
  return {
    // -I and -S: no packages but those of the environment; -B: nothing is written beside the program.
    program: { command: python.executable, args: ['-I', '-S', '-B', PROGRAM] },
    keys: {
      capacity,
      recognizer_threads: threads,
      vad_file: vad.file('silero_vad_v5.onnx'),
      model: model.entry.name,
      model_directory: model.directory,
      languages: [language.split('-')[0]?.toLowerCase() ?? language],
      packages_directory: python.packages,
      descriptors: descriptorsOf('ear.proto'),
    },
  };
}
