import t from 'tap';
import { rmsDbfs } from '../../src/audio/level.js';
import { levelOfTone, tone } from '../../src/audio/tone.js';
import { shiftVoice } from '../../src/audio/voice-shift.js';

for (const factor of [0.8, 0.9, 1.15, 1.3]) {
  t.test(`times ${factor}: pitch moves, length and level stay`, async (t) => {
    const voice = tone([400], 600, 16000);
    const out = shiftVoice(voice, factor);
    t.equal(out.samples.length, voice.samples.length);
    const inner = { sampleRate: out.sampleRate, samples: out.samples.subarray(1600, 8000) };
    t.ok(levelOfTone(inner, 400 * factor) > -15, `at the new pitch ${levelOfTone(inner, 400 * factor).toFixed(1)} dBFS`);
    t.ok(levelOfTone(inner, 400) < -25, `at the old pitch ${levelOfTone(inner, 400).toFixed(1)} dBFS`);
    t.ok(Math.abs(rmsDbfs(inner.samples) - rmsDbfs(voice.samples)) < 1.5);
  });
}

t.test('a factor of one changes nothing; senseless ones are refused', async (t) => {
  const voice = tone([400], 50, 8000);
  t.equal(shiftVoice(voice, 1), voice);
  for (const factor of [0, 0.5, 2, Number.NaN]) t.throws(() => shiftVoice(voice, factor), RangeError);
});

t.test('a clip shorter than one piece', async (t) => {
  t.equal(shiftVoice(tone([400], 5, 8000), 1.2).samples.length, 40);
});
