import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseConfig } from '../../src/config/load.js';
import { compileFlowApart } from '../../src/dialogue/flow/compile.js';
import { Lifetime } from '../../src/kernel/lifetime.js';
import { createLogger } from '../../src/kernel/log.js';
import { startUnderstanding } from '../../src/nlu-wiring.js';
import { ManualClock } from '../support/manual-clock.js';

const source = readFileSync(new URL('../../examples/flows/card-offer.en.yaml', import.meta.url), 'utf8');

t.test('without the sentence model: a warning, and flows work by words alone', async (t) => {
  const lifetime = new Lifetime();
  t.teardown(() => lifetime.close());
  const said: { level: string; fields: unknown; message: string }[] = [];
  const log = createLogger({ ...parseConfig('').log, level: 'silent' });
  log.warn = (fields: unknown, message?: string) => void said.push({ level: 'warn', fields, message: message ?? '' });
  const understanding = await startUnderstanding(parseConfig(`speech: {models_dir: ${JSON.stringify(t.testdir())}}`), log, lifetime);
  t.match(said, [{ fields: { code: 'TRK_MODEL_MISSING' }, message: /no sentence model/ }]);
  t.equal(understanding.embedder('en-US'), undefined);
  const flow = await compileFlowApart(source, { clock: new ManualClock(), timezone: 'UTC', ...understanding });
  const dialogue = flow.start({ name: 'Ann', bank: 'Harbor Bank', offer: 'a card', agent: 'Bo' });
  dialogue.next({ type: 'start' });
  t.equal(dialogue.prepare?.('please never ring me again'), undefined, 'nothing to wait for');
  dialogue.next({ type: 'utterance', text: 'please stop calling me' });
  t.match(dialogue.lastDecision, /intent:stop_calling/);
});

t.test('what was prepared beside the models is taken over, and what is there stays', async (t) => {
  const directory = t.testdir({ models: { intents: { 'a.trained': 'prepared', 'b.trained': 'prepared', 'b.trained.123': 'half' } }, own: { 'b.trained': 'own' } });
  const lifetime = new Lifetime();
  t.teardown(() => lifetime.close());
  const log = createLogger({ ...parseConfig('').log, level: 'silent' });
  await startUnderstanding(parseConfig(`speech: {models_dir: ${JSON.stringify(join(directory, 'models'))}}`), log, lifetime, join(directory, 'own'));
  t.same(readdirSync(join(directory, 'own')).sort(), ['a.trained', 'b.trained']);
  t.equal(readFileSync(join(directory, 'own', 'b.trained'), 'utf8'), 'own');
});

t.test('with it: English has vectors, Chinese has none', async (t) => {
  const lifetime = new Lifetime();
  t.teardown(() => lifetime.close());
  const understanding = await startUnderstanding(parseConfig(''), createLogger({ ...parseConfig('').log, level: 'silent' }), lifetime);
  t.ok(understanding.embedder('en-GB'));
  t.equal(understanding.embedder('zh-CN'), undefined);
  const flow = await compileFlowApart(source, { clock: new ManualClock(), timezone: 'UTC', ...understanding });
  const dialogue = flow.start({ name: 'Ann', bank: 'Harbor Bank', offer: 'a card', agent: 'Bo' });
  dialogue.next({ type: 'start' });
  const preparing = dialogue.prepare?.('kindly refrain from phoning this household ever again');
  t.ok(preparing);
  await preparing;
  dialogue.next({ type: 'utterance', text: 'kindly refrain from phoning this household ever again' });
  t.match(dialogue.lastDecision, /stop_calling/);
});
