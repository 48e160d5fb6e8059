import type { Test } from 'tap';
import type { CallResult, NewTask, Store, Task } from '../../src/store/store.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { ManualClock } from '../support/manual-clock.js';
import { callIdOf, newTask, resultOf } from './store.js';
import type { StoreUnderTest } from './store.js';

const MINUTE_MS = 60_000;
const order = { nodeId: 'node_a', sipCallIdOf: callIdOf };

/** What the dialer asks of the store. Every adapter passes this. */
export async function dialStoreContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  await t.test('who has due tasks', (t) => parties(t, adapter));
  await t.test('many intents at once', (t) => intents(t, adapter));
  await t.test('no more calls at once than a campaign may have', (t) => withinLimits(t, adapter));
  await t.test('intents whose answer was lost', (t) => released(t, adapter));
  await t.test('what was tried, and who heard nothing', (t) => tried(t, adapter));
  await t.test('a person looks at a task', (t) => claims(t, adapter));
}

async function start(t: Test, adapter: StoreUnderTest) {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const add = async (...tasks: Partial<NewTask>[]): Promise<readonly Task[]> => (await store.createTasks(tasks.map(newTask))).tasks;
  return { clock, store, add };
}

async function running(store: Store, mode: 'ai' | 'preview' = 'ai'): Promise<string> {
  const { id } = await store.createCampaign(settings({ pacing: { mode, maxCalls: 3, callsPerSecond: undefined, weight: 20 } }));
  await store.moveCampaign(id, 'start');
  return id;
}

async function parties(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { clock, store, add } = await start(t, adapter);
  t.same(await store.dueParties(), []);
  const [first, second] = [await running(store), await running(store)];
  await add({ campaignId: second }, { campaignId: first, notBefore: clock.now() + 10 });
  const pacing = { mode: 'ai', maxCalls: 3, weight: 20 };
  t.same(await store.dueParties(), [{ campaignId: second, pacing }]);
  clock.advance(10);
  await add({});
  t.same(await store.dueParties(), [{ campaignId: '', pacing: undefined }, { campaignId: first, pacing }, { campaignId: second, pacing }], 'what came due meanwhile was queued');
  await store.moveCampaign(first, 'pause');
  t.same((await store.dueParties()).map(({ campaignId }) => campaignId), ['', second], 'a paused one has none');
  await add({ campaignId: second, priority: 90 }, { campaignId: second, expiresAt: clock.now() + 5 });
  t.same((await store.dueTasksOf(second, 10)).map(({ priority }) => priority), [90, 50, 50]);
  clock.advance(5);
  t.equal((await store.dueTasksOf(second, 10)).length, 2, 'what has expired is not due');
  t.equal((await store.dueTasksOf(second, 1)).length, 1);
  await add({ campaignId: second, priority: 90 });
  const whole = await store.dueTasksOf(second, 10);
  t.same(whole.map(({ priority }) => priority), [90, 90, 50]);
  for (const [index, { place }] of whole.entries()) t.same(await store.dueTasksOf(second, 10, place), whole.slice(index + 1), 'those behind it, also where the rank is the same');
}

async function withinLimits(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { clock, store, add } = await start(t, adapter);
  const [first, second] = [await running(store, 'preview'), await running(store)];
  const tasks = await add(...Array.from({ length: 5 }, () => ({ campaignId: first })), { campaignId: second }, {});
  const ids = tasks.map(({ id }) => id);
  const outcomes = await store.beginAttempts([...ids.slice(0, 4), ...ids.slice(5)], order);
  t.same(outcomes.map(({ kind }) => kind), ['begun', 'begun', 'begun', 'full', 'begun', 'begun'], 'also in one go');
  for (const person of ['ann', 'bob']) await store.claimTask(first, person, 60_000);
  t.match(await store.beginAttempts([ids[3]!], { ...order, claimedBy: 'ann' }), [{ kind: 'full', campaignId: first }]);
  const attempt = outcomes[0]?.kind === 'begun' ? outcomes[0].attempt : undefined;
  await store.finishAttempt(attempt!.id, resultOf(clock, tasks[0]!, attempt!));
  t.match(await store.beginAttempts([ids[3]!], { ...order, claimedBy: 'ann' }), [{ kind: 'begun' }]);
  t.match(await store.beginAttempts([ids[4]!], { ...order, claimedBy: 'bob' }), [{ kind: 'full' }]);
}

