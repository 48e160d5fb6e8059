import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { tone } from '../../../src/audio/tone.js';
import { encodeWav } from '../../../src/audio/wav.js';
import { checkScript, loadScript, talkScript } from '../../../src/demo/phone/script-file.js';
import type { Random } from '../../../src/kernel/random.js';

const directory = mkdtempSync(join(tmpdir(), 'script-'));
t.teardown(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'a.wav'), encodeWav({ sampleRate: 16000, channels: [tone([500], 100, 16000).samples] }));
writeFileSync(join(directory, 'bad.wav'), 'no audio');
const half: Random = { bytes: (length) => new Uint8Array(length).fill(128) };

t.test('defaults, clips at 8 kHz, think times drawn from their range', async (t) => {
  const path = join(directory, 'script.json');
  writeFileSync(path, JSON.stringify({ steps: [{ say: 'a.wav' }, { dtmf: '12#', after: 500, thinkMs: 10 }] }));
  const script = talkScript(loadScript(path), half);
  t.match(script, { hangupAfter: 'bot_speech_end', botSilenceMs: 500, speechThresholdDbfs: -40, botThresholdDbfs: -50, maxCallMs: 120_000 });
  t.equal(script.steps[0]?.clip?.length, 800);
  t.ok(Math.abs(script.steps[0]!.thinkMs - 450) < 2);
  t.match(script.steps[1], { clip: undefined, dtmf: '12#', after: 500, thinkMs: 10 });
});

for (const [name, script, field] of [
  ['an unknown key', { step: [] }, ''],
  ['an unknown key of a step', { steps: [{ say: 'a.wav', thnkMs: 5 }] }, 'steps.0'],
  ['a step without anything', { steps: [{}] }, 'steps.0'],
  ['letters for digits', { steps: [{ dtmf: 'hello' }] }, 'steps.0.dtmf'],
  ['a status that refuses nothing', { reject: 200 }, 'reject'],
  ['a negative time', { steps: [{ say: 'a.wav', after: -1 }] }, 'steps.0.after'],
] as const) {
  t.test(`refuses ${name}`, async (t) => {
    t.throws(() => checkScript(script, 'x', directory), { code: 'TRK_USAGE', field });
  });
}

t.test('clips that are missing or no audio', async (t) => {
  t.throws(() => checkScript({ steps: [{ say: 'none.wav' }] }, 'x', directory), { code: 'TRK_USAGE' });
  t.throws(() => checkScript({ steps: [{ say: 'bad.wav' }] }, 'x', directory), { code: 'TRK_AUDIO_FORMAT' });
});

t.test('what the caller gave is not changed', async (t) => {
  const given = { steps: [{ say: 'a.wav' }] };
  checkScript(given, 'x', directory);
  t.same(given, { steps: [{ say: 'a.wav' }] });
});
