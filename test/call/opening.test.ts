import t from 'tap';
import type { Audio } from '../../src/audio/frame.js';
import { OpeningMouth } from '../../src/call/opening.js';
import type { CompiledFlow, Dialogue, DialogueOutput } from '../../src/dialogue/dialogue.js';
import { silentLogger } from '../../src/kernel/log.js';
import type { Mouth, SpeakRequest } from '../../src/speech/mouth.js';
import { marked } from '../support/fake-speech.js';

/** A mouth whose words the test lets go. */
class SlowMouth implements Mouth {
  readonly ready = true;
  readonly capacity = { total: 1, used: 0 };
  readonly asked: SpeakRequest[] = [];
  readonly #gates: { resolve: () => void; reject: (error: Error) => void }[] = [];

  async *speak(request: SpeakRequest): AsyncGenerator<Audio> {
    this.asked.push(request);
    await new Promise<void>((resolve, reject) => this.#gates.push({ resolve, reject }));
    yield marked(100, this.asked.length);
  }

  async let(index: number, error?: Error): Promise<void> {
    const gate = this.#gates[index];
    if (error === undefined) gate?.resolve();
    else gate?.reject(error);
    await new Promise((resolve) => setImmediate(resolve));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const greeting: DialogueOutput = { type: 'say', node: 'greeting', bargeIn: false, prompt: { text: 'Hello Ann, this is us.', parts: [{ kind: 'fixed', text: 'Hello' }, { kind: 'variable', text: 'Ann' }, { kind: 'fixed', text: 'this is us.' }] } };

function flow(start: () => Pick<Dialogue, 'next'>): CompiledFlow {
  return { id: 'f', language: 'en-US', voice: 'v', requiredVariables: [], fixedTexts: [], modelPrefixes: [], apology: 'Sorry.', start: start as unknown as CompiledFlow['start'] };
}

const ann: SpeakRequest = { text: 'Ann', language: 'en-US', voice: 'v', speed: 1, join: { before: true, after: true } };

async function heard(words: AsyncIterable<Audio>): Promise<Audio[]> {
  const all: Audio[] = [];
  for await (const audio of words) all.push(audio);
  return all;
}

t.test('the name is made while the telephone rings, and said without waiting', async (t) => {
  const slow = new SlowMouth();
  const mouth = new OpeningMouth(slow, silentLogger);
  mouth.prepare(flow(() => ({ next: () => [greeting] })), {});
  mouth.prepare(flow(() => ({ next: () => [greeting] })), {});
  await new Promise((resolve) => setImmediate(resolve));
  t.match(slow.asked, [{ text: 'Ann', join: { before: true, after: true }, voice: 'v' }], 'once, as often as it rings');
  t.ok((slow.asked[0]?.deadlineMs ?? 0) > 3000, 'nobody listens yet');
  await slow.let(0);
  t.same(await heard(mouth.speak(ann)), [marked(100, 1)]);
  t.equal(slow.asked.length, 1);
  const again = heard(mouth.speak(ann));
  await new Promise((resolve) => setImmediate(resolve));
  await slow.let(1);
  t.same(await again, [marked(100, 2)], 'a second time it is made anew');
});

t.test('an answer before the name is ready waits for what was begun', async (t) => {
  const slow = new SlowMouth();
  const mouth = new OpeningMouth(slow, silentLogger);
  mouth.prepare(flow(() => ({ next: () => [greeting] })), {});
  const words = heard(mouth.speak(ann));
  await slow.let(0);
  t.same(await words, [marked(100, 1)]);
  t.equal(slow.asked.length, 1);
});

t.test('what failed is made when it is asked for, and what is said otherwise was not prepared', async (t) => {
  const slow = new SlowMouth();
  const mouth = new OpeningMouth(slow, silentLogger);
  mouth.prepare(flow(() => ({ next: () => [greeting] })), {});
  await new Promise((resolve) => setImmediate(resolve));
  await slow.let(0, new Error('no worker'));
  const words = heard(mouth.speak(ann));
  const slower = heard(mouth.speak({ ...ann, speed: 0.8 }));
  await new Promise((resolve) => setImmediate(resolve));
  await slow.let(1);
  await slow.let(2);
  t.equal((await words).length + (await slower).length, 2);
  t.equal(slow.asked.length, 3);
});

t.test('a flow that cannot start, a call that is over', async (t) => {
  const slow = new SlowMouth();
  const mouth = new OpeningMouth(slow, silentLogger);
  mouth.prepare(flow(() => { throw new Error('a variable is missing'); }), {});
  t.same(slow.asked, []);
  mouth.prepare(flow(() => ({ next: () => [greeting] })), {});
  await mouth.close();
  t.ok(slow.asked[0]?.signal?.aborted);
  mouth.prepare(flow(() => ({ next: () => [greeting] })), {});
  t.equal(slow.asked.length, 1);
});
