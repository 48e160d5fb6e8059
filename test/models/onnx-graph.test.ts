import t from 'tap';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '../../src/kernel/random.js';
import { defaultModelsDirectory } from '../../src/models/cache.js';
import { PIPER_TENSORS, derivePiper } from '../../src/models/derive-piper.js';
import { loadManifest } from '../../src/models/manifest.js';
import { extractPart } from '../../src/models/onnx-graph.js';
import { requireModel } from '../../src/models/verify.js';

const { mean, deviation, drawn, mask, latent } = PIPER_TENSORS;
const oneThread = { intraOpNumThreads: 1, interOpNumThreads: 1 };

t.test('the three parts of a Piper voice together compute what the whole computes', async (t) => {
  const voice = await requireModel(loadManifest(), defaultModelsDirectory(), 'en_US-joe-medium');
  const modelFile = voice.file('en_US-joe-medium.onnx');
  const directory = join(t.testdir({}), 'derived');
  const options = { modelFile, sha256: 'f'.repeat(64), directory, random: systemRandom };
  const parts = await derivePiper(options);
  t.same(await derivePiper(options), parts, 'a second time finds them made');

  const [whole, encoder, flow, decoder] = await Promise.all([modelFile, parts.encoder, parts.flow, parts.decoder].map((file) => InferenceSession.create(file, oneThread)));
  t.same(encoder!.inputNames, ['input', 'input_lengths', 'scales']);
  t.same(encoder!.outputNames, [mean, deviation, mask]);
  t.same(flow!.inputNames, [drawn, mask]);
  t.same(flow!.outputNames, [latent]);
  t.same(decoder!.inputNames, [latent]);
  t.same(decoder!.outputNames, ['output']);

  const ids = [1, 0, ...Array.from({ length: 30 }, (_, index) => [14 + (index % 40), 0]).flat(), 2];
  // No noise, so that both runs are the same.
  const feeds = {
    input: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
    input_lengths: new Tensor('int64', BigInt64Array.from([BigInt(ids.length)]), [1]),
    scales: new Tensor('float32', Float32Array.from([0, 1, 0]), [3]),
  };
  const expected = (await whole!.run(feeds))['output']!.data as Float32Array;
  const encoded = await encoder!.run(feeds);
  const between = (await flow!.run({ [drawn]: encoded[mean]!, [mask]: encoded[mask]! }))[latent]!;
  const actual = (await decoder!.run({ [latent]: between }))['output']!.data as Float32Array;
  t.equal(actual.length, expected.length);
  let largest = 0;
  for (let index = 0; index < expected.length; index++) largest = Math.max(largest, Math.abs(expected[index]! - actual[index]!));
  t.ok(expected.some((sample) => Math.abs(sample) > 0.05), 'it is speech');
  t.ok(largest < 1e-5, `largest difference ${largest}`);
  for (const session of [whole, encoder, flow, decoder]) await session!.release();
});

t.test('what is no ONNX model, and what the model does not hold, is a coded error', async (t) => {
  const voice = await requireModel(loadManifest(), defaultModelsDirectory(), 'en_US-joe-medium');
  const model = await readFile(voice.file('en_US-joe-medium.onnx'));
  const cut = { inputs: [{ name: latent, shape: [] }], outputs: [{ name: 'output', shape: [] }] };
  const code = { code: 'TRK_MODEL_CORRUPT' };
  t.throws(() => extractPart(new Uint8Array(0), cut), code, 'empty');
  t.throws(() => extractPart(new Uint8Array([0x3a, 0xff, 0xff, 0xff, 0x7f, 1]), cut), code, 'a length past the end');
  t.throws(() => extractPart(new Uint8Array(20).fill(0xff), cut), code, 'a number without end');
  t.throws(() => extractPart(model.subarray(0, 1_000_000), cut), code, 'cut off');
  t.throws(() => extractPart(model, { ...cut, inputs: [{ name: 'nowhere', shape: [] }] }), code, 'an unknown tensor');
  t.throws(() => extractPart(model, { inputs: [], outputs: cut.outputs }), code, 'an input that nobody gives');
});
