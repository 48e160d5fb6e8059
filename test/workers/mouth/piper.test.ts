import '../../../src/workers/no-telemetry.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import t from 'tap';
import type { Test } from 'tap';
import { gaussianNoise } from '../../../src/workers/mouth/noise.js';
import { PiperModel, chunkRanges } from '../../../src/workers/mouth/piper-model.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { defaultModelsDirectory, derivedDirectory } from '../../../src/models/cache.js';
import { PIPER_TENSORS, derivePiper } from '../../../src/models/derive-piper.js';
import type { PiperParts } from '../../../src/models/derive-piper.js';
import { loadManifest } from '../../../src/models/manifest.js';
import { requireModel } from '../../../src/models/verify.js';
import { join } from '../../../src/workers/mouth/trim.js';
import { seedOf } from '../../../src/workers/seed-of.js';
import { SESSION_OPTIONS } from '../../../src/workers/session-options.js';

const NAME = 'en_US-joe-medium';

async function partsOfVoice(): Promise<PiperParts> {
  const cache = defaultModelsDirectory();
  const voice = await requireModel(loadManifest(), cache, NAME);
  return derivePiper({ modelFile: voice.file(`${NAME}.onnx`), sha256: voice.entry.files[0]!.sha256, directory: derivedDirectory(cache, NAME), random: systemRandom });
}

async function loadVoice(t: Test): Promise<PiperModel> {
  const model = await PiperModel.load(await partsOfVoice());
  t.teardown(() => model.release());
  return model;
}

t.test('speech made in chunks is the speech made at once, without a click at any seam', async (t) => {
  const model = await loadVoice(t);
  const ids = [1, 0, ...Array.from({ length: 60 }, (_, index) => [14 + ((index * 7) % 100), 0]).flat(), 10, 0, 2];
  const latent = await model.encode(ids, 1);
  const ranges = chunkRanges(latent.frames, true);
  t.ok(ranges.length >= 4, `${ranges.length} chunks`);
  const chunks = [];
  for (const [from, to] of ranges) chunks.push(await model.decode(latent, from, to));
  const streamed = join(chunks);
  const whole = await model.decode(latent, 0, latent.frames);
  t.equal(streamed.length, whole.length);
  let signal = 0;
  let error = 0;
  whole.forEach((sample, index) => {
    signal += sample * sample;
    error += (sample - streamed[index]!) ** 2;
  });
  t.ok(signal > 1, 'there is sound');
  const ratio = 10 * Math.log10(signal / error);
  t.ok(ratio > 40, `${ratio.toFixed(0)} dB`);
});

t.test('a sentence is the same sound each time, whatever was said before it, and after a restart', async (t) => {
  const sentence = [1, 0, ...Array.from({ length: 30 }, (_, index) => [14 + ((index * 7) % 100), 0]).flat(), 10, 0, 2];
  const other = [...sentence.slice(0, -6), 20, 0, ...sentence.slice(-6)];
  const model = await loadVoice(t);
  const first = await model.encode(sentence, 1);
  await model.encode(other, 1);
  const again = await model.encode(sentence, 1);
  t.ok(first.values.every((value, at) => value === again.values[at]), 'once more');
  t.ok(first.frames === again.frames && first.values.length === again.values.length);
  const restarted = await (await loadVoice(t)).encode(sentence, 1);
  t.ok(first.values.every((value, at) => value === restarted.values[at]), 'by a model that was loaded anew');
});

