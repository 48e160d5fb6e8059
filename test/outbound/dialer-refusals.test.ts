import t from 'tap';
import type { CampaignSettings } from '../../src/store/campaigns.js';
import type { DialRules } from '../../src/store/rules.js';
import type { Store } from '../../src/store/store.js';
import { settings } from './campaigns/campaigns.js';
import { setUp } from './dialer-world.js';

const HOUR = 3_600_000;

/** Refuses numbers of one country for an hour. */
const notToBritain: DialRules = {
  judge: ({ to, now }) => (to.startsWith('+44') ? { allowed: false, rule: 'calling_hours', until: now + HOUR, detail: '' } : { allowed: true, because: {} }),
  refused: () => false,
};

const british = (index: number): string => `+44207${String(9_000_000 + index)}`;

async function running(store: Store, pacing: Partial<CampaignSettings['pacing']> = {}): Promise<string> {
  const { id } = await store.createCampaign(settings({ pacing: { ...settings().pacing, ...pacing } }));
  await store.moveCampaign(id, 'start');
  return id;
}

/** The transactions in which rules are asked. */
function counted(store: Store): { store: Store; asked: () => number } {
  let asked = 0;
  const count = <T>(work: Promise<T>): Promise<T> => {
    asked += 1;
    return work;
  };
  return { store: { ...store, beginAttempts: (...given) => count(store.beginAttempts(...given)), screenTasks: (ids) => count(store.screenTasks(ids)) }, asked: () => asked };
}

t.test('a campaign of which all is refused stops nobody, and nothing for longer than a piece of it takes', async (t) => {
  const { clock, store, add, again } = await setUp(t, {}, notToBritain);
  const { store: watched, asked } = counted(store);
  const { dialer, calls, registry } = again(watched);
  const refusing = await running(store);
  const other = await running(store);
  const preview = await running(store, { mode: 'preview' });
  await add(...Array.from({ length: 1_000 }, (_, index) => ({ campaignId: refusing, to: british(index), priority: 90 })));
  await add({ campaignId: other, to: '+12125550100' }, { campaignId: other, to: '+12125550101' }, { to: '+12125550102' });
  const [shown] = await add({ campaignId: preview, to: '+12125550103' });
  const left = async (): Promise<number> => (await store.dueTasksOf(refusing, 2_000)).length;
  await dialer.start();
  await clock.run(0);
  t.ok((await left()) > 900, `${await left()} are left after a round`);
  t.ok(asked() <= 4, `${asked()} transactions in a round`);
  t.ok(calls.dialled.length > 0, 'and others were dialled in it');
  await store.claimTask(preview, 'ann', 60_000);
  const wish = dialer.dialNow(shown!, 'ann');
  await clock.run(2);
  t.match(await wish, { kind: 'begun' }, 'a person need not wait for the end of it');
  t.ok((await left()) > 500);
  await clock.run(400);
  t.equal(await left(), 0);
  t.same(calls.dialled.map(({ task }) => task.to).sort(), ['+12125550100', '+12125550101', '+12125550102', '+12125550103']);
  t.ok(asked() < 60, `${asked()} transactions for 1,000 tasks`);
  t.match(await registry.metrics(), /trunkline_dial_refused_total\{rule="calling_hours"\} 1000/);
  for (const call of calls.dialled) call.end();
  await dialer.stop();
});

t.test('what is allowed among what is refused is dialled as soon as it is found', async (t) => {
  const { clock, store, dialer, calls, add } = await setUp(t, {}, notToBritain);
  calls.onDial = (call) => clock.after(1, () => call.end());
  const campaignId = await running(store);
  await add(...Array.from({ length: 600 }, (_, index) => ({ campaignId, to: index % 100 === 99 ? `+1212555${1_000 + index}` : british(index) })));
  await dialer.start();
  await clock.run(200);
  t.same(calls.dialled.map(({ task }) => task.to), [99, 199, 299, 399, 499, 599].map((index) => `+1212555${1_000 + index}`));
  await dialer.stop();
});

t.test('two campaigns of which all is refused are asked about by turns', async (t) => {
  const { clock, store, add, again } = await setUp(t, {}, notToBritain);
  const { dialer } = again();
  const [one, two] = [await running(store), await running(store)];
  await add(...[one, two].flatMap((campaignId) => Array.from({ length: 640 }, (_, index) => ({ campaignId, to: british(index) }))));
  await dialer.start();
  await clock.run(7);
  const left = await Promise.all([one, two].map(async (id) => (await store.dueTasksOf(id, 1_000)).length));
  t.ok(left.every((count) => count < 500), `${left.join(' and ')} are left`);
  await dialer.stop();
});
