import t from 'tap';
import { Leveler, PEAK, SPEECH_LEVEL_DB, fromDecibel, gainFor, speechLevel } from '../../../src/workers/mouth/level.js';
import { SilenceTrimmer, join } from '../../../src/workers/mouth/trim.js';

const RATE = 22050;

function tone(ms: number, amplitude: number, hertz = 300): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: Math.round((ms * RATE) / 1000) }, (_, index) => amplitude * Math.sin((2 * Math.PI * hertz * index) / RATE));
}

function pass(stage: { push(samples: Float32Array): Float32Array; flush(): Float32Array }, samples: Float32Array, piece: number): Float32Array {
  const out: Float32Array[] = [];
  for (let at = 0; at < samples.length; at += piece) out.push(stage.push(samples.subarray(at, at + piece)).slice());
  out.push(stage.flush().slice());
  return join(out);
}

t.test('a voice comes out at the level of the telephone', async (t) => {
  const quiet = tone(500, fromDecibel(-24));
  const gain = gainFor(speechLevel(quiet, RATE)!);
  const out = pass(new Leveler(gain, RATE), quiet, 1000);
  t.equal(out.length, quiet.length, 'nothing is lost or added');
  t.ok(Math.abs(speechLevel(out, RATE)! - SPEECH_LEVEL_DB) < 0.5, `${speechLevel(out, RATE)}`);
  t.equal(speechLevel(new Float32Array(RATE), RATE), undefined, 'silence has no level');
  t.equal(gainFor(-90), fromDecibel(12), 'and is not blown up');
});

t.test('no sample passes the limit, and no step is made on the way there', async (t) => {
  const loud = join([tone(100, 0.05), tone(100, 0.9), tone(200, 0.05)]);
  const out = pass(new Leveler(2, RATE), loud, 77);
  const peak = out.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  t.ok(peak <= PEAK + 1e-6, `peak ${peak}`);
  t.ok(peak > PEAK * 0.9, 'the limiter does not turn down more than it must');
  let step = 0;
  for (let index = 1; index < out.length; index++) step = Math.max(step, Math.abs(out[index]! - out[index - 1]!));
  // The steepest place of a 300 Hz tone at the limit, and a little more.
  t.ok(step < PEAK * ((2 * Math.PI * 300) / RATE) * 1.5, `largest step ${step}`);
});

t.test('how the audio was cut into pieces changes nothing', async (t) => {
  const speech = join([new Float32Array(2000), tone(80, 0.6), new Float32Array(5000), tone(130, 0.3, 700), new Float32Array(4000)]);
  const leveled = [1, 13, 512, speech.length].map((piece) => pass(new Leveler(1.9, RATE), speech, piece));
  for (const other of leveled.slice(1)) t.same(other, leveled[0]);
  const trimmed = [1, 13, 512, speech.length].map((piece) => pass(new SilenceTrimmer({ sampleRate: RATE, keepAfterMs: 60 }), speech, piece));
  for (const other of trimmed.slice(1)) t.same(other, trimmed[0]);
});

t.test('silence goes at both ends and stays inside', async (t) => {
  const ms = (samples: number): number => (samples * 1000) / RATE;
  const speech = join([new Float32Array(RATE), tone(100, 0.5), new Float32Array(RATE / 2), tone(100, 0.5), new Float32Array(RATE)]);
  const out = pass(new SilenceTrimmer({ sampleRate: RATE, keepAfterMs: 60 }), speech, 441);
  t.ok(ms(out.length) > 100 + 500 + 100 + 60 && ms(out.length) < 100 + 500 + 100 + 60 + 30, `${ms(out.length)} ms`);
  t.equal(pass(new SilenceTrimmer({ sampleRate: RATE, keepAfterMs: 60 }), new Float32Array(RATE), 441).length, 0, 'only silence is nothing');
});
