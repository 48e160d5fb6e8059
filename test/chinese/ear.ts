import t from 'tap';
import { systemClock } from '../../src/kernel/clock.js';
import { earContract } from '../contract/ear.js';
import { joinClips, silence } from '../support/audio-clips.js';
import { Listener, play, startWhisper } from '../support/ear-workers.js';
import { pidOf } from '../support/pid-of.js';
import { chineseSpeech } from './clips.js';

/**
 * The Chinese ear, with the real model, in Python: 148 MB of it and 290 MB of environment
 * that only `npm run test:zh` brings. Its words come from a Chinese voice of ours.
 */
t.setTimeout(900_000);
const speech = await chineseSpeech();

await t.test('contract: Ear by a worker in Python', { timeout: 600_000 }, async (t) => {
  const { ear, close } = await startWhisper({ language: 'zh-CN', capacity: 10 });
  t.teardown(close);
  await earContract(t, ear, speech);
});

await t.test('a killed worker: lost at once, and the next stream is heard by its replacement', { timeout: 120_000 }, async (t) => {
  const { ear, fleet, close } = await startWhisper({ language: 'zh-CN', capacity: 2 });
  t.teardown(close);
  const heard = new Listener(await ear.open({ language: 'zh-CN' }));
  const pid = pidOf(fleet.children[0]);
  const killedAt = systemClock.monotonic();
  process.kill(pid, 'SIGKILL');
  t.match((await heard.until('lost')).error, { code: 'TRK_WORKER_LOST' });
  const tookMs = systemClock.monotonic() - killedAt;
  t.ok(tookMs < 500, `told after ${tookMs.toFixed(1)} ms`);
  await ear.untilReady(60_000);
  t.not(fleet.children[0]?.pid, pid);
  const second = await ear.open({ language: 'zh-CN' });
  const again = new Listener(second);
  await play(second, joinClips(silence(300), speech.thanks.samples, silence(500)));
  t.equal(speech.plain((await again.until('transcript')).text), speech.thanks.said[0]);
});

await t.test('words of the Chinese dialect of writing that was asked for', { timeout: 120_000 }, async (t) => {
  const { ear, close } = await startWhisper({ language: 'zh-CN', capacity: 2 });
  t.teardown(close);
  const stream = await ear.open({ language: 'zh-TW' });
  const heard = new Listener(stream);
  await play(stream, joinClips(silence(300), speech.sentence.samples, silence(500)));
  t.match((await heard.until('transcript')).text, /遞|會/);
});
