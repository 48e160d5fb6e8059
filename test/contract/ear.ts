import type { Test } from 'tap';
import type { Ear } from '../../src/speech/ear.js';
import { endOfSpeechMs, joinClips, noise, prompt, silence, tone, words } from '../support/audio-clips.js';
import { Listener, play } from '../support/ear-workers.js';

/** One window of a VAD. */
const WINDOW_MS = 32;

/**
 * What every implementation of the PORT `Ear` owes its callers, shown with human
 * speech. `english` must be a language that it knows.
 */
export async function earContract(t: Test, ear: Ear, english = 'en-US'): Promise<void> {
  await t.test('words, the moment they ended, and the pause after them', async (t) => {
    for (const [name, expected] of [
      ['auth-thankyou', 'thank you'],
      ['please-try-again', 'please try again'],
      ['conf-now-muted', 'the conference is now muted'],
    ] as const) {
      const clip = joinClips(silence(480), prompt(name), silence(800));
      const stream = await ear.open({ language: english, pauseMs: 120 });
      const heard = new Listener(stream);
      await play(stream, clip);
      const transcript = await heard.until('transcript');
      t.same(words(transcript.text), words(expected), name);
      const [pause] = heard.of('pause');
      const [speech] = heard.of('speech');
      if (pause === undefined || speech === undefined) throw new Error('no pause or no speech');
      t.equal(transcript.segment, pause.segment);
      const truth = endOfSpeechMs(clip);
      t.ok(Math.abs(pause.lastSpeechMs - truth) <= WINDOW_MS, `last speech at ${pause.lastSpeechMs} ms, by energy ${truth} ms`);
      const waited = pause.detectedMs - pause.lastSpeechMs;
      t.ok(waited >= 120 && waited <= 120 + 2 * WINDOW_MS, `pause after ${waited} ms of silence, in audio time`);
      t.ok(speech.atMs >= 400 && speech.atMs < 700, `speech began at ${speech.atMs} ms`);
      t.equal(transcript.endMs, pause.lastSpeechMs);
      t.ok(transcript.decodeMs > 0);
      stream.close();
    }
  });

  await t.test('a transcript holds all words since the reset, and none from before it', async (t) => {
    const stream = await ear.open({ language: english });
    const heard = new Listener(stream);
    await play(stream, joinClips(silence(300), prompt('auth-thankyou'), silence(500)));
    await heard.until('transcript');
    await play(stream, joinClips(prompt('please-try-again'), silence(500)));
    const both = await heard.until('transcript', 2);
    t.same(words(both.text), words('thank you please try again'));
    stream.reset();
    await play(stream, joinClips(silence(200), prompt('please-try-again'), silence(500)));
    const after = await heard.until('transcript', 3);
    t.same(words(after.text), words('please try again'));
    t.ok(after.startMs > both.endMs);
    stream.close();
  });

  await t.test('silence, noise, tones and clicks are nobody speaking', async (t) => {
    const click = new Int16Array(160).fill(12_000, 0, 40);
    const sounds = { silence: silence(2000), noise: noise(2000, -45), 'loud noise': noise(2000, -25), 'dial tone': tone(2000, 425, -15), beep: prompt('beep'), click };
    for (const [name, sound] of Object.entries(sounds)) {
      const stream = await ear.open({ language: english });
      const heard = new Listener(stream);
      await play(stream, joinClips(silence(300), sound, silence(700)));
      // A word at the end shows that everything before it was judged.
      await play(stream, joinClips(prompt('auth-thankyou'), silence(500)));
      const transcript = await heard.until('transcript');
      t.same(words(transcript.text), ['thank', 'you'], name);
      t.equal(heard.of('pause').length, 1, `${name}: one pause, after the words`);
      stream.close();
    }
  });

  await t.test('half a minute of speech without a pause is bounded and understood', async (t) => {
    const sentence = prompt('please-try-again');
    const stream = await ear.open({ language: english, pauseMs: 1000 });
    const heard = new Listener(stream);
    const repeats = Math.ceil((31_000 * 8) / sentence.length);
    await play(stream, joinClips(...Array.from({ length: repeats }, () => sentence), silence(1500)), 12);
    const transcript = await heard.until('transcript');
    const found = words(transcript.text).filter((word) => word === 'again').length;
    t.ok(found >= repeats * 0.7, `${found} of ${repeats} repetitions understood`);
    t.ok(transcript.endMs - transcript.startMs > 29_000);
    stream.close();
  });

  await t.test('eight calls at once, each its own words', async (t) => {
    const clips = ['auth-thankyou', 'please-try-again', 'digits/2', 'digits/7', 'auth-thankyou', 'please-try-again', 'digits/2', 'digits/7'];
    const expected: Readonly<Record<string, string[]>> = { 'auth-thankyou': ['thank you'], 'please-try-again': ['please try again'], 'digits/2': ['two', '2', 'too'], 'digits/7': ['seven', '7'] };
    await Promise.all(
      clips.map(async (name) => {
        const stream = await ear.open({ language: english });
        const heard = new Listener(stream);
        await play(stream, joinClips(silence(300), prompt(name), silence(600)), 2);
        const { text } = await heard.until('transcript');
        t.ok(expected[name]?.includes(words(text).join(' ')), name);
        stream.close();
      }),
    );
  });

  await t.test('what cannot be served is refused with a code', async (t) => {
    await t.rejects(ear.open({ language: 'tlh' }), { code: 'TRK_SPEECH_REQUEST' });
    await t.rejects(ear.open({ language: english, engine: 'nobody' }), { code: 'TRK_SPEECH_REQUEST' });
    const used = ear.capacity.used;
    const streams = await Promise.all(Array.from({ length: ear.capacity.total - used }, () => ear.open({ language: english })));
    t.equal(ear.capacity.used, ear.capacity.total);
    await t.rejects(ear.open({ language: english }), { code: 'TRK_WORKER_BUSY' });
    for (const stream of streams) stream.close();
    t.equal(ear.capacity.used, used, 'a closed stream frees its place');
  });
}
