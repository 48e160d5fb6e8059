import t from 'tap';
import { VoiceMeasure } from '../../src/audio/voice-measure.js';

/** A voice of a kind: a fundamental that moves, with falling harmonics. */
function voice(seconds: number, sampleRate: number, hz: (at: number) => number, peak = 6_000): Int16Array {
  let phase = 0;
  return Int16Array.from({ length: Math.round(seconds * sampleRate) }, (_, index) => {
    phase += (2 * Math.PI * hz(index / sampleRate)) / sampleRate;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++) sum += Math.sin(harmonic * phase) / harmonic;
    return Math.round((sum * peak) / 2);
  });
}

function measure(samples: Int16Array, sampleRate: number): ReturnType<VoiceMeasure['take']> {
  const meter = new VoiceMeasure();
  const frame = sampleRate / 50;
  for (let at = 0; at + frame <= samples.length; at += frame) meter.add(samples.subarray(at, at + frame), sampleRate);
  return meter.take();
}

for (const sampleRate of [8_000, 16_000]) {
  for (const hz of [85, 120, 200, 310]) {
    t.test(`${hz} Hz at ${sampleRate} Hz`, (t) => {
      const { pitchHz = 0, pitchRangeSemitones = 99 } = measure(voice(1, sampleRate, () => hz), sampleRate);
      t.ok(Math.abs(pitchHz / hz - 1) < 0.05, `${pitchHz} Hz`);
      t.ok(pitchRangeSemitones < 1, `${pitchRangeSemitones} semitones`);
      t.end();
    });
  }
}

t.test('a voice that moves by an octave', (t) => {
  const { pitchRangeSemitones = 0 } = measure(voice(2, 8_000, (at) => 120 * 2 ** (at / 2)), 8_000);
  t.ok(pitchRangeSemitones > 8 && pitchRangeSemitones < 12, `${pitchRangeSemitones}`);
  t.end();
});

t.test('louder by 10 dB is told as such, and silence does not count', (t) => {
  const pause = new Int16Array(8_000);
  const quiet = measure(Int16Array.from([...voice(1, 8_000, () => 150, 2_000), ...pause]), 8_000);
  const loud = measure(voice(1, 8_000, () => 150, 6_325), 8_000);
  t.ok(Math.abs((loud.loudnessDb ?? 0) - (quiet.loudnessDb ?? 0) - 10) < 0.5);
  t.equal(quiet.speechMs, 1_000);
  t.end();
});

t.test('noise has no pitch, silence nothing at all, and each turn starts anew', (t) => {
  let seed = 1;
  const noise = Int16Array.from({ length: 8_000 }, () => ((seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % 8_000) - 4_000);
  t.equal(measure(noise, 8_000).pitchHz, undefined);
  t.same(measure(new Int16Array(8_000), 8_000), { loudnessDb: undefined, pitchHz: undefined, pitchRangeSemitones: undefined, speechMs: 0 });
  const meter = new VoiceMeasure();
  meter.add(voice(0.02, 8_000, () => 150), 8_000);
  meter.take();
  t.equal(meter.take().speechMs, 0);
  t.end();
});

t.test('frames of odd lengths and a full scale voice do no harm', (t) => {
  const meter = new VoiceMeasure();
  for (const length of [0, 1, 7, 160, 161, 5_000]) meter.add(new Int16Array(length).fill(32_767), 8_000);
  t.ok((meter.take().speechMs ?? 0) > 600);
  t.end();
});
