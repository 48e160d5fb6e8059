import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import t from 'tap';
import { defaultModelsDirectory } from '../../src/models/cache.js';
import { minilmGraphFile } from '../../src/models/derive-minilm.js';
import { loadManifest } from '../../src/models/manifest.js';
import { minilmGraph } from '../../src/models/minilm-graph.js';
import { Safetensors } from '../../src/models/safetensors.js';
import { requireModel } from '../../src/models/verify.js';
import { SentenceModel } from '../../src/workers/sentence/sentence-model.js';
import { WordPiece } from '../../src/workers/sentence/word-piece.js';

const model = await requireModel(loadManifest(), defaultModelsDirectory(), 'all-minilm-l6-v2');
const weights = new Safetensors(readFileSync(model.file('model.safetensors')));
const pieces = WordPiece.load(model.file('tokenizer.json'));

const cosine = (left: Float32Array, right: Float32Array): number => left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);

async function embedWith(session: InferenceSession, text: string): Promise<Float32Array> {
  const ids = pieces.encode(text, 128);
  const out = await session.run({
    tokens: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
    positions: new Tensor('int64', BigInt64Array.from(ids, (_, at) => BigInt(at)), [ids.length]),
  });
  return out['sentence']?.data as Float32Array;
}

t.test('the graph of floats computes what the authors of the model publish', async (t) => {
  const session = await InferenceSession.create(Buffer.from(minilmGraph(weights, { int8: false })), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const vector = await embedWith(session, 'This is an example sentence');
  // From the model card of sentence-transformers/all-MiniLM-L6-v2.
  [0.067657, 0.063496, 0.048713, 0.079305, 0.037448].forEach((value, at) => t.ok(Math.abs((vector[at] ?? 0) - value) < 1e-4, `${vector[at]}`));
  t.ok(Math.abs(cosine(vector, vector) - 1) < 1e-5, 'of length 1');

  const small = await SentenceModel.load({ graph: minilmGraphFile(defaultModelsDirectory(), model.entry), tokenizer: model.file('tokenizer.json') });
  for (const text of ['This is an example sentence', 'stop calling me', 'yes', 'could you connect me to somebody at the bank please', '']) {
    const near = cosine(await small.embed(text), await embedWith(session, text));
    t.ok(near > 0.97, `int8: ${near.toFixed(4)} ${text}`);
  }
  const [one, same, other] = [await small.embed('i want to talk to a human'), await small.embed('can you connect me with a real person'), await small.embed('how much does it cost')];
  t.ok(cosine(one, same) > cosine(one, other) + 0.2, 'near for near meanings');
  t.equal((await small.embed('word '.repeat(5000))).length, 384, 'too long is cut');
  await session.release();
});

t.test('pieces of words', (t) => {
  const spoken = (text: string): number[] => pieces.encode(text, 128);
  // Ids as in vocab.txt of the model.
  t.same(spoken('Hello, world!'), [101, 7592, 1010, 2088, 999, 102]);
  t.same(spoken('HÉLLO'), [101, 7592, 102], 'without case and accents');
  t.same(spoken('embeddings'), [101, 7861, 8270, 4667, 2015, 102], 'cut into what is known');
  t.same(spoken('你好'), [101, 100, 100, 102].map((id, at) => (at === 1 ? spoken('你')[1] : at === 2 ? spoken('好')[1] : id)), 'each Chinese character alone');
  t.same(spoken(`${'x'.repeat(101)}`), [101, 100, 102], 'a word that is none');
  t.equal(pieces.encode('a '.repeat(500), 16).length, 16);
  t.same(spoken(' \u0000\u200b '), [101, 102]);
  t.throws(() => new WordPiece({ hello: 1 }), { code: 'TRK_MODEL_CORRUPT' });
  t.throws(() => WordPiece.load('/nowhere'), { code: 'TRK_MODEL_CORRUPT' });
  t.end();
});

t.test('weights that are none', (t) => {
  const code = { code: 'TRK_MODEL_CORRUPT' };
  const file = (header: string, length = header.length): Uint8Array => Buffer.concat([Buffer.from(new BigUint64Array([BigInt(length)]).buffer), Buffer.from(header), Buffer.alloc(8)]);
  for (const bytes of [new Uint8Array(3), file('{}', 1000), file('{"a"')]) t.throws(() => new Safetensors(bytes), code);
  const header = (shape: number[], offsets: number[], dtype = 'F32'): Safetensors => new Safetensors(file(JSON.stringify({ a: { dtype, shape, data_offsets: offsets } })));
  t.same(header([2], [0, 8]).float('a', [2]), new Float32Array(2));
  t.throws(() => header([2], [0, 8]).float('b', [2]), code, 'no such tensor');
  t.throws(() => header([2], [0, 8]).float('toString', [2]), code);
  t.throws(() => header([2], [0, 8]).float('a', [1, 2]), code, 'another shape');
  t.throws(() => header([2], [0, 8], 'F16').float('a', [2]), code, 'another type');
  t.throws(() => header([2], [8, 16]).float('a', [2]), code, 'past the end');
  t.throws(() => minilmGraph(header([2], [0, 8])), code, 'the weights of something else');
  t.end();
});
