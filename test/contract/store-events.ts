import type { Test } from 'tap';
import type { Store } from '../../src/store/store.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { ManualClock } from '../support/manual-clock.js';
import { callIdOf, newTask, resultOf } from './store.js';
import type { StoreUnderTest } from './store.js';

/** The list of events: what is appended, and what the store tells by itself. */
export async function eventsContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  await t.test('appended', (t) => appended(t, adapter));
  await t.test('told of tasks', (t) => toldOfTasks(t, adapter));
  await t.test('told of campaigns', (t) => toldOfCampaigns(t, adapter));
  await t.test('told with what is told, or not at all', (t) => toldTogether(t, adapter));
}

async function appended(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock, eventsKept: 1000 });
  t.equal(await store.lastEventCursor(), 0);
  t.same(await store.readEvents(0, 10), []);
  const one = await store.appendEvent('task.created', { taskId: 'x' });
  t.match(one, { type: 'task.created', at: clock.now(), data: { taskId: 'x' } });
  t.same(await store.readEvents(0, 10), [one]);
  t.same(await store.readEvents(one.cursor, 10), []);
  const many = await Promise.all(Array.from({ length: 1200 }, (_, index) => store.appendEvent('n', { index })));
  t.same(many.map((event) => event.cursor - one.cursor), many.map((_, index) => index + 1), 'cursors rise in the order of appending');
  t.same(await store.readEvents(many[1000]!.cursor, 50), many.slice(1001, 1051));
  await Promise.all(Array.from({ length: 1000 }, () => store.appendEvent('more', null)));
  const last = await store.lastEventCursor();
  await t.rejects(store.readEvents(one.cursor, 10), { code: 'TRK_CURSOR_INVALID' }, 'dropped events are not silently skipped');
  await t.rejects(store.readEvents(last + 1, 10), { code: 'TRK_CURSOR_INVALID' }, 'a cursor of another store');
  t.equal((await store.readEvents(last - 1000, 2000)).length, 1000, 'the newest are kept');
}

/** `news` is what was told since it was last asked. */
async function newsOf(store: Store): Promise<() => Promise<readonly (readonly [string, unknown])[]>> {
  let cursor = await store.lastEventCursor();
  return async () => {
    const events = await store.readEvents(cursor, 1_000);
    cursor = events.at(-1)?.cursor ?? cursor;
    return events.map(({ type, data }) => [type, data]);
  };
}

async function toldOfTasks(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const news = await newsOf(store);
  let heard = 0;
  const unwatch = store.watch((change) => void (heard += change === 'events' ? 1 : 0));
  const { tasks } = await store.createTasks([newTask(), newTask(), newTask({ expiresAt: clock.now() + 10 }), newTask()], { key: 'k', requestHash: 'h' });
  const [called, cancelled, expired, lost] = tasks.map(({ id }) => id) as [string, string, string, string];
  t.same(await news(), tasks.map(({ id: taskId }) => ['task.created', { taskId, flow: 'greeting', flowVersion: 1, priority: 50, state: 'queued' }]));
  t.ok(heard > 0, 'watchers of the same process hear of it');
  await store.createTasks([newTask(), newTask(), newTask(), newTask()], { key: 'k', requestHash: 'h' });
  t.same(await news(), [], 'a replay tells nothing');

  await store.cancelTask(cancelled);
  await store.cancelTask(cancelled);
  clock.advance(20);
  await store.expireTasks();
  const resultId = async (taskId: string) => (await store.getResult(taskId))?.id;
  t.same(await news(), [['task.cancelled', { taskId: cancelled, resultId: await resultId(cancelled) }], ['task.expired', { taskId: expired, resultId: await resultId(expired) }]]);

  const task = tasks[0]!;
  const first = (await store.beginAttempt(called, 'node_a', callIdOf))!;
  const retryAt = clock.now() + 1_000;
  await store.finishAttempt(first.id, resultOf(clock, task, first, { disposition: 'busy' }), { retryAt });
  clock.advance(1_000);
  await store.dueParties();
  const second = (await store.beginAttempt(called, 'node_a', callIdOf))!;
  const result = resultOf(clock, task, second);
  await store.finishAttempt(second.id, result);
  await store.finishAttempt(second.id, result);
  t.same(await news(), [
    ['task.retry', { taskId: called, attemptId: first.id, disposition: 'busy', at: new Date(retryAt).toISOString() }],
    ['task.done', { taskId: called, attemptId: second.id, resultId: result.id, disposition: 'answered_human', verdict: result.verdict }],
  ], 'and the same result again tells nothing');

  await store.beginAttempt(lost, 'node_dead', callIdOf);
  const recovered = async (): Promise<void> => {
    // Where several nodes work, one is dead when it has been silent for its lease.
    for (let look = 0; look < 12; look += 1) {
      await store.recoverAttempts('node_b');
      clock.advance(5_000);
    }
  };
  await recovered();
  t.same(await news(), [['task.unknown', { taskId: lost, resultId: await resultId(lost) }]]);
  await store.resolveTask(lost, 'redial');
  await store.resolveTask(lost, 'redial');
  t.same(await news(), [['task.resolved', { taskId: lost, as: 'redial' }]]);
  unwatch();
  const before = heard;
  await store.cancelTask(lost);
  t.equal(heard, before, 'who does not watch any more hears nothing');
}

