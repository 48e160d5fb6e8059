import t from 'tap';
import { credentials } from '@grpc/grpc-js';
import type { MindDescribeReply } from '../../src/proto/mind-messages.js';
import { mindService } from '../../src/proto/load.js';
import { PREFIX, ask, mindContract } from '../contract/mind.js';
import { HANGS_MS, eventually } from '../support/eventually.js';
import { readPieces } from '../support/read-pieces.js';
import { startMind } from '../support/speech-workers.js';

const SLOTS = 4;

const LONG_PREFIX = `${PREFIX} ${'The office is open from nine to five and closed at noon. '.repeat(12)}`;

mindContract('llama.cpp in a worker process', async () => {
  const { mind, close } = await startMind(SLOTS);
  return { mind, capacity: SLOTS, close };
});

t.test('a prefix is computed once for all slots: later requests compute their prompt only', async (t) => {
  const { mind, finishes, close } = await startMind(SLOTS);
  t.teardown(close);
  await mind.prepare(LONG_PREFIX);
  const grammar = { kind: 'gbnf' as const, text: 'root ::= "yes" | "no"' };
  // At once, so that each takes another slot; only one of them has seen the prefix.
  await Promise.all(Array.from({ length: SLOTS }, (_, index) => ask(mind, { prefix: LONG_PREFIX, prompt: `Question ${index}: is it open?`, grammar })));
  t.equal(finishes.length, SLOTS);
  for (const { promptTokens, cachedTokens } of finishes) {
    t.ok(promptTokens > 150, `${promptTokens} tokens`);
    t.ok(promptTokens - cachedTokens < 25, `${promptTokens - cachedTokens} of ${promptTokens} computed`);
  }
  await ask(mind, { prefix: 'Another flow with other words.', prompt: 'Is it open?', grammar });
  t.ok(finishes.at(-1)!.cachedTokens < 12, 'what was never seen is not claimed to be cached');
  await ask(mind, { prefix: LONG_PREFIX, prompt: 'And today?', grammar });
  t.ok(finishes.at(-1)!.cachedTokens > 150, 'another prefix in between loses nothing');
});

t.test('a cancelled request gives its slot back long before its work is done, even while its prompt is computed', async (t) => {
  const { mind, fleet, close } = await startMind(2);
  t.teardown(close);
  const client = mindService().client(fleet.list()[0]!.address, credentials.createInsecure());
  t.teardown(() => client.close());
  const used = (): Promise<number> =>
    new Promise((resolve, reject) => client.describe({}, {}, (error, reply?: MindDescribeReply) => (error ? reject(error) : resolve(reply!.usedSlots))));
  const whenUsed = (wanted: number): Promise<true> => eventually(`${wanted} used slots`, HANGS_MS, async () => ((await used()) === wanted ? true : undefined), 1);
  // Two of the same length, and neither ends by itself: the one that goes on is the clock of the other.
  const [one, other] = [new AbortController(), new AbortController()];
  const begin = (words: string, { signal }: AbortController): Promise<string> =>
    ask(mind, { prefix: '', prompt: words.repeat(60), signal, maxTokens: 300, grammar: { kind: 'gbnf', text: 'root ::= "on and " root' } });
  let over = false;
  const goesOn = begin('another text of many words ', other).catch(() => undefined).finally(() => (over = true));
  const running = begin('a long text of many words ', one);
  await whenUsed(2);
  one.abort();
  await running;
  await whenUsed(1);
  t.notOk(over, 'the other one is still at work');
  other.abort();
  await goesOn;
  await whenUsed(0);
});

t.test('a killed worker is TRK_WORKER_LOST for what it was writing, and another one answers soon', async (t) => {
  const { mind, fleet, close } = await startMind(2);
  t.teardown(close);
  const child = fleet.children[0]!;
  const back = new Promise<void>((resolve) => child.onEvent((event) => event.type === 'up' && resolve()));
  const broken = readPieces(mind.generate({ prefix: PREFIX, prompt: 'Tell me a story.', maxTokens: 300, deadlineMs: 30_000 }), (count) => {
    if (count === 1) process.kill(child.pid!, 'SIGKILL');
  });
  await t.rejects(broken, { code: 'TRK_WORKER_LOST' });
  t.equal(mind.capacity.used, 0);
  await t.rejects(ask(mind, { prompt: 'Anyone?' }), { code: 'TRK_WORKER_LOST' });
  await back;
  await mind.untilReady(10_000);
  t.equal(await ask(mind, { prompt: 'Back?', grammar: { kind: 'gbnf', text: 'root ::= "yes"' } }), 'yes');
});
