import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TrunklineError } from '../../src/kernel/errors.js';
import { newId } from '../../src/kernel/ids.js';
import { systemRandom } from '../../src/kernel/random.js';
import type { Store } from '../../src/store/store.js';
import { HANGS_MS, eventually } from '../support/eventually.js';
import { setUp } from './dialer-world.js';

/** A store whose saving of results fails while the test says so. */
function failing(store: Store, error: () => TrunklineError | undefined): Store {
  return new Proxy(store, {
    get(target, name) {
      const wrong = error();
      if (name === 'finishAttempt' && wrong !== undefined) return () => Promise.reject(wrong);
      return Reflect.get(target, name) as unknown;
    },
  });
}

t.test('a task from queue to result', async (t) => {
  const { clock, store, dialer, calls, add, stateOf } = await setUp(t);
  const [task] = await add({ variables: { name: 'Ann' } });
  const seen: (string | undefined)[] = [];
  calls.onDial = () => seen.push('dialled');
  await dialer.start();
  await clock.run(1);
  t.equal(calls.dialled.length, 1);
  const call = calls.dialled[0]!;
  t.same(call.task.variables, { name: 'Ann' });
  t.equal(call.attempt.sipCallId, `${call.attempt.id}@trunkline.invalid`);
  t.equal(await stateOf(task?.id), 'dialing', 'the intent is in the store');
  call.answer();
  await clock.run(1);
  t.equal(await stateOf(task?.id), 'in_call');
  call.end();
  await clock.run(2000);
  t.equal(await stateOf(task?.id), 'done');
  t.match(await store.getResult(task?.id ?? ''), { disposition: 'answered_human', attemptId: call.attempt.id });
  t.equal(dialer.running, 0);
  t.equal(calls.reserved, 0);
  t.equal(calls.dialled.length, 1, 'not dialled again');
  t.same((await store.readEvents(0, 10)).map((event) => event.type), ['task.created', 'task.dialing', 'task.in_call', 'task.done']);
  await dialer.stop();
  t.equal(clock.pending, 0, 'no timer stays behind');
});

t.test('capacity, then the durable intent, then the INVITE', async (t) => {
  const { clock, store, add, again } = await setUp(t);
  const order: string[] = [];
  const watched: Store = { ...store, beginAttempts: async (...given: Parameters<Store['beginAttempts']>) => {
    order.push('begin');
    const outcomes = await store.beginAttempts(...given);
    order.push('saved');
    return outcomes;
  } };
  const { dialer, calls } = again(watched);
  const reserve = calls.reserve.bind(calls);
  calls.reserve = () => {
    order.push('reserve');
    return reserve();
  };
  calls.onDial = () => order.push('dial');
  await add({});
  await dialer.start();
  await clock.run(1);
  t.same(order, ['reserve', 'begin', 'saved', 'dial']);
  calls.dialled[0]?.end();
  await dialer.stop();
});

t.test('by priority, within max_calls', async (t) => {
  const { clock, dialer, calls, add } = await setUp(t, { maxCalls: 2 });
  await add({ priority: 1, to: 'sip:low@h' }, { priority: 50, to: 'sip:first@h' }, { priority: 90, to: 'sip:urgent@h' }, { priority: 50, to: 'sip:second@h' });
  await dialer.start();
  await clock.run(1000);
  t.same(calls.dialled.map((call) => call.task.to), ['sip:urgent@h', 'sip:first@h']);
  calls.dialled[0]?.end();
  await clock.run(1);
  t.equal(calls.dialled[2]?.task.to, 'sip:second@h', 'the next goes as soon as one has ended');
  t.equal(calls.dialled.length, 3);
  for (const call of calls.dialled) call.end();
  await clock.run(10);
  t.equal(calls.dialled.length, 4);
  calls.dialled[3]?.end();
  await dialer.stop();
});

t.test('a language whose workers are full waits alone, and none of its tasks goes before another of its own', async (t) => {
  const { clock, dialer, calls, add } = await setUp(t);
  const asked: string[] = [];
  const reserve = calls.reserve.bind(calls);
  let chinese = 0;
  calls.serves = ({ language }) => language !== 'zh-CN' || chinese > 0;
  calls.reserve = (task, needs) => {
    asked.push(task?.to ?? '');
    return needs?.language === 'zh-CN' && chinese-- <= 0 ? undefined : reserve();
  };
  await add({ flow: 'offer-zh', priority: 90, to: 'sip:zh-first@h' }, { flow: 'offer-zh', priority: 80, to: 'sip:zh-second@h' }, { flow: 'offer', priority: 10, to: 'sip:en@h' });
  await dialer.start();
  await clock.run(1);
  t.same(calls.dialled.map((call) => call.task.to), ['sip:en@h']);
  t.notOk(asked.includes('sip:zh-second@h'), 'nobody is asked for whom there can be no place');
  chinese = 1;
  await clock.run(500);
  t.same(calls.dialled.map((call) => call.task.to), ['sip:en@h', 'sip:zh-first@h']);
  for (const call of calls.dialled) call.end();
  await dialer.stop();
});

