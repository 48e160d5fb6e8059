import type { Config } from './config/schema.js';
import { defaultModelsDirectory } from './models/cache.js';
import { loadManifest } from './models/manifest.js';
import { earKeysFor } from './workers/ear/from-models.js';
import { mindKeysFor } from './workers/mind/from-models.js';
import { mouthKeysFor } from './workers/mouth/from-models.js';

export type WorkerKind = 'ear' | 'mouth' | 'mind';

/**
 * A worker's own options by the `speech` section of the configuration, the same for
 * a child of the server and for a worker on another host. TRK_MODEL_MISSING,
 * TRK_MODEL_CORRUPT, TRK_MODEL_UNKNOWN.
 */
export function workerKeys(kind: WorkerKind, speech: Config['speech']): Promise<object> {
  const manifest = loadManifest();
  const cache = speech.models_dir ?? defaultModelsDirectory();
  const { ear, mouth, mind } = speech;
  switch (kind) {
    case 'ear':
      return earKeysFor({ manifest, cache, engines: [{ engine: ear.engine, ...(ear.model === undefined ? {} : { model: ear.model }) }], capacity: ear.capacity, recognizerThreads: ear.recognizer_threads });
    case 'mouth':
      return mouthKeysFor({ manifest, cache, voice: mouth.voice, capacity: mouth.capacity });
    case 'mind':
      return mindKeysFor({ manifest, cache, model: mind.model, slots: mind.capacity, contextTokens: mind.context_tokens });
  }
}

/** sha256 of the voice's weights: rendered prompts of another voice must not be taken for its own. */
export function voiceFingerprint(voice: string): string {
  const model = loadManifest().models.find((one) => one.name === voice);
  return `${voice}@${model?.files.find((file) => file.path.endsWith('.onnx'))?.sha256 ?? ''}`;
}
