import t from 'tap';
import { TrunklineError } from '../../src/kernel/errors.js';
import type { CampaignSettings } from '../../src/store/campaigns.js';
import type { Store } from '../../src/store/store.js';
import { settings } from './campaigns/campaigns.js';
import { setUp } from './dialer-world.js';

async function running(store: Store, pacing: Partial<CampaignSettings['pacing']>, retry?: CampaignSettings['retry']): Promise<string> {
  const { id } = await store.createCampaign(settings({ pacing: { ...settings().pacing, ...pacing }, ...(retry === undefined ? {} : { retry }) }));
  await store.moveCampaign(id, 'start');
  return id;
}

t.test('campaigns share by weight, each within its own limit', async (t) => {
  const { clock, store, dialer, calls, add } = await setUp(t, { maxCalls: 8 });
  const heavy = await running(store, { weight: 30 });
  const light = await running(store, { weight: 10 });
  const small = await running(store, { weight: 100, maxCalls: 1 });
  await add(...[heavy, light, small].flatMap((campaignId) => Array.from({ length: 20 }, () => ({ campaignId }))));
  await dialer.start();
  await clock.run(10);
  const up = (campaignId: string): number => calls.dialled.filter(({ task }) => task.campaignId === campaignId).length;
  t.same([up(small), up(heavy) + up(light)], [1, 7]);
  t.ok(up(heavy) >= 5 && up(light) >= 1, `${up(heavy)} to ${up(light)}`);
  await store.moveCampaign(heavy, 'pause');
  const before = up(heavy);
  for (const call of calls.dialled.slice()) call.end();
  await clock.run(600);
  t.equal(up(heavy), before, 'nothing of a paused one');
  t.ok(up(light) >= 7, 'the others have its place');
  for (const call of calls.dialled) call.end();
  await dialer.stop();
});

t.test('a campaign that cannot be served holds up no other, and has no more than its share after', async (t) => {
  const { clock, store, dialer, calls, add } = await setUp(t, { callsPerSecond: 4, pollMs: 100 });
  const chinese = await running(store, {});
  const english = await running(store, {});
  await add(...Array.from({ length: 30 }, () => ({ campaignId: chinese, flow: 'offer-zh' })), ...Array.from({ length: 30 }, () => ({ campaignId: english, flow: 'offer' })));
  let down = true;
  const reserve = calls.reserve.bind(calls);
  calls.serves = ({ language }) => !(down && language === 'zh-CN');
  calls.reserve = (task, needs = {}) => (calls.serves(needs) ? reserve(task) : undefined);
  calls.onDial = (call) => clock.after(10, () => call.end());
  const up = (campaignId: string): number => calls.dialled.filter(({ task }) => task.campaignId === campaignId).length;
  await dialer.start();
  await clock.run(2_500);
  t.same([up(chinese), up(english)], [0, 11], 'at its whole pace');
  down = false;
  await clock.run(2_500);
  t.ok(Math.abs(up(chinese) - (up(english) - 11)) <= 2, `then by turns, within a call of its share: ${up(chinese)} and ${up(english) - 11}`);
  await clock.run(20);
  await dialer.stop();
});

t.test('a trunk that is full holds up nobody who goes by another one', async (t) => {
  const { clock, dialer, calls, add } = await setUp(t);
  const reserve = calls.reserve.bind(calls);
  calls.reserve = (task, needs) => (task?.to.startsWith('+49') === true ? undefined : reserve(task, needs));
  await add(...Array.from({ length: 20 }, (_, index) => ({ to: `+4930${1_000_000 + index}`, priority: 90 })), { to: '+12125550100', priority: 10 });
  await dialer.start();
  await clock.run(10);
  t.same(calls.dialled.map(({ task }) => task.to), ['+12125550100']);
  for (const call of calls.dialled) call.end();
  await dialer.stop();
});

