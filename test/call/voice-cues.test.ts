import t from 'tap';
import { syllables, voiceCues } from '../../src/call/voice-cues.js';

t.test('syllables in both languages', (t) => {
  for (const [text, count] of [['yes', 1], ['no thank you', 3], ['tomorrow afternoon', 6], ['make', 1], ['the', 1], ['明天下午三点', 6], ['好的 okay', 4], ['4 1 5', 3], ['', 0]] as const) t.equal(syllables(text), count, text);
  t.end();
});

t.test('a rate needs enough speech', (t) => {
  const measured = { loudnessDb: -20, pitchHz: 120, pitchRangeSemitones: 4, speechMs: 1_000 };
  t.same(voiceCues(measured, 'tomorrow afternoon'), { loudnessDb: -20, pitchHz: 120, pitchRangeSemitones: 4, syllablesPerSecond: 6 });
  t.equal(voiceCues({ ...measured, speechMs: 200 }, 'yes').syllablesPerSecond, undefined);
  t.end();
});