t.test('evenly at calls_per_second', async (t) => {
  const { clock, dialer, calls, add } = await setUp(t, { maxCalls: 100, callsPerSecond: 4 });
  await add(...Array.from({ length: 9 }, () => ({})));
  await dialer.start();
  await clock.run(2000);
  t.same(calls.dialled.map((call) => call.dialledAt), [0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000]);
  for (const call of calls.dialled) call.end();
  await dialer.stop();
});

t.test('nothing is dialled that cannot be served', async (t) => {
  const { clock, store, dialer, calls, registry, add } = await setUp(t);
  calls.capacity = 1;
  const [, second] = await add({}, {});
  await dialer.start();
  await clock.run(5000);
  t.equal(calls.dialled.length, 1);
  t.equal((await store.getTask(second?.id ?? ''))?.state, 'queued', 'no intent without capacity');
  t.match(await registry.metrics(), /trunkline_dialer_no_capacity_total [1-9]/);
  calls.dialled[0]?.end();
  await clock.run(1);
  t.equal(calls.dialled.length, 2);
  calls.dialled[1]?.end();
  await dialer.stop();
});

t.test('a crash leaves unknown calls, which are not dialled again', async (t) => {
  const { clock, store, dialer, calls, add, stateOf, again } = await setUp(t);
  const tasks = await add({}, {}, {});
  calls.capacity = 2;
  await dialer.start();
  await clock.run(1);
  t.equal(calls.dialled.length, 2);
  calls.dialled[0]?.answer();
  await clock.run(1);
  // The first process is gone without a word; the same data, another node.
  const next = again();
  await next.dialer.start();
  await clock.run(5000);
  t.same([await stateOf(tasks[0]?.id), await stateOf(tasks[1]?.id)], ['unknown', 'unknown']);
  t.same(next.calls.dialled.map((call) => call.task.id), [tasks[2]?.id], 'only what never was dialled');
  t.match(await store.getResult(tasks[0]?.id ?? ''), { disposition: 'unknown' });
  t.same((await store.readEvents(0, 50)).filter((event) => event.type === 'task.unknown').map((event) => (event.data as { taskId: string }).taskId).sort(), [tasks[0]?.id, tasks[1]?.id].sort());
  next.calls.dialled[0]?.end();
  await next.dialer.stop();
});

t.test('a result outlives a store that fails for a while', async (t) => {
  let broken = true;
  const { clock, store, spillDir, add, stateOf, again } = await setUp(t);
  const { dialer, calls, registry } = again(failing(store, () => (broken ? new TrunklineError('TRK_STORE_FULL') : undefined)));
  const [task] = await add({});
  await dialer.start();
  await clock.run(1);
  calls.dialled[0]?.end({ disposition: 'busy' });
  const file = `${calls.dialled[0]?.attempt.id}.json`;
  await until(() => filesIn(spillDir).includes(file));
  await clock.run(20_000);
  t.equal(await stateOf(task?.id), 'dialing');
  t.match(await registry.metrics(), /trunkline_dialer_unsaved_results 1/);
  t.same(filesIn(spillDir), [file], 'meanwhile it lies in a file');
  t.equal(dialer.running, 1, 'and holds its place, so that unsaved results cannot pile up');
  broken = false;
  await clock.run(10_000);
  t.equal(await stateOf(task?.id), 'done');
  t.match(await store.getResult(task?.id ?? ''), { disposition: 'busy' });
  await until(() => filesIn(spillDir).length === 0);
  t.pass('and the file is gone');
  await dialer.stop();
});

t.test('a result outlives the process, too', async (t) => {
  const { clock, store, spillDir, add, stateOf, again } = await setUp(t);
  const { dialer, calls } = again(failing(store, () => new TrunklineError('TRK_STORE', { params: { reason: 'gone' } })));
  const [task] = await add({});
  await dialer.start();
  await clock.run(1);
  calls.dialled[0]?.end({ disposition: 'rejected' });
  await until(() => filesIn(spillDir).some((name) => name.endsWith('.json')));
  const stopped = dialer.stop();
  await clock.run(40_000);
  await stopped;
  t.equal(await stateOf(task?.id), 'dialing');
  writeFileSync(join(spillDir, `${newId('att', clock, systemRandom)}.json`), '{"half');
  const next = again();
  await next.dialer.start();
  t.equal(await stateOf(task?.id), 'done', 'what really happened, not "unknown"');
  t.match(await store.getResult(task?.id ?? ''), { disposition: 'rejected' });
  t.match(readdirSync(spillDir), [/\.broken$/], 'what cannot be read is put aside');
  await next.dialer.stop();
});

