import { createHash } from 'node:crypto';
import type { Test } from 'tap';
import { parseTrunk } from '../../src/config/trunks.js';
import type { Logger } from '../../src/kernel/log.js';
import { newId } from '../../src/kernel/ids.js';
import { systemRandom } from '../../src/kernel/random.js';
import type { DialRules } from '../../src/store/rules.js';
import type { Attempt, CallResult, NewTask, Store, Task } from '../../src/store/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { eventsContract } from './store-events.js';
import { exploreStore } from './store-exploration.js';

export interface OpenOptions {
  clock: ManualClock;
  eventsKept?: number;
  log?: Logger;
  rules?: DialRules;
}

/** What an adapter must offer to be tested. */
export interface StoreUnderTest {
  /** Connections of one process may be in a transaction at the same time; on SQLite one would block the thread that the other needs to end. */
  readonly atOnce: boolean;
  /** A migrated store on a new place. */
  fresh(t: Test, options: OpenOptions): Promise<StorePlace>;
}

export interface StorePlace {
  readonly store: Store;
  /** One more connection to the same data, as another process would have it. */
  readonly again: () => Promise<Store>;
}

export const newTask = (changes: Partial<NewTask> = {}): NewTask => ({
  to: '+14155550100',
  from: undefined,
  flow: 'greeting',
  flowVersion: 1,
  priority: 50,
  variables: {},
  notBefore: 0,
  expiresAt: undefined,
  metadata: {},
  ...changes,
});

export const resultOf = (clock: ManualClock, task: Task, attempt: Attempt, changes: Partial<CallResult> = {}): CallResult => ({
  id: newId('res', clock, systemRandom),
  taskId: task.id,
  callId: attempt.callId,
  sipCallId: attempt.sipCallId,
  attemptId: attempt.id,
  direction: 'outbound',
  flow: task.flow,
  flowVersion: task.flowVersion,
  disposition: 'answered_human',
  sipStatus: 200,
  reason: 'OK',
  endedBy: 'bot',
  verdict: { kind: 'end', reason: 'refused' },
  slots: { interested: false, amount: 5 },
  transcript: [{ speaker: 'bot', text: 'Hello.', atMs: 12 }],
  turns: [],
  recording: undefined,
  media: { lost: 0 },
  models: { ear: 'moonshine' },
  startedAt: attempt.startedAt,
  answeredAt: clock.now(),
  endedAt: clock.now() + 5,
  ...changes,
});

export const callIdOf = (attemptId: string): string => `${attemptId}@trunkline.invalid`;
const code = (expected: string): { code: string } => ({ code: expected });

/** Every adapter of the store port passes this. */
export async function storeContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  await t.test('flows and API keys', (t) => flowsAndKeys(t, adapter));
  await t.test('trunks', (t) => trunks(t, adapter));
  await t.test('creating tasks', (t) => creatingTasks(t, adapter));
  await t.test('due tasks', (t) => due(t, adapter));
  await t.test('attempts', (t) => attempts(t, adapter));
  await t.test('recovery', (t) => recovery(t, adapter));
  await t.test('cancelling and expiry', (t) => cancelAndExpire(t, adapter));
  await t.test('results', (t) => results(t, adapter));
  await t.test('events', (t) => eventsContract(t, adapter));
  await t.test('at most once', (t) => atMostOnce(t, adapter));
  await t.test('whatever happens, in whatever order', async (t) => {
    const clock = new ManualClock();
    const { store } = await adapter.fresh(t, { clock });
    await exploreStore(t, store, clock, { numRuns: 150 });
  });
}

