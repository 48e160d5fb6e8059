import type { Test } from 'tap';
import type { CallResult, NewTask, Store, Task } from '../../src/store/store.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { ManualClock } from '../support/manual-clock.js';
import { newContact } from './store-contacts.js';
import { callIdOf, newTask, resultOf } from './store.js';
import type { StoreUnderTest } from './store.js';

const HOUR_MS = 3_600_000;
const NUMBER = '+14155550142';
const code = (expected: string): { code: string } => ({ code: expected });

/** How tasks end that were dialled before, and calls that were given up for lost. Every adapter of the store passes this. */
export async function endingsContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  await t.test('a task that ends while it waits for its next dial', (t) => endedWaiting(t, adapter));
  await t.test('what is unknown of a campaign that is over', (t) => overCampaign(t, adapter));
  await t.test('a campaign that is to finish while a task of it is dialled again', (t) => finishing(t, adapter));
  await t.test('a lost call is told of late', (t) => toldLate(t, adapter));
  await t.test('a lost call is told of late, after it was dialled again', (t) => toldAfterRedial(t, adapter));
  await t.test('a lost call is told of late, after the person was erased', (t) => toldAfterErasure(t, adapter));
}

async function start(t: Test, adapter: StoreUnderTest) {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const add = async (task: Partial<NewTask>): Promise<Task> => (await store.createTasks([newTask(task)])).tasks[0]!;
  const begin = async (task: Task) => {
    await store.dueParties();
    return (await store.beginAttempt(task.id, 'node_a', callIdOf))!;
  };
  /** One dial that is tried again. */
  const dial = async (task: Task, changes: Partial<CallResult>, retryAt: number): Promise<CallResult> => {
    const attempt = await begin(task);
    clock.advance(1_000);
    const result = resultOf(clock, task, attempt, changes);
    await store.finishAttempt(attempt.id, result, { retryAt });
    return { ...result, retryAt };
  };
  /** Dialled and talked to by a server that is cut off then; another one gives it up for lost. */
  const lose = async (task: Task) => {
    const attempt = await begin(task);
    clock.advance(1_000);
    t.same(await store.recoverAttempts('node_b'), [task.id]);
    return attempt;
  };
  return { clock, store, add, begin, dial, lose };
}

const suppressed = async (store: Store, number = NUMBER) => (await store.listSuppressions({ number, limit: 5 })).items;
const opened = async (store: Store, id: string): Promise<void> => void (await store.moveCampaign(id, 'start'));

async function endedWaiting(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { clock, store, add, dial } = await start(t, adapter);
  const { id: campaignId } = await store.createCampaign(settings());
  await opened(store, campaignId);
  const later = clock.now() + HOUR_MS;
  await store.saveContacts([newContact(NUMBER)], 'update');
  const expiring = await add({ campaignId, to: NUMBER, expiresAt: later });
  const stopped = await add({ campaignId });
  const cancelled = await add({});
  const first = await dial(expiring, { disposition: 'busy', sipStatus: 486, answeredAt: undefined }, clock.now() + 10_000);
  clock.advance(10_000);
  const second = await dial(expiring, { disposition: 'no_answer', sipStatus: 480, answeredAt: undefined }, later + 1);
  await dial(stopped, { disposition: 'answered_machine', cost: 7 }, later);
  await dial(cancelled, { disposition: 'no_answer', answeredAt: undefined }, later);
  t.equal(await store.cancelTask(cancelled.id), true);
  t.match(await store.getResult(cancelled.id), { disposition: 'no_answer', reason: /waited for its next dial/, verdict: { kind: 'end', reason: 'cancelled' } });
  await store.moveCampaign(campaignId, 'stop');
  clock.advance(HOUR_MS);
  t.same(await store.expireTasks(), [expiring.id]);
  t.same(await store.endCampaignTasks(campaignId, 'stop', 10), [stopped.id]);
  const result = await store.getResult(expiring.id);
  t.match(result, { disposition: 'no_answer', sipStatus: 480, attemptId: second.attemptId, callId: '', reason: /^Expired while it waited/, verdict: { kind: 'end', reason: 'expired' }, transcript: [], answeredAt: undefined });
  t.same(result?.earlier, [first, second], 'what its attempts came to stays with them');
  for (const id of [second.attemptId!, second.callId]) t.same(await store.getResult(id), second, 'and is found by them');
  t.match(await store.getResult(stopped.id), { disposition: 'answered_machine', reason: /stopped while it waited/, cost: undefined }, 'nothing is counted twice');
  t.match(await store.campaignCounts(campaignId), { dispositions: { no_answer: 1, answered_machine: 1 }, attempts: 3 });
  t.same((await store.listResults({ disposition: 'cancelled', limit: 5 })).items, []);
  t.match((await store.listContacts({ limit: 1 })).items[0]?.history, { calls: 2, lastDisposition: 'no_answer' }, 'nor of the contact');
}

async function overCampaign(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { store, add, lose } = await start(t, adapter);
  for (const [event, state] of [['finish', 'finished'], ['stop', 'stopped']] as const) {
    const { id: campaignId } = await store.createCampaign(settings());
    await opened(store, campaignId);
    const [first, second] = [await add({ campaignId }), await add({ campaignId })];
    for (const task of [first, second]) await lose(task);
    await store.moveCampaign(campaignId, event);
    const told = await store.getResult(first.id);
    await t.rejects(store.resolveTask(first.id, 'redial'), { code: 'TRK_CONFLICT', message: new RegExp(state) });
    t.equal((await store.getTask(first.id))?.state, 'unknown', 'it would wait for ever');
    t.same(await store.getResult(first.id), told);
    t.equal(await store.resolveTask(first.id, 'called'), true);
    t.equal(await store.resolveTask(first.id, 'redial'), false, 'what is not unknown is not');
  }
}

