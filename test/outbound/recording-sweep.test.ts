import t from 'tap';
import type { Test } from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { RecordingSweep } from '../../src/outbound/recording-sweep.js';
import type { Store, Task } from '../../src/store/store.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import type { StoreUnderTest } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { onEveryStore } from '../support/stores.js';

const DAY_MS = 86_400_000;
const [A, B] = ['a'.repeat(16), 'b'.repeat(16)];

/** A server with a folder of its own. */
function node(store: Store, clock: ManualClock, folders: readonly string[], files: Set<string>): RecordingSweep {
  return new RecordingSweep({ store, folders, remove: (name) => Promise.resolve(files.delete(name)), clock, log: silentLogger });
}

await onEveryStore(t, async (t: Test, adapter: StoreUnderTest) => {
  const start = async (t: Test) => {
    const clock = new ManualClock(1_800_000_000_000);
    const { store } = await adapter.fresh(t, { clock });
    const called = async (recordedIn: string | undefined, retryAt?: number): Promise<string> => {
      const task = (await store.createTasks([newTask()])).tasks[0]!;
      const attempt = (await store.beginAttempt(task.id, 'node_a', callIdOf))!;
      await store.finishAttempt(attempt.id, resultOf(clock, task, attempt, { recording: `${attempt.callId}.wav`, recordedIn }), { retryAt });
      return `${attempt.callId}.wav`;
    };
    return { clock, store, called };
  };

  await t.test('a recording is removed by the server that has it, whenever that comes back', async (t) => {
    const { clock, store, called } = await start(t);
    await store.openFolders([A], 'alpha');
    await store.openFolders([B], 'beta');
    t.equal(await store.serverOfFolder(B), 'beta');
    t.equal(await store.serverOfFolder('c'.repeat(16)), undefined);
    const ofA = await called(A);
    const ofB = new Set([await called(B), await called(B, clock.now() + 40 * DAY_MS)]);
    const all = new Set([ofA, ...ofB]);
    clock.advance(31 * DAY_MS);
    t.equal(await store.retireRecordings(clock.now() - 30 * DAY_MS, 10), 3, 'of a call after which its task is tried again, too');
    t.equal(await store.retireRecordings(clock.now() - 30 * DAY_MS, 10), 0);
    for (const name of all) t.equal((await store.getResult(name.slice(0, -'.wav'.length)))?.recording, undefined);
    t.equal(await node(store, clock, [A], all).sweep(), 1);
    t.same([...all], [...ofB], 'its own alone');
    t.equal(await store.countRemovals({ before: clock.now() + 1 }), 2, 'the others are not forgotten');
    clock.advance(100 * DAY_MS);
    t.equal(await node(store, clock, [A], all).sweep(), 0);
    t.equal(await node(store, clock, [B], ofB).sweep(), 2);
    t.equal(ofB.size, 0);
    t.equal(await store.countRemovals({ before: clock.now() }), 0);
  });

  await t.test('one that nobody knows the folder of is looked for by all', async (t) => {
    const { clock, store, called } = await start(t);
    await store.openFolders([A], 'alpha');
    await store.openFolders([B], 'beta');
    const files = new Set([await called(undefined)]);
    await called(undefined);
    clock.advance(31 * DAY_MS);
    await store.retireRecordings(clock.now() - 30 * DAY_MS, 10);
    t.equal(await node(store, clock, [A], new Set()).sweep(), 0);
    t.equal(await store.countRemovals({ before: clock.now() + 1 }), 2);
    t.equal(await node(store, clock, [B], files).sweep(), 1);
    t.equal(await store.countRemovals({ before: clock.now() + 1 }), 1, 'one is found nowhere');
    clock.advance(32 * DAY_MS);
    await node(store, clock, [A], files).sweep();
    t.equal(await store.countRemovals({ before: clock.now() }), 0, 'and given up when everybody has had time to look');
  });

  await t.test('where there is one folder, what is not there is nowhere', async (t) => {
    const { clock, store, called } = await start(t);
    await store.openFolders([A, B], 'alpha');
    await called(undefined);
    await called(B);
    clock.advance(31 * DAY_MS);
    await store.retireRecordings(clock.now() - 30 * DAY_MS, 10);
    t.equal(await node(store, clock, [A, B], new Set()).sweep(), 0);
    t.equal(await store.countRemovals({ before: clock.now() + 1 }), 0);
  });

  await t.test('a call that was lost with its server may have been recorded', async (t) => {
    const { clock, store } = await start(t);
    await store.openFolders([A], 'alpha');
    const [task, other] = (await store.createTasks([newTask(), newTask({ to: 'sip:other@10.0.0.7' })])).tasks as [Task, Task];
    const attempt = (await store.beginAttempt(task.id, 'node_dead', callIdOf))!;
    const another = (await store.beginAttempt(other.id, 'node_dead', callIdOf))!;
    await store.recoverAttempts('node_a');
    const files = new Set([`${attempt.callId}.wav`]);
    await store.erasePerson({ number: task.to });
    t.equal(await node(store, clock, [A], files).sweep(), 1);
    t.equal(files.size, 0);
    t.ok(await store.resolveTask(other.id, 'redial'));
    t.match(await store.getResult(another.id), { disposition: 'unknown', retryAt: clock.now() }, 'what became of it stays when the task is tried again');
    t.equal(await store.getResult(other.id), undefined);
  });
});
