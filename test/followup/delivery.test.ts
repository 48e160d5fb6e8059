import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import t from 'tap';
import type { Test } from 'tap';
import { parseConfig } from '../../src/config/load.js';
import { startFollowup } from '../../src/followup-wiring.js';
import { Lifetime } from '../../src/kernel/lifetime.js';
import { silentLogger } from '../../src/kernel/log.js';
import { createRegistry } from '../../src/kernel/metrics.js';
import { systemRandom } from '../../src/kernel/random.js';
import { createEventLog } from '../../src/outbound/event-log.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { webhook } from '../contract/store-outbox.js';
import { HANGS_MS, eventually } from '../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';

interface Got {
  readonly id: string;
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** A receiver whose answers the test decides on. */
async function receiver(t: Test, answer: (response: ServerResponse, got: Got) => void = (response) => response.end()) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const one = { id: String(request.headers['webhook-id']), body, headers: request.headers as Record<string, string> };
      got.push(one);
      answer(response, one);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function setUp(t: Test, settings = '') {
  const clock = new ManualClock(Date.now());
  const path = join(t.testdir(), 'trunkline.db');
  const store = openSqliteStore({ path, clock, random: systemRandom, log: silentLogger });
  await store.migrate();
  const events = createEventLog(store, silentLogger);
  const config = parseConfig(`webhooks: {allow: [127.0.0.1/32]${settings}}`);
  const begin = () => {
    const lifetime = new Lifetime();
    const registry = createRegistry();
    return { lifetime, registry, desk: startFollowup(config, { store, events, clock, random: systemRandom, log: silentLogger, registry }, lifetime) };
  };
  const first = begin();
  t.teardown(async () => {
    await first.lifetime.close();
    await store.close();
  });
  /** File and network work takes turns of the event loop that no clock of ours moves. */
  const until = async (what: () => boolean | Promise<boolean>, stepMs = 0): Promise<void> => {
    let looks = 0;
    await eventually(String(what), HANGS_MS, async () => {
      if (looks++ > 0) clock.advance(stepMs);
      return (await what()) ? true : undefined;
    }, 1);
  };
  const done = (taskId: string, resultId = 'res_none') => events.append('task.done', { taskId, attemptId: 'att_1', resultId, disposition: 'busy', verdict: { kind: 'end', reason: 'busy' } });
  return { clock, store, events, registry: first.registry, begin, first, until, done };
}

t.test('an event reaches everybody who asked for it, signed', async (t) => {
  const { clock, store, events, until, done, registry } = await setUp(t);
  const [a, b] = [await receiver(t), await receiver(t)];
  const all = webhook(clock, { url: a.url, events: ['*'] });
  const some = webhook(clock, { id: 'hook_b', url: b.url, events: ['task.cancelled', 'call.*'] });
  await store.addWebhook(all);
  await store.addWebhook(some);
  await done('task_1');
  await events.append('task.cancelled', { taskId: 'task_2', resultId: 'res_2' });
  await until(() => a.got.length === 2 && b.got.length === 1);
  t.same(b.got.map(({ body }) => JSON.parse(body) as unknown), [{ type: 'task.cancelled', timestamp: new Date(clock.now()).toISOString(), data: { taskId: 'task_2', resultId: 'res_2' } }]);
  const stored = await store.readEvents(0, 10);
  t.same(a.got.map(({ id }) => id).sort(), stored.map(({ id }) => id).sort(), "the event's own id");
  for (const { body, headers } of a.got) t.doesNotThrow(() => new Webhook(all.secret).verify(body, headers));
  t.throws(() => new Webhook(some.secret).verify(a.got[0]!.body, a.got[0]!.headers), 'each has its own secret');
  await until(async () => (await registry.metrics()).includes('trunkline_outbox_tries_total{channel="webhook",state="succeeded"} 3'));
});

t.test('what happened before an endpoint was made, or while it was off, is not told', async (t) => {
  const { clock, store, until, done } = await setUp(t);
  const { got, url } = await receiver(t);
  await done('task_before');
  // The clock stood an hour ahead then.
  const createdAt = clock.now() + 3_600_000;
  await store.addWebhook(webhook(clock, { url, createdAt, sinceCursor: await store.lastEventCursor() }));
  await done('task_after');
  await until(() => got.length === 1);
  t.match(got, [{ body: /task_after/ }]);
});

t.test('the whole result, where it is wanted', async (t) => {
  const { clock, store, until, done } = await setUp(t);
  const [short, full] = [await receiver(t), await receiver(t)];
  const events = ['task.done', 'task.cancelled'];
  await store.addWebhook(webhook(clock, { url: short.url, events }));
  await store.addWebhook(webhook(clock, { id: 'hook_full', url: full.url, fullResult: true, events }));
  const { tasks } = await store.createTasks([{ to: 'sip:a@b.example', from: undefined, flow: 'f', flowVersion: 1, priority: 50, variables: {}, notBefore: 0, expiresAt: undefined, metadata: {} }]);
  const taskId = tasks[0]!.id;
  await store.cancelTask(taskId);
  await until(() => short.got.length === 1 && full.got.length === 1);
  t.notMatch(short.got[0]!.body, /transcript/);
  t.match(JSON.parse(short.got[0]!.body), { type: 'task.cancelled', data: { taskId, resultId: /^res_/ } });
  t.match(JSON.parse(full.got[0]!.body), { data: { taskId, result: { taskId, disposition: 'cancelled', transcript: [] } } });
  await done(taskId, (await store.getResult(taskId))!.id);
  await until(() => full.got.length === 2);
  t.match(JSON.parse(full.got[1]!.body), { type: 'task.done', data: { result: { taskId } } });
});

t.test('a receiver that fails is tried again, with the same id, in the order of the task', async (t) => {
  const { clock, store, events, until, done } = await setUp(t);
  let failing = 3;
  const { got, url } = await receiver(t, (response, { body }) => response.writeHead(body.includes('task_1') && failing-- > 0 ? 500 : 200).end());
  await store.addWebhook(webhook(clock, { url, events: ['*'] }));
  await events.append('task.dialing', { taskId: 'task_1', attemptId: 'att_1', number: 1 });
  await done('task_1');
  await done('task_2');
  await until(() => got.length >= 6, 50);
  await until(async () => (await store.nextOutboxAt('webhook')) === undefined, 50);
  const of = (task: string): string[] => got.filter(({ body }) => body.includes(task)).map(({ body }) => (JSON.parse(body) as { type: string }).type);
  t.same(of('task_1'), ['task.dialing', 'task.dialing', 'task.dialing', 'task.dialing', 'task.done'], 'the later one waits');
  t.same(of('task_2'), ['task.done']);
  t.equal(new Set(got.map(({ id }) => id)).size, 3, 'a receiver can tell doubles by their id');
});

t.test('one that hangs holds up no other', async (t) => {
  const { clock, store, until, done } = await setUp(t, ', per_endpoint: 2, timeout_ms: 5000');
  const hanging = await receiver(t, () => undefined);
  const quick = await receiver(t);
  await store.addWebhook(webhook(clock, { id: 'hook_slow', url: hanging.url }));
  await store.addWebhook(webhook(clock, { url: quick.url }));
  for (let index = 0; index < 40; index++) await done(`task_${index}`);
  await until(() => quick.got.length === 40);
  t.equal(hanging.got.length, 2, 'and has no more than its share on its way');
});

t.test('a process that dies on the way: the next one sends it again', async (t) => {
  const { clock, store, until, done, first, begin } = await setUp(t);
  let hang = true;
  const { got, url } = await receiver(t, (response) => void (hang || response.end()));
  await store.addWebhook(webhook(clock, { url }));
  await done('task_1');
  await until(() => got.length === 1);
  await first.lifetime.close();
  hang = false;
  const next = begin();
  t.teardown(() => next.lifetime.close());
  await until(() => got.length === 2, 50);
  t.equal(got[0]!.id, got[1]!.id);
  await until(async () => (await store.nextOutboxAt('webhook')) === undefined);
});

t.test('after three days it is dead, and can be sent again by hand', async (t) => {
  const { clock, store, until, done, first } = await setUp(t);
  let status = 503;
  const { got, url } = await receiver(t, (response) => response.writeHead(status).end());
  await store.addWebhook(webhook(clock, { url }));
  await done('task_1');
  const only = async () => (await store.listOutbox({ channel: 'webhook', limit: 9 })).items[0];
  for (let state: string | undefined; state !== 'dead'; ) {
    await until(async () => ['retry_wait', 'dead'].includes((state = (await only())?.state) ?? ''));
    clock.advance(Math.max(0, (await only())!.nextAt - clock.now()));
  }
  const [dead] = (await store.listOutbox({ channel: 'webhook', limit: 9 })).items;
  t.match(dead, { state: 'dead', tries: 13, lastError: 'http_503' });
  t.equal(got.length, 13);
  status = 200;
  await store.requeueOutbox(dead!.id);
  first.desk.changed();
  await until(async () => (await store.getOutbox(dead!.id))?.state === 'succeeded');
  t.equal(got.at(-1)?.id, got[0]?.id);
});

t.test('410 switches the endpoint off', async (t) => {
  const { clock, store, until, done } = await setUp(t);
  const { got, url } = await receiver(t, (response) => response.writeHead(410).end());
  await store.addWebhook(webhook(clock, { url }));
  await done('task_1');
  await until(async () => (await store.getWebhook('hook_a'))?.enabled === false);
  await done('task_2');
  await until(async () => (await store.fanOutCursor('webhooks')) === (await store.lastEventCursor()));
  t.equal(got.length, 1);
  t.match((await store.listOutbox({ channel: 'webhook', limit: 9 })).items, [{ state: 'dead', lastError: 'http_410' }]);
});

t.test('what ended long ago is forgotten', async (t) => {
  const { clock, store, until, done } = await setUp(t, ', keep_days: 1');
  const { url } = await receiver(t);
  await store.addWebhook(webhook(clock, { url }));
  await done('task_1');
  const count = async (): Promise<number> => (await store.listOutbox({ channel: 'webhook', limit: 9 })).items.length;
  await until(async () => (await store.listOutbox({ channel: 'webhook', state: 'succeeded', limit: 9 })).items.length === 1);
  clock.advance(3_600_000);
  t.equal(await count(), 1);
  await until(async () => (await count()) === 0, 3_600_000);
});
