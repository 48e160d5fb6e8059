import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { InjectOptions } from 'fastify';
import t from 'tap';
import { isForeignPage } from '../../src/api/auth.js';
import { scopes } from '../../src/api/keys.js';
import { errorKinds } from '../../src/kernel/errors.js';
import { startApi } from './harness.js';

interface ErrorBody {
  error: { code: string; message: string; field?: string; docs: string };
}

const protectedRoutes: ['GET' | 'POST' | 'PUT' | 'DELETE', string, (typeof scopes)[number]][] = [
  ['GET', '/v1/tasks', 'tasks:read'],
  ['GET', '/v1/tasks/x', 'tasks:read'],
  ['POST', '/v1/tasks', 'tasks:write'],
  ['POST', '/v1/tasks/x:cancel', 'tasks:write'],
  ['GET', '/v1/flows', 'flows:read'],
  ['GET', '/v1/flows/x', 'flows:read'],
  ['GET', '/v1/flows/x/versions/1', 'flows:read'],
  ['POST', '/v1/flows:check', 'flows:read'],
  ['POST', '/v1/flows', 'flows:write'],
  ['PUT', '/v1/flows/x', 'flows:write'],
  ['GET', '/v1/calls', 'calls:read'],
  ['GET', '/v1/calls/x', 'calls:read'],
  ['POST', '/v1/calls/x:hangup', 'calls:write'],
  ['GET', '/v1/calls/x/recording', 'results:read'],
  ['GET', '/v1/results', 'results:read'],
  ['GET', '/v1/results/x', 'results:read'],
  ['GET', '/v1/events', 'events:read'],
  ['GET', '/v1/api-keys', 'admin'],
  ['POST', '/v1/api-keys', 'admin'],
  ['DELETE', '/v1/api-keys/x', 'admin'],
];

t.test('every route asks for its scope', async (t) => {
  const { app, key, clock } = await startApi(t);
  const all = await key('admin');
  for (const [method, url, scope] of protectedRoutes) {
    const without = scopes.filter((other) => other !== scope && other !== 'admin');
    const forbidden = await app.inject({ method, url, headers: await key(...without) });
    t.same([forbidden.statusCode, forbidden.json<ErrorBody>().error.code], [403, 'TRK_FORBIDDEN'], `${method} ${url} without ${scope}`);
    t.match(forbidden.json<ErrorBody>().error.message, scope);
    t.not((await app.inject({ method, url, headers: all })).statusCode, 403, 'admin may all');
    if (url === '/v1/events') continue;
    const refused = await app.inject({ method, url });
    t.same([refused.statusCode, refused.json<ErrorBody>().error.code], [401, 'TRK_UNAUTHORIZED'], 'and a key at all');
    t.match(refused.headers['www-authenticate'], 'Bearer');
    clock.advance(60_000);
  }
});

t.test('keys: shown once, listed without secret, revoked at once', async (t) => {
  const { app, store, key } = await startApi(t);
  const headers = await key('admin');
  const made = await app.inject({ method: 'POST', url: '/v1/api-keys', headers, payload: { name: 'crm', scopes: ['tasks:read'] } });
  t.equal(made.statusCode, 201);
  t.equal(made.headers['cache-control'], 'no-store');
  const { id, secret } = made.json<{ id: string; secret: string }>();
  t.match(secret, /^trk_[0-9a-f]{64}$/);
  const list = await app.inject({ url: '/v1/api-keys', headers });
  t.equal(list.json<{ items: unknown[] }>().items.length, 2);
  t.notMatch(list.body, secret);
  t.notMatch(list.body, 'hash');
  t.notMatch(JSON.stringify(await store.listApiKeys()), secret, 'the store has only its hash');
  const use = { authorization: `Bearer ${secret}` };
  t.equal((await app.inject({ url: '/v1/tasks', headers: use })).statusCode, 200);
  t.equal((await app.inject({ method: 'DELETE', url: `/v1/api-keys/${id}`, headers })).statusCode, 204);
  t.equal((await app.inject({ url: '/v1/tasks', headers: use })).statusCode, 401);
  t.equal((await app.inject({ method: 'DELETE', url: `/v1/api-keys/${id}`, headers })).statusCode, 404);
  for (const payload of [{ name: 'x', scopes: ['root'] }, { name: 'x', scopes: [] }, { name: '', scopes: ['admin'] }, { scopes: ['admin'] }]) {
    t.equal((await app.inject({ method: 'POST', url: '/v1/api-keys', headers, payload })).statusCode, 400);
  }
});

t.test('guessing is slowed down, a right key is not', async (t) => {
  const { app, clock, key } = await startApi(t);
  const good = await key('tasks:read');
  const guess = async (remoteAddress: string) => (await app.inject({ url: '/v1/tasks', remoteAddress, headers: { authorization: `Bearer trk_${'0'.repeat(64)}` } })).statusCode;
  for (let tries = 0; tries < 20; tries++) t.equal(await guess('192.0.2.1'), 401);
  t.equal(await guess('192.0.2.1'), 429);
  const limited = await app.inject({ url: '/v1/tasks', remoteAddress: '192.0.2.1' });
  t.same([limited.json<ErrorBody>().error.code, limited.headers['retry-after']], ['TRK_RATE_LIMITED', '60']);
  t.equal(await guess('192.0.2.2'), 401, 'another address');
  t.equal((await app.inject({ url: '/v1/tasks', remoteAddress: '192.0.2.1', headers: good })).statusCode, 200);
  clock.advance(60_000);
  t.equal(await guess('192.0.2.1'), 401, 'after a minute');
});

