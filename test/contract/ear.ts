import type { Test } from 'tap';
import { stretch } from '../../src/audio/resample.js';
import type { Ear } from '../../src/speech/ear.js';
import { endOfSpeechMs, joinClips, noise, prompt, silence, tone, words } from '../support/audio-clips.js';
import { Listener, paced, play } from '../support/ear-workers.js';

/** One window of a VAD. */
const WINDOW_MS = 32;

/** Speech at 8 kHz that the engine understands to the letter, and what it says. */
export interface ContractClip {
  readonly samples: Int16Array;
  /** As `plain` gives it; more than one where spelling is a matter of taste. */
  readonly said: readonly string[];
}

/** Speech in the language that the ear under test knows. */
export interface ContractSpeech {
  readonly language: string;
  readonly thanks: ContractClip;
  readonly again: ContractClip;
  readonly sentence: ContractClip;
  /** Two more short ones. */
  readonly short: readonly [ContractClip, ContractClip];
  /** At least 31 s without a pause of a second. */
  readonly monologue: ContractClip;
  /** Text without what engines write at will: marks, capitals. */
  readonly plain: (text: string) => string;
  /** Of two texts in a row. */
  readonly join: string;
}

export function englishSpeech(): ContractSpeech {
  const clip = (name: string, ...said: string[]): ContractClip => ({ samples: prompt(name), said });
  const sentence = prompt('please-try-again');
  const repeats = Math.ceil((31_000 * 8) / sentence.length);
  return {
    language: 'en-US',
    thanks: clip('auth-thankyou', 'thank you'),
    again: clip('please-try-again', 'please try again'),
    sentence: clip('conf-now-muted', 'the conference is now muted'),
    short: [clip('digits/2', 'two', '2', 'too'), clip('digits/7', 'seven', '7')],
    monologue: { samples: joinClips(...Array.from({ length: repeats }, () => sentence)), said: [Array.from({ length: repeats }, () => 'please try again').join(' ')] },
    plain: (text) => words(text).join(' '),
    join: ' ',
  };
}

