import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrunklineError } from '../kernel/errors.js';
import type { Random } from '../kernel/random.js';
import { derivedDirectory, modelDirectory } from './cache.js';
import { exists, writeAtomically } from './derived-file.js';
import { floatConvolutions } from './kokoro-graph.js';
import type { ModelEntry } from './manifest.js';

/** Where the faster graph of this model lies. Its name carries the model's sha256, so that another model never gets it. */
function kokoroGraphFile(cache: string, model: ModelEntry): string {
  return join(derivedDirectory(cache, model.name), `kokoro-${graphOf(model).sha256.slice(0, 16)}-float-v1.onnx`);
}

/** Makes the graph with float convolutions unless it is there. TRK_MODEL_CORRUPT if the model is no int8 Kokoro. */
export async function deriveKokoro(options: { model: ModelEntry; cache: string; random: Random }): Promise<string> {
  const { model, cache, random } = options;
  const file = kokoroGraphFile(cache, model);
  if (await exists(file)) return file;
  const shipped = await readFile(join(modelDirectory(cache, model.name), graphOf(model).path));
  await writeAtomically(file, floatConvolutions(shipped), random);
  return file;
}

function graphOf(model: ModelEntry): ModelEntry['files'][number] {
  const file = model.files.find((one) => one.path.endsWith('.onnx'));
  if (file === undefined) throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: model.name } });
  return file;
}
