import { readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { compileFlow, compileFlowApart } from '../../src/dialogue/flow/compile.js';
import { TrainedFiles, readTrained, writeTrained } from '../../src/dialogue/nlu/trained-files.js';
import { ProcessTrainer } from '../../src/dialogue/nlu/trainer.js';
import { USUAL_THRESHOLDS } from '../../src/dialogue/nlu/intent-model.js';
import { QuestionModel } from '../../src/dialogue/nlu/question-model.js';
import { trainIntents } from '../../src/dialogue/nlu/training.js';
import { HelperProcess } from '../../src/kernel/helper-process.js';
import { ManualClock } from '../support/manual-clock.js';

const source = readFileSync(new URL('../../examples/flows/card-offer.zh.yaml', import.meta.url), 'utf8');

const clock = new ManualClock();
const options = { clock, timezone: 'UTC' };

/** Finding thresholds costs more than training; where they do not matter they are there. */
function withThresholds(directory: string): TrainedFiles {
  const files = new TrainedFiles(directory);
  const path = files.path('thresholds', 'zh', 'words');
  if (readTrained(path, clock) === undefined) writeTrained(path, USUAL_THRESHOLDS);
  return files;
}

function setUp(t: Test, files?: TrainedFiles): { trainer: ProcessTrainer; helpers: HelperProcess[]; clock: ManualClock } {
  const helpers: HelperProcess[] = [];
  const clock = new ManualClock();
  const start = (): HelperProcess => {
    const helper = new HelperProcess(new URL('../../src/dialogue/nlu/training-process.js', import.meta.url));
    helpers.push(helper);
    return helper;
  };
  const trainer = new ProcessTrainer({ start, clock, files });
  t.teardown(() => trainer.close());
  return { trainer, helpers, clock };
}

t.test('a flow is compiled while everything else goes on, and understands the same', async (t) => {
  const { trainer, helpers } = setUp(t);
  let turns = 0;
  let compiling = true;
  const count = (): void => {
    turns++;
    if (compiling) setImmediate(count);
  };
  setImmediate(count);
  const apart = await compileFlowApart(source, { ...options, trainer });
  compiling = false;
  t.ok(turns > 100, `${turns} turns of the event loop meanwhile`);
  const here = compileFlow(source, options);
  t.same({ ...apart, start: undefined }, { ...here, start: undefined });
  const variables = { name: '王女士' };
  for (const text of ['好的，听着不错', '年费多少钱？', '以后别再打给我了', '紫色的大象']) {
    const [one, other] = [apart.start(variables), here.start(variables)];
    one.next({ type: 'start' });
    other.next({ type: 'start' });
    t.same(one.next({ type: 'utterance', text }), other.next({ type: 'utterance', text }), text);
    t.equal(one.lastDecision, other.lastDecision);
  }
  await compileFlowApart(source, { ...options, trainer });
  t.equal(helpers.length, 1);
});

t.test('a model that crossed processes is the model', async (t) => {
  const { trainer } = setUp(t);
  const own = new Map([['a', ['寄一个包裹', '寄个箱子']], ['b', ['取我的信', '收信件']], ['yes', []]]);
  const [model, again] = await Promise.all([trainer.train('zh-CN', [own]), trainer.train('zh-CN', [own])]);
  t.equal(model, again, 'trained once');
  const here = trainIntents('zh-CN', [own]);
  for (const text of ['请把这个包裹寄了', '是的', '收信件', '？？？']) t.same(new QuestionModel(model, own).classify(text), new QuestionModel(here, own).classify(text));
});

t.test('errors of the flow keep their codes and start no process', async (t) => {
  const { trainer, helpers } = setUp(t, withThresholds(t.testdir()));
  await t.rejects(compileFlowApart(source.replace(/^start: .*$/m, 'start: nowhere'), { ...options, trainer }), { code: 'TRK_FLOW_INVALID', field: 'start' });
  await t.rejects(compileFlowApart(source, { ...options, timezone: 'Mars/Olympus', trainer }), { code: 'TRK_CONFIG_INVALID' });
  t.equal(helpers.length, 0);
});

t.test('a process that dies fails its jobs, and the next job gets another', async (t) => {
  const { trainer, helpers } = setUp(t, withThresholds(t.testdir()));
  const job = trainer.train('zh-CN', [new Map([['a', ['one']]])]);
  await helpers[0]?.terminate();
  await t.rejects(job, { code: 'TRK_INTERNAL', retryable: true });
  t.ok(await trainer.train('zh-CN', [new Map([['a', ['one']]])]), 'the same job again');
  t.equal(helpers.length, 2);
});

t.test('a job that breaks the training fails alone', async (t) => {
  const { trainer, helpers } = setUp(t, withThresholds(t.testdir()));
  await t.rejects(trainer.train('zh-CN', [new Map([['a', [1 as never]]])]), { code: 'TRK_INTERNAL' });
  t.ok(await trainer.train('zh-CN', [new Map([['a', ['one']]])]));
  t.equal(helpers.length, 1);
});

t.test('what was trained outlives the process, and a damaged file is trained again', async (t) => {
  const directory = join(t.testdir(), 'made', 'by', 'itself');
  const own = new Map([['send', ['寄一个包裹', '寄个箱子']], ['fetch', ['取我的信', '收信件']]]);
  const utterance = '请把这个包裹寄了';
  const train = async (phrases: ReadonlyMap<string, readonly string[]> = own): Promise<{ guesses: unknown; processes: number }> => {
    const { trainer, helpers } = setUp(t, withThresholds(directory));
    const guesses = new QuestionModel(await trainer.train('zh-CN', [phrases]), phrases).classify(utterance);
    await trainer.close();
    return { guesses, processes: helpers.length };
  };
  const first = await train();
  t.equal(first.processes, 1);
  const sizeOf = (name: string): number => statSync(join(directory, name)).size;
  const [name = '', ...others] = readdirSync(directory).sort((left, right) => sizeOf(right) - sizeOf(left));
  t.equal(others.length, 1, 'the model, the thresholds of its language, and nothing half written');
  t.same(await train(), { ...first, processes: 0 }, 'read');
  const file = join(directory, name);
  const whole = readFileSync(file);
  const value = readTrained(file, clock);
  const flipped = Buffer.from(whole);
  flipped[1000] = (flipped[1000] ?? 0) ^ 1;
  for (const damaged of [flipped, whole.subarray(0, whole.length / 2), Buffer.alloc(0)]) {
    writeFileSync(file, damaged);
    t.same(await train(), first, `${damaged.length} bytes: trained again`);
    // Not the bytes: V8 writes one array in two ways, by how hot the code was that made it.
    t.same(readTrained(file, clock), value, 'and mended');
  }
  t.equal((await train(new Map([...own, ['fetch', ['取我的信']]]))).processes, 1, 'other phrases, another model');
});

t.test('a directory that cannot be written costs nothing but the time', async (t) => {
  const { trainer } = setUp(t, new TrainedFiles(join(t.testdir({ file: '' }), 'file', 'below')));
  t.ok(await trainer.train('zh-CN', [new Map([['a', ['one']]])]));
});

t.test('only the files used last are kept', (t) => {
  const directory = t.testdir();
  const files = new TrainedFiles(directory);
  const paths = Array.from({ length: 203 }, (_, at) => files.path(`${at}`));
  paths.slice(0, 200).forEach((path, at) => {
    writeTrained(path, at);
    utimesSync(path, at, at);
  });
  t.equal(readTrained(paths[0] ?? '', clock), 0, 'used now');
  t.equal(statSync(paths[0] ?? '').mtimeMs, clock.now());
  for (const path of paths.slice(200)) writeTrained(path, 'new');
  t.equal(readdirSync(directory).length, 200);
  t.equal(readTrained(paths[0] ?? '', clock), 0);
  t.equal(readTrained(paths[1] ?? '', clock), undefined);
  t.equal(readTrained(paths[202] ?? '', clock), 'new');
  t.end();
});

t.test('the process ends when it has nothing to do, and another one starts', async (t) => {
  const { trainer, helpers, clock } = setUp(t, withThresholds(t.testdir()));
  await trainer.train('zh-CN', [new Map([['a', ['one']]])]);
  const ended = new Promise((resolve) => helpers[0]?.onEnd(resolve));
  await clock.run(14_000);
  await trainer.train('zh-CN', [new Map([['a', ['two']]])]);
  await clock.run(14_000);
  t.equal(helpers.length, 1, 'the wait begins anew');
  await clock.run(1_000);
  await ended;
  await trainer.train('zh-CN', [new Map([['a', ['three']]])]);
  t.equal(helpers.length, 2);
});

t.test('closed', async (t) => {
  const { trainer } = setUp(t, withThresholds(t.testdir()));
  const job = trainer.train('zh-CN', [new Map([['a', ['one']]])]);
  const failed = t.rejects(job, { code: 'TRK_CLOSED' });
  await trainer.close();
  await failed;
  await t.rejects(trainer.train('zh-CN', [new Map([['a', ['one']]])]), { code: 'TRK_CLOSED' });
});
