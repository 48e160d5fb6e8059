import t from 'tap';
import { SILENCE_DBFS, firstSampleAbove, lastSampleAbove, loudSpan, peak, rmsDbfs } from '../../src/audio/level.js';
import { concatenate, levelOfTone, silence, tone } from '../../src/audio/tone.js';

t.test('levels of known signals', async (t) => {
  t.equal(rmsDbfs(new Int16Array(0)), SILENCE_DBFS);
  t.equal(rmsDbfs(new Int16Array(160)), SILENCE_DBFS);
  t.equal(rmsDbfs(Int16Array.of(-32768, -32768)), 0);
  // A sine has 3.01 dB less than its peak.
  t.ok(Math.abs(rmsDbfs(tone([1000], 100, 8000, -20).samples) + 23.01) < 0.05);
  t.equal(peak(Int16Array.of(3, -32768, 9)), 32_768);
  t.equal(peak(new Int16Array(0)), 0);
});

t.test('where speech begins and ends', async (t) => {
  const clip = concatenate(silence(100, 8000), tone([1000], 50, 8000, -10), silence(30, 8000));
  const span = loudSpan(clip, -30);
  t.ok(span !== undefined && Math.abs(span.startMs - 100) < 0.5 && Math.abs(span.endMs - 150) < 0.5, JSON.stringify(span));
  t.equal(loudSpan(silence(100, 8000), -60), undefined);
  t.equal(firstSampleAbove(Int16Array.of(0, 0, -500, 0), -40), 2);
  t.equal(lastSampleAbove(Int16Array.of(0, 400, -500, 0), -40), 2);
  t.equal(firstSampleAbove(Int16Array.of(0, 100), -40), undefined);
});

t.test('a tone is found at its frequency and nowhere else', async (t) => {
  const both = tone([697, 1209], 100, 8000, -15);
  t.ok(Math.abs(levelOfTone(both, 697) + 15) < 1);
  t.ok(Math.abs(levelOfTone(both, 1209) + 15) < 1);
  t.ok(levelOfTone(both, 941) < -40);
});

t.test('pieces of different rates are not joined', async (t) => {
  t.throws(() => concatenate(silence(10, 8000), silence(10, 16000)), RangeError);
});
