import t from 'tap';
import { Segmenter } from '../../../src/workers/ear/segmenter.js';
import type { SegmentEvent } from '../../../src/workers/ear/segmenter.js';

/** `s` speech, `.` silence, `u` unsure, `q` too quiet to be a voice, `h` speech in the first half of the window only; 32 ms each. */
const WINDOWS: Readonly<Record<string, { probability: number; levels: number[] }>> = {
  s: { probability: 0.95, levels: [-20, -20, -20, -20] },
  '.': { probability: 0.01, levels: [-80, -80, -80, -80] },
  u: { probability: 0.3, levels: [-30, -30, -30, -30] },
  q: { probability: 0.8, levels: [-70, -70, -70, -70] },
  h: { probability: 0.9, levels: [-20, -20, -80, -80] },
};

function run(line: string, pauseMs = 120): { segmenter: Segmenter; events: SegmentEvent[] } {
  const segmenter = new Segmenter(pauseMs);
  const events = [...line].flatMap((letter) => segmenter.push(WINDOWS[letter] ?? { probability: 0, levels: [-96] }) ?? []);
  return { segmenter, events };
}

t.test('speech, and a pause as soon as the silence is long enough', (t) => {
  t.same(run('....ssss....').events, [
    { type: 'speech', atMs: 96 },
    { type: 'pause', segment: 1, lastSpeechMs: 256, detectedMs: 384 },
  ]);
  t.same(run('....ssss...').events.length, 1, 'not a window earlier');
  t.end();
});

t.test('the end of speech is known to a quarter of a window', (t) => {
  t.match(run('..sssh....').events[1], { lastSpeechMs: 176, detectedMs: 320 });
  t.end();
});

t.test('one window is a click, two are speech', (t) => {
  t.same(run('..s.......').events, []);
  t.equal(run('..s.......').segmenter.speechMs, 0, 'and a click is no speech');
  t.same(run('..s.s.s...').events, []);
  t.equal(run('..ss').events[0]?.type, 'speech');
  t.equal(run('..sus').events[0]?.type, 'speech', 'an unsure window between is no gap');
  t.end();
});

t.test('a gap shorter than the pause joins; the pause counts from the last speech', (t) => {
  t.same(run('ss...ss....').events, [
    { type: 'speech', atMs: 0 },
    { type: 'pause', segment: 1, lastSpeechMs: 224, detectedMs: 352 },
  ]);
  t.same(
    run('ss....ss....').events.map((event) => event.type),
    ['speech', 'pause', 'speech', 'pause'],
  );
  t.end();
});

t.test('what the model still believes 36 dB below the voice is no speech', (t) => {
  t.match(run('..ssssqqqq').events[1], { lastSpeechMs: 192, detectedMs: 320 });
  t.match(run('..ssssuu....').events[1], { lastSpeechMs: 256 }, 'but a fading syllable is');
  t.end();
});

t.test('a longer pause', (t) => {
  t.same(run('ss' + '.'.repeat(31), 1000).events.length, 1);
  t.match(run('ss' + '.'.repeat(32), 1000).events[1], { lastSpeechMs: 64, detectedMs: 1088 });
  t.end();
});

t.test('the end of the stream is the end of speech', (t) => {
  t.match(run('..sss').segmenter.finish(), { type: 'pause', lastSpeechMs: 160, detectedMs: 160 });
  t.equal(run('..sss....').segmenter.finish(), undefined);
  t.end();
});

t.test('forgetting counts speech anew, but not the speech that goes on', (t) => {
  const silent = run('ssss....').segmenter;
  t.equal(silent.speechMs, 128);
  silent.forgetSpeech();
  t.equal(silent.speechMs, 0);
  const going = run('ssss....sss').segmenter;
  going.forgetSpeech();
  t.equal(going.speechMs, 96);
  t.end();
});
