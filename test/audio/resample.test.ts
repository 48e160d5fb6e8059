import t from 'tap';
import type { SampleRate } from '../../src/audio/frame.js';
import { rmsDbfs } from '../../src/audio/level.js';
import { Resampler, resample, stretch } from '../../src/audio/resample.js';
import { levelOfTone, tone } from '../../src/audio/tone.js';
import fc from '../support/property.js';

const RATES: readonly SampleRate[] = [8000, 16000, 22050, 24000, 48000];

/** Without the ends, where the filter meets the silence around the clip. */
function middle(samples: Int16Array): Int16Array {
  return samples.subarray(Math.floor(samples.length / 4), Math.floor((samples.length * 3) / 4));
}

for (const from of RATES) {
  for (const to of RATES.filter((rate) => rate !== from)) {
    t.test(`${from} to ${to} Hz keeps length, level, pitch and phase of 1 kHz`, async (t) => {
      const out = resample(tone([1000], 400, from), to);
      const expected = tone([1000], 400, to);
      t.ok(Math.abs(out.samples.length - expected.samples.length) <= 1, `${out.samples.length} samples`);
      const difference = middle(out.samples).map((sample, index) => sample - middle(expected.samples)[index]!);
      t.ok(rmsDbfs(difference) < -75, `difference ${rmsDbfs(difference).toFixed(1)} dBFS`);
    });
  }
}

for (const from of RATES.filter((rate) => rate > 8000)) {
  t.test(`${from} to 8000 Hz folds nothing above 4 kHz back`, async (t) => {
    for (const frequency of [4300, 5000, 7000]) {
      const out = resample(tone([frequency], 400, from, -6), 8000);
      t.ok(rmsDbfs(middle(out.samples)) < -60, `${frequency} Hz leaves ${rmsDbfs(middle(out.samples)).toFixed(1)} dBFS`);
    }
  });
}

t.test('the band of a telephone call passes flat', async (t) => {
  for (const frequency of [200, 1000, 3000, 3400]) {
    const out = resample(tone([frequency], 400, 22050), 8000);
    t.ok(Math.abs(levelOfTone({ sampleRate: 8000, samples: middle(out.samples) }, frequency) + 12) < 0.5, `${frequency} Hz`);
  }
});

t.test('any cutting into pieces gives the same samples', async () => {
  const rate = fc.constantFrom(...RATES);
  fc.assert(
    fc.property(rate, rate, fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 12 }), (from, to, cuts) => {
      const samples = tone([700, 1900], 60, from).samples;
      const resampler = new Resampler(from, to);
      const out: number[] = [];
      let offset = 0;
      for (const cut of cuts) {
        out.push(...resampler.push(samples.subarray(offset, offset + cut)));
        offset = Math.min(samples.length, offset + cut);
      }
      out.push(...resampler.push(samples.subarray(offset)), ...resampler.flush());
      return Buffer.from(Int16Array.from(out).buffer).equals(Buffer.from(stretch(samples, from, to).buffer));
    }),
    { numRuns: 60 },
  );
});

t.test('a flushed resampler begins anew', async (t) => {
  const samples = tone([700], 50, 22050).samples;
  const resampler = new Resampler(22050, 8000);
  const once = (): number[] => [...resampler.push(samples), ...resampler.flush()];
  t.same(once(), once());
});

t.test('full scale clips, it does not wrap', async (t) => {
  const square = Int16Array.from({ length: 4000 }, (_, index) => (index % 100 < 50 ? 32767 : -32768));
  const out = stretch(square, 16000, 8000);
  t.ok(out.every((sample, index) => Math.abs(sample - (out[index + 1] ?? sample)) < 66_000));
  t.ok(out.subarray(5, 20).every((sample) => sample > 25_000));
});

t.test('rates that make no sense are refused', async (t) => {
  for (const [from, to] of [[0, 8000], [8000, 0.5], [44_101, 48_000], [384_000, 8000]] as const) {
    t.throws(() => new Resampler(from, to), { code: 'TRK_AUDIO_FORMAT' });
  }
});