t.test('each number of a frame strays from its mean by a third of the deviation that the voice has there', async (t) => {
  const ids = [1, 0, ...Array.from({ length: 30 }, (_, index) => [14 + ((index * 7) % 100), 0]).flat(), 10, 0, 2];
  const said = await (await loadVoice(t)).encode(ids, 1);
  const parts = await partsOfVoice();
  const [encoder, flow] = [await InferenceSession.create(parts.encoder, SESSION_OPTIONS), await InferenceSession.create(parts.flow, SESSION_OPTIONS)];
  t.teardown(() => Promise.all([encoder.release(), flow.release()]));
  const encoded = await encoder.run({
    input: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
    input_lengths: new Tensor('int64', BigInt64Array.from([BigInt(ids.length)]), [1]),
    scales: new Tensor('float32', Float32Array.from([0, 1, 0]), [3]),
  });
  const [mean, deviation, mask] = [encoded[PIPER_TENSORS.mean]!, encoded[PIPER_TENSORS.deviation]!, encoded[PIPER_TENSORS.mask]!];
  const [means, deviations] = [mean.data as Float32Array, deviation.data as Float32Array];
  const noise = gaussianNoise(seedOf(ids), means.length);
  /** How far what was said is from what the voice says with this much noise, the mean of the squares. */
  const distance = async (strayed: (at: number) => number): Promise<number> => {
    const drawn = means.map((value, at) => value + strayed(at));
    const latent = (await flow.run({ [PIPER_TENSORS.drawn]: new Tensor('float32', drawn, mean.dims), [PIPER_TENSORS.mask]: mask }))[PIPER_TENSORS.latent]!;
    return (latent.data as Float32Array).reduce((sum, value, at) => sum + (value - said.values[at]!) ** 2, 0) / said.values.length;
  };
  t.equal(means.length, said.values.length);
  t.ok(new Set(deviations).size > said.frames, 'which is another one everywhere');
  t.ok((await distance((at) => 0.333 * deviations[at]! * noise[at]!)) < 1e-9);
  for (const [what, strayed] of [['none', () => 0], ['all of it', (at) => deviations[at]! * noise[at]!], ['the same everywhere', (at) => 0.333 * noise[at]!]] as const satisfies [string, (at: number) => number][]) {
    const far = await distance(strayed);
    t.ok(far > 1e-3, `not ${what} (${far})`);
  }
});

t.test('the noise in the voice is what the model itself would add: normal, mean 0, deviation 1, without memory', (t) => {
  const length = 192 * 500;
  const noise = gaussianNoise(seedOf([1, 0, 14, 0, 2]), length);
  const moment = (power: number): number => noise.reduce((sum, value) => sum + value ** power, 0) / length;
  t.ok(Math.abs(moment(1)) < 0.01, `mean ${moment(1)}`);
  t.ok(Math.abs(moment(2) - 1) < 0.01, `variance ${moment(2)}`);
  t.ok(Math.abs(moment(3)) < 0.05, `skewness ${moment(3)}`);
  t.ok(Math.abs(moment(4) - 3) < 0.1, `kurtosis ${moment(4)}`);
  for (const lag of [1, 2, 192, 500]) {
    let sum = 0;
    for (let at = lag; at < length; at++) sum += noise[at]! * noise[at - lag]!;
    t.ok(Math.abs(sum / length) < 0.02, `correlation ${sum / length} at ${lag}`);
  }
  t.not(seedOf([1, 0, 14, 0, 2]), seedOf([1, 0, 15, 0, 2]), 'other sentences have other noise');
  t.equal(gaussianNoise(7, 3).length, 3, 'an odd number of values');
  t.end();
});

t.test('chunks cover every frame once, the first is short, and none is a scrap', async (t) => {
  for (const frames of [0, 1, 29, 30, 31, 40, 70, 71, 500]) {
    for (const first of [true, false]) {
      const ranges = chunkRanges(frames, first);
      t.equal(ranges.reduce((sum, [from, to]) => sum + to - from, 0), frames);
      ranges.forEach(([from], index) => t.equal(from, index === 0 ? 0 : ranges[index - 1]![1]));
      if (ranges.length > 1) t.ok(ranges.every(([from, to]) => to - from > 10));
    }
  }
  t.same(chunkRanges(100, true)[0], [0, 20]);
});