async function toldOfCampaigns(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const news = await newsOf(store);
  const { id: campaignId, name } = await store.createCampaign(settings({ name: 'Spring 春' }));
  await store.moveCampaign(campaignId, 'start');
  await store.beginRound(campaignId, 1, undefined);
  await store.beginRound(campaignId, 1, undefined);
  await store.moveCampaign(campaignId, 'pause');
  await store.moveCampaign(campaignId, 'resume');
  await store.beginRound(campaignId, 2, undefined);
  t.same(await news(), [
    ['campaign.created', { campaignId, name }],
    ['campaign.started', { campaignId, name, round: 1 }],
    ['campaign.paused', { campaignId, name }],
    ['campaign.resumed', { campaignId, name }],
    ['campaign.round', { campaignId, name, round: 2 }],
  ], 'a start is told with its first round');
  const { tasks } = await store.createTasks([newTask({ campaignId }), newTask({ campaignId })]);
  const attempt = (await store.beginAttempt(tasks[0]!.id, 'node_a', callIdOf))!;
  await store.finishAttempt(attempt.id, resultOf(clock, tasks[0]!, attempt));
  await news();
  await store.endCampaignTasks(campaignId, 'round', 10);
  await store.moveCampaign(campaignId, 'finish');
  t.same(await news(), [['task.cancelled', { taskId: tasks[1]!.id, resultId: (await store.getResult(tasks[1]!.id))?.id }], ['campaign.finished', { campaignId, name, tasks: 2, attempts: 1, answered: 1 }]]);
  const other = await store.createCampaign(settings({ name: 'Other' }));
  await store.moveCampaign(other.id, 'start');
  await news();
  await store.moveCampaign(other.id, 'stop');
  t.same(await news(), [['campaign.stopped', { campaignId: other.id, name: 'Other' }]]);
}

async function toldTogether(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const { tasks } = await store.createTasks([newTask(), newTask()]);
  const attempt = (await store.beginAttempt(tasks[0]!.id, 'node_a', callIdOf))!;
  const news = await newsOf(store);
  await t.rejects(store.finishAttempt(attempt.id, resultOf(clock, tasks[1]!, attempt)), { code: 'TRK_CONFLICT' });
  await t.rejects(store.moveCampaign('camp_none', 'pause'), { code: 'TRK_NOT_FOUND' });
  t.same(await news(), [], 'what is refused is not told');
  // More than fit into one statement.
  const many = await store.createTasks(Array.from({ length: 1_200 }, () => newTask()));
  t.same((await store.readEvents((await store.lastEventCursor()) - 1_200, 2_000)).map(({ data }) => (data as { taskId: string }).taskId), many.tasks.map(({ id }) => id), 'in their order');
}
