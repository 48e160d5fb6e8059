import type { Test } from 'tap';
import { TrunklineError } from '../../src/kernel/errors.js';
import { systemRandom } from '../../src/kernel/random.js';
import { newWebhookSecret } from '../../src/followup/webhook-signature.js';
import type { NewOutboxEntry, WebhookEndpoint } from '../../src/store/outbox.js';
import { ManualClock } from '../support/manual-clock.js';
import type { StoreUnderTest } from './store.js';

const LEASE_MS = 1_000;

const entry = (dedupeKey: string, changes: Partial<NewOutboxEntry> = {}): NewOutboxEntry => ({ channel: 'webhook', target: 'hook_a', orderKey: undefined, dedupeKey, type: 'task.done', payload: '{}', ...changes });

export const webhook = (clock: ManualClock, changes: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
  id: 'hook_a',
  url: 'https://hooks.example/a',
  secret: newWebhookSecret(systemRandom),
  previousSecret: undefined,
  previousUntil: undefined,
  events: ['task.*'],
  fullResult: false,
  enabled: true,
  description: undefined,
  sinceCursor: 0,
  createdAt: clock.now(),
  updatedAt: clock.now(),
  ...changes,
});

/** What every store does with webhooks and what waits to be sent. */
export async function outboxContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  const open = async (t: Test) => {
    const clock = new ManualClock();
    const { store, again } = await adapter.fresh(t, { clock });
    const claim = (changes: Partial<Parameters<typeof store.claimOutbox>[0]> = {}) => store.claimOutbox({ channel: 'webhook', limit: 10, leaseMs: LEASE_MS, ...changes });
    return { clock, store, again, claim };
  };
  const keys = (entries: readonly { dedupeKey: string }[]): string[] => entries.map((one) => one.dedupeKey);

  await t.test('what is new is due, also after the clock went back by an hour', async (t) => {
    let behind = 0;
    class JumpingClock extends ManualClock {
      override now(): number {
        return super.now() - behind;
      }
    }
    const { store } = await adapter.fresh(t, { clock: new JumpingClock() });
    await store.addOutbox([entry('1'), entry('2')]);
    behind = 3_600_000;
    t.same(keys(await store.claimOutbox({ channel: 'webhook', limit: 10, leaseMs: LEASE_MS })), ['1', '2']);
  });

  await t.test('endpoints', async (t) => {
    const { clock, store, again } = await open(t);
    const a = webhook(clock);
    clock.advance(1);
    const b = webhook(clock, { id: 'hook_b', previousSecret: 'whsec_x', previousUntil: 5, enabled: false, fullResult: true, description: 'd', events: [] });
    await store.addWebhook(b);
    await store.addWebhook(a);
    t.same(await store.listWebhooks(), [a, b], 'oldest first');
    t.same(await store.getWebhook('hook_b'), b);
    // Each changes what it has seen as it is by then: neither undoes the other.
    const racing = [
      store.changeWebhook('hook_a', () => ({ url: 'https://hooks.example/c', enabled: false })),
      (adapter.atOnce ? await again() : store).changeWebhook('hook_a', ({ secret }) => ({ secret: 'whsec_new', previousSecret: secret, previousUntil: 9 })),
    ];
    await Promise.all(racing);
    const changed = { ...a, url: 'https://hooks.example/c', enabled: false, secret: 'whsec_new', previousSecret: a.secret, previousUntil: 9 };
    t.same(await store.getWebhook('hook_a'), changed);
    await t.rejects(store.changeWebhook('hook_a', () => {
      throw new TrunklineError('TRK_FORBIDDEN', { params: { scope: 'x' } });
    }), { code: 'TRK_FORBIDDEN' });
    t.same(await store.getWebhook('hook_a'), changed, 'a change that is refused leaves it as it was');
    await store.addOutbox([entry('1'), entry('2', { target: 'hook_b' })]);
    t.equal(await store.deleteWebhook('hook_a'), true);
    t.equal(await store.deleteWebhook('hook_a'), false);
    t.equal(await store.changeWebhook('hook_a', () => ({ enabled: false })), undefined);
    t.equal(await store.getWebhook('hook_a'), undefined, 'a change does not make it anew');
    t.same(keys((await store.listOutbox({ channel: 'webhook', limit: 10 })).items), ['2'], 'with what waited for it');
  });

  await t.test('a claim, its lease, and its end', async (t) => {
    const { clock, store, again, claim } = await open(t);
    const other = await again();
    t.equal(await store.addOutbox([entry('1'), entry('2'), entry('1')]), 2, 'the same key makes one entry');
    t.equal(await store.addOutbox([entry('2')]), 0);
    const [first] = await claim({ limit: 1 });
    t.match(first, { dedupeKey: '1', state: 'running', tries: 1, target: 'hook_a', payload: '{}', doneAt: undefined });
    t.same(keys(await other.claimOutbox({ channel: 'webhook', limit: 10, leaseMs: LEASE_MS })), ['2'], 'another process gets the other');
    t.same(await claim(), []);
    t.equal(await store.nextOutboxAt('webhook'), clock.now() + LEASE_MS);
    t.equal(await store.nextOutboxAt('mail'), undefined);
    clock.advance(LEASE_MS);
    const again1 = await claim({ limit: 1 });
    t.match(again1, [{ dedupeKey: '1', tries: 2 }], 'a sender that died is replaced');
    t.equal(await store.finishOutbox(first!, { state: 'succeeded' }), false, 'and may not end what is no longer its own');
    t.equal(await store.finishOutbox(again1[0]!, { state: 'retry_wait', nextAt: clock.now() + 500, error: 'http_500' }), true);
    t.equal(await store.finishOutbox(again1[0]!, { state: 'succeeded' }), false, 'an end is one');
    t.match(await store.getOutbox(first!.id), { state: 'retry_wait', lastError: 'http_500', tries: 2 });
    t.same(keys(await claim()), ['2']);
    clock.advance(500);
    const [third] = await claim();
    t.match(third, { dedupeKey: '1', tries: 3 });
    t.equal(await store.finishOutbox(third!, { state: 'succeeded' }), true);
    t.match(await store.getOutbox(first!.id), { state: 'succeeded', lastError: undefined, doneAt: clock.now() });
    clock.advance(LEASE_MS);
    t.same(keys(await claim()), ['2'], 'what succeeded never comes back');
  });

  await t.test('in order for one task, side by side for others and for other targets', async (t) => {
    const { clock, store, claim } = await open(t);
    await store.addOutbox([entry('1', { orderKey: 'task_1' }), entry('2', { orderKey: 'task_1' }), entry('3', { orderKey: 'task_2' }), entry('4'), entry('5', { orderKey: 'task_1', target: 'hook_b' })]);
    const now = await claim();
    t.same(keys(now), ['1', '3', '4', '5']);
    t.same(await claim(), [], 'the second waits for the first');
    await store.finishOutbox(now[0]!, { state: 'retry_wait', nextAt: clock.now() + 500, error: 'x' });
    t.same(await claim(), [], 'even while the first waits to be tried again');
    clock.advance(500);
    const [first] = await claim();
    await store.finishOutbox(first!, { state: 'dead', error: 'http_410' });
    t.same(keys(await claim({ target: 'hook_b' })), []);
    t.same(keys(await claim({ target: 'hook_a' })), ['2'], 'a dead one holds nothing up');
  });

  await t.test('dead ones are looked at, sent again, and forgotten in the end', async (t) => {
    const { clock, store, claim } = await open(t);
    await store.addOutbox(Array.from({ length: 5 }, (_, index) => entry(String(index))));
    const claimed = await claim();
    for (const one of claimed) await store.finishOutbox(one, one.dedupeKey === '4' ? { state: 'succeeded' } : { state: 'dead', error: 'smtp_550' });
    const page = await store.listOutbox({ channel: 'webhook', state: 'dead', target: 'hook_a', limit: 3 });
    t.same(keys(page.items), ['0', '1', '2']);
    t.same(keys((await store.listOutbox({ channel: 'webhook', state: 'dead', cursor: page.next!, limit: 3 })).items), ['3']);
    t.equal(await store.requeueOutbox(claimed[0]!.id), true);
    t.equal(await store.requeueOutbox(claimed[0]!.id), false, 'it waits already');
    t.equal(await store.requeueOutbox('obx_none'), false);
    t.match(await claim(), [{ dedupeKey: '0', tries: 1 }]);
    clock.advance(10);
    t.equal(await store.sweepOutbox(clock.now(), 2), 2);
    t.equal(await store.sweepOutbox(clock.now(), 10), 2);
    t.same(keys((await store.listOutbox({ channel: 'webhook', limit: 10 })).items), ['0'], 'what has not ended stays');
  });

  await t.test('one that is sent again goes before those of its task that wait, and after those before it', async (t) => {
    const { clock, store, claim } = await open(t);
    await store.addOutbox(['1', '2', '3', '4'].map((key) => entry(key, { orderKey: 'task_1' })));
    const ended = [];
    for (const key of ['1', '2']) {
      const [one] = await claim();
      t.equal(one?.dedupeKey, key);
      ended.push(one!);
      await store.finishOutbox(one!, { state: 'dead', error: 'http_500' });
    }
    const [third] = await claim();
    await store.finishOutbox(third!, { state: 'retry_wait', nextAt: clock.now() + 10, error: 'http_500' });
    for (const one of ended.reverse()) t.equal(await store.requeueOutbox(one.id), true);
    clock.advance(10);
    t.equal(await store.nextOutboxAt('webhook'), 0, 'the first is due');
    for (const key of ['1', '2', '3', '4']) {
      const now = await claim();
      t.same(keys(now), [key]);
      await store.finishOutbox(now[0]!, { state: 'succeeded' });
    }
    t.equal(await store.nextOutboxAt('webhook'), undefined);
  });

  await t.test('one whose key is known makes nothing wait for it', async (t) => {
    const { store, claim } = await open(t);
    await store.addOutbox([entry('1', { orderKey: 'task_1' })]);
    await store.finishOutbox((await claim())[0]!, { state: 'succeeded' });
    t.equal(await store.addOutbox([entry('1', { orderKey: 'task_1' }), entry('2', { orderKey: 'task_1' })]), 1);
    t.same(keys(await claim()), ['2']);
  });

  await t.test('of what is added while others end, nothing is left waiting for ever', async (t) => {
    const { store, again } = await open(t);
    const other = await again();
    const total = 60;
    const adding = (async () => {
      for (let index = 0; index < total; index++) await other.addOutbox([entry(String(index), { orderKey: 'task_1' })]);
    })();
    if (!adapter.atOnce) await adding;
    const sent: string[] = [];
    for (let added = false; ; ) {
      const [one] = await store.claimOutbox({ channel: 'webhook', limit: 1, leaseMs: LEASE_MS });
      if (one !== undefined) {
        sent.push(one.dedupeKey);
        await store.finishOutbox(one, { state: 'succeeded' });
      } else if (added) break;
      else added = await Promise.race([adding.then(() => true), store.nextOutboxAt('webhook').then(() => false)]);
    }
    t.same(sent, Array.from({ length: total }, (_, index) => String(index)));
  });

  await t.test('a reader of events moves on together with what it makes', async (t) => {
    const { store, again } = await open(t);
    const other = await again();
    t.equal(await store.fanOutCursor('webhooks'), 0);
    t.equal(await store.fanOut('webhooks', 0, 7, [entry('1'), entry('2')]), true);
    t.equal(await other.fanOut('webhooks', 0, 7, [entry('1'), entry('3')]), false, 'another node was too late');
    t.equal(await other.fanOutCursor('webhooks'), 7);
    t.equal(await store.fanOutCursor('mail'), 0, 'each reader has its own place');
    t.same(keys((await store.listOutbox({ channel: 'webhook', limit: 10 })).items), ['1', '2']);
    const many = Array.from({ length: 1_200 }, (_, index) => entry(`m${index}`));
    t.equal(await other.fanOut('webhooks', 7, 9, [...many, entry('2')]), true, 'what is there already is no error');
    t.equal((await store.listOutbox({ channel: 'webhook', limit: 2_000 })).items.length, 1_202);
  });

  await t.test('of several processes that claim at once, each gets others', async (t) => {
    const { store, again } = await open(t);
    const stores = [store, await again(), await again()];
    await store.addOutbox(Array.from({ length: 60 }, (_, index) => entry(String(index), { orderKey: `task_${index % 20}` })));
    const claiming = [];
    for (let index = 0; index < 12; index++) {
      claiming.push(stores[index % 3]!.claimOutbox({ channel: 'webhook', limit: 5, leaseMs: LEASE_MS }));
      if (!adapter.atOnce) await claiming.at(-1);
    }
    const claimed = keys((await Promise.all(claiming)).flat());
    t.equal(new Set(claimed).size, claimed.length, 'none twice');
    t.same(claimed.map(Number).filter((index) => index >= 20), [], 'none before its earlier neighbour');
  });

  await t.test('events wait for slow readers, within reason', async (t) => {
    const clock = new ManualClock();
    const { store } = await adapter.fresh(t, { clock, eventsKept: 100 });
    const append = (count: number) => Promise.all(Array.from({ length: count }, () => store.appendEvent('n', null)));
    await append(10);
    const at = (await store.lastEventCursor()) - 5;
    await store.fanOut('webhooks', 0, at, []);
    for (let round = 0; round < 3; round++) await append(300);
    t.equal((await store.readEvents(at, 10)).length, 10, 'nothing that was not read yet is dropped');
    for (let round = 0; round < 4; round++) await append(1_000);
    await t.rejects(store.readEvents(at, 10), { code: 'TRK_CURSOR_INVALID' }, 'but not for ever');
  });
}