async function intents(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { clock, store, add } = await start(t, adapter);
  const paused = await running(store);
  const tasks = await add({}, {}, { campaignId: paused }, { expiresAt: clock.now() + 5 }, {});
  await store.moveCampaign(paused, 'pause');
  await store.cancelTask(tasks[1]!.id);
  clock.advance(5);
  const ids = ['task_none', ...tasks.map(({ id }) => id)];
  const outcomes = await store.beginAttempts(ids, order);
  t.same(outcomes.map(({ taskId }) => taskId), ids, 'in the order that was asked for');
  t.same(outcomes.map(({ kind }) => kind), ['gone', 'begun', 'gone', 'gone', 'gone', 'begun']);
  const begun = outcomes.flatMap((outcome) => (outcome.kind === 'begun' ? [outcome.attempt] : []));
  t.match(begun, [{ taskId: tasks[0]!.id, number: 1, nodeId: 'node_a', startedAt: clock.now() }, { taskId: tasks[4]!.id }]);
  t.ok(begun.every(({ id, sipCallId }) => sipCallId === callIdOf(id)));
  t.equal(new Set(begun.map(({ callId }) => callId)).size, 2);
  t.match(await store.getTask(tasks[0]!.id), { state: 'dialing', attempts: 1 });
  t.same((await store.beginAttempts(ids, order)).map(({ kind }) => kind), ids.map(() => 'gone'), 'once');
  t.same(await store.beginAttempts([], order), []);
}

async function released(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { store, add } = await start(t, adapter);
  const tasks = await add({}, {}, {});
  const ids = tasks.map(({ id }) => id);
  const attempts = (await store.beginAttempts(ids.slice(0, 2), order)).flatMap((outcome) => (outcome.kind === 'begun' ? [outcome.attempt] : []));
  await store.beginAttempts(ids.slice(2), { ...order, nodeId: 'node_b' });
  t.equal(await store.releaseAttempts('node_a', [attempts[0]!.id]), 1);
  t.match(await store.getTask(ids[0]!), { state: 'dialing', attempts: 1 }, 'what runs is left alone');
  t.match(await store.getTask(ids[1]!), { state: 'queued', attempts: 0 }, 'what never left is due again');
  t.match(await store.getTask(ids[2]!), { state: 'dialing' }, 'and so is what is of another node');
  t.same(await store.listAttempts(ids[1]!), []);
  t.match((await store.readCompliance({ after: 0, limit: 100 })).at(-1), { kind: 'released', taskId: ids[1], attemptId: attempts[1]!.id, callId: attempts[1]!.callId });
  t.equal(await store.releaseAttempts('node_a', [attempts[0]!.id]), 0);
  t.match(await store.beginAttempts([ids[1]!], order), [{ kind: 'begun', attempt: { number: 1 } }]);
}