/** What every implementation of the PORT `Ear` owes its callers, shown with speech in a language that it knows. */
export async function earContract(t: Test, ear: Ear, speech: ContractSpeech): Promise<void> {
  const { language, thanks, again, plain } = speech;

  await t.test('words, the moment they ended, and the pause after them', async (t) => {
    for (const { samples, said } of [thanks, again, speech.sentence]) {
      const clip = joinClips(silence(480), samples, silence(800));
      const stream = await ear.open({ language, pauseMs: 120 });
      const heard = new Listener(stream);
      await play(stream, clip);
      const transcript = await heard.until('transcript');
      t.ok(said.includes(plain(transcript.text)), String(said[0]));
      const [pause] = heard.of('pause');
      const [began] = heard.of('speech');
      if (pause === undefined || began === undefined) throw new Error('no pause or no speech');
      t.equal(transcript.segment, pause.segment);
      const truth = endOfSpeechMs(clip);
      t.ok(Math.abs(pause.lastSpeechMs - truth) <= WINDOW_MS, `last speech at ${pause.lastSpeechMs} ms, by energy ${truth} ms`);
      const waited = pause.detectedMs - pause.lastSpeechMs;
      t.ok(waited >= 120 && waited <= 120 + 2 * WINDOW_MS, `pause after ${waited} ms of silence, in audio time`);
      t.ok(began.atMs >= 400 && began.atMs < 700, `speech began at ${began.atMs} ms`);
      t.equal(transcript.endMs, pause.lastSpeechMs);
      t.ok(transcript.decodeMs > 0);
      stream.close();
    }
  });

  await t.test('a wideband stream: the same words at the same moments, also when the call falls back to narrowband', async (t) => {
    const clip = joinClips(silence(480), again.samples, silence(800));
    const wide = stretch(clip, 8000, 16000);
    for (const [name, narrowFrom] of [['16 kHz throughout', wide.length], ['8 kHz from the middle on', 16_000]] as const) {
      const stream = await ear.open({ language, pauseMs: 120, sampleRate: 16000 });
      const heard = new Listener(stream);
      await paced(wide.length / 320, 8, (frame) => {
        const at = frame * 320;
        if (at < narrowFrom) stream.write(wide.slice(at, at + 320), 16000);
        else stream.write(clip.slice(at / 2, at / 2 + 160), 8000);
      });
      const transcript = await heard.until('transcript');
      t.ok(again.said.includes(plain(transcript.text)), name);
      const truth = endOfSpeechMs(clip);
      t.ok(Math.abs(transcript.endMs - truth) <= 2 * WINDOW_MS, `${name}: last speech at ${transcript.endMs} ms, by energy ${truth} ms`);
      stream.close();
    }
  });

  await t.test('a transcript holds all words since the reset, and none from before it', async (t) => {
    const stream = await ear.open({ language });
    const heard = new Listener(stream);
    await play(stream, joinClips(silence(300), thanks.samples, silence(500)));
    await heard.until('transcript');
    await play(stream, joinClips(again.samples, silence(500)));
    const both = await heard.until('transcript', 2);
    t.equal(plain(both.text), [thanks.said[0], again.said[0]].join(speech.join));
    stream.reset();
    await play(stream, joinClips(silence(200), again.samples, silence(500)));
    const after = await heard.until('transcript', 3);
    t.ok(again.said.includes(plain(after.text)));
    t.ok(after.startMs > both.endMs);
    stream.close();
  });

  await t.test('silence, noise, tones and clicks are nobody speaking', async (t) => {
    const click = new Int16Array(160).fill(12_000, 0, 40);
    const sounds = { silence: silence(2000), noise: noise(2000, -45), 'loud noise': noise(2000, -25), 'dial tone': tone(2000, 425, -15), beep: prompt('beep'), click };
    for (const [name, sound] of Object.entries(sounds)) {
      const stream = await ear.open({ language });
      const heard = new Listener(stream);
      await play(stream, joinClips(silence(300), sound, silence(700)));
      // A word at the end shows that everything before it was judged.
      await play(stream, joinClips(thanks.samples, silence(500)));
      const transcript = await heard.until('transcript');
      t.ok(thanks.said.includes(plain(transcript.text)), name);
      t.equal(heard.of('pause').length, 1, `${name}: one pause, after the words`);
      stream.close();
    }
  });

  await t.test('half a minute of speech without a pause is bounded and understood', async (t) => {
    const stream = await ear.open({ language, pauseMs: 1000 });
    const heard = new Listener(stream);
    await play(stream, joinClips(speech.monologue.samples, silence(1500)), 12);
    const transcript = await heard.until('transcript');
    const [said = ''] = speech.monologue.said;
    const share = common(said, plain(transcript.text)) / said.length;
    t.ok(share >= 0.7, `${(100 * share).toFixed(0)} % of the monologue understood`);
    t.ok(transcript.endMs - transcript.startMs > 29_000);
    stream.close();
  });

  await t.test('eight calls at once, each its own words', async (t) => {
    const clips = [thanks, again, ...speech.short];
    await Promise.all(
      [...clips, ...clips].map(async ({ samples, said }) => {
        const stream = await ear.open({ language });
        const heard = new Listener(stream);
        await play(stream, joinClips(silence(300), samples, silence(600)), 2);
        const { text } = await heard.until('transcript');
        t.ok(said.includes(plain(text)), String(said[0]));
        stream.close();
      }),
    );
  });

  await t.test('what cannot be served is refused with a code', async (t) => {
    await t.rejects(ear.open({ language: 'tlh' }), { code: 'TRK_SPEECH_REQUEST' });
    await t.rejects(ear.open({ language, engine: 'nobody' }), { code: 'TRK_SPEECH_REQUEST' });
    const used = ear.capacity.used;
    const streams = await Promise.all(Array.from({ length: ear.capacity.total - used }, () => ear.open({ language })));
    t.equal(ear.capacity.used, ear.capacity.total);
    await t.rejects(ear.open({ language }), { code: 'TRK_WORKER_BUSY' });
    for (const stream of streams) stream.close();
    t.equal(ear.capacity.used, used, 'a closed stream frees its place');
  });
}

/** Length of the longest common subsequence: how much of one text is found in the other, in order. */
function common(one: string, other: string): number {
  let row = new Uint16Array(other.length + 1);
  for (const letter of one) {
    const next = new Uint16Array(other.length + 1);
    for (let at = 1; at <= other.length; at++) next[at] = letter === other[at - 1] ? (row[at - 1] ?? 0) + 1 : Math.max(row[at] ?? 0, next[at - 1] ?? 0);
    row = next;
  }
  return row[other.length] ?? 0;
}
