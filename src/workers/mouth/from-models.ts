import { derivedDirectory } from '../../models/cache.js';
import { deriveKokoro } from '../../models/derive-kokoro.js';
import { derivePiper } from '../../models/derive-piper.js';
import type { ModelManifest } from '../../models/manifest.js';
import { requireModel } from '../../models/verify.js';
import { TrunklineError } from '../../kernel/errors.js';
import { systemRandom } from '../../kernel/random.js';
import type { MouthKeys } from './options.js';

type Voice = MouthKeys['voices'][number];

/**
 * The mouth's own options for voices of the manifest that are installed in `cache`:
 * a Piper model by its name, or one of Kokoro's voices by the name of its file. The
 * first is the worker's own choice for its language.
 * TRK_MODEL_UNKNOWN, TRK_MODEL_MISSING, TRK_MODEL_CORRUPT.
 */
export async function mouthKeysFor(options: { manifest: ModelManifest; cache: string; voices: readonly string[]; capacity: number; threads?: number }): Promise<MouthKeys> {
  const { manifest, cache } = options;
  const stylesOf = (voice: string): string | undefined => manifest.models.find((model) => model.loader === 'kokoro' && model.files.some((file) => file.path === `${voice}.bin`))?.name;
  const voices: Voice[] = [];
  for (const voice of new Set(options.voices)) {
    const styles = stylesOf(voice);
    voices.push(styles === undefined ? await piperVoice(manifest, cache, voice) : await kokoroVoice(manifest, cache, voice, styles));
  }
  const own = options.voices.find((voice) => stylesOf(voice) === undefined) ?? options.voices[0] ?? '';
  const directory = derivedDirectory(cache, own);
  for (const voice of voices) {
    if (voice.engine === 'piper') await made(voice.name, () => derivePiper({ modelFile: voice.model_file, sha256: voice.sha256, directory, random: systemRandom }));
  }
  return { capacity: options.capacity, threads: options.threads ?? 1, derived_directory: directory, voices };
}

/**
 * What `models pull` makes of a model. A cache that was filled by hand, or before an update,
 * gets it now; one that cannot be written to, as a read-only volume, needs the pull. TRK_MODEL_MISSING.
 */
async function made<T>(model: string, derive: () => Promise<T>): Promise<T> {
  try {
    return await derive();
  } catch (cause) {
    if (cause instanceof TrunklineError) throw cause;
    throw new TrunklineError('TRK_MODEL_MISSING', { params: { model }, cause });
  }
}

async function piperVoice(manifest: ModelManifest, cache: string, voice: string): Promise<Voice> {
  const installed = await requireModel(manifest, cache, voice);
  const { entry } = installed;
  const model = entry.files.find((one) => one.path.endsWith('.onnx'));
  const config = entry.files.find((one) => one.path.endsWith('.onnx.json'));
  if (entry.loader !== 'piper' || model === undefined || config === undefined) throw new TrunklineError('TRK_MODEL_UNKNOWN', { params: { model: voice } });
  return { engine: 'piper', name: entry.name, model_file: installed.file(model.path), config_file: installed.file(config.path), sha256: model.sha256 };
}

async function kokoroVoice(manifest: ModelManifest, cache: string, voice: string, stylesName: string): Promise<Voice> {
  const graph = manifest.models.find((model) => model.loader === 'kokoro' && model.derive === 'kokoro-float');
  // Only Chinese is read for it: its other voices have no reader of their language here.
  if (graph === undefined || !/^z[fm]_/.test(voice)) throw new TrunklineError('TRK_MODEL_UNKNOWN', { params: { model: voice } });
  await requireModel(manifest, cache, graph.name);
  const styles = await requireModel(manifest, cache, stylesName);
  const model = await made(graph.name, () => deriveKokoro({ model: graph, cache, random: systemRandom }));
  return { engine: 'kokoro', name: voice, model_file: model, voice_file: styles.file(`${voice}.bin`) };
}
