import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrunklineError } from '../kernel/errors.js';
import type { Random } from '../kernel/random.js';
import { derivedDirectory, modelDirectory } from './cache.js';
import { exists, writeAtomically } from './derived-file.js';
import type { ModelEntry } from './manifest.js';
import { minilmGraph } from './minilm-graph.js';
import { Safetensors } from './safetensors.js';

/** Where the graph that is made of this model's weights lies. Its name carries their sha256, so that other weights never get it. */
export function minilmGraphFile(cache: string, model: ModelEntry): string {
  return join(derivedDirectory(cache, model.name), `minilm-${weightsOf(model).sha256.slice(0, 16)}-int8-v1.onnx`);
}

/** Makes the int8 graph of a MiniLM unless it is there. TRK_MODEL_CORRUPT if the weights are not those of one. */
export async function deriveMinilm(options: { model: ModelEntry; cache: string; random: Random }): Promise<string> {
  const { model, cache, random } = options;
  const file = minilmGraphFile(cache, model);
  if (await exists(file)) return file;
  const weights = new Safetensors(await readFile(join(modelDirectory(cache, model.name), weightsOf(model).path)));
  await writeAtomically(file, minilmGraph(weights), random);
  return file;
}

function weightsOf(model: ModelEntry): ModelEntry['files'][number] {
  const file = model.files.find((one) => one.path.endsWith('.safetensors'));
  if (file === undefined) throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: model.name } });
  return file;
}