async function flowsAndKeys(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const first = await store.putFlow('greeting', 'id: greeting');
  t.same(first, { id: 'greeting', version: 1, source: 'id: greeting', createdAt: clock.now() });
  clock.advance(10);
  t.same(await store.putFlow('greeting', 'id: greeting'), first, 'the same source makes no new version');
  const second = await store.putFlow('greeting', 'id: greeting # changed');
  t.equal(second.version, 2);
  await store.putFlow('another', 'id: another');
  t.same(await store.getFlow('greeting'), second);
  t.same(await store.getFlow('greeting', 1), first);
  t.equal(await store.getFlow('greeting', 3), undefined);
  t.equal(await store.getFlow('missing'), undefined);
  t.same((await store.listFlows()).map((flow) => [flow.id, flow.version]), [['another', 1], ['greeting', 2]]);

  const hash = createHash('sha256').update('secret').digest('hex');
  const key = { id: 'key_1', name: 'test', hash, scopes: ['tasks:write'], createdAt: clock.now(), revokedAt: undefined };
  await store.putApiKey(key);
  t.same(await store.findApiKey(hash), key);
  t.equal(await store.findApiKey('0'.repeat(64)), undefined);
  t.equal(await store.revokeApiKey('key_1'), true);
  t.equal(await store.revokeApiKey('key_1'), false, 'only once');
  t.equal(await store.revokeApiKey('key_2'), false);
  t.equal((await store.listApiKeys())[0]?.revokedAt, clock.now());
}

async function trunks(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store, again } = await adapter.fresh(t, { clock });
  const trunk = (name: string, changes: object = {}) => parseTrunk({ name, addresses: [{ host: 'carrier.test' }], username: 'u', password: 'p', ...changes });
  const made = await store.putTrunk(trunk('one'));
  t.same(made, { settings: trunk('one'), createdAt: clock.now(), updatedAt: clock.now() });
  clock.advance(10);
  const changed = await store.putTrunk(trunk('one', { priority: 7 }));
  t.match(changed, { settings: { priority: 7, password: 'p' }, createdAt: made.createdAt, updatedAt: clock.now() });
  await store.putTrunk(trunk('another'));
  t.same((await (await again()).listTrunks()).map(({ settings }) => settings.name), ['another', 'one'], 'by name, on every connection');
  t.same(await store.getTrunk('one'), changed);
  t.equal(await store.getTrunk('none'), undefined);
  t.equal(await store.deleteTrunk('one'), true);
  t.equal(await store.deleteTrunk('one'), false);
  t.same((await store.listTrunks()).map(({ settings }) => settings.name), ['another']);

  await Promise.all([store.addTrunkTalk('one', '2026-01-31', 1000.7), store.addTrunkTalk('one', '2026-01-31', 500), store.addTrunkTalk('two', '2026-01-31', 3)]);
  t.same(await store.trunkTalk('2026-01-31'), new Map([['one', 1500], ['two', 3]]));
  t.same(await store.trunkTalk('2026-02-01'), new Map());
  await store.addTrunkTalk('one', '2026-02-07', 1);
  t.equal((await store.trunkTalk('2026-01-31')).size, 2, 'a week is kept');
  await store.addTrunkTalk('one', '2026-02-08', 1);
  t.equal((await store.trunkTalk('2026-01-31')).size, 0);
}

