import type { Test } from 'tap';
import { createDialRules } from '../../src/outbound/rules/judge-dial.js';
import type { DialRules } from '../../src/store/rules.js';
import type { CallResult, Store, Task } from '../../src/store/store.js';
import { book, ruleSettings } from '../outbound/rules/facts.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { ManualClock } from '../support/manual-clock.js';
import { callIdOf, newTask, resultOf } from './store.js';
import type { StorePlace, StoreUnderTest } from './store.js';
import { brokenLink } from './store-rules.js';

/** The rules of a new installation. */
export const defaultRules: DialRules = createDialRules(ruleSettings(), book());

/** Tuesday noon in China, whose numbers are called from nine to eight. */
const NOON = Date.parse('2026-12-01T04:00:00Z');
const HOUR = 3_600_000;
const NUMBER = '+8613912345678';

const start = async (t: Test, adapter: StoreUnderTest, at = NOON): Promise<StorePlace & { clock: ManualClock }> => {
  const clock = new ManualClock(at);
  return { ...(await adapter.fresh(t, { clock, rules: defaultRules })), clock };
};

const tasksTo = async (store: Store, numbers: readonly string[]): Promise<readonly Task[]> => (await store.createTasks(numbers.map((to) => newTask({ to })))).tasks;

const begin = (store: Store, task: Task) => store.beginAttempt(task.id, 'node_1', callIdOf);

/** A whole call of a task: its intent, its end. */
async function call(store: Store, clock: ManualClock, task: Task, result: Partial<CallResult> = {}): Promise<void> {
  const attempt = await begin(store, task);
  if (attempt === undefined) throw new Error('not begun');
  clock.advance(1_000);
  await store.finishAttempt(attempt.id, resultOf(clock, task, attempt, result));
}

const lastRule = async (store: Store): Promise<string> => String((JSON.parse((await store.readCompliance({ after: 0, limit: 1_000 })).at(-1)?.body ?? '{}') as { rule?: string }).rule);

