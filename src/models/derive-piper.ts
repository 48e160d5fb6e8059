import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../kernel/random.js';
import { exists, writeAtomically } from './derived-file.js';
import { extractPart } from './onnx-graph.js';
import type { TensorSpec } from './onnx-graph.js';

/** Tensors at which a Piper voice is cut. */
export const PIPER_TENSORS = {
  /** Each number of a frame is drawn from a normal distribution with this mean and this deviation. */
  mean: '/Transpose_3_output_0',
  deviation: '/Exp_1_output_0',
  drawn: '/Add_output_0',
  /** 1 for each frame of the sentence. */
  mask: '/Cast_2_output_0',
  /** Frames of 192 numbers: what the voice knows about the sound before its vocoder makes samples of it. */
  latent: '/Mul_7_output_0',
} as const;

export interface PiperParts {
  readonly encoder: string;
  readonly flow: string;
  readonly decoder: string;
}

/**
 * A Piper voice as three models. The encoder turns phonemes into the mean and the
 * deviation of each frame; whoever runs the parts draws frames from them, since the
 * model itself would draw other ones each time; the flow makes latent frames of those;
 * the decoder turns any stretch of frames into samples, so the first words can be heard
 * while the rest is still being made.
 */
function splitPiper(model: Uint8Array): Record<keyof PiperParts, Uint8Array> {
  const { mean, deviation, drawn, mask, latent } = PIPER_TENSORS;
  const whole = (name: string): TensorSpec => ({ name, shape: [] });
  const frames = (name: string, size = 192): TensorSpec => ({ name, shape: [1, size, 'frames'] });
  return {
    encoder: extractPart(model, { inputs: [whole('input'), whole('input_lengths'), whole('scales')], outputs: [frames(mean), frames(deviation), frames(mask, 1)] }),
    flow: extractPart(model, { inputs: [frames(drawn), frames(mask, 1)], outputs: [frames(latent)] }),
    decoder: extractPart(model, { inputs: [frames(latent)], outputs: [whole('output')] }),
  };
}

/**
 * Where the three parts of the voice in `modelFile` lie; made now if they are not
 * there yet. The names carry the voice's sha256, so another voice never gets
 * these parts.
 *
 * @throws TRK_MODEL_CORRUPT if the model has no such cut.
 */
export async function derivePiper(options: { modelFile: string; sha256: string; directory: string; random: Random }): Promise<PiperParts> {
  const stem = join(options.directory, `piper-${options.sha256.slice(0, 16)}`);
  const parts = { encoder: `${stem}-encoder-v2.onnx`, flow: `${stem}-flow-v2.onnx`, decoder: `${stem}-decoder-v1.onnx` };
  if ((await exists(parts.encoder)) && (await exists(parts.flow)) && (await exists(parts.decoder))) return parts;
  const bytes = splitPiper(await readFile(options.modelFile));
  await writeAtomically(parts.encoder, bytes.encoder, options.random);
  await writeAtomically(parts.flow, bytes.flow, options.random);
  await writeAtomically(parts.decoder, bytes.decoder, options.random);
  return parts;
}
