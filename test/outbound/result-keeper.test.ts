import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { TrunklineError } from '../../src/kernel/errors.js';
import { newId } from '../../src/kernel/ids.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { ResultKeeper } from '../../src/outbound/result-keeper.js';
import { Spill } from '../../src/outbound/spill.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Attempt, CallResult, Task } from '../../src/store/store.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import { HANGS_MS, eventually } from '../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';

const task = { id: 'task_1', flow: 'f', flowVersion: 1 } as Task;

/** A real store whose saving of inbound results fails with what the test says. */
async function setUp(t: Test) {
  const dir = t.testdir();
  const clock = new ManualClock();
  const store = openSqliteStore({ path: join(dir, 'trunkline.db'), clock, random: systemRandom, log: silentLogger });
  t.teardown(() => store.close());
  await store.migrate();
  const spillDir = join(dir, 'unsaved');
  const trouble: { now: TrunklineError | undefined; tries: number } = { now: new TrunklineError('TRK_STORE_FULL'), tries: 0 };
  const keeper = (): ResultKeeper =>
    new ResultKeeper({
      clock,
      log: silentLogger,
      spill: new Spill(spillDir, silentLogger),
      store: {
        finishAttempt: (...given) => store.finishAttempt(...given),
        saveInboundResult: (result) => {
          trouble.tries++;
          return trouble.now === undefined ? store.saveInboundResult(result) : Promise.reject(trouble.now);
        },
      },
    });
  const inbound = (): CallResult => ({ ...resultOf(clock, task, { startedAt: 0 } as Attempt), taskId: undefined, attemptId: undefined, direction: 'inbound', callId: newId('call', clock, systemRandom), sipCallId: 'x@peer' });
  const files = (): string[] => (existsSync(spillDir) ? readdirSync(spillDir).filter((name) => name.endsWith('.json')) : []);
  /**
   * File work takes turns of the event loop that no clock of ours moves, and only after it
   * does a pause begin that the clock can end: both go on until it came, however slow the
   * disk is.
   */
  const until = async (what: () => boolean, stepMs = 0): Promise<void> => {
    let looks = 0;
    await eventually(String(what), HANGS_MS, async () => {
      if (looks++ > 0 && stepMs > 0) await clock.run(stepMs);
      return what() ? true : undefined;
    }, 1);
  };
  return { clock, store, spillDir, trouble, keeper, inbound, files, until };
}

t.test("an inbound call's result outlives a store that fails for a while", async (t) => {
  const { clock, store, spillDir, trouble, keeper, inbound, files, until } = await setUp(t);
  const one = keeper();
  const result = inbound();
  const kept = one.keep(result);
  await until(() => files().length === 1 && clock.pending > 0);
  t.same(files(), [`${result.id}.json`], 'meanwhile it lies in a file');
  t.equal(statSync(join(spillDir, `${result.id}.json`)).mode & 0o077, 0, 'for its owner only');
  t.equal(one.unsaved, 1);
  await clock.run(30_000);
  t.ok(trouble.tries >= 8 && trouble.tries < 20, `${trouble.tries} tries, with growing pauses`);
  trouble.now = undefined;
  await clock.run(10_000);
  t.equal(await kept, 'saved');
  t.match(await store.getResult(result.callId), { id: result.id, transcript: result.transcript });
  t.same(files(), []);
  t.equal(one.unsaved, 0);
  t.equal(clock.pending, 0);
});

t.test("an inbound call's result outlives the process", async (t) => {
  const { clock, store, trouble, keeper, inbound, files, until } = await setUp(t);
  const one = keeper();
  const result = inbound();
  const kept = one.keep(result);
  await until(() => files().length === 1 && clock.pending > 0);
  one.stop();
  t.equal(await kept, 'spilled');
  t.equal(await store.getResult(result.id), undefined);
  await t.rejects(keeper().replay(), { code: 'TRK_STORE_FULL' }, 'a start on a store that still fails says so');
  t.equal(files().length, 1, 'and keeps the file');
  trouble.now = undefined;
  t.equal(await keeper().replay(), 1);
  t.match(await store.getResult(result.id), { id: result.id });
  t.same(files(), []);
  t.equal(await keeper().replay(), 0);
  t.equal(clock.pending, 0);
});