async function creatingTasks(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const wanted = newTask({
    to: 'sip:someone@127.0.0.1:5070', from: 'us', variables: { name: 'Zoë "Z" \\ 王', amount: 12.5, vip: true }, metadata: { order: '7' },
    notBefore: clock.now() + 1000, expiresAt: clock.now() + 5000,
  });
  const made = await store.createTasks([wanted, newTask()], { key: 'k1', requestHash: 'h1' });
  t.equal(made.replayed, false);
  const [scheduled, queued] = made.tasks as [Task, Task];
  t.same(scheduled, { ...wanted, id: scheduled.id, state: 'scheduled', timeZones: [], attempts: 0, createdAt: clock.now(), updatedAt: clock.now() });
  t.equal(queued.state, 'queued');
  t.same(await store.getTask(scheduled.id), scheduled);
  t.equal(await store.getTask('task_missing'), undefined);

  const replay = await store.createTasks([wanted, newTask()], { key: 'k1', requestHash: 'h1' });
  t.equal(replay.replayed, true);
  t.same(replay.tasks, made.tasks, 'the same key gives the same tasks');
  await t.rejects(store.createTasks([newTask()], { key: 'k1', requestHash: 'h2' }), code('TRK_IDEMPOTENCY_MISMATCH'));
  const twice = await Promise.all([1, 2].map(() => store.createTasks([newTask()], { key: 'k2', requestHash: 'h' })));
  t.same(twice[0]?.tasks, twice[1]?.tasks, 'at the same time, too');
  clock.advance(8 * 24 * 3_600_000);
  t.equal((await store.createTasks([newTask()], { key: 'k1', requestHash: 'h2' })).replayed, false, 'a key is forgotten in the end');

  const many = await store.createTasks(Array.from({ length: 250 }, (_, index) => newTask({ metadata: { index: String(index) } })));
  t.same(many.tasks.map((task) => task.metadata['index']), Array.from({ length: 250 }, (_, index) => String(index)), 'in the given order');
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listTasks({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map((task) => task.id));
    cursor = page.next;
  } while (cursor !== undefined);
  t.equal(seen.length, 254);
  t.equal(new Set(seen).size, 254);
  t.same(seen.slice(-250), many.tasks.map((task) => task.id), 'oldest first');
  t.same((await store.listTasks({ state: 'scheduled', limit: 10 })).items.map((task) => task.id), [scheduled.id]);
  await t.rejects(store.listTasks({ limit: 10, cursor: 'nonsense' }), code('TRK_CURSOR_INVALID'));
  t.same(await store.createTasks([]), { tasks: [], replayed: false });
}

async function due(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const add = async (changes: Partial<NewTask>): Promise<string> => (await store.createTasks([newTask(changes)])).tasks[0]?.id ?? '';
  const low = await add({ priority: 1 });
  const first = await add({ priority: 50 });
  const second = await add({ priority: 50 });
  const later = await add({ priority: 100, notBefore: clock.now() + 1000 });
  const short = await add({ priority: 99, expiresAt: clock.now() + 500 });
  const ids = async (limit = 10): Promise<string[]> => (await store.dueTasks(limit)).map((task) => task.id);
  t.same(await ids(), [short, first, second, low], 'by priority, then by age');
  t.same(await ids(2), [short, first]);
  clock.advance(1000);
  t.same(await ids(), [later, first, second, low], 'scheduled ones come when their time has come, expired ones do not');
  t.equal((await store.getTask(later))?.state, 'queued');
  await store.beginAttempt(first, 'node_a', callIdOf);
  await store.cancelTask(second);
  t.same(await ids(), [later, low]);
}

async function attempts(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const { tasks } = await store.createTasks([newTask(), newTask({ notBefore: clock.now() + 60_000 }), newTask({ expiresAt: clock.now() + 10 })]);
  const [task, future, short] = tasks as [Task, Task, Task];
  const attempt = (await store.beginAttempt(task.id, 'node_a', callIdOf)) as Attempt;
  t.match(attempt.callId, /^call_/);
  t.same(attempt, { id: attempt.id, taskId: task.id, number: 1, callId: attempt.callId, sipCallId: `${attempt.id}@trunkline.invalid`, startedAt: clock.now(), nodeId: 'node_a', endedAt: undefined });
  t.equal((await store.getTask(task.id))?.state, 'dialing');
  t.equal(await store.beginAttempt(task.id, 'node_a', callIdOf), undefined, 'not twice');
  t.equal(await store.beginAttempt('task_missing', 'node_a', callIdOf), undefined);
  t.equal(await store.beginAttempt(future.id, 'node_a', callIdOf), undefined, 'not before its time');
  clock.advance(20);
  t.equal(await store.beginAttempt(short.id, 'node_a', callIdOf), undefined, 'not after its time');

  await store.markInCall(attempt.id);
  t.equal((await store.getTask(task.id))?.state, 'in_call');
  await store.markInCall(attempt.id);
  const result = resultOf(clock, task, attempt);
  await t.rejects(store.finishAttempt(attempt.id, { ...result, taskId: future.id }), code('TRK_CONFLICT'), 'not the result of another task');
  await t.rejects(store.finishAttempt('att_missing', result), code('TRK_NOT_FOUND'));
  t.equal((await store.getTask(task.id))?.state, 'in_call', 'a refused result changes nothing');
  await store.finishAttempt(attempt.id, result);
  t.equal((await store.getTask(task.id))?.state, 'done');
  await store.finishAttempt(attempt.id, result);
  t.pass('saving the same result again is no error');
  await t.rejects(store.finishAttempt(attempt.id, resultOf(clock, task, attempt)), code('TRK_CONFLICT'), 'a second result is refused');
  t.same(await store.getResult(task.id), result);
  await store.markInCall(attempt.id);
  t.equal((await store.getTask(task.id))?.state, 'done', 'a late answer changes nothing');
  t.equal(await store.beginAttempt(task.id, 'node_a', callIdOf), undefined);
}

