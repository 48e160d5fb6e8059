import t from 'tap';
import { PiperModel, chunkRanges } from '../../../src/workers/mouth/piper-model.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { defaultModelsDirectory, derivedDirectory } from '../../../src/models/cache.js';
import { derivePiper } from '../../../src/models/derive-piper.js';
import { loadManifest } from '../../../src/models/manifest.js';
import { requireModel } from '../../../src/models/verify.js';
import { join } from '../../../src/workers/mouth/trim.js';

const NAME = 'en_US-joe-medium';

t.test('speech made in chunks is the speech made at once, without a click at any seam', async (t) => {
  const cache = defaultModelsDirectory();
  const voice = await requireModel(loadManifest(), cache, NAME);
  const parts = await derivePiper({ modelFile: voice.file(`${NAME}.onnx`), sha256: voice.entry.files[0]!.sha256, directory: derivedDirectory(cache, NAME), random: systemRandom });
  const model = await PiperModel.load(parts.encoder, parts.decoder);
  t.teardown(() => model.release());

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
