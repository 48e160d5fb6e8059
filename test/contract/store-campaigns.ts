import type { Test } from 'tap';
import { callerFor } from '../../src/store/campaigns.js';
import type { CampaignFill, FillStep } from '../../src/store/campaigns.js';
import type { DialRules } from '../../src/store/rules.js';
import type { Attempt, NewTask, Store, Task } from '../../src/store/store.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { ManualClock } from '../support/manual-clock.js';
import { callIdOf, newTask, resultOf } from './store.js';
import type { StoreUnderTest } from './store.js';

const code = (expected: string): { code: string } => ({ code: expected });

/** Campaigns, their filling and figures, and teams. Every adapter of the store port passes this. */
export async function campaignStoreContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  await t.test('campaigns and their states', (t) => states(t, adapter));
  await t.test('of two operators one wins', (t) => twoOperators(t, adapter));
  await t.test('filling', (t) => filling(t, adapter));
  await t.test('what does not run is not dialled', (t) => notDialled(t, adapter));
  await t.test('figures', (t) => figures(t, adapter));
  await t.test('ending tasks', (t) => ending(t, adapter));
  await t.test('another end', (t) => anotherEnd(t, adapter));
  await t.test('other caller numbers', (t) => otherCallers(t, adapter));
  await t.test('what is open', (t) => whatIsOpen(t, adapter));
  await t.test('teams', (t) => teams(t, adapter));
}

async function states(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store, again } = await adapter.fresh(t, { clock });
  const wanted = settings({ name: 'Spring 春', categories: [{ name: 'gold', filter: 'tier = "gold"', priority: 90 }], endsAt: clock.now() + 1_000, recurrence: { every: 'week', on: ['mon'], at: '09:00' } });
  const made = await store.createCampaign(wanted);
  t.same(made, { ...wanted, id: made.id, state: 'draft', revision: 1, round: 0, nextRoundAt: undefined, flowVersions: {}, startedAt: undefined, endedAt: undefined, createdAt: clock.now(), updatedAt: clock.now() });
  t.same(await (await again()).getCampaign(made.id), made);
  t.equal(await store.getCampaign('camp_none'), undefined);
  t.same(await store.activeCampaigns(), []);

  clock.advance(5);
  await t.rejects(store.moveCampaign(made.id, 'pause'), { code: 'TRK_CONFLICT', message: /draft/ }, 'a draft cannot be paused');
  const running = await store.moveCampaign(made.id, 'start', { flowVersions: { greeting: 4 } });
  t.match(running, { state: 'running', revision: 2, flowVersions: { greeting: 4 }, round: 0, startedAt: undefined, updatedAt: clock.now() });
  t.same(await store.activeCampaigns(), [running]);
  const begun = await store.beginRound(made.id, 1, clock.now() + 500);
  t.match(begun, { round: 1, nextRoundAt: clock.now() + 500, startedAt: clock.now(), revision: 2 });
  t.equal(await store.beginRound(made.id, 1, undefined), undefined, 'a round begins once');
  clock.advance(5);
  t.match(await store.beginRound(made.id, 2, undefined), { round: 2, nextRoundAt: undefined, startedAt: begun?.startedAt });
  t.match(await store.moveCampaign(made.id, 'pause'), { state: 'paused' });
  t.equal(await store.beginRound(made.id, 3, undefined), undefined, 'none while it is paused');
  t.equal((await store.activeCampaigns()).length, 1);
  const renamed = await store.updateCampaign(made.id, 3, { ...wanted, name: 'Summer', endsAt: undefined });
  t.match(renamed, { name: 'Summer', state: 'paused', revision: 4, round: 2, endsAt: undefined });
  await store.moveCampaign(made.id, 'resume');
  const finished = await store.moveCampaign(made.id, 'finish');
  t.match(finished, { state: 'finished', endedAt: clock.now() });
  await t.rejects(store.moveCampaign(made.id, 'resume'), code('TRK_CONFLICT'), 'what is finished stays so');
  await t.rejects(store.updateCampaign(made.id, finished.revision, wanted), code('TRK_CONFLICT'));
  await t.rejects(store.deleteCampaign(made.id), code('TRK_CONFLICT'));
  t.same(await store.activeCampaigns(), []);

  const other = await store.createCampaign(settings());
  t.same((await store.listCampaigns({ limit: 10 })).items.map(({ id }) => id), [made.id, other.id]);
  t.same((await store.listCampaigns({ limit: 10, state: 'draft' })).items, [other]);
  const page = await store.listCampaigns({ limit: 1 });
  t.same((await store.listCampaigns({ limit: 1, cursor: page.next ?? '' })).items, [other]);
  t.equal(await store.deleteCampaign(other.id), true);
  t.equal(await store.deleteCampaign(other.id), false);
  await t.rejects(store.moveCampaign(other.id, 'start'), code('TRK_NOT_FOUND'));
  await t.rejects(store.updateCampaign(other.id, 1, wanted), code('TRK_NOT_FOUND'));
}