t.test('hundreds of tasks that wait for a trunk hold up none that goes by another one', async (t) => {
  const { clock, store, dialer, calls, add } = await setUp(t);
  const reserve = calls.reserve.bind(calls);
  const free: Record<string, number> = { '+49': 0, '+44': 2, '+12': 2 };
  calls.reserve = (task, needs) => {
    const route = task?.to.slice(0, 3) ?? '';
    if ((free[route] ?? 0) <= 0) return undefined;
    free[route]! -= 1;
    const reservation = reserve(task, needs)!;
    let held = true;
    return { release: () => {
      if (held) free[route]! += 1;
      held = false;
      reservation.release();
    } };
  };
  calls.onDial = (call) => clock.after(100, () => call.end());
  const up = (route: string): number => calls.dialled.filter(({ task }) => task.to.startsWith(route)).length;
  for (const campaignId of [undefined, await running(store, {})]) {
    calls.dialled.length = 0;
    await add(...['+49301', '+44201', '+12121'].flatMap((route) => Array.from({ length: 200 }, (_, index) => ({ campaignId, to: `${route}${100_000 + index}` }))));
    await clock.run(campaignId === undefined ? 0 : 500);
    if (campaignId === undefined) await dialer.start();
    await clock.run(2_050);
    t.equal(up('+49'), 0);
    t.ok(up('+44') >= 38 && up('+12') >= 38, `the others use all that they have: ${up('+44')} and ${up('+12')}`);
    free['+49'] = 2;
    await clock.run(1_050);
    t.ok(up('+49') >= 10, 'and so does this one when its trunk is there again');
    free['+49'] = -2;
    await clock.run(9_000);
  }
  await clock.run(200);
  await dialer.stop();
});

t.test('a call that did not do its job is made again when its policy says, and no more often', async (t) => {
  const { clock, store, dialer, calls, add, stateOf } = await setUp(t);
  const campaignId = await running(store, {}, { maxAttempts: 2, delays: { busy: [60_000] }, varyDayPart: false });
  const [task] = await add({ campaignId, retry: { maxAttempts: 2, delays: { busy: [60_000] }, varyDayPart: false } });
  const busy = { disposition: 'busy', sipStatus: 486, answeredAt: undefined, verdict: { kind: 'continue' } } as const;
  await dialer.start();
  await clock.run(10);
  t.equal(calls.dialled[0]?.attemptsLeft, 1, 'the flow may promise to call again');
  calls.dialled[0]?.end(busy);
  await clock.run(10);
  t.equal(await stateOf(task?.id), 'retry_wait');
  t.equal(await store.getResult(task?.id ?? ''), undefined, 'no result yet');
  await clock.run(50_000);
  t.equal(calls.dialled.length, 1, 'not before its time');
  await clock.run(11_000);
  t.equal(calls.dialled.length, 2);
  t.equal(calls.dialled[1]?.attemptsLeft, 0);
  calls.dialled[1]?.end(busy);
  await clock.run(10);
  t.equal(await stateOf(task?.id), 'done');
  t.match(await store.getResult(task?.id ?? ''), { disposition: 'busy', attemptId: calls.dialled[1]?.attempt.id });
  await clock.run(200_000);
  t.equal(calls.dialled.length, 2);
  await dialer.stop();
});

t.test('preview: nothing is dialled but what a person has claimed and wants', async (t) => {
  const { clock, store, dialer, calls, add, stateOf, registry } = await setUp(t);
  const campaignId = await running(store, { mode: 'preview' });
  const [first, second] = await add({ campaignId }, { campaignId });
  await dialer.start();
  await clock.run(5_000);
  t.equal(calls.dialled.length, 0);
  t.notMatch(await registry.metrics(), /dialer_no_capacity_total [1-9]/);
  const wish = async (task: typeof first, person: string) => {
    const became = dialer.dialNow(task!, person);
    await clock.run(1);
    return await became;
  };
  t.same(await wish(first, 'ann'), { kind: 'gone', taskId: first?.id }, 'claimed by nobody');
  await store.claimTask(campaignId, 'ann', 60_000);
  t.match(await wish(first, 'bob'), { kind: 'gone' });
  calls.capacity = 0;
  t.same(await wish(first, 'ann'), { kind: 'full' });
  calls.capacity = 5;
  calls.ceiling = 0;
  t.same(await wish(first, 'ann'), { kind: 'full' });
  calls.ceiling = 5;
  // Capacity that comes back is tried bit by bit.
  await clock.run(2_000);
  t.match(await wish(first, 'ann'), { kind: 'begun' });
  t.equal(calls.dialled[0]?.task.id, first?.id);
  t.match(await wish(first, 'ann'), { kind: 'gone' }, 'once');
  calls.dialled[0]?.end();
  await clock.run(5_000);
  t.equal(calls.dialled.length, 1);
  t.equal(await stateOf(second?.id), 'queued');
  t.equal(calls.reserved, 0, 'whatever became of it, nothing is held');
  const late = dialer.dialNow(second!, 'ann');
  await dialer.stop();
  await late.catch((error: unknown) => t.match(error, { code: 'TRK_CLOSED' }));
  await t.rejects(dialer.dialNow(second!, 'ann'), { code: 'TRK_CLOSED' });
});

