import t from 'tap';
import { earContract, englishSpeech } from '../contract/ear.js';
import { joinClips, prompt, silence, words } from '../support/audio-clips.js';
import { Listener, play, startEar } from '../support/ear-workers.js';
import { pidOf } from '../support/pid-of.js';
import type { EarStream } from '../../src/speech/ear.js';
import type { WorkerFleet } from '../../src/workers/worker-fleet.js';

/** So long a lost worker has no replacement: whoever is told of the loss before there is one was told in this time. */
const BACKOFF_MS = 2_000;

/** Has a stream been told of its loss, and was that before its worker had a replacement? */
function tellsInTime(stream: EarStream, { children: [child] }: WorkerFleet): () => boolean {
  const lost = pidOf(child);
  let inTime = false;
  // The process that was lost may not be known to have ended.
  stream.onEvent(({ type }) => type === 'lost' && (inTime = child?.pid === undefined || child.pid === lost));
  return () => inTime;
}

await t.test('contract: Ear by a worker process', async (t) => {
  const { ear, close } = await startEar({ capacity: 10 });
  t.teardown(close);
  await earContract(t, ear, englishSpeech());
});

await t.test('a killed worker: lost at once, and the next stream is heard by its replacement', async (t) => {
  const { ear, fleet, close } = await startEar({ limits: { backoffMs: BACKOFF_MS } });
  t.teardown(close);
  const stream = await ear.open({ language: 'en-US' });
  const heard = new Listener(stream);
  const inTime = tellsInTime(stream, fleet);
  stream.write(new Int16Array(160));
  const pid = pidOf(fleet.children[0]);
  process.kill(pid, 'SIGKILL');
  const lost = await heard.until('lost');
  t.match(lost.error, { code: 'TRK_WORKER_LOST' });
  t.ok(inTime(), 'told before there is a replacement');
  t.equal(ear.ready, false);
  t.equal(ear.capacity.used, 0);
  stream.write(new Int16Array(160));
  await t.rejects(ear.open({ language: 'en-US' }), { code: 'TRK_WORKER_LOST' }, 'nobody is up in between');
  await ear.untilReady(20_000);
  t.not(fleet.children[0]?.pid, pid);
  const second = await ear.open({ language: 'en-US' });
  const heardAgain = new Listener(second);
  await play(second, joinClips(silence(300), prompt('auth-thankyou'), silence(500)));
  t.same(words((await heardAgain.until('transcript')).text), ['thank', 'you']);
  t.equal(heard.of('lost').length, 1, 'told once');
});

await t.test('a hung worker is killed and replaced', async (t) => {
  const { ear, fleet, close } = await startEar({ limits: { backoffMs: BACKOFF_MS } });
  t.teardown(close);
  const stream = await ear.open({ language: 'en-US' });
  const heard = new Listener(stream);
  const inTime = tellsInTime(stream, fleet);
  const pid = pidOf(fleet.children[0]);
  process.kill(pid, 'SIGSTOP');
  const lost = await heard.until('lost');
  t.match(lost.error, { code: 'TRK_WORKER_LOST' });
  t.ok(inTime(), 'told before there is a replacement');
  t.equal(ear.ready, false);
  await ear.untilReady(20_000);
  t.not(fleet.children[0]?.pid, pid);
  const next = await ear.open({ language: 'en-US' });
  next.close();
});

await t.test('no audio stays unsent for long: above 2 s it is dropped, counted, and times stay right', async (t) => {
  const { ear, fleet, close } = await startEar({ limits: { pingDeadlineMs: 30_000 } });
  t.teardown(close);
  const stream = await ear.open({ language: 'en-US' });
  const heard = new Listener(stream);
  const pid = pidOf(fleet.children[0]);
  process.kill(pid, 'SIGSTOP');
  // A stopped worker's sockets take some seconds of audio before the sender notices.
  let writtenMs = 0;
  while (ear.droppedFrames === 0 && writtenMs < 120_000) {
    stream.write(new Int16Array(800));
    writtenMs += 100;
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(ear.droppedFrames > 0, `dropped after ${writtenMs} ms`);
  for (let i = 0; i < 10; i++) stream.write(new Int16Array(800));
  writtenMs += 1000;
  const dropped = ear.droppedFrames;
  t.ok(dropped >= 11);
  process.kill(pid, 'SIGCONT');
  // The next words are timed by what was written, not by what arrived.
  for (let before = -1; before !== ear.droppedFrames; writtenMs += 100) {
    before = ear.droppedFrames;
    stream.write(new Int16Array(800));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await play(stream, joinClips(prompt('auth-thankyou'), silence(500)), 2);
  const pause = await heard.until('pause');
  t.ok(Math.abs(pause.lastSpeechMs - (writtenMs + 800)) < 150, `spoken until about ${writtenMs + 800} ms, reported ${pause.lastSpeechMs} ms`);
});