t.test('a call that breaks its promise still gives one result', async (t) => {
  const { clock, store, dialer, calls, add } = await setUp(t);
  const [task] = await add({});
  await dialer.start();
  await clock.run(1);
  calls.dialled[0]?.breakDown(new Error('never mind'));
  await clock.run(10);
  t.match(await store.getResult(task?.id ?? ''), { disposition: 'failed', reason: 'TRK_INTERNAL', endedBy: 'system' });
  t.equal(calls.reserved, 0);
  await dialer.stop();
});

t.test('a graceful stop', async (t) => {
  const { clock, dialer, calls, add, stateOf } = await setUp(t, { maxCalls: 2 });
  const tasks = await add({}, {}, {});
  await dialer.start();
  await clock.run(1);
  const [first, second] = calls.dialled;
  let stopped = false;
  void dialer.stop().then(() => (stopped = true));
  first?.end();
  await clock.run(29_000);
  t.equal(second?.signal.aborted, false, 'running calls go on');
  t.equal(calls.dialled.length, 2, 'but no new one begins');
  t.equal(stopped, false);
  await clock.run(1_000);
  t.equal(second?.signal.aborted, true, 'up to the limit');
  second?.end({ disposition: 'cancelled' });
  await clock.run(1);
  t.equal(stopped, true);
  t.same([await stateOf(tasks[0]?.id), await stateOf(tasks[1]?.id), await stateOf(tasks[2]?.id)], ['done', 'done', 'queued']);
  dialer.wake();
  await clock.run(60_000);
  t.equal(calls.dialled.length, 2);
  t.equal(clock.pending, 0);
});

t.test('a store that cannot be read is asked more and more rarely', async (t) => {
  const { clock, store, add, again } = await setUp(t);
  let asked = 0;
  let broken = true;
  const { dialer, calls, registry } = again({ ...store, dueParties: () => {
    asked++;
    return broken ? Promise.reject(new TrunklineError('TRK_STORE', { params: { reason: 'gone' } })) : store.dueParties();
  } });
  await add({});
  await dialer.start();
  await clock.run(60_000);
  t.ok(asked > 4 && asked < 12, `asked ${asked} times in a minute`);
  t.match(await registry.metrics(), /trunkline_dialer_store_errors_total\{code="TRK_STORE"\} [1-9]/);
  broken = false;
  await clock.run(30_000);
  t.equal(calls.dialled.length, 1);
  calls.dialled[0]?.end();
  await dialer.stop();
});

t.test('whatever the moment at which it is woken, it looks again', async (t) => {
  const { clock, store, calls, dialer, add } = await setUp(t);
  const after = clock.after.bind(clock);
  let woken = 0;
  // Just when the timer of the next look is set: the round is over, and has not ended yet.
  clock.after = (ms, fn, options) => {
    if (ms === 500 && woken === 0) {
      woken += 1;
      queueMicrotask(() => dialer.wake());
    }
    return after(ms, fn, options);
  };
  await dialer.start();
  await clock.run(10);
  t.equal(woken, 1);
  await add({});
  await clock.run(1_000);
  t.equal(calls.dialled.length, 1);
  t.equal((await store.dueTasks(5)).length, 0);
  calls.dialled[0]?.end();
  await dialer.stop();
});

t.test('fixed: as many as are set, and fewer while a brake is on', async (t) => {
  const { clock, dialer, calls, registry, add } = await setUp(t, { mode: 'fixed', maxCalls: 8, brakes: { replyP95Ms: 0, workersBusyPercent: 90, trunkFailuresPercent: 0, storeP95Ms: 0, windowMs: 60_000 } });
  calls.ceiling = 1;
  await add(...Array.from({ length: 40 }, () => ({})));
  await dialer.start();
  await clock.run(100);
  t.equal(calls.dialled.length, 8, 'whatever workers say that they could serve');
  calls.busyPercent = 100;
  await clock.run(1_000);
  t.equal(dialer.detail, 'brake workers_busy');
  for (const call of calls.dialled.slice()) call.end();
  await clock.run(1_000);
  t.equal(dialer.running, 4, 'half of them');
  t.match(await registry.metrics(), /trunkline_dialer_brake\{brake="workers_busy"\} 1/);
  calls.busyPercent = 0;
  await clock.run(10_000);
  t.equal(dialer.running, 8);
  for (const call of calls.dialled) call.end();
  await dialer.stop();
});

t.test('tasks run out', async (t) => {
  const { clock, store, dialer, calls, add, stateOf } = await setUp(t, { maxCalls: 0 });
  const [task] = await add({ expiresAt: clock.now() + 1500 });
  await dialer.start();
  await clock.run(3000);
  t.equal(await stateOf(task?.id), 'expired');
  t.match(await store.readEvents(1, 10), [{ type: 'task.expired', data: { taskId: task?.id } }]);
  t.equal(calls.dialled.length, 0);
  t.notOk(existsSync('unsaved'));
  await dialer.stop();
});

/** Real files were touched; that needs the event loop, not the clock, and as many turns of it as the disk takes. */
function until(condition: () => boolean): Promise<true> {
  return eventually(String(condition), HANGS_MS, () => (condition() ? true : undefined), 1);
}

const filesIn = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : []);
