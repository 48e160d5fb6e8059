import t from 'tap';
import type { Test } from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { RecordingSweep } from '../../src/outbound/recording-sweep.js';
import { RetentionSweep } from '../../src/outbound/retention-sweep.js';
import type { Attempt, CallResult, Task } from '../../src/store/store.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import type { StoreUnderTest } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { onEveryStore } from '../support/stores.js';

const DAY_MS = 86_400_000;

async function retention(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store, again } = await adapter.fresh(t, { clock });
  const called = async (changes: Partial<CallResult>): Promise<CallResult> => {
    const { tasks } = await store.createTasks([newTask({ variables: { name: 'Alice' } })]);
    const [task] = tasks as [Task];
    const attempt = (await store.beginAttempt(task.id, 'node_a', callIdOf)) as Attempt;
    const result = resultOf(clock, task, attempt, changes);
    await store.finishAttempt(attempt.id, result);
    return result;
  };
  const mood = { label: 'calm', valence: 0, trend: 0, evidence: ['thank you'] };
  const transfer = { mode: 'blind', to: '+14155550199', outcome: 'completed', ms: 5 } as const;
  const old: CallResult[] = [];
  for (let index = 0; index < 3; index++) old.push(await called({ recording: `call_${index}.wav`, mood, transfer }));
  const bare = await called({});
  const waiting = (await store.createTasks([newTask({ variables: { name: 'Bob' } })])).tasks[0]!;
  await store.appendEvent('call.transcript', { line: 'hello' });
  await store.appendEvent('call.transfer', { transfer });
  await store.appendEvent('task.done', {});
  clock.advance(40 * DAY_MS);
  const recent = await called({ recording: 'call_new.wav', mood, transfer });
  await store.appendEvent('call.transcript', { line: 'new' });
  clock.advance(DAY_MS);

  const HERE = 'a'.repeat(16);
  await store.openFolders([HERE], 'here');
  const removed: string[] = [];
  let failing = true;
  const removals = new RecordingSweep({
    store,
    folders: [HERE],
    remove: async (name) => {
      if (failing && name === 'call_1.wav') throw new Error('the disk');
      removed.push(name);
      return true;
    },
    clock,
    log: silentLogger,
  });
  const sweepOf = (days: Record<string, number>): RetentionSweep =>
    new RetentionSweep(
      {
        store,
        removeRecordings: () => removals.sweep(),
        clock,
        log: silentLogger,
      },
      days,
    );
  t.match(await sweepOf({ recordings_days: 30 }).sweep(), { recordings: 3, words: 0, numbers: 0, events: 0 });
  t.same(removed, ['call_0.wav', 'call_2.wav']);
  failing = false;
  t.equal(await removals.sweep(), 1, 'a file that the disk held back is not forgotten');
  t.same(removed, ['call_0.wav', 'call_2.wav', 'call_1.wav']);
  t.equal(await removals.sweep(), 0, 'once');
  t.same(await store.getResult(old[0]!.id), { ...old[0], recording: undefined }, 'nothing else changes');

  t.match(await sweepOf({ transcripts_days: 30 }).sweep(), { words: 5 }, 'four results, one event');
  t.same(await store.getResult(old[1]!.id), { ...old[1], recording: undefined, transcript: [], slots: {}, mood: { ...mood, evidence: [] } });
  t.same((await store.readEvents(9, 10)).map(({ type }) => type), ['call.transfer', 'task.done', 'task.created', 'task.done', 'call.transcript']);

  await sweepOf({ numbers_days: 31 }).sweep();
  t.match(await store.getTask(old[0]!.taskId!), { to: '', variables: {}, metadata: {}, state: 'done' });
  t.equal((await store.getResult(old[0]!.id))?.transfer?.to, '');
  t.same((await store.readEvents(9, 10)).map(({ type }) => type), ['task.done', 'task.created', 'task.done', 'call.transcript'], 'nor does an event say to whom a call was handed over');
  t.match(await store.getTask(waiting.id), { to: waiting.to, variables: { name: 'Bob' } }, 'what still waits is left alone');

  t.match(await sweepOf({ events_days: 1 }).sweep(), { events: 10 });
  t.same((await store.readEvents(12, 10)).length, 3, 'those of the last day stay');
  t.equal(await store.lastEventCursor(), 15);

  t.same(await store.getResult(recent.id), recent);
  t.match(await store.getTask(recent.taskId!), { to: newTask().to, variables: { name: 'Alice' } });
  t.match(await store.getResult(bare.id), { transcript: [] });
  t.match(await sweepOf({ recordings_days: 30, transcripts_days: 30, numbers_days: 31, events_days: 1 }).sweep(), { recordings: 0, words: 0, numbers: 0, events: 0 }, 'once');

  const duty = await (await again()).takeDuty('retention');
  t.not(duty, undefined);
  const own = await store.takeDuty('retention');
  if (own === undefined) t.equal(await sweepOf({ events_days: 1 }).sweep(), undefined, 'another server is at it');
}

await onEveryStore(t, retention);
