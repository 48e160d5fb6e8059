import t from 'tap';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Audio } from '../../src/audio/frame.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import type { Mouth, SpeakRequest } from '../../src/speech/mouth.js';
import { PromptCache } from '../../src/speech/prompt-cache.js';
import type { PromptCacheOptions } from '../../src/speech/prompt-cache.js';
import { ManualClock } from '../support/manual-clock.js';

/** Says each text as as many samples as it has letters, in two pieces, and counts. */
class CountingMouth implements Mouth {
  readonly said: SpeakRequest[] = [];
  readonly capacity = { total: 4, used: 0 };
  readonly ready = true;
  atOnce = 0;
  mostAtOnce = 0;
  /** Thrown, one each, by the next requests. */
  readonly failures: TrunklineError[] = [];

  async *speak(request: SpeakRequest): AsyncGenerator<Audio> {
    this.said.push(request);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      await Promise.resolve();
      const failure = this.failures.shift();
      if (failure) throw failure;
      const half = Math.ceil(request.text.length / 2);
      yield { sampleRate: 8000, samples: new Int16Array(half).fill(7) };
      yield { sampleRate: 8000, samples: new Int16Array(request.text.length - half).fill(9) };
    } finally {
      this.atOnce--;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const style = { language: 'en-US' };
const lost = (): TrunklineError => new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'mouth' } });

function make(overrides: Partial<PromptCacheOptions> = {}): { cache: PromptCache; mouth: CountingMouth; clock: ManualClock } {
  const mouth = new CountingMouth();
  const clock = new ManualClock();
  const cache = new PromptCache({ fingerprint: 'voice-1', mouth, clock, random: systemRandom, log: silentLogger, ...overrides });
  return { cache, mouth, clock };
}

t.test('each text is rendered once, and then handed out at once', async (t) => {
  const { cache, mouth } = make();
  const progress: string[] = [];
  t.equal(cache.get('hello', style), undefined);
  await cache.prepare(['hello', 'good bye', 'hello'], { ...style, onProgress: (done, total) => progress.push(`${done}/${total}`) });
  t.same(progress, ['1/2', '2/2']);
  t.same([...cache.get('hello', style)!.samples], [7, 7, 7, 9, 9]);
  await cache.prepare(['hello', 'good bye'], style);
  t.equal(mouth.said.length, 2);
  t.equal(cache.bytes, 26);
  await Promise.all([cache.load('new', style), cache.load('new', style)]);
  t.equal(mouth.said.length, 3, 'two who want the same text wait for one rendering');
});

t.test('everything that changes the sound makes another clip', async (t) => {
  const { cache, mouth } = make();
  const styles = [style, { language: 'en-GB' }, { ...style, voice: 'other' }, { ...style, speed: 1.2 }, { ...style, join: { before: false, after: true } }];
  for (const one of styles) await cache.load('hello', one);
  t.equal(mouth.said.length, styles.length);
  for (const one of styles) t.ok(cache.get('hello', one));
  t.equal(cache.get('hello', { ...style, speed: 1.3 }), undefined);
});

t.test('a restart finds the clips on disk; another voice model does not', async (t) => {
  const directory = t.testdir({});
  const first = make({ directory });
  await first.cache.prepare(['hello', 'good bye'], style);
  const again = make({ directory });
  await again.cache.prepare(['hello', 'good bye'], style);
  t.equal(again.mouth.said.length, 0);
  t.same(again.cache.get('hello', style), first.cache.get('hello', style));
  const other = make({ directory, fingerprint: 'voice-2' });
  await other.cache.prepare(['hello'], style);
  t.equal(other.mouth.said.length, 1);
  const left = readdirSync(directory, { recursive: true }).map(String);
  t.equal(left.filter((name) => name.endsWith('.wav')).length, 3);
  t.notOk(left.some((name) => name.endsWith('.part')), 'nothing half-written is left');
});

t.test('a damaged file is rendered anew and put right', async (t) => {
  const directory = t.testdir({});
  const first = make({ directory });
  await first.cache.load('hello', style);
  const name = readdirSync(directory, { recursive: true }).map(String).find((one) => one.endsWith('.wav'))!;
  const whole = readFileSync(join(directory, name));
  writeFileSync(join(directory, name), whole.subarray(0, 30));
  const again = make({ directory });
  await again.cache.load('hello', style);
  t.equal(again.mouth.said.length, 1);
  t.same(readFileSync(join(directory, name)), whole);
});

t.test('a directory that cannot be written to costs only the next start', async (t) => {
  const directory = join(t.testdir({ file: 'not a directory' }), 'file');
  const { cache } = make({ directory });
  t.equal((await cache.load('hello', style)).samples.length, 5);
});

t.test('memory is bounded: the clip that was not used for longest goes first', async (t) => {
  const { cache } = make({ maxBytes: 24 });
  for (const text of ['aaaa', 'bbbb', 'cccc']) await cache.load(text, style);
  t.equal(cache.bytes, 24);
  t.ok(cache.get('aaaa', style), 'used again, so it is young');
  await cache.load('dddd', style);
  t.equal(cache.bytes, 24);
  t.equal(cache.get('bbbb', style), undefined);
  t.ok(cache.get('aaaa', style));
});

t.test('only so many are rendered at once, so that calls keep the mouth', async (t) => {
  const { cache, mouth } = make({ parallel: 2 });
  await cache.prepare(['a', 'b', 'c', 'd', 'e', 'f'], style);
  t.equal(mouth.mostAtOnce, 2);
  t.equal(mouth.said.length, 6);
});

t.test('a worker that is being replaced is waited for, a text that cannot be said is not', async (t) => {
  const { cache, mouth, clock } = make();
  mouth.failures.push(lost(), lost());
  const loading = cache.load('hello', style);
  for (let turn = 0; turn < 200 && mouth.said.length < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(500);
  }
  t.equal((await loading).samples.length, 5);
  t.equal(mouth.said.length, 3);

  mouth.failures.push(new TrunklineError('TRK_SPEECH_REQUEST', { params: { worker: 'mouth', reason: 'empty' } }));
  await t.rejects(cache.prepare(['x', 'y', 'z'], style), { code: 'TRK_SPEECH_REQUEST' });
  await cache.load('x', style);
  t.ok(cache.get('x', style), 'a failure is not remembered');
});

t.test('preparing can be given up between two texts', async (t) => {
  const { cache, mouth } = make({ parallel: 1 });
  const controller = new AbortController();
  const preparing = cache.prepare(['a', 'b', 'c'], { ...style, signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) });
  await t.rejects(preparing, { message: 'enough' });
  t.equal(mouth.said.length, 1);
});
