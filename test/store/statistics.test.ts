import t from 'tap';
import type { Verdict } from '../../src/store/store.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { onEveryStore } from '../support/stores.js';

await onEveryStore(t, async (t, adapter) => {
  // 23:50 in India, which lies half an hour off the hours of UTC.
  const clock = new ManualClock(Date.UTC(2026, 2, 10, 18, 20));
  const { store } = await adapter.fresh(t, { clock });
  const dial = async (task: Parameters<typeof newTask>[0], answered: boolean, verdict: Verdict): Promise<void> => {
    const { tasks } = await store.createTasks([newTask(task)]);
    const attempt = (await store.beginAttempt(tasks[0]!.id, 'node_a', callIdOf))!;
    clock.advance(1_000);
    if (answered) await store.markInCall(attempt.id);
    clock.advance(4_000);
    await store.finishAttempt(attempt.id, resultOf(clock, tasks[0]!, attempt, { disposition: answered ? 'answered_human' : 'no_answer', verdict, ...(answered ? {} : { answeredAt: undefined }), endedAt: clock.now() }));
  };
  const from = clock.now();
  await dial({ flow: 'greeting', from: '+14155550100', category: 'gold' }, true, { kind: 'follow_up', channel: 'mail', template: 't', reason: 'r' });
  await dial({ flow: 'greeting', from: '+14155550100' }, false, { kind: 'end', reason: 'r' });
  clock.advance(10 * 60_000);
  await dial({ flow: 'reminder', flowVersion: 3, from: '+14155550199', category: 'gold' }, true, { kind: 'handoff', queue: 'q', reason: 'r' });
  await dial({ flow: 'reminder', flowVersion: 3 }, true, { kind: 'redial_at', at: '2026-03-11T10:00:00Z', reason: 'r' });
  const { tasks } = await store.createTasks([newTask()]);
  await store.beginAttempt(tasks[0]!.id, 'node_a', callIdOf);
  const ask = async (by: Parameters<typeof store.statistics>[0]['by'], changes = {}) =>
    Object.fromEntries((await store.statistics({ by, from, to: clock.now() + 1, timeZone: 'Asia/Kolkata', ...changes })).map(({ key, ...row }) => [key, row]));
  t.same(await ask('flow'), {
    greeting: { attempts: 2, answered: 1, human: 1, results: 2, followUps: 1, handoffs: 0, redials: 0, talkMs: 4_000 },
    reminder: { attempts: 2, answered: 2, human: 2, results: 2, followUps: 0, handoffs: 1, redials: 1, talkMs: 8_000 },
  });
  t.match(await ask('flow_version'), { 'greeting@1': { attempts: 2 }, 'reminder@3': { attempts: 2 } });
  t.match(await ask('category'), { gold: { attempts: 2, human: 2 }, '': { attempts: 2, human: 1 } });
  t.match(await ask('caller'), { '+14155550100': { attempts: 2 }, '+14155550199': { attempts: 1 }, '': { attempts: 1 } });
  t.match(await ask('disposition'), { answered_human: { attempts: 3 }, no_answer: { attempts: 1, talkMs: 0 } });
  t.match(await ask('verdict'), { follow_up: { attempts: 1 }, end: { attempts: 1 }, handoff: { attempts: 1 }, redial_at: { attempts: 1 } });
  t.match(await ask('hour'), { 23: { attempts: 2, human: 1 }, '00': { attempts: 2, human: 2 } }, 'the hour of the callee');
  t.match(await ask('hour', { timeZone: 'UTC' }), { 18: { attempts: 4 } });
  t.same(Object.keys(await ask('flow', { from: from + 60_000 })), ['reminder'], 'of a span of time');
  t.same(await ask('campaign', { campaignId: 'camp_none' }), {});
  t.same(await store.campaignDay('camp_none', 0, clock.now()), { attempts: 0, answered: 0 });
  t.equal((await store.getTasks([tasks[0]!.id, 'task_none'])).length, 1);
  t.same((await store.listResults({ verdict: 'handoff', limit: 9 })).items.map(({ flow }) => flow), ['reminder']);

  const again = (await store.createTasks([newTask({ flow: 'again' })])).tasks[0]!;
  const attempt = (await store.beginAttempt(again.id, 'node_a', callIdOf))!;
  await store.finishAttempt(attempt.id, resultOf(clock, again, attempt, { verdict: { kind: 'redial_at', at: '2026-03-11T10:00:00Z', reason: 'r' } }), { retryAt: clock.now() + 1_000 });
  t.match(await ask('flow'), { again: { attempts: 1, results: 0, redials: 1 } }, 'a wish that is followed counts');
});