t.test('saved, but its file stayed: the next start makes no second one', async (t) => {
  const { store, spillDir, trouble, keeper, inbound, files } = await setUp(t);
  trouble.now = undefined;
  const result = inbound();
  t.equal(await keeper().keep(result), 'saved');
  mkdirSync(spillDir);
  writeFileSync(join(spillDir, `${result.id}.json`), JSON.stringify({ result }));
  await keeper().replay();
  t.equal((await store.listResults({ limit: 9 })).items.length, 1);
  t.same(files(), []);
});

t.test('the disk of the files is full as well: memory holds it, and each try tries the file again', async (t) => {
  const { store, spillDir, trouble, keeper, inbound, files, until } = await setUp(t);
  // A file where the folder should be: nothing can be written there, as on a full disk, for root too.
  writeFileSync(spillDir, '');
  const one = keeper();
  const results = [inbound(), inbound()];
  const kept = results.map((result) => one.keep(result));
  await until(() => trouble.tries >= 6, 100);
  t.equal(one.unsaved, 2);
  rmSync(spillDir);
  await until(() => files().length === 2, 100);
  t.same(files(), results.map((result) => `${result.id}.json`).sort(), 'as soon as there is room');
  trouble.now = undefined;
  await until(() => one.unsaved === 0, 100);
  t.same(await Promise.all(kept), ['saved', 'saved']);
  t.equal((await store.listResults({ limit: 9 })).items.length, 2);
  t.same(files(), []);
});

t.test('a result that the store will never take is not tried for ever', async (t) => {
  const { clock, trouble, keeper, inbound, files } = await setUp(t);
  trouble.now = new TrunklineError('TRK_CONFLICT', { params: { reason: 'x' } });
  t.equal(await keeper().keep(inbound()), 'refused');
  t.equal(trouble.tries, 1);
  t.same(files(), []);
  t.equal(clock.pending, 0);
});

t.test('files that are not what their name says are put aside', async (t) => {
  const { clock, store, spillDir, trouble, keeper, inbound } = await setUp(t);
  trouble.now = undefined;
  mkdirSync(spillDir);
  const name = newId('res', clock, systemRandom);
  writeFileSync(join(spillDir, `${name}.json`), JSON.stringify({ result: inbound() }));
  writeFileSync(join(spillDir, 'notes.json'), 'not ours');
  await keeper().replay();
  t.same(readdirSync(spillDir).sort(), ['notes.json', `${name}.json.broken`]);
  t.equal(readFileSync(join(spillDir, 'notes.json'), 'utf8'), 'not ours');
  t.same((await store.listResults({ limit: 9 })).items, []);
});

t.test('a server that was cut off tells, when it starts again, what was said in calls that others gave up for lost', async (t) => {
  const { clock, store, spillDir, trouble, keeper, files } = await setUp(t);
  trouble.now = undefined;
  const { tasks } = await store.createTasks([newTask({ to: '+14155550142' })]);
  const attempt = (await store.beginAttempt(tasks[0]!.id, 'node_a', callIdOf))!;
  const result = resultOf(clock, tasks[0]!, attempt, { slots: { do_not_call: true } });
  await new Spill(spillDir, silentLogger).write(result, { abandoned: false });
  t.same(await store.recoverAttempts('node_b'), [tasks[0]!.id]);
  t.equal(await keeper().replay(), 1);
  t.same(files(), []);
  t.match((await store.listSuppressions({ number: '+14155550142', limit: 5 })).items, [{ source: 'call', reason: 'do_not_call' }]);
  t.match(await store.getResult(tasks[0]!.id), { disposition: 'unknown', earlier: [{ id: result.id, slots: { do_not_call: true } }] });
});
