import { TrunklineError } from '../../kernel/errors.js';
import { minilmGraphFile } from '../../models/derive-minilm.js';
import type { ModelManifest } from '../../models/manifest.js';
import { requireModel } from '../../models/verify.js';
import { stat } from 'node:fs/promises';
import type { SentenceFiles } from './sentence-model.js';

const SENTENCE_MODEL = 'all-minilm-l6-v2';
/** The only language that the model was trained on. */
export const SENTENCE_LANGUAGE = 'en';

/** TRK_MODEL_MISSING, TRK_MODEL_CORRUPT. */
export async function sentenceFiles(manifest: ModelManifest, cache: string): Promise<SentenceFiles> {
  const model = await requireModel(manifest, cache, SENTENCE_MODEL);
  const graph = minilmGraphFile(cache, model.entry);
  // Made by the pull; a cache from before that has only the weights.
  if ((await stat(graph).catch(() => undefined)) === undefined) throw new TrunklineError('TRK_MODEL_MISSING', { params: { model: SENTENCE_MODEL } });
  return { graph, tokenizer: model.file('tokenizer.json') };
}