t.test('preview: within the limits of the campaign, and of the server', async (t) => {
  const { clock, store, dialer, calls, add } = await setUp(t, { callsPerSecond: 4 });
  const campaignId = await running(store, { mode: 'preview', maxCalls: 2, callsPerSecond: 1 });
  const tasks = await add({ campaignId }, { campaignId }, { campaignId }, {});
  await dialer.start();
  await clock.run(1_000);
  t.equal(calls.dialled.length, 1, 'the task of no campaign');
  const wish = async (person: string): Promise<() => string | undefined> => {
    const task = await store.claimTask(campaignId, person, 60_000);
    let became: string | undefined;
    void dialer.dialNow(task!, person).then(({ kind }) => (became = kind));
    return () => became;
  };
  const ann = await wish('ann');
  await clock.run(1);
  t.equal(ann(), 'begun');
  const bob = await wish('bob');
  await clock.run(500);
  t.equal(bob(), undefined, 'not before the pace allows it');
  await clock.run(600);
  t.equal(bob(), 'begun', 'for which it was waited');
  t.equal(calls.dialled[2]!.dialledAt - calls.dialled[1]!.dialledAt, 1_000);
  await clock.run(2_000);
  const cid = await wish('cid');
  await clock.run(1);
  t.equal(cid(), 'full', 'two at once');
  calls.dialled[1]?.end();
  await clock.run(10);
  void dialer.dialNow(tasks[2]!, 'cid');
  await clock.run(1);
  t.equal(calls.dialled.length, 4);
  for (const call of calls.dialled) call.end();
  await clock.run(10);
  await dialer.stop();
});

t.test('preview: nobody is left to wait at the screen for a slow pace', async (t) => {
  const { clock, store, dialer, calls, add } = await setUp(t);
  const campaignId = await running(store, { mode: 'preview', callsPerSecond: 0.1 });
  const [first, second] = await add({ campaignId }, { campaignId });
  await dialer.start();
  await clock.run(1);
  for (const [task, person, kind] of [[first, 'ann', 'begun'], [second, 'bob', 'full']] as const) {
    await store.claimTask(campaignId, person, 60_000);
    const became = dialer.dialNow(task!, person);
    await clock.run(1);
    t.match(await became, { kind });
  }
  calls.dialled[0]?.end();
  await clock.run(10);
  await dialer.stop();
});

t.test('a person is told at once when the store fails', async (t) => {
  const { clock, store, add, again } = await setUp(t);
  const campaignId = await running(store, { mode: 'preview' });
  const [task] = await add({ campaignId });
  const broken: Store = { ...store, beginAttempts: () => Promise.reject(new TrunklineError('TRK_STORE_FULL')) };
  const { dialer, calls } = again(broken);
  await dialer.start();
  const refused = t.rejects(dialer.dialNow(task!, 'ann'), { code: 'TRK_STORE_FULL' });
  await clock.run(1);
  await refused;
  t.equal(calls.reserved, 0);
  await dialer.stop();
});

t.test('due tasks that wait for capacity are counted, and only those', async (t) => {
  const { clock, dialer, calls, add, registry } = await setUp(t);
  calls.ceiling = 1;
  const waits = async (): Promise<number> => Number(/^trunkline_dialer_no_capacity_total (\d+)$/m.exec(await registry.metrics())?.[1]);
  await add({});
  await dialer.start();
  await clock.run(2_000);
  t.equal(calls.dialled.length, 1);
  t.equal(await waits(), 0, 'nobody waits');
  await add({});
  await clock.run(2_000);
  t.ok((await waits()) > 0);
  calls.dialled[0]?.end();
  await clock.run(1_000);
  t.equal(calls.dialled.length, 2);
  calls.dialled[1]?.end();
  await dialer.stop();
});
