import t from 'tap';
import { SENTENCE, mouthContract, say } from '../contract/mouth.js';
import { startMouth } from '../support/speech-workers.js';

const CAPACITY = 4;

mouthContract('Piper in a worker process', async () => {
  const { mouth, close } = await startMouth(CAPACITY);
  return { mouth, capacity: CAPACITY, close };
});

t.test('a killed worker is TRK_WORKER_LOST for what it was saying, and another one speaks soon', async (t) => {
  const { mouth, fleet, close } = await startMouth(CAPACITY);
  t.teardown(close);
  const child = fleet.children[0]!;
  const back = new Promise<void>((resolve) => child.onEvent((event) => event.type === 'up' && resolve()));
  const spoken: number[] = [];
  const broken = (async () => {
    for await (const audio of mouth.speak({ text: SENTENCE, language: 'en-US' })) {
      spoken.push(audio.samples.length);
      if (spoken.length === 1) process.kill(child.pid!, 'SIGKILL');
    }
  })();
  await t.rejects(broken, { code: 'TRK_WORKER_LOST' });
  t.ok(spoken.length >= 1);
  t.equal(mouth.capacity.used, 0);
  await t.rejects(say(mouth, { text: 'Anyone?' }), { code: 'TRK_WORKER_LOST' }, 'nobody speaks meanwhile');
  await back;
  await mouth.untilReady(10_000);
  t.ok((await say(mouth, { text: 'I am back.' })).samples.length > 2000);
});

t.test('Piper says a text the same each time, also in a worker that was started anew', async (t) => {
  const spoken: Int16Array[] = [];
  for (let start = 0; start < 2; start++) {
    const { mouth, close } = await startMouth(CAPACITY);
    t.teardown(close);
    const [, once, again] = await Promise.all(['Something else first.', SENTENCE, SENTENCE].map((text) => say(mouth, { text })));
    spoken.push(once!.samples, again!.samples);
    await close();
  }
  for (const samples of spoken) t.same(Buffer.from(samples.buffer), Buffer.from(spoken[0]!.buffer));
});