async function twoOperators(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store, again } = await adapter.fresh(t, { clock });
  const second = adapter.atOnce ? await again() : store;
  const { id } = await store.createCampaign(settings());
  const { revision } = await store.moveCampaign(id, 'start');
  const tries = await Promise.allSettled([store.moveCampaign(id, 'pause', { revision }), second.moveCampaign(id, 'stop', { revision })]);
  const won = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const lost = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  t.equal(won.length, 1);
  t.match(lost, [{ code: 'TRK_CONFLICT', field: 'revision', message: new RegExp(`${won[0]?.state}.*revision ${revision + 1}`) }], 'the other hears how it is now');
  await t.rejects(store.updateCampaign(id, revision, settings({ name: 'Late' })), { code: 'TRK_CONFLICT', field: 'revision' });
  t.match(await store.getCampaign(id), { name: 'Spring', revision: revision + 1 });

  const both = await store.createCampaign(settings());
  await store.moveCampaign(both.id, 'start');
  for (let round = 0; round < 10; round++) {
    const moves = await Promise.allSettled([store.moveCampaign(both.id, 'pause'), second.moveCampaign(both.id, 'pause')]);
    t.equal(moves.filter(({ status }) => status === 'fulfilled').length, 1, 'pausing twice at once is one pause');
    await second.moveCampaign(both.id, 'resume');
  }
  t.equal((await store.getCampaign(both.id))?.revision, 22);
}

/** A running campaign in its first round. */
async function running(store: Store, audiences: readonly string[] = ['aud_1']): Promise<{ id: string; fill: CampaignFill; taskFor: (contactId: string, changes?: Partial<NewTask>) => NewTask }> {
  const { id } = await store.createCampaign(settings({ audiences }));
  await store.moveCampaign(id, 'start');
  await store.beginRound(id, 1, undefined);
  const fill = (await store.getFill(id, 1)) as CampaignFill;
  return { id, fill, taskFor: (contactId, changes = {}) => newTask({ campaignId: id, campaignRound: 1, contactId, purpose: 'marketing', timeZones: ['Europe/London'], ...changes }) };
}

