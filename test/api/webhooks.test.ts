import t from 'tap';
import { startApi } from './harness.js';

interface Answer {
  readonly id: string;
  readonly secret: string;
  readonly count: number;
  readonly eventId: string;
  readonly items: readonly { id: string; state: string; type: string }[];
  readonly error: { code: string; field?: string };
}

t.test('a webhook from its first to its last day', async (t) => {
  const { app, store, clock, key } = await startApi(t);
  const headers = await key('webhooks:write', 'webhooks:read');
  const ask = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) => {
    const answer = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, headers: answer.headers, body: (answer.body === '' ? {} : answer.json<Answer>()) as Answer };
  };
  const made = await ask('POST', '/v1/webhooks', { url: 'https://hooks.example/a', events: ['task.*', 'call.ended'] });
  t.match(made, { status: 201, headers: { 'cache-control': 'no-store' }, body: { secret: /^whsec_/, enabled: true, fullResult: false } });
  const { id, secret } = made.body;
  const place = `/v1/webhooks/${id}`;
  t.notOk('secret' in (await ask('GET', place)).body, 'the secret is shown once');
  t.notMatch(JSON.stringify((await ask('GET', '/v1/webhooks')).body), secret);
  t.match((await ask('PATCH', place, { enabled: false, events: ['*'] })).body, { id, enabled: false, events: ['*'], url: 'https://hooks.example/a' });

  t.match(await ask('PATCH', place, { fullResult: true }), { status: 403, body: { error: { code: 'TRK_FORBIDDEN', field: 'fullResult' } } }, 'what was said is for those who may read results');
  t.equal((await ask('POST', '/v1/webhooks', { url: 'https://hooks.example/b', events: ['*'], fullResult: true })).status, 403);
  Object.assign(headers, await key('webhooks:write', 'webhooks:read', 'results:read'));
  t.match(await ask('PATCH', place, { fullResult: true }), { status: 200, body: { fullResult: true } });

  const rotated = (await ask('POST', `${place}:rotate`)).body;
  t.not(rotated.secret, secret);
  t.match(await store.getWebhook(id), { secret: rotated.secret, previousSecret: secret, previousUntil: clock.now() + 24 * 3_600_000 });

  const [described, rotatedBeside] = await Promise.all([ask('PATCH', place, { description: 'ours' }), ask('POST', `${place}:rotate`)]);
  t.equal(described.status, 200);
  t.match(await store.getWebhook(id), { description: 'ours', secret: rotatedBeside.body.secret, previousSecret: rotated.secret }, 'two changes at once both hold');

  const { eventId } = (await ask('POST', `${place}:test`)).body;
  const [claimed] = await store.claimOutbox({ channel: 'webhook', limit: 1, leaseMs: 1_000 });
  t.match(claimed, { type: 'webhook.test', dedupeKey: `${eventId}:${id}` });
  t.equal((await ask('POST', `/v1/deliveries/${claimed?.id}:redeliver`)).body.error.code, 'TRK_CONFLICT', 'it is on its way');
  await store.finishOutbox(claimed!, { state: 'dead', error: 'http_500' });
  t.match((await ask('GET', `${place}/deliveries?state=dead`)).body.items, [{ id: claimed!.id, type: 'webhook.test', state: 'dead', tries: 1, lastError: 'http_500' }]);
  t.equal((await ask('POST', `${place}:replay`)).body.count, 1);
  t.equal((await ask('POST', `${place}:replay`)).body.count, 0);
  const [again] = await store.claimOutbox({ channel: 'webhook', limit: 1, leaseMs: 1_000 });
  await store.finishOutbox(again!, { state: 'succeeded' });
  t.match(await ask('POST', `/v1/deliveries/${again?.id}:redeliver`), { status: 202, body: { state: 'pending' } });

  t.equal((await ask('DELETE', place)).status, 204);
  for (const [method, url] of [['GET', place], ['DELETE', place], ['POST', `${place}:test`], ['POST', `${place}:replay`], ['POST', `${place}:rotate`], ['GET', `${place}/deliveries`], ['POST', '/v1/deliveries/obx_none:redeliver']] as const) {
    t.match(await ask(method, url), { status: 404, body: { error: { code: 'TRK_NOT_FOUND' } } }, `${method} ${url}`);
  }
});

t.test('each mistake names its field', async (t) => {
  const { app, store, key } = await startApi(t);
  const headers = await key('webhooks:write');
  const good = { url: 'https://hooks.example/a', events: ['task.done'] };
  const cases: [string, object, string][] = [
    ['no address', { events: ['*'] }, 'url'],
    ['not an address', { ...good, url: 'hooks' }, 'url'],
    ['another scheme', { ...good, url: 'file:///etc/passwd' }, 'url'],
    ['credentials', { ...good, url: 'https://a:b@hooks.example/' }, 'url'],
    ['a private network', { ...good, url: 'http://127.0.0.1/' }, 'url'],
    ['no events', { ...good, events: [] }, 'events'],
    ['an unknown event', { ...good, events: ['task.done', 'task.dnoe'] }, 'events[1]'],
    ['an unknown family', { ...good, events: ['taks.*'] }, 'events[0]'],
    ['a weak secret', { ...good, secret: 'whsec_YWJj' }, 'secret'],
    ['an unknown key', { ...good, retries: 3 }, 'retries'],
  ];
  for (const [name, payload, field] of cases) {
    const answer = await app.inject({ method: 'POST', url: '/v1/webhooks', headers, payload });
    t.match([answer.statusCode, answer.json<Answer>().error], [400, { code: 'TRK_INVALID_REQUEST', field }], name);
  }
  t.same(await store.listWebhooks(), [], 'nothing was saved');
});

t.test('there is an end to their number', async (t) => {
  const { app, key } = await startApi(t);
  const headers = await key('webhooks:write');
  const payload = { url: 'https://hooks.example/a', events: ['*'] };
  for (let index = 0; index < 100; index++) await app.inject({ method: 'POST', url: '/v1/webhooks', headers, payload });
  t.equal((await app.inject({ method: 'POST', url: '/v1/webhooks', headers, payload })).json<Answer>().error.code, 'TRK_CONFLICT');
});