async function finishing(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { store, add, lose } = await start(t, adapter);
  const { id: campaignId } = await store.createCampaign(settings());
  await opened(store, campaignId);
  const task = await add({ campaignId });
  await lose(task);
  t.equal(await store.hasOpenTasks(campaignId), false);
  t.equal(await store.resolveTask(task.id, 'redial'), true);
  await t.rejects(store.moveCampaign(campaignId, 'finish'), code('TRK_CONFLICT'));
  await store.moveCampaign(campaignId, 'pause');
  await t.rejects(store.moveCampaign(campaignId, 'finish'), code('TRK_CONFLICT'), 'nor while it is paused');
  t.equal(await store.cancelTask(task.id), true);
  t.match(await store.moveCampaign(campaignId, 'finish'), { state: 'finished' });
}

async function toldLate(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { clock, store, add, lose } = await start(t, adapter);
  const { id: campaignId } = await store.createCampaign(settings());
  await opened(store, campaignId);
  const task = await add({ campaignId, to: NUMBER, contactId: 'con_1' });
  const attempt = await lose(task);
  const told = (await store.getResult(task.id))!;
  const late = resultOf(clock, task, attempt, { slots: { do_not_call: true }, answeredAt: clock.now() - 800, endedAt: clock.now(), disclosedMs: 400, recording: `${attempt.callId}.wav`, recordedIn: 'rec_a' });
  await t.rejects(store.finishAttempt(attempt.id, late, { abandoned: true, retryAt: clock.now() + 5 }), code('TRK_CONFLICT'), 'the task has its result');
  await store.finishAttempt(attempt.id, late);
  await t.rejects(store.finishAttempt(attempt.id, resultOf(clock, task, attempt, { slots: {} })), code('TRK_CONFLICT'), 'and the attempt has its own, once');

  t.match(await suppressed(store), [{ scope: 'all', source: 'call', reason: 'do_not_call', number: NUMBER }], 'who said never again is not called again');
  t.match((await store.listSuppressions({ contactId: 'con_1', limit: 5 })).items, [{ reason: 'do_not_call' }]);
  const kinds = (await store.readCompliance({ after: 0, limit: 100 })).map(({ kind }) => kind);
  t.same(kinds, ['allowed', 'disclosed', 'abandoned', 'opted_out'], 'each once');
  t.equal(await store.campaignTalk(campaignId), 800);
  t.match(await store.listAttempts(task.id), [{ disposition: 'answered_human', abandoned: true, answeredAt: late.answeredAt, endedAt: late.endedAt }]);
  t.equal((await store.getTask(task.id))?.state, 'unknown');
  t.same(await store.getResult(task.id), { ...told, earlier: [late] }, 'the result that was told stays, with what was heard beside it');
  for (const id of [late.id, late.callId, attempt.id]) t.same(await store.getResult(id), late);
  t.equal((await store.listResults({ limit: 5 })).items.length, 1);

  t.equal(await store.resolveTask(task.id, 'redial'), true);
  const kept = { ...late, id: told.id, retryAt: clock.now() };
  for (const id of [told.id, attempt.id]) t.same(await store.getResult(id), kept, 'one outcome, by the id that was told');
  t.equal(await store.getResult(task.id), undefined);
}

async function toldAfterRedial(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { clock, store, add, begin, lose } = await start(t, adapter);
  const task = await add({ to: NUMBER });
  const attempt = await lose(task);
  const told = (await store.getResult(task.id))!;
  const retryAt = clock.now();
  await store.resolveTask(task.id, 'redial');
  const second = await begin(task);
  const late = resultOf(clock, task, attempt, { slots: { wrong_number: true } });
  await t.rejects(store.finishAttempt(attempt.id, late), code('TRK_CONFLICT'));
  t.match(await suppressed(store), [{ reason: 'wrong_number' }]);
  t.equal((await store.getTask(task.id))?.state, 'dialing', 'the call that is on goes on');
  const result = resultOf(clock, task, second);
  await store.finishAttempt(second.id, result);
  t.same(await store.getResult(task.id), { ...result, earlier: [{ ...late, id: told.id, retryAt }] });
}

async function toldAfterErasure(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { clock, store, add, lose } = await start(t, adapter);
  const task = await add({ to: NUMBER, contactId: 'con_gone' });
  const attempt = await lose(task);
  t.match(await store.erasePerson({ number: NUMBER }), { tasks: 1 });
  await t.rejects(store.resolveTask(task.id, 'redial'), code('TRK_CONFLICT'), 'nobody is left to be called');
  const late = resultOf(clock, task, attempt, { slots: { do_not_call: true }, recording: `${attempt.callId}.wav`, recordedIn: 'rec_a' });
  await t.rejects(store.finishAttempt(attempt.id, late), code('TRK_CONFLICT'));
  t.match(await suppressed(store), [{ number: undefined, contactId: undefined, reason: 'do_not_call' }], 'the hash is enough to leave somebody uncalled');
  t.same((await store.listSuppressions({ limit: 5 })).items.length, 1);
  t.match((await store.readCompliance({ after: 0, limit: 100 })).at(-1), { kind: 'opted_out', subject: store.subjects.number(NUMBER) });
  t.equal((await store.getResult(task.id))?.earlier, undefined, 'no words come back');
  t.equal(await store.getResult(late.id), undefined);
  t.match(await store.recordingsToRemove(['rec_a'], 0, 5), [{ name: `${attempt.callId}.wav` }, { name: `${attempt.callId}.wav` }], 'and what was heard is removed where it lies');
}