async function filling(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store, again } = await adapter.fresh(t, { clock });
  const { id, fill, taskFor } = await running(store, ['aud_1', 'aud_2']);
  t.same(fill, { campaignId: id, round: 1, audience: 0, cursor: undefined, passStartedAt: clock.now(), filledAt: undefined, workedMs: 0 });
  t.equal(await store.getFill(id, 2), undefined);

  const after: CampaignFill = { ...fill, cursor: 'after b' };
  const step: FillStep = { before: fill, after, tasks: [taskFor('con_a', { category: 'gold' }), taskFor('con_b')], skipped: [{ contactId: 'con_c', reason: 'variable', detail: 'who' }] };
  const ids = await store.saveFillStep(step);
  t.equal(ids?.length, 2);
  t.same(await store.getTask(ids?.[0] ?? ''), {
    ...newTask(), id: ids?.[0], state: 'queued', createdAt: clock.now(), updatedAt: clock.now(), attempts: 0, blockedBy: undefined, blockedUntil: undefined,
    campaignId: id, campaignRound: 1, contactId: 'con_a', category: 'gold', purpose: 'marketing', timeZones: ['Europe/London'], hours: undefined, hoursZone: undefined, retry: undefined,
  });
  t.same(await store.getFill(id, 1), after);
  t.equal(await store.saveFillStep(step), undefined, 'a step is saved once, whoever sends it again');

  const more = await store.saveFillStep({ before: after, after: { ...fill, audience: 1 }, tasks: [taskFor('con_b'), taskFor('con_d')], skipped: [{ contactId: 'con_a', reason: 'variable', detail: 'who' }] });
  t.equal(more?.length, 1, 'who is in two audiences is called once');
  const end: CampaignFill = { ...fill, audience: 2, filledAt: clock.now(), workedMs: 7 };
  t.equal((await store.saveFillStep({ before: { ...fill, audience: 1 }, after: end, tasks: [taskFor('con_c')], skipped: [] }))?.length, 1);
  t.same(await store.getFill(id, 1), end);
  t.same((await store.listSkipped({ campaignId: id, limit: 10 })).items, [], 'who has a task now was not left out');

  const racing = await Promise.all([store, adapter.atOnce ? await again() : store].map((one) => one.saveFillStep({ before: end, after: { ...end, audience: 0 }, tasks: [taskFor('con_e')], skipped: [{ contactId: 'con_f', reason: 'no_number', detail: '' }] })));
  t.equal(racing.filter((made) => made !== undefined).length, 1, 'of two nodes one fills');
  t.same((await store.listSkipped({ campaignId: id, limit: 10 })).items, [{ contactId: 'con_f', round: 1, reason: 'no_number', detail: '', at: clock.now() }]);
  t.equal((await store.listTasks({ campaignId: id, limit: 100 })).items.length, 5);

  await store.moveCampaign(id, 'pause');
  const now = (await store.getFill(id, 1)) as CampaignFill;
  t.equal(await store.saveFillStep({ before: now, after: now, tasks: [taskFor('con_g')], skipped: [] }), undefined, 'not while it is paused');
  await store.moveCampaign(id, 'resume');
  await store.beginRound(id, 2, undefined);
  t.equal(await store.saveFillStep({ before: now, after: now, tasks: [taskFor('con_g')], skipped: [] }), undefined, 'nor in a round that is over');
  const second = (await store.getFill(id, 2)) as CampaignFill;
  t.equal((await store.saveFillStep({ before: second, after: second, tasks: [taskFor('con_a', { campaignRound: 2 })], skipped: [] }))?.length, 1, 'another round calls again');
}

async function notDialled(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const { id, fill, taskFor } = await running(store);
  const [first, second] = (await store.saveFillStep({ before: fill, after: fill, tasks: [taskFor('con_a'), taskFor('con_b')], skipped: [] })) as [string, string];
  const alone = (await store.createTasks([newTask()])).tasks[0]?.id ?? '';
  const due = async (): Promise<string[]> => (await store.dueTasks(10)).map((task) => task.id);
  t.same(await due(), [first, second, alone]);
  await store.moveCampaign(id, 'pause');
  t.same(await due(), [alone]);
  t.equal(await store.beginAttempt(first, 'node_a', callIdOf), undefined, 'even if it was claimed before');
  await store.moveCampaign(id, 'resume');
  t.ok(await store.beginAttempt(first, 'node_a', callIdOf));
  t.equal((await store.getTask(first))?.attempts, 1);
  await store.moveCampaign(id, 'stop');
  t.same(await due(), [alone]);
  t.equal(await store.beginAttempt(second, 'node_a', callIdOf), undefined);

  const add = async (changes: Partial<NewTask>): Promise<string> => (await store.createTasks([newTask(changes)])).tasks[0]?.id ?? '';
  await store.cancelTask(alone);
  const low = await add({ priority: 10 });
  clock.advance(30 * 60_000);
  const middle = await add({ priority: 30 });
  clock.advance(15 * 60_000);
  const high = await add({ priority: 60 });
  t.same(await due(), [high, low, middle], 'a waiting task gains a point a minute');
}