async function recovery(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const { tasks } = await store.createTasks([newTask(), newTask(), newTask(), newTask()]);
  const [dialing, talking, finished, own] = tasks as [Task, Task, Task, Task];
  const [a, b, c] = [await store.beginAttempt(dialing.id, 'node_a', callIdOf), await store.beginAttempt(talking.id, 'node_a', callIdOf), await store.beginAttempt(finished.id, 'node_a', callIdOf)] as [Attempt, Attempt, Attempt];
  await store.beginAttempt(own.id, 'node_b', callIdOf);
  clock.advance(50);
  await store.markInCall(b.id);
  const answeredAt = clock.now();
  await store.finishAttempt(c.id, resultOf(clock, finished, c));
  clock.advance(50);
  t.same([...(await store.recoverAttempts('node_b'))].sort(), [dialing.id, talking.id].sort());
  for (const [task, attempt] of [[dialing, a], [talking, b]] as const) {
    t.equal((await store.getTask(task.id))?.state, 'unknown');
    const result = await store.getResult(task.id);
    t.match(result, { taskId: task.id, attemptId: attempt.id, callId: attempt.callId, sipCallId: attempt.sipCallId, disposition: 'unknown', endedBy: 'system', endedAt: clock.now() });
    t.equal(result?.answeredAt, attempt === b ? answeredAt : undefined);
    t.equal(await store.beginAttempt(task.id, 'node_b', callIdOf), undefined, 'never dialled again');
    await t.rejects(store.finishAttempt(attempt.id, resultOf(clock, task, attempt)), code('TRK_CONFLICT'), 'a result that comes too late is refused');
  }
  t.equal((await store.getTask(own.id))?.state, 'dialing');
  t.equal((await store.getTask(finished.id))?.state, 'done');
  t.same(await store.recoverAttempts('node_b'), [], 'once');
  t.same(await store.dueTasks(10), []);
}

async function cancelAndExpire(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const soon = clock.now() + 100;
  const { tasks } = await store.createTasks([newTask(), newTask({ notBefore: soon }), newTask({ expiresAt: soon }), newTask({ expiresAt: soon }), newTask({ expiresAt: soon })]);
  const [queued, scheduled, expiring, running, cancelled] = tasks as [Task, Task, Task, Task, Task];
  t.equal(await store.cancelTask(queued.id), true);
  t.equal(await store.cancelTask(queued.id), false);
  t.equal(await store.cancelTask(scheduled.id), true);
  t.equal(await store.cancelTask(cancelled.id), true);
  t.equal(await store.cancelTask('task_missing'), false);
  t.match(await store.getResult(queued.id), { taskId: queued.id, attemptId: undefined, disposition: 'cancelled', callId: '', sipCallId: undefined });
  const attempt = (await store.beginAttempt(running.id, 'node_a', callIdOf)) as Attempt;
  t.equal(await store.cancelTask(running.id), false, 'a dialled task is hung up, not cancelled');
  t.same(await store.expireTasks(), []);
  clock.advance(100);
  t.same(await store.expireTasks(), [expiring.id]);
  t.same(await store.expireTasks(), []);
  t.equal((await store.getTask(expiring.id))?.state, 'expired');
  t.match(await store.getResult(expiring.id), { disposition: 'cancelled', verdict: { kind: 'end', reason: 'expired' } });
  await store.finishAttempt(attempt.id, resultOf(clock, running, attempt));
  t.equal((await store.listResults({ limit: 100 })).items.length, 5, 'one result for each task');
}