async function tried(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { clock, store, add } = await start(t, adapter);
  const campaignId = await running(store);
  const [own, alone] = await add({ campaignId }, {});
  const since = clock.now();
  const calls: CallResult[] = [];
  const call = async (task: Task, abandoned: boolean, retryAt?: number): Promise<void> => {
    await store.dueParties();
    const attempt = (await store.beginAttempt(task.id, 'node_a', callIdOf))!;
    clock.advance(1_000);
    await store.markInCall(attempt.id);
    clock.advance(1_000);
    const result = resultOf(clock, task, attempt, { answeredAt: clock.now() - 1_000, endedAt: clock.now(), recording: `${attempt.callId}.wav`, cost: 5, slots: { heard: calls.length } });
    await store.finishAttempt(attempt.id, result, { abandoned, retryAt });
    await store.finishAttempt(attempt.id, result, { abandoned, retryAt });
    calls.push(result);
  };
  await call(own!, true, clock.now() + 5_000);
  const retryAt = since + 5_000;
  const first = { ...calls[0]!, retryAt };
  t.equal(await store.getResult(own!.id), undefined, 'a task that is dialled again has no result yet');
  for (const id of [first.id, first.attemptId!, first.callId, first.sipCallId!]) t.same(await store.getResult(id), first, 'what was heard is there already');
  t.equal((await store.listResults({ limit: 9 })).items.length, 0);
  clock.advance(MINUTE_MS);
  await call(own!, false);
  await call(alone!, false);
  t.match(await store.listAttempts(own!.id), [{ number: 1, abandoned: true, answeredAt: since + 1_000, endedAt: since + 2_000, disposition: 'answered_human', sipStatus: 200 }, { number: 2, abandoned: false }]);
  t.same(await store.getResult(own!.id), { ...calls[1]!, earlier: [first] }, 'the result is the last attempt, and shows those before');
  t.same((await store.listResults({ limit: 9 })).items, [{ ...calls[1]!, earlier: [first] }, calls[2]]);
  t.same(await store.getResult(first.callId), first);
  const firstMinute = Math.floor(since / MINUTE_MS) * MINUTE_MS;
  t.same(
    [...(await store.answeredSince(since))].sort((a, b) => a.minute - b.minute || (a.campaignId < b.campaignId ? -1 : 1)),
    [{ campaignId, minute: firstMinute, answered: 1, abandoned: 1 }, { campaignId: '', minute: firstMinute + MINUTE_MS, answered: 1, abandoned: 0 }, { campaignId, minute: firstMinute + MINUTE_MS, answered: 1, abandoned: 0 }],
  );
  t.equal((await store.answeredSince(since + MINUTE_MS)).length, 2);
}

async function claims(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { clock, store, add } = await start(t, adapter);
  const campaignId = await running(store, 'preview');
  t.equal(await store.claimTask(campaignId, 'ann', 1_000), undefined);
  const [one, two, three] = (await add({ campaignId, priority: 70 }, { campaignId, priority: 60 }, { campaignId, notBefore: clock.now() + 100 })).map(({ id }) => id) as [string, string, string];
  await add({});
  t.equal((await store.claimTask(campaignId, 'ann', 1_000))?.id, one);
  t.equal((await store.claimTask(campaignId, 'ann', 1_000))?.id, one, 'asked again, the same one');
  t.equal((await store.claimTask(campaignId, 'bob', 1_000))?.id, two, 'nobody else has it');
  t.equal(await store.claimTask(campaignId, 'cid', 1_000), undefined);
  t.same(await store.dueTasksOf(campaignId, 5), []);
  t.match(await store.beginAttempts([one], { ...order, claimedBy: 'bob' }), [{ kind: 'gone' }]);
  t.equal(await store.skipTask(one, 'bob'), false);
  clock.advance(100);
  t.equal(await store.skipTask(one, 'ann'), true);
  t.equal((await store.claimTask(campaignId, 'ann', 1_000))?.id, one, 'behind those of its priority that are due, so still before');
  t.equal(await store.skipTask(two, 'bob'), true);
  t.equal((await store.claimTask(campaignId, 'bob', 1_000))?.id, two);
  t.equal((await store.claimTask(campaignId, 'cid', 1_000))?.id, three, 'what came due meanwhile');
  t.match(await store.beginAttempts([one], { ...order, claimedBy: 'ann' }), [{ kind: 'begun' }]);
  t.match(await store.beginAttempts([one], { ...order, claimedBy: 'ann' }), [{ kind: 'gone' }]);
  t.equal(await store.skipTask(one, 'ann'), false, 'it is dialled');
  clock.advance(1_000);
  t.match(await store.beginAttempts([two], { ...order, claimedBy: 'bob' }), [{ kind: 'gone' }], 'a claim ends by itself');
  t.equal((await store.claimTask(campaignId, 'ann', 1_000))?.id, two);
  await store.moveCampaign(campaignId, 'pause');
  t.equal(await store.claimTask(campaignId, 'ann', 1_000), undefined, 'nothing of a paused one');
  t.match(await store.beginAttempts([two], { ...order, claimedBy: 'ann' }), [{ kind: 'gone' }]);
}