async function figures(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const { id, fill, taskFor } = await running(store);
  const nothing = { tasks: {}, blocked: {}, refused: 0, dispositions: {}, verdicts: {}, skipped: 0, attempts: 0, answered: 0, meanAttemptMs: undefined };
  t.same(await store.campaignCounts(id), nothing);
  t.same(await store.campaignPulse(id, 0), { due: 0, live: 0, lastAttemptAt: undefined, lately: [] });
  const later = clock.now() + 60_000;
  const ids = (await store.saveFillStep({ before: fill, after: fill, tasks: ['a', 'b', 'c', 'd'].map((name) => taskFor(`con_${name}`, name === 'd' ? { notBefore: later } : {})), skipped: [{ contactId: 'con_x', reason: 'no_number', detail: '' }] })) ?? [];
  const tasks = (await Promise.all(ids.map((one) => store.getTask(one)))) as Task[];
  await store.createTasks([newTask()]);
  const [answered, busy] = tasks as [Task, Task];
  const first = (await store.beginAttempt(answered.id, 'node_a', callIdOf)) as Attempt;
  clock.advance(1_000);
  await store.markInCall(first.id);
  const second = (await store.beginAttempt(busy.id, 'node_a', callIdOf)) as Attempt;
  t.match(await store.campaignPulse(id, 0), { due: 1, live: 2, lastAttemptAt: second.startedAt });
  clock.advance(9_000);
  await store.finishAttempt(first.id, resultOf(clock, answered, first, { verdict: { kind: 'end', reason: 'yes' }, endedAt: clock.now() }));
  await store.finishAttempt(second.id, resultOf(clock, busy, second, { disposition: 'busy', verdict: { kind: 'continue' }, answeredAt: undefined, endedAt: clock.now() }));
  t.same(await store.campaignCounts(id), {
    ...nothing, tasks: { done: 2, queued: 1, scheduled: 1 }, dispositions: { answered_human: 1, busy: 1 }, verdicts: { end: 1, continue: 1 }, skipped: 1, attempts: 2, answered: 1, meanAttemptMs: 9_500,
  });
  t.same(await store.campaignPulse(id, 0), {
    due: 1, live: 0, lastAttemptAt: second.startedAt, lately: [{ endedAt: clock.now(), disposition: 'busy' }, { endedAt: clock.now(), disposition: 'answered_human' }],
  });
  t.same((await store.campaignPulse(id, second.startedAt)).lately, [{ endedAt: clock.now(), disposition: 'busy' }], 'the newest only, if so asked');
}

async function ending(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const { id, fill, taskFor } = await running(store);
  const [dialled, ...rest] = (await store.saveFillStep({ before: fill, after: fill, tasks: Array.from({ length: 5 }, (_, index) => taskFor(`con_${index}`)), skipped: [] })) as string[];
  const attempt = (await store.beginAttempt(dialled ?? '', 'node_a', callIdOf)) as Attempt;
  t.equal((await store.endCampaignTasks(id, 'round', 3)).length, 3, 'a bounded number at a time');
  t.equal((await store.endCampaignTasks(id, 'round', 3)).length, 1);
  t.same(await store.endCampaignTasks(id, 'round', 3), []);
  await store.beginRound(id, 2, undefined);
  const second = (await store.getFill(id, 2)) as CampaignFill;
  const [kept] = (await store.saveFillStep({ before: second, after: second, tasks: [taskFor('con_0', { campaignRound: 2 })], skipped: [] })) as string[];
  for (const taskId of rest) {
    t.equal((await store.getTask(taskId))?.state, 'cancelled');
    t.match(await store.getResult(taskId), { disposition: 'cancelled', reason: /next round/, verdict: { kind: 'end', reason: 'cancelled' }, attemptId: undefined });
  }
  t.equal((await store.getTask(dialled ?? ''))?.state, 'dialing', 'what is dialled goes on');
  t.equal((await store.getTask(kept ?? ''))?.state, 'queued');

  await store.moveCampaign(id, 'stop');
  t.same(await store.endCampaignTasks(id, 'stop', 10), [kept]);
  t.match(await store.getResult(kept ?? ''), { reason: /stopped/ });
  t.equal((await store.activeCampaigns()).length, 1, 'a stopped campaign is looked after until all is ended');
  await store.finishAttempt(attempt.id, resultOf(clock, (await store.getTask(dialled ?? '')) as Task, attempt));
  await store.closeCampaign(id);
  t.match(await store.getCampaign(id), { state: 'stopped', endedAt: clock.now() });
  t.same(await store.activeCampaigns(), []);
  t.match(await store.campaignCounts(id), { tasks: { done: 1, cancelled: 5 }, dispositions: { cancelled: 5, answered_human: 1 } });
}