t.test('without keys: on loopback only, and not for web pages', async (t) => {
  const config = { address: '127.0.0.1', port: 0, body_limit_bytes: 65_536, auth: false };
  await t.rejects(startApi(t, { config: { ...config, address: '0.0.0.0' } }), { code: 'TRK_CONFIG_INVALID', field: 'api.auth' });
});

t.test('without keys, on loopback', async (t) => {
  const { app } = await startApi(t, { config: { address: '127.0.0.1', port: 0, body_limit_bytes: 65_536, auth: false } });
  t.equal((await app.inject({ url: '/v1/tasks', headers: { host: '127.0.0.1:8080' } })).statusCode, 200);
  t.equal((await app.inject({ url: '/v1/tasks', headers: { host: 'rebound.example' } })).statusCode, 401);
  t.equal((await app.inject({ url: '/v1/tasks', headers: { host: 'localhost', origin: 'https://evil.example' } })).statusCode, 401);
  t.equal((await app.inject({ method: 'POST', url: '/v1/tasks', headers: { host: 'localhost', 'content-type': 'text/plain' }, payload: '{}' })).statusCode, 400, 'what a page may send unasked is not taken');
  for (const [headers, foreign] of [
    [{ host: '[::1]:8080' }, false],
    [{ host: 'localhost', origin: 'http://localhost:3000' }, false],
    [{ host: 'localhost', origin: 'null' }, true],
    [{ host: '127.0.0.1.example.com' }, true],
    [{}, false],
  ] as const) t.equal(isForeignPage(headers), foreign, JSON.stringify(headers));
});

t.test('every mistake has the same body', async (t) => {
  const { app, key } = await startApi(t);
  const headers = await key('admin');
  const json = { ...headers, 'content-type': 'application/json' };
  const cases: [string, InjectOptions, number, string][] = [
    ['no such route', { url: '/v2/tasks' }, 404, 'TRK_NOT_FOUND'],
    ['no such method', { method: 'DELETE', url: '/v1/tasks', headers }, 404, 'TRK_NOT_FOUND'],
    ['malformed path', { url: '/v1/tasks/%', headers }, 400, 'TRK_INVALID_REQUEST'],
    ['malformed JSON', { method: 'POST', url: '/v1/tasks', headers: json, payload: '{"to":' }, 400, 'TRK_INVALID_REQUEST'],
    ['prototype poisoning', { method: 'POST', url: '/v1/tasks', headers: json, payload: '{"__proto__":{"to":"x"}}' }, 400, 'TRK_INVALID_REQUEST'],
    ['other media type', { method: 'POST', url: '/v1/tasks', headers: { ...headers, 'content-type': 'application/xml' }, payload: '<a/>' }, 400, 'TRK_INVALID_REQUEST'],
    ['too large', { method: 'POST', url: '/v1/api-keys', headers: json, payload: `{"name":"${'x'.repeat(70_000)}"}` }, 413, 'TRK_TOO_LARGE'],
    ['too large a batch', { method: 'POST', url: '/v1/tasks', headers: json, payload: `{"to":"${'x'.repeat(1_100_000)}"}` }, 413, 'TRK_TOO_LARGE'],
    ['too long an id', { url: `/v1/tasks/${'x'.repeat(301)}`, headers }, 400, 'TRK_INVALID_REQUEST'],
    ['not a WebSocket', { url: '/v1/events', headers }, 400, 'TRK_INVALID_REQUEST'],
  ];
  for (const [name, request, status, code] of cases) {
    const answer = await app.inject(request);
    t.equal(answer.statusCode, status, `${name}: ${answer.body}`);
    const { error } = answer.json<ErrorBody>();
    t.equal(error.code, code);
    t.ok(error.code in errorKinds && error.message.length > 0 && error.docs === `docs/errors.md#${code.toLowerCase()}`);
    t.same(Object.keys(answer.json<object>()), ['error']);
    t.match(answer.headers['content-type'], /^application\/json/);
    t.notMatch(answer.body, /FST_ERR|node_modules| at /, 'nothing of the inside');
  }
});

t.test('what breaks inside stays inside', async (t) => {
  const { app, deps, key } = await startApi(t);
  deps.calls.live = () => {
    throw new Error('+14155552671 at /secret/path');
  };
  const answer = await app.inject({ url: '/v1/calls', headers: await key('calls:read') });
  t.equal(answer.statusCode, 500);
  t.equal(answer.json<ErrorBody>().error.code, 'TRK_INTERNAL');
  t.notMatch(answer.body, /secret|415555/);
});

t.test('what is no HTTP', async (t) => {
  const { app } = await startApi(t);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const ask = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(text));
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => (answer += chunk));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  const garbage = await ask('INVITE sip:a@b SIP/2.0\r\n\r\n');
  t.match(garbage, /^HTTP\/1\.1 400 /);
  t.match(garbage, '"code":"TRK_INVALID_REQUEST"');
  t.match(await ask(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), '"code":"TRK_INVALID_REQUEST"');
});