async function results(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const { tasks } = await store.createTasks([newTask({ flow: 'a' }), newTask({ flow: 'b' }), newTask({ flow: 'a' })]);
  const saved: CallResult[] = [];
  for (const task of tasks) {
    const attempt = (await store.beginAttempt(task.id, 'node_a', callIdOf)) as Attempt;
    saved.push(resultOf(clock, task, attempt, saved.length === 2 ? { disposition: 'busy', sipStatus: 486, answeredAt: undefined } : {}));
    await store.finishAttempt(attempt.id, saved.at(-1)!);
  }
  const inbound: CallResult = { ...saved[0]!, id: 'res_in', taskId: undefined, attemptId: undefined, callId: 'call_in', sipCallId: 'in-1@peer', direction: 'inbound' };
  await store.saveInboundResult(inbound);
  await store.saveInboundResult(inbound);
  t.pass('the same again is no error: the answer to the first try may have been lost');
  await t.rejects(store.saveInboundResult({ ...inbound, callId: 'call_other' }), code('TRK_CONFLICT'), 'another call under the same id');
  await t.rejects(store.saveInboundResult(saved[0]!), code('TRK_CONFLICT'));
  const first = await store.listResults({ limit: 3 });
  t.same(first.items, saved, 'whole and oldest first');
  t.same(await store.listResults({ limit: 3, cursor: first.next! }), { items: [inbound], next: undefined });
  t.same((await store.listResults({ flow: 'a', limit: 9 })).items.map((result) => result.id), [saved[0]!.id, saved[2]!.id, 'res_in']);
  t.same((await store.listResults({ disposition: 'busy', limit: 9 })).items.map((result) => result.id), [saved[2]!.id]);
  const taskCursor = (await store.listTasks({ limit: 1 })).next!;
  await t.rejects(store.listResults({ limit: 1, cursor: taskCursor }), code('TRK_CURSOR_INVALID'), "another list's cursor");
  for (const id of [inbound.id, inbound.callId, inbound.sipCallId!]) t.same(await store.getResult(id), inbound);
  for (const id of [saved[1]!.id, saved[1]!.taskId!, saved[1]!.attemptId!, saved[1]!.callId, saved[1]!.sipCallId!]) t.same(await store.getResult(id), saved[1]);
  t.equal(await store.getResult(''), undefined);
}

async function atMostOnce(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store, again } = await adapter.fresh(t, { clock });
  const other = await again();
  const { tasks } = await store.createTasks(Array.from({ length: 50 }, () => newTask()));
  const claims: (Attempt | undefined)[] = [];
  for (const [index, task] of tasks.entries()) {
    const order = index % 2 === 0 ? ([store, other] as const) : ([other, store] as const);
    for (const claimant of order) claims.push(await claimant.beginAttempt(task.id, claimant === store ? 'node_a' : 'node_b', callIdOf));
  }
  const won = claims.filter((claim) => claim !== undefined);
  t.equal(won.length, 50, 'each task is claimed once');
  t.equal(new Set(won.map((claim) => claim.taskId)).size, 50);
  t.same(won.map((claim) => claim.nodeId), tasks.map((_, index) => (index % 2 === 0 ? 'node_a' : 'node_b')), 'by the first to ask');
}
