import type { Config } from './config/schema.js';
import type { LanguageSpeech } from './config/speech-languages.js';
import { defaultModelsDirectory } from './models/cache.js';
import { loadManifest } from './models/manifest.js';
import { whisperWorkerFor } from './workers/ear-python/from-models.js';
import { earKeysFor } from './workers/ear/from-models.js';
import { mindKeysFor } from './workers/mind/from-models.js';
import { mouthKeysFor } from './workers/mouth/from-models.js';
import type { WorkerProgram } from './workers/worker-program.js';

export type WorkerKind = 'ear' | 'mouth' | 'mind';

/** A worker's program and its own options. */
export interface WorkerToRun {
  readonly program: WorkerProgram;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * What runs as a worker by the `speech` section of the configuration, the same for a
 * child of the server and for a worker on another host; an ear and a mouth are those of
 * one language. TRK_MODEL_MISSING, TRK_MODEL_CORRUPT, TRK_MODEL_UNKNOWN, TRK_MODEL_ENVIRONMENT.
 */
export async function workerToRun(kind: WorkerKind, speech: Config['speech'], language: LanguageSpeech): Promise<WorkerToRun> {
  const manifest = loadManifest();
  const cache = speech.models_dir ?? defaultModelsDirectory();
  const program = new URL(`./workers/${kind}/main.js`, import.meta.url);
  switch (kind) {
    case 'ear':
      return earToRun(cache, language, program);
    case 'mouth': {
      const { voices, capacity } = language.mouth;
      return { program, options: { ...(await mouthKeysFor({ manifest, cache, voices, capacity })) } };
    }
    case 'mind': {
      const { mind } = speech;
      return { program, options: { ...(await mindKeysFor({ manifest, cache, model: mind.model, slots: mind.capacity, contextTokens: mind.context_tokens })) } };
    }
  }
}

async function earToRun(cache: string, { language, ear }: LanguageSpeech, program: WorkerProgram): Promise<WorkerToRun> {
  const manifest = loadManifest();
  const model = ear.model === undefined ? {} : { model: ear.model };
  if (ear.engine === 'whisper') {
    const whisper = await whisperWorkerFor({ manifest, cache, language, ...model, capacity: ear.capacity, threads: ear.recognizer_threads });
    return { program: whisper.program, options: { ...whisper.keys } };
  }
  return { program, options: { ...(await earKeysFor({ manifest, cache, engines: [{ engine: ear.engine, ...model }], capacity: ear.capacity, recognizerThreads: ear.recognizer_threads })) } };
}

/** Raised when the same voice says the same words in another way. */
const ENGINE_REVISION = 2;

/** sha256 of the voice's weights, and of which make the engine is: rendered prompts of another one must not be taken for its own. */
export function voiceFingerprint(voice: string): string {
  const files = loadManifest().models.flatMap((model) => (model.name === voice ? model.files.filter((file) => file.path.endsWith('.onnx')) : model.files.filter((file) => file.path === `${voice}.bin`)));
  return `${voice}@${files[0]?.sha256 ?? ''}#${ENGINE_REVISION}`;
}