async function anotherEnd(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store, again } = await adapter.fresh(t, { clock });
  const hour = (hours: number): number => clock.now() + hours * 3_600_000;
  const wanted = settings({ endsAt: hour(10) });
  const { id } = await store.createCampaign(wanted);
  await store.moveCampaign(id, 'start');
  await store.beginRound(id, 1, hour(8));
  const fill = (await store.getFill(id, 1)) as CampaignFill;
  const taskFor = (contactId: string, changes: Partial<NewTask> = {}): NewTask => newTask({ campaignId: id, campaignRound: 1, contactId, expiresAt: hour(8), ...changes });
  const wave = (await store.saveFillStep({ before: fill, after: fill, tasks: [...Array.from({ length: 2_500 }, (_, index) => taskFor(`con_${index}`, { notBefore: hour(index % 2) }))], skipped: [] })) as string[];
  const other = (await store.createTasks([newTask({ expiresAt: hour(8) })])).tasks[0];
  const [early, ended, live] = wave as [string, string, string];
  await store.cancelTask(ended);
  const attempt = (await store.beginAttempt(early, 'node_a', callIdOf)) as Attempt;
  const ends = async (): Promise<(number | undefined)[]> => {
    const open: (number | undefined)[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await store.listTasks({ campaignId: id, limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
      open.push(...page.items.filter((task) => task.id !== ended).map(({ expiresAt }) => expiresAt));
      cursor = page.next;
      if (cursor === undefined) return [...new Set(open)];
    }
  };

  const sooner = await store.updateCampaign(id, 2, { ...wanted, endsAt: hour(3) }, (before) => (before.round === 1 ? before.nextRoundAt : undefined));
  t.match(sooner, { endsAt: hour(3), nextRoundAt: hour(8), revision: 3 });
  t.same(await ends(), [hour(3)], 'what is queued, scheduled, and on the line');
  const parties = async (): Promise<string[]> => (await store.dueParties()).map(({ campaignId }) => campaignId);
  t.same(await parties(), ['', id]);
  t.same((await (await again()).getTask(ended))?.expiresAt, hour(8), 'what is over stays as it was');
  t.same((await store.getTask(other?.id ?? ''))?.expiresAt, hour(8), 'and what is not of the campaign');
  await store.updateCampaign(id, 3, { ...wanted, endsAt: hour(20) }, () => undefined);
  t.same(await ends(), [hour(20)]);
  t.match(await store.getCampaign(id), { nextRoundAt: undefined }, 'no round comes any more');
  await store.updateCampaign(id, 4, { ...wanted, name: 'Summer', endsAt: undefined }, () => undefined);
  t.same(await ends(), [undefined], 'without end');
  await store.updateCampaign(id, 5, { ...wanted, endsAt: undefined }, () => hour(4));
  t.same(await ends(), [hour(4)], 'and until a round that comes now');

  t.equal(await store.beginRound(id, 2, undefined, 5), undefined, 'no round begins by settings that were changed');
  t.same(await store.endCampaignTasks(id, 'round', 5, 5), [], 'nor does one end');
  t.equal(await store.saveFillStep({ before: fill, after: fill, revision: 5, tasks: [taskFor('con_new')], skipped: [] }), undefined, 'nor is a task made');
  t.equal((await store.saveFillStep({ before: fill, after: fill, revision: 6, tasks: [taskFor('con_new')], skipped: [] }))?.length, 1);

  t.equal((await store.endCampaignTasks(id, 'round', 5_000, 6)).length, 2_499);
  await store.beginRound(id, 2, undefined, 6);
  const second = (await store.getFill(id, 2)) as CampaignFill;
  const [next] = (await store.saveFillStep({ before: second, after: second, tasks: [taskFor('con_0', { campaignRound: 2, expiresAt: undefined })], skipped: [] })) as [string];
  await store.updateCampaign(id, 6, { ...wanted, endsAt: hour(30) });
  t.equal((await store.getTask(next))?.expiresAt, hour(30));
  t.equal((await store.getTask(early))?.expiresAt, hour(4), 'a call of the round before keeps its end: nobody is called for two rounds');
  t.equal((await store.getTask(live))?.state, 'cancelled');
  await store.finishAttempt(attempt.id, resultOf(clock, (await store.getTask(early)) as Task, attempt));
  t.ok((await parties()).includes(id));
  clock.advance(30 * 3_600_000);
  t.notOk((await parties()).includes(id), 'after its end it has nothing to dial, whatever is still to be ended');
}

/** A rule that says of these numbers that they may not be dialled: now, or ever. */
const strict: DialRules = {
  judge: ({ to, now }) => (to.endsWith('1') ? { allowed: false, rule: 'suppression', until: undefined, detail: '' } : to.endsWith('2') ? { allowed: false, rule: 'calling_hours', until: now + 60_000, detail: '' } : { allowed: true, because: {} }),
  refused: () => false,
};

async function otherCallers(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const [gone, ...kept] = ['+442079460001', '+442079460002', '+442079460003'];
  const wanted = settings({ callerNumbers: [gone, ...kept], categories: [{ name: 'gold', filter: 'gold', callerNumber: '+442079460009' }] });
  const { id } = await store.createCampaign(wanted);
  const { revision } = await store.moveCampaign(id, 'start');
  await store.beginRound(id, 1, undefined);
  const fill = (await store.getFill(id, 1)) as CampaignFill;
  const from = [gone, gone, gone, gone, gone, kept[0], '+442079460009'];
  const tasks = from.map((number, index) => newTask({ campaignId: id, campaignRound: 1, contactId: `con_${index}`, from: number, ...(number === '+442079460009' ? { category: 'gold' } : {}) }));
  const ids = (await store.saveFillStep({ before: fill, after: fill, tasks, skipped: [] })) as readonly string[];
  const [done, retried, lost, talking] = ids as [string, string, string, string];
  const attempts = new Map<string, Attempt>();
  const begin = async (taskId: string, node: string): Promise<void> => void attempts.set(taskId, (await store.beginAttempt(taskId, node, callIdOf))!);
  const end = async (taskId: string, ending?: { retryAt: number }): Promise<void> => await store.finishAttempt(attempts.get(taskId)!.id, resultOf(clock, (await store.getTask(taskId))!, attempts.get(taskId)!), ending);
  await begin(done, 'node_1');
  await end(done);
  await begin(lost, 'node_dead');
  t.same(await store.recoverAttempts('node_1'), [lost]);
  await begin(retried, 'node_1');
  await begin(talking, 'node_1');
  await store.markInCall(attempts.get(talking)!.id);

  const { callerNumbers } = await store.updateCampaign(id, revision, { ...wanted, callerNumbers: kept });
  const own = ids.map((_taskId, index) => callerFor({ callerNumbers }, `con_${index}`));
  const shown = await Promise.all(ids.map(async (taskId) => (await store.getTask(taskId))?.from));
  t.same(shown, [gone, ...own.slice(1, 5), kept[0], '+442079460009'], 'also who is on the line, or was lost there: as in the next round');
  await end(retried, { retryAt: clock.now() + 1_000 });
  t.match(await store.getTask(retried), { state: 'retry_wait', from: own[1] });
}

async function whatIsOpen(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock, rules: strict });
  const { id, fill, taskFor } = await running(store);
  const open = (): Promise<boolean> => store.hasOpenTasks(id);
  t.equal(await open(), false);
  const at = clock.now();
  const [good, never, later, waits] = (await store.saveFillStep({
    before: fill, after: fill, skipped: [],
    tasks: [taskFor('con_0', { to: '+442079460000' }), taskFor('con_1', { to: '+442079460001', expiresAt: at + 90_000 }), taskFor('con_2', { to: '+442079460002', expiresAt: at + 90_000 }), taskFor('con_3', { to: '+442079460003', notBefore: at + 30_000 })],
  })) as [string, string, string, string];
  t.equal(await open(), true);
  for (const taskId of [never, later]) t.equal(await store.beginAttempt(taskId, 'node_a', callIdOf), undefined);
  const attempt = (await store.beginAttempt(good, 'node_a', callIdOf)) as Attempt;
  const rounds = async () => [...(await store.roundTasks(id, 1, ['con_0', 'con_1', 'con_2', 'con_3', 'con_none']))].sort((a, b) => (a.contactId < b.contactId ? -1 : 1));
  t.same(await rounds(), [
    { contactId: 'con_0', over: true, attempts: 1, notBefore: (await store.getTask(good))?.notBefore },
    { contactId: 'con_1', over: true, attempts: 0, notBefore: (await store.getTask(never))?.notBefore },
    { contactId: 'con_2', over: false, attempts: 0, notBefore: at + 60_000 },
    { contactId: 'con_3', over: false, attempts: 0, notBefore: at + 30_000 },
  ]);
  t.same(await store.roundTasks(id, 2, ['con_0']), []);
  t.match(await store.campaignCounts(id), { tasks: { dialing: 1, blocked: 2, scheduled: 1 }, blocked: { suppression: 1, calling_hours: 1 }, refused: 1 });
  await store.cancelTask(waits);
  t.equal(await open(), true, 'on the line');
  clock.advance(1_000);
  await store.markInCall(attempt.id);
  clock.advance(5_000);
  await store.finishAttempt(attempt.id, resultOf(clock, (await store.getTask(good)) as Task, attempt, { answeredAt: clock.now() - 5_000, endedAt: clock.now() }));
  t.equal(await store.campaignTalk(id), 5_000);
  t.equal(await store.campaignTalk('camp_none'), 0);
  t.equal(await open(), true, 'what a rule keeps back for a while');
  clock.advance(85_000);
  t.same(await store.expireTasks(), [later], 'and what one refused for good does not expire');
  t.equal(await open(), false, 'nor is it open');
  clock.advance(60_000);
  t.same(await store.dueTasks(10), []);
  t.same(await store.endCampaignTasks(id, 'stop', 10), []);
}

async function teams(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const people = [{ email: 'li@example.com', name: '李', language: 'zh' as const, about: ['campaign.finished'] }, { email: 'al@example.com', name: undefined, language: 'en' as const, about: [] }];
  const made = await store.putTeam({ name: 'sales', people });
  t.same(made, { name: 'sales', people, createdAt: clock.now(), updatedAt: clock.now() });
  clock.advance(10);
  const changed = await store.putTeam({ name: 'sales', people: people.slice(1) });
  t.same(changed, { name: 'sales', people: people.slice(1), createdAt: made.createdAt, updatedAt: clock.now() });
  await store.putTeam({ name: 'care', people: [] });
  t.same((await store.listTeams()).map(({ name }) => name), ['care', 'sales']);
  t.same(await store.getTeam('sales'), changed);
  t.equal(await store.getTeam('none'), undefined);
  t.equal(await store.deleteTeam('sales'), true);
  t.equal(await store.deleteTeam('sales'), false);
}