/** The rules in the transaction that makes an intent durable. */
export async function diallingRulesContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  await t.test('allowed and refused', async (t) => {
    const { store, clock } = await start(t, adapter, Date.parse('2026-12-01T14:00:00Z'));
    const [night] = await tasksTo(store, [NUMBER]);
    const eight = Date.parse('2026-12-02T01:00:00Z');
    t.equal(await begin(store, night!), undefined);
    t.match(await store.getTask(night!.id), { state: 'blocked', blockedBy: 'calling_hours', blockedUntil: eight, notBefore: eight });
    t.match(await store.readCompliance({ after: 0, limit: 5 }), [{ kind: 'refused', taskId: night!.id, attemptId: undefined, subject: store.subjects.number(NUMBER), body: /"rule":"calling_hours"/ }]);
    t.match((await store.readEvents(0, 10)).at(-1), { type: 'task.blocked', data: { taskId: night!.id, rule: 'calling_hours', until: new Date(eight).toISOString() } }, 'and told of');
    t.same(await store.dueTasks(5), []);
    clock.advance(11 * HOUR);
    t.match(await store.dueTasks(5), [{ id: night!.id, state: 'queued' }], 'in the morning it is due again');
    const attempt = await begin(store, night!);
    t.match(await store.readCompliance({ after: 1, limit: 5 }), [{ kind: 'allowed', attemptId: attempt?.id, callId: attempt?.callId, body: /"hours":"CN"/ }]);
    t.equal(await brokenLink(store), undefined);
  });

  await t.test('a suppression counts for the next dial anywhere', async (t) => {
    const { store, again } = await start(t, adapter);
    const other = await again();
    const [first, second, third] = await tasksTo(store, [NUMBER, NUMBER, '+8613912345679']);
    t.ok(await begin(store, first!));
    await other.optOut({ number: NUMBER, contactId: undefined, reason: 'do_not_call', scope: 'all', source: 'call', callId: 'call_1', taskId: first!.id, attemptId: 'att_1' });
    t.equal(await begin(store, second!), undefined);
    t.equal(await lastRule(store), 'suppression');
    t.match(await store.getTask(second!.id), { state: 'blocked' });
    t.ok(await begin(store, third!));
  });

  await t.test('caps count over tasks', async (t) => {
    const { store, clock } = await start(t, adapter);
    const tasks = await tasksTo(store, [NUMBER, NUMBER, NUMBER, NUMBER]);
    for (const task of tasks.slice(0, 3)) await call(store, clock, task, { disposition: 'busy', verdict: { kind: 'continue' } });
    t.equal(await begin(store, tasks[3]!), undefined, 'three a day');
    t.equal(await lastRule(store), 'attempts_number_day');
    t.match(await store.getTask(tasks[3]!.id), { state: 'blocked', blockedUntil: Date.parse('2026-12-01T16:00:00Z') }, 'the next day there');
  });

  await t.test('a number that is on the line is not dialled by another task', async (t) => {
    const { store, clock, again } = await start(t, adapter);
    const other = await again();
    const [one, two, three, four] = (await tasksTo(store, [NUMBER, NUMBER, `sip:${NUMBER}@h`, '+8613912345679'])) as [Task, Task, Task, Task];
    const outcomes = await store.beginAttempts([one.id, two.id, four.id], { nodeId: 'node_1', sipCallIdOf: callIdOf });
    t.match(outcomes, [{ kind: 'begun' }, { kind: 'blocked', rule: 'number_in_call', until: clock.now() + 60_000 }, { kind: 'begun' }], 'also of those that are dialled at once');
    clock.advance(59_000);
    t.equal(await begin(other, three), undefined, 'on any server, however the number is written');
    t.equal(await lastRule(store), 'number_in_call');
    t.match(await store.pastOf([{ to: NUMBER }, { to: '+8613912345670' }]), [{ history: { inCall: true } }, { history: { inCall: false } }]);
    const attempt = outcomes[0]?.kind === 'begun' ? outcomes[0].attempt : undefined;
    await store.finishAttempt(attempt!.id, resultOf(clock, one, attempt!, { disposition: 'busy', verdict: { kind: 'continue' } }));
    clock.advance(1_000);
    await store.dueParties();
    t.ok(await begin(store, two), 'when that call is over');
    await store.recoverAttempts('node_2');
    clock.advance(60_000);
    await store.dueParties();
    t.ok(await begin(store, three), 'one that nobody knows of is not on the line');
    t.equal(await brokenLink(store), undefined);
  });

  await t.test('many are asked about and none is dialled', async (t) => {
    const { store, clock } = await start(t, adapter);
    const night = '+442079460000';
    const numbers = [NUMBER, NUMBER, night, '+8613912345679', night];
    await store.addSuppressions([{ number: '+8613912345679', contactId: undefined, scope: 'all', source: 'api', reason: undefined, evidence: undefined, expiresAt: undefined }]);
    const tasks = await tasksTo(store, numbers);
    await store.cancelTask(tasks[4]!.id);
    const ids = ['task_none', ...tasks.map(({ id }) => id)];
    const eight = Date.parse('2026-12-01T08:00:00Z');
    t.match(await store.screenTasks(ids), [
      { taskId: 'task_none', kind: 'gone' }, { taskId: ids[1], kind: 'allowed' }, { kind: 'allowed' }, { kind: 'blocked', rule: 'calling_hours', until: eight }, { kind: 'blocked', rule: 'suppression', until: undefined }, { kind: 'gone' },
    ]);
    t.match(await store.getTask(ids[3]!), { state: 'blocked', blockedBy: 'calling_hours', blockedUntil: eight, notBefore: eight, attempts: 0 });
    t.match(await store.getResult(ids[4]!), { disposition: 'cancelled', reason: 'Not dialled, by the rule suppression.' });
    t.same((await store.readCompliance({ after: 0, limit: 9 })).map(({ kind, taskId }) => [kind, taskId]), [['refused', ids[3]], ['refused', ids[4]]], 'of what is not dialled now nothing is said');
    t.same((await store.readEvents(0, 20)).flatMap(({ type, data }) => (type === 'task.blocked' ? [(data as { taskId: string }).taskId] : [])), [ids[3], ids[4]]);
    t.match(await store.getTask(ids[1]!), { state: 'queued', attempts: 0 });
    clock.advance(8 * HOUR);
    t.same((await store.dueTasks(9)).map(({ id }) => id).sort(), [ids[1], ids[2], ids[3]].sort(), 'what waits comes back');
    t.same(await store.screenTasks([]), []);
    t.equal(await brokenLink(store), undefined);
  });

  await t.test('what the end of a call says counts for later ones', async (t) => {
    const { store, clock } = await start(t, adapter);
    const [one, two, three] = await tasksTo(store, [NUMBER, NUMBER, '+8613912345679']);
    await call(store, clock, one!, { disposition: 'rejected', answeredAt: undefined });
    t.equal(await begin(store, two!), undefined);
    t.equal(await lastRule(store), 'quiet_time');
    await call(store, clock, three!, { slots: { do_not_call: true } });
    t.match((await store.listSuppressions({ number: '+8613912345679', limit: 5 })).items, [{ source: 'call', scope: 'all', reason: 'do_not_call' }], 'the result tells it again, if the call could not');
    t.equal(await brokenLink(store), undefined);
  });

  await t.test('a no and a dial at the same moment', async (t) => {
    if (!adapter.atOnce) {
      t.pass('one writer at a time');
      return;
    }
    const { store, again } = await start(t, adapter);
    const other = await again();
    const numbers = Array.from({ length: 30 }, (_, index) => `+86139123456${String(index + 10)}`);
    const tasks = await tasksTo(store, numbers);
    // Some at a time: there are only so many connections, and a slow disk.
    for (let from = 0; from < numbers.length; from += 4) {
      const dials = tasks.slice(from, from + 4).map((task) => begin(store, task));
      const noes = numbers.slice(from, from + 4).map((number) => other.optOut({ number, contactId: undefined, reason: 'do_not_call', scope: 'all', source: 'call', callId: 'call_x', taskId: undefined, attemptId: undefined }));
      await Promise.all([...dials, ...noes]);
    }
    const log = await store.readCompliance({ after: 0, limit: 1_000 });
    for (const number of numbers) {
      const own = log.filter(({ subject }) => subject === store.subjects.number(number)).map(({ kind }) => kind);
      t.ok(own.join() === 'allowed,opted_out' || own.join() === 'opted_out,refused', `${own.join()}: what came after the no was refused`);
    }
    t.equal(await brokenLink(store), undefined);
  });

  await t.test('no call after the end that its campaign has now', async (t) => {
    const { store, clock } = await start(t, adapter);
    const { id } = await store.createCampaign(settings({ endsAt: clock.now() + HOUR, purpose: 'service', hours: { tue: [{ from: '00:00', to: '24:00' }] }, holidays: [] }));
    await store.moveCampaign(id, 'start');
    const [early, late] = (await store.createTasks([newTask({ to: NUMBER, campaignId: id, purpose: 'service' }), newTask({ to: '+8613912345679', campaignId: id, purpose: 'service', expiresAt: clock.now() + 5 * HOUR })])).tasks;
    t.ok(await begin(store, early!));
    clock.advance(HOUR);
    t.equal(await begin(store, late!), undefined, 'whatever end the task was given');
    t.match(await store.getTask(late!.id), { state: 'blocked', blockedBy: 'task_window' });
  });

  await t.test('what the rules would be told is told ahead, too', async (t) => {
    const { store, clock } = await start(t, adapter);
    const [one, two] = await tasksTo(store, [NUMBER, '+8613912345679']);
    const begun = clock.now();
    await call(store, clock, one!, { disposition: 'rejected', answeredAt: undefined });
    await call(store, clock, two!, { slots: { do_not_call: true } });
    await store.addSuppressions([{ number: undefined, contactId: 'con_1', scope: 'camp_1', source: 'api', reason: undefined, evidence: undefined, expiresAt: undefined }]);
    const nothing = { attemptsAt: [], inCall: false, lastAbandonedAt: undefined, lastRefusedAt: undefined };
    t.match(await store.pastOf([{ to: NUMBER }, { to: '+8613912345679', contactId: 'con_2' }, { to: '+8613912345670', contactId: 'con_1' }]), [
      { suppressions: [], history: { ...nothing, attemptsAt: [begun], lastRefusedAt: begun } },
      { suppressions: [{ number: '+8613912345679', scope: 'all', source: 'call' }], history: { attemptsAt: [begun + 1_000] } },
      { suppressions: [{ contactId: 'con_1', scope: 'camp_1' }], history: nothing },
    ]);
    t.same(await store.pastOf([]), []);
  });

  await t.test('what is refused for good is over, with its one result', async (t) => {
    const { store, clock } = await start(t, adapter);
    await store.optOut({ number: NUMBER, contactId: undefined, reason: 'do_not_call', scope: 'all', source: 'call', callId: 'call_x', taskId: undefined, attemptId: undefined });
    const [task] = (await store.createTasks([newTask({ to: NUMBER, expiresAt: clock.now() + HOUR })])).tasks;
    t.equal(await begin(store, task!), undefined);
    t.match(await store.getTask(task!.id), { state: 'blocked', blockedBy: 'suppression', blockedUntil: undefined });
    const result = await store.getResult(task!.id);
    t.match(result, { disposition: 'cancelled', reason: 'Not dialled, by the rule suppression.', verdict: { kind: 'end', reason: 'blocked' }, attemptId: undefined, callId: '' });
    t.match((await store.readEvents(0, 10)).at(-1), { type: 'task.blocked', data: { taskId: task!.id, rule: 'suppression', resultId: result?.id } });
    t.equal(await store.cancelTask(task!.id), false, 'nothing happens to it any more');
    clock.advance(2 * HOUR);
    t.same(await store.expireTasks(), []);
    t.equal((await store.getTask(task!.id))?.state, 'blocked');
    t.same(await store.getResult(task!.id), result);
  });

  await t.test('what the settings of a campaign hold back goes on when they are changed', async (t) => {
    const { store, clock } = await start(t, adapter);
    const wanted = settings({ callerNumbers: ['+861012345678'], hours: { tue: [{ from: '09:00', to: '20:00' }] } });
    const { id } = await store.createCampaign(wanted);
    const { revision } = await store.moveCampaign(id, 'start');
    const { tasks } = await store.createTasks(['+861012345678', '+861087654321'].map((from) => newTask({ to: NUMBER, from, campaignId: id })));
    const [shown, other] = tasks as [Task, Task];
    t.equal(await begin(store, other), undefined);
    t.match(await store.getTask(other.id), { state: 'blocked', blockedBy: 'caller_number', blockedUntil: clock.now() + 12 * HOUR });
    t.equal(await store.getResult(other.id), undefined, 'what an operator can mend ends nothing');
    await store.updateCampaign(id, revision, { ...wanted, callerNumbers: ['+861087654321'] });
    t.match(await store.getTask(shown.id), { from: '+861087654321' }, 'the one that may be shown now');
    t.same((await store.dueTasksOf(id, 5)).map((task) => task.id), [shown.id]);
    await store.dueParties();
    t.same((await store.dueTasksOf(id, 5)).map((task) => task.id).sort(), [shown.id, other.id].sort());
    t.ok(await begin(store, other), await lastRule(store));
  });

  await t.test('an intent that was taken back counts as no dial', async (t) => {
    const { store } = await start(t, adapter);
    const [first, second] = await tasksTo(store, [NUMBER, NUMBER]);
    for (let lost = 0; lost < 9; lost++) {
      t.ok(await begin(store, first!), `after ${lost} that were lost`);
      t.equal(await store.releaseAttempts('node_1', []), 1);
    }
    t.ok(await begin(store, second!), 'the caps of the number count what was dialled');
    t.equal(await brokenLink(store), undefined);
  });

  await t.test("an operator's word to dial an unknown call again goes beyond the policy, once", async (t) => {
    const { store } = await start(t, adapter);
    const { tasks } = await store.createTasks([newTask({ to: NUMBER, retry: { maxAttempts: 1, delays: {}, varyDayPart: false } })]);
    const [task] = tasks as [Task];
    t.ok(await begin(store, task));
    t.same(await store.recoverAttempts('node_2'), [task.id]);
    t.equal(await store.resolveTask(task.id, 'redial'), true);
    const again = await begin(store, task);
    t.match(again, { number: 2 });
    t.equal(await store.releaseAttempts('node_1', []), 1);
    t.ok(await begin(store, task), 'what was taken back was not it');
    t.equal((await store.getTask(task.id))?.state, 'dialing');
  });

  await t.test('what was said in a call is on record', async (t) => {
    const { store, clock } = await start(t, adapter);
    const [told, cut] = await tasksTo(store, [NUMBER, '+8613912345679']);
    await call(store, clock, told!, { disclosedMs: 2_400, optOutOfferedMs: 5_100, slots: {} });
    await call(store, clock, cut!, { slots: {} });
    const said = (await store.readCompliance({ after: 0, limit: 100 })).filter(({ kind }) => kind !== 'allowed');
    t.match(said, [
      { kind: 'disclosed', taskId: told!.id, attemptId: /^att_/, callId: /^call_/, subject: store.subjects.number(NUMBER), body: '{"flow":"greeting","flowVersion":1,"afterMs":2400}' },
      { kind: 'opt_out_offered', body: /"afterMs":5100/ },
    ]);
    t.equal(said.length, 2, 'and nothing of one that did not hear it');
    t.equal(await brokenLink(store), undefined);
  });
}
