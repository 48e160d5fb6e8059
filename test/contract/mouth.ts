import t from 'tap';
import { peak, rmsDbfs } from '../../src/audio/level.js';
import { readPieces } from '../support/read-pieces.js';
import type { Mouth, SpeakRequest } from '../../src/speech/mouth.js';

export interface MouthUnderTest {
  readonly mouth: Mouth;
  /** Sentences that it takes at once. */
  readonly capacity: number;
  readonly close: () => Promise<void>;
}

export const SENTENCE = 'I would like to tell you that your delivery will arrive tomorrow between nine and eleven in the morning, so please make sure that somebody is home.';

/** What the suite has a voice say, in the voice's language. */
export interface MouthScript {
  readonly language: string;
  /** Takes `seconds` at normal speed. */
  readonly sentence: string;
  readonly seconds: readonly [least: number, most: number];
  readonly short: string;
  /** Goes on in another utterance. */
  readonly joined: string;
  /** The same, in figures and in words. */
  readonly figures: string;
  readonly words: string;
  readonly caller: (number: number) => string;
}

const ENGLISH: MouthScript = {
  language: 'en-US',
  sentence: SENTENCE,
  seconds: [5, 11],
  short: 'Please hold the line while I look that up.',
  joined: 'Your balance is',
  figures: 'It is $12.50.',
  words: 'It is twelve dollars and fifty cents.',
  caller: (number) => `This is the caller with the number ${number}.`,
};

export async function say(mouth: Mouth, request: Partial<SpeakRequest> & { text: string }): Promise<{ samples: Int16Array; chunks: number }> {
  const pieces: Int16Array[] = [];
  for await (const audio of mouth.speak({ language: 'en-US', deadlineMs: 20_000, ...request })) {
    if (audio.sampleRate !== 8000) throw new Error(`chunk at ${audio.sampleRate} Hz`);
    pieces.push(audio.samples);
  }
  return { samples: Int16Array.from(pieces.flatMap((piece) => [...piece])), chunks: pieces.length };
}

const code = (error: unknown): string => (error as { code?: string }).code ?? String(error);

/** Everything that a Mouth promises, whatever engine is behind it. */
export function mouthContract(name: string, start: () => Promise<MouthUnderTest>, script: MouthScript = ENGLISH): void {
  const { language } = script;
  t.test(`${name} keeps the promises of the port Mouth`, async (t) => {
    const { mouth, capacity, close } = await start();
    t.teardown(close);

    await t.test('it is ready and free', async (t) => {
      t.equal(mouth.ready, true);
      t.same(mouth.capacity, { total: capacity, used: 0 });
    });

    await t.test('a sentence is speech: in pieces, of a believable length, loud enough, never clipped, trimmed', async (t) => {
      const { samples, chunks } = await say(mouth, { language, text: script.sentence });
      t.ok(chunks > 5, `${chunks} chunks`);
      const seconds = samples.length / 8000;
      t.ok(seconds > script.seconds[0] && seconds < script.seconds[1], `${seconds} s`);
      const level = rmsDbfs(samples);
      t.ok(level > -26 && level < -17, `${level} dBFS`);
      t.ok(peak(samples) < 32_000, `peak ${peak(samples)}`);
      t.ok(rmsDbfs(samples.subarray(0, 800)) > -45, 'it begins at once');
      t.ok(rmsDbfs(samples.subarray(-1600)) > -50, 'it ends where the words end');
    });

    await t.test('speed changes the length, and what is joined ends sooner', async (t) => {
      const text = script.short;
      const normal = (await say(mouth, { language, text })).samples.length;
      const fast = (await say(mouth, { language, text, speed: 1.5 })).samples.length;
      t.ok(fast < normal * 0.8, `${fast} against ${normal}`);
      const joined = (await say(mouth, { language, text: script.joined, join: { before: false, after: true } })).samples.length;
      t.ok(joined > 3000 && joined < 16_000, `${joined}`);
    });

    await t.test('figures are read as words: the same sound as if they were written out', async (t) => {
      const written = await say(mouth, { language, text: script.figures });
      const spoken = await say(mouth, { language, text: script.words });
      t.ok(Math.abs(written.samples.length - spoken.samples.length) < 800, `${written.samples.length} and ${spoken.samples.length}`);
    });

    await t.test('what cannot be said is refused with TRK_SPEECH_REQUEST and holds no place', async (t) => {
      for (const wrong of [{ text: '' }, { text: '🎉' }, { text: 'x'.repeat(1001) }, { text: script.short, language: 'xx-XX' }, { text: script.short, voice: 'nobody' }, { text: script.short, speed: 3 }]) {
        t.equal(await say(mouth, { language, ...wrong }).then(() => 'spoken', code), 'TRK_SPEECH_REQUEST', JSON.stringify(wrong).slice(0, 40));
      }
      t.equal(mouth.capacity.used, 0);
    });

    await t.test('as many as it says at once, and one more is TRK_WORKER_BUSY', async (t) => {
      const texts = Array.from({ length: capacity }, (_, index) => script.caller(index + 1));
      const running = texts.map((text) => say(mouth, { language, text }));
      // Each has begun when it holds its place.
      t.equal(mouth.capacity.used, capacity);
      t.equal(await say(mouth, { language, text: script.short }).then(() => 'spoken', code), 'TRK_WORKER_BUSY');
      for (const { samples } of await Promise.all(running)) t.ok(rmsDbfs(samples) > -30);
      t.equal(mouth.capacity.used, 0);
    });

    await t.test('a cancelled or abandoned sentence ends without error and frees its place', async (t) => {
      const controller = new AbortController();
      const chunks = await readPieces(mouth.speak({ text: script.sentence, language, deadlineMs: 20_000, signal: controller.signal }), (count) => {
        if (count === 1) controller.abort();
      });
      t.ok(chunks < 4, `${chunks} chunks after the cancel`);
      t.equal(await readPieces(mouth.speak({ text: script.sentence, language, deadlineMs: 20_000 }), () => true), 1);
      t.equal(mouth.capacity.used, 0);
      const controllerBefore = AbortSignal.abort();
      t.equal((await say(mouth, { language, text: script.sentence, signal: controllerBefore })).chunks, 0, 'cancelled before it began');
    });

    await t.test('a deadline that cannot be met is TRK_SPEECH_DEADLINE', async (t) => {
      t.equal(await say(mouth, { language, text: script.sentence, deadlineMs: 1 }).then(() => 'spoken', code), 'TRK_SPEECH_DEADLINE');
      t.equal(mouth.capacity.used, 0);
    });
  });
}
