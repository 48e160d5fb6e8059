import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NativeEngine } from '../../src/media/native/engine.js';
import { STATS_FIELDS, StatsField, loadAddon, probeNative, resample } from '../../src/media/native/addon.js';
import { INBOUND, OUTBOUND, describePipeline } from '../../src/media/pipeline.js';

t.test('the probe takes the real addon and refuses what is none', async (test) => {
  await probeNative();
  await test.rejects(probeNative('/nowhere/trunkline_media.node'), { code: 'TRK_NATIVE_MISSING' });
  const broken = join(test.testdir(), 'broken.node');
  writeFileSync(broken, 'not a shared object');
  await test.rejects(probeNative(broken), { code: 'TRK_NATIVE_MISSING' });
});

t.test('the mirror names exactly the functions and statistics that the addon has', async (test) => {
  const source = readFileSync('native/addon/addon.cpp', 'utf8');
  const named = [...source.matchAll(/\{"(\w+)", \w+\}/g)].map((match) => match[1]!).sort();
  test.same(Object.keys(loadAddon()).sort(), named);
  const mirror = readFileSync('src/media/native/addon.ts', 'utf8');
  for (const name of named) test.match(mirror, new RegExp(`^  ${name}\\(`, 'm'));
  const header = readFileSync('native/core/stats/session-stats.hpp', 'utf8');
  const fields = [...header.matchAll(/^ {2}(?:int64_t|double) (\w+) =/gm)].map((match) => match[1]);
  test.same(Object.keys(StatsField), fields);
  test.equal(fields.length, STATS_FIELDS);
});

t.test('resample doubles and halves the length and keeps a tone', async (test) => {
  const tone = Int16Array.from({ length: 800 }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * i) / 16)));
  const wide = resample(tone, 8000, 16_000);
  test.equal(wide.length, 1600);
  const back = resample(wide, 16_000, 8000);
  test.equal(back.length, 800);
  const worst = tone.slice(100, 700).reduce((most, sample, i) => Math.max(most, Math.abs(sample - back[i + 100]!)), 0);
  test.ok(worst < 50, `off by ${worst}`);
});

t.test('bad options are refused with a code', async (test) => {
  const good = { address: '127.0.0.1', portMin: 27_400, portMax: 27_410, timeoutMs: 0 };
  for (const bad of [{ address: 'localhost' }, { portMin: 80 }, { portMax: 27_400 }, { timeoutMs: -1 }, { portMax: 70_000 }]) {
    test.throws(() => new NativeEngine({ ...good, ...bad }), { code: 'TRK_CONFIG_INVALID' });
  }
});

t.test('the pipeline names files and functions that exist', async (test) => {
  for (const stage of [...INBOUND, ...OUTBOUND]) {
    test.ok(existsSync(stage.file), stage.file);
    test.ok(readFileSync(stage.file, 'utf8').includes(`${stage.function}(`), `${stage.function} in ${stage.file}`);
  }
  test.match(describePipeline({ id: 7, localPort: 20_000, onHold: true }), /session 7 port 20000 \(on hold\)\n {2}in: {2}socket > .* > session\n {2}out: session > .* > paced send/);
  const secure = describePipeline({ id: 7, localPort: 20_000, onHold: false, encrypted: true, codec: 'OPUS' });
  test.match(secure, /in: {2}socket > SRTP > .* > decode in order > Opus > jitter buffer .*\n {2}out: .* > Opus > SRTP > paced send/);
  test.notMatch(secure, /G\.722|> decode >/);
  test.match(describePipeline({ id: 7, localPort: 20_000, onHold: false, codec: 'G722' }), /decode in order > G\.722 > jitter buffer/);
});
