import { mkdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { TrunklineError } from '../kernel/errors.js';
import type { Random } from '../kernel/random.js';
import { derivedDirectory, modelDirectory } from './cache.js';
import { deriveKokoro } from './derive-kokoro.js';
import { deriveMinilm } from './derive-minilm.js';
import { derivePiper } from './derive-piper.js';
import { derivePython } from './derive-python.js';
import type { ModelEntry } from './manifest.js';
import { ZipFile } from './zip.js';

/** What is made from a model's verified files, so that a worker's start need not. Running it again does nothing. */
export async function deriveModel(cache: string, model: ModelEntry, random: Random): Promise<void> {
  const directory = modelDirectory(cache, model.name);
  if (model.derive === 'piper-split') {
    const file = model.files.find((one) => one.path.endsWith('.onnx'));
    if (file === undefined) throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: model.name } });
    await derivePiper({ modelFile: join(directory, file.path), sha256: file.sha256, directory: derivedDirectory(cache, model.name), random });
  } else if (model.derive === 'minilm-int8') {
    await deriveMinilm({ model, cache, random });
  } else if (model.derive === 'kokoro-float') {
    await deriveKokoro({ model, cache, random });
  } else if (model.derive === 'python') {
    await derivePython({ model, cache, random });
  } else if (model.derive === 'unzip') {
    for (const file of model.files) await unzip(join(directory, file.path), derivedDirectory(cache, model.name));
  }
}

/** Unpacks without the archive's own top folder; a member that points outside is refused. */
async function unzip(archive: string, target: string): Promise<void> {
  const zip = await ZipFile.open(archive);
  try {
    for (const name of zip.entries.keys()) {
      const inside = normalize(name.split('/').slice(1).join('/'));
      if (name.endsWith('/') || inside === '.') continue;
      if (inside.startsWith('..') || inside.startsWith('/') || inside.includes('\\')) throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: archive } });
      const path = join(target, inside);
      await mkdir(dirname(path), { recursive: true });
      await zip.extract(name, path);
    }
  } finally {
    await zip.close();
  }
}
