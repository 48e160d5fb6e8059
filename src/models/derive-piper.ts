import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../kernel/random.js';
import { exists, writeAtomically } from './derived-file.js';
import { extractPart } from './onnx-graph.js';

/** Frames of 192 numbers: what a Piper voice knows about the sound before its vocoder makes samples of it. */
const LATENT = { name: '/Mul_7_output_0', shape: [1, 192, 'frames'] } as const;

export interface PiperParts {
  readonly encoder: string;
  readonly decoder: string;
}

/**
 * A Piper voice as two models. The encoder turns phonemes into latent frames at
 * once; the decoder turns any stretch of frames into samples, so the first words
 * can be heard while the rest is still being made.
 */
function splitPiper(model: Uint8Array): { encoder: Uint8Array; decoder: Uint8Array } {
  const input = (name: string): { name: string; shape: [] } => ({ name, shape: [] });
  return {
    encoder: extractPart(model, { inputs: [input('input'), input('input_lengths'), input('scales')], outputs: [LATENT] }),
    decoder: extractPart(model, { inputs: [LATENT], outputs: [input('output')] }),
  };
}

/**
 * Where the two parts of the voice in `modelFile` lie; made now if they are not
 * there yet. The names carry the voice's sha256, so another voice never gets
 * these parts.
 *
 * @throws TRK_MODEL_CORRUPT if the model has no such cut.
 */
export async function derivePiper(options: { modelFile: string; sha256: string; directory: string; random: Random }): Promise<PiperParts> {
  const stem = join(options.directory, `piper-${options.sha256.slice(0, 16)}`);
  const parts = { encoder: `${stem}-encoder-v1.onnx`, decoder: `${stem}-decoder-v1.onnx` };
  if ((await exists(parts.encoder)) && (await exists(parts.decoder))) return parts;
  const bytes = splitPiper(await readFile(options.modelFile));
  await writeAtomically(parts.encoder, bytes.encoder, options.random);
  await writeAtomically(parts.decoder, bytes.decoder, options.random);
  return parts;
}
