import t from 'tap';
import type { Test } from 'tap';
import { Meanings } from '../../../src/dialogue/nlu/meanings.js';
import { TrunklineError } from '../../../src/kernel/errors.js';
import { defaultModelsDirectory } from '../../../src/models/cache.js';
import { loadManifest } from '../../../src/models/manifest.js';
import { sentenceFiles } from '../../../src/workers/sentence/from-models.js';
import { SentenceEmbedder } from '../../../src/workers/sentence/sentence-embedder.js';
import { ManualClock } from '../../support/manual-clock.js';

const files = await sentenceFiles(loadManifest(), defaultModelsDirectory());

function setUp(t: Test): SentenceEmbedder {
  const embedder = new SentenceEmbedder(files);
  t.teardown(() => embedder.close());
  return embedder;
}

t.test('a caller goes before a flow that is being published', async (t) => {
  const embedder = setUp(t);
  const order: string[] = [];
  const texts = Array.from({ length: 200 }, (_, at) => `sentence number ${at}`);
  const many = embedder.embedAll(texts).then((vectors) => (order.push('flow'), vectors));
  const vector = await embedder.embed('sentence number 7');
  order.push('caller');
  const vectors = await many;
  t.same(order, ['caller', 'flow']);
  t.equal(vectors.length, texts.length);
  t.same(vectors[7], vector, 'in their order');
});

t.test('a thread that cannot start fails what it was given, and nothing hangs', async (t) => {
  const embedder = new SentenceEmbedder({ ...files, graph: '/nowhere.onnx' });
  await t.rejects(embedder.embed('hello'), { code: 'TRK_INTERNAL' });
  await t.rejects(embedder.embedAll(['hello', 'you']), { code: 'TRK_INTERNAL' }, 'nor the next one');
  await embedder.close();
  await t.rejects(embedder.embed('hello'), { code: 'TRK_CLOSED' });
});

t.test('a model that is not installed has its code', async (t) => {
  await t.rejects(sentenceFiles(loadManifest(), t.testdir()), { code: 'TRK_MODEL_MISSING' });
});

t.test('meanings of what callers say: looked up once, not waited for too long, never in the way', async (t) => {
  const clock = new ManualClock();
  const asked: string[] = [];
  let answer: (vector: Float32Array) => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const embed = (text: string): Promise<Float32Array> => {
    asked.push(text);
    return new Promise((resolve, reject) => {
      answer = resolve;
      refuse = reject;
    });
  };
  const meanings = new Meanings({ embed, embedAll: () => Promise.resolve([]) }, 'en-US', clock);
  t.equal(meanings.prepare('...'), undefined, 'nothing to look up');
  const first = meanings.prepare('Um, I CAN\'T hear you!');
  t.same(asked, ['i can not hear you'], 'as the phrases were taught');
  answer(Float32Array.of(1));
  await first;
  t.same(meanings.get('I cannot hear you.'), Float32Array.of(1));
  t.equal(meanings.prepare('I can\'t hear you'), undefined, 'known');
  t.equal(clock.pending, 0);

  const late = meanings.prepare('slow');
  await clock.run(60);
  await late;
  t.equal(meanings.get('slow'), undefined, 'too late: decided without');

  const failed = meanings.prepare('broken');
  refuse(new TrunklineError('TRK_INTERNAL', { params: { reason: 'x' } }));
  await failed;
  t.equal(meanings.get('broken'), undefined);
  t.equal(new Meanings(undefined, 'zh-CN', clock).prepare('你好'), undefined, 'a language without vectors');
});
