import { Ajv } from 'ajv';
import type { AddressInfo } from 'node:net';
import addFormats from 'ajv-formats';
import t from 'tap';
import type { Test } from 'tap';
import { WebSocket } from 'ws';
import { EventMessage, eventSchemas } from '../../src/api/events.js';
import { createLogger } from '../../src/kernel/log.js';
import { startApi } from './harness.js';
import type { Harness } from './harness.js';

interface Message {
  cursor: number;
  type: string;
  at: string;
  data: Record<string, unknown>;
  error?: { code: string };
}

/** A real WebSocket to the API; `next` gives message after message, `closed` the close code. */
async function connect(t: Test, { app }: Harness, path: string, headers: Record<string, string> = {}) {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = new WebSocket(`ws://127.0.0.1:${(app.server.address() as AddressInfo).port}${path}`, { headers });
  // A refused or dropped connection is told by `refused` and `closed`.
  socket.on('error', () => undefined);
  t.teardown(() => socket.terminate());
  const waiting: ((message: Message) => void)[] = [];
  const messages: Message[] = [];
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    const taker = waiting.shift();
    if (taker) taker(message);
    else messages.push(message);
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const refused = new Promise<number>((resolve) => socket.once('unexpected-response', (_request, response) => resolve(response.resume().statusCode ?? 0)));
  const open = new Promise<void>((resolve) => socket.once('open', resolve));
  const next = (): Promise<Message> => {
    const message = messages.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => waiting.push(resolve));
  };
  return { socket, open, next, closed, refused, messages };
}

t.test('what happened and what happens, in order, by cursor', async (t) => {
  const api = await startApi(t);
  const headers = await api.key('events:read');
  const { events } = api.deps;
  for (let version = 1; version <= 250; version++) void events.append('flow.saved', { flow: 'a', version });
  await events.append('task.expired', { taskId: 'task_1', resultId: 'res_1' });
  const client = await connect(t, api, '/v1/events?cursor=0', headers);
  for (let version = 1; version <= 250; version++) {
    const message = await client.next();
    if (version === 1) t.match(message, { cursor: 1, type: 'flow.saved', at: '2026-01-01T00:00:00.000Z', data: { flow: 'a', version: 1 } });
    if (message.cursor !== version) t.equal(message.cursor, version);
  }
  t.match(await client.next(), { cursor: 251, type: 'task.expired' });
  void events.append('task.cancelled', { taskId: 'task_2', resultId: 'res_1' });
  t.match(await client.next(), { cursor: 252, data: { taskId: 'task_2' } }, 'what happens now follows');

  const resumed = await connect(t, api, '/v1/events?cursor=251', headers);
  t.match(await resumed.next(), { cursor: 252 });
  const fresh = await connect(t, api, '/v1/events', headers);
  await fresh.open;
  await new Promise((resolve) => setImmediate(resolve));
  await events.append('task.cancelled', { taskId: 'task_3', resultId: 'res_1' });
  t.match(await fresh.next(), { cursor: 253 }, 'without a cursor only what is new');
  t.same(fresh.messages, []);
});

t.test('the key', async (t) => {
  const api = await startApi(t);
  const good = await api.key('events:read');
  const other = await api.key('tasks:read');

  t.equal(await (await connect(t, api, '/v1/events', { authorization: 'Bearer trk_wrong' })).refused, 401, 'a wrong key in the header');
  t.equal(await (await connect(t, api, '/v1/events', other)).refused, 403, 'a key without the scope');
  t.equal(await (await connect(t, api, `/v1/events?key=${good.authorization.slice(7)}`, good)).refused, 400, 'never in the address');

  const inMessage = await connect(t, api, '/v1/events?cursor=0');
  await inMessage.open;
  void api.deps.events.append('task.cancelled', { taskId: 'secret', resultId: 'res_1' });
  inMessage.socket.send(JSON.stringify(good));
  t.match(await inMessage.next(), { type: 'task.cancelled' });

  for (const [name, message] of [['a wrong key', JSON.stringify({ authorization: 'Bearer trk_wrong' })], ['no key', '{"hello":1}'], ['no JSON', 'x'], ['null', 'null']] as const) {
    const client = await connect(t, api, '/v1/events?cursor=0');
    await client.open;
    client.socket.send(message);
    t.match(await client.next(), { error: { code: 'TRK_UNAUTHORIZED' } }, name);
    t.equal(await client.closed, 4401);
  }
  const late = await connect(t, api, '/v1/events?cursor=0');
  await late.open;
  await new Promise((resolve) => setImmediate(resolve));
  api.clock.advance(5_000);
  t.match(await late.next(), { error: { code: 'TRK_UNAUTHORIZED' } }, 'nobody waits for ever');
  t.equal(await late.closed, 4401);
  const forbidden = await connect(t, api, '/v1/events');
  await forbidden.open;
  forbidden.socket.send(JSON.stringify(other));
  t.equal(await forbidden.closed, 4403);

  const loud = await connect(t, api, '/v1/events');
  await loud.open;
  loud.socket.send('x'.repeat(5000));
  t.equal(await loud.closed, 1009, 'a message that is too large');
});

t.test('those who show no key shut nobody out', async (t) => {
  const api = await startApi(t);
  const strangers = await Promise.all(Array.from({ length: 50 }, () => connect(t, api, '/v1/events')));
  await Promise.all(strangers.map(({ open }) => open));
  t.equal(await (await connect(t, api, '/v1/events')).closed, 4429, 'one more is told to wait');
  const client = await connect(t, api, '/v1/events?cursor=0', await api.key('events:read'));
  await api.deps.events.append('task.cancelled', { taskId: 'task_1', resultId: 'res_1' });
  t.match(await client.next(), { type: 'task.cancelled' });
  strangers[0]!.socket.close();
  await strangers[0]!.closed;
  const next = await connect(t, api, '/v1/events');
  await next.open;
  api.clock.advance(5_000);
  t.equal(await next.closed, 4401, 'the place of one who left is free');
});

t.test('a revoked key loses its stream', async (t) => {
  const api = await startApi(t);
  const headers = await api.key('events:read');
  const client = await connect(t, api, '/v1/events?cursor=0', headers);
  await api.deps.events.append('task.cancelled', { taskId: 'task_1', resultId: 'res_1' });
  await client.next();
  const [key] = await api.store.listApiKeys();
  await api.store.revokeApiKey(key?.id ?? '');
  api.clock.advance(15_000);
  t.equal(await client.closed, 4401);
});

t.test('what breaks inside is for the log', async (t) => {
  const lines: unknown[] = [];
  const log = createLogger({ level: 'error', pii: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  const api = await startApi(t, { log });
  api.store.readEvents = () => Promise.reject(new Error('the number +14155550100'));
  const client = await connect(t, api, '/v1/events?cursor=0', await api.key('events:read'));
  const { error } = (await client.next()) as { error?: object };
  t.match(error, { code: 'TRK_INTERNAL' });
  t.notMatch(JSON.stringify(error), '4155550100');
  t.equal(await client.closed, 4500);
  t.match(lines, [{ code: 'TRK_INTERNAL', err: { message: 'the number +14155550100' } }]);
});

t.test('a client that no longer answers is let go', async (t) => {
  const api = await startApi(t);
  const client = await connect(t, api, '/v1/events?cursor=0', await api.key('events:read'));
  await api.deps.events.append('task.cancelled', { taskId: 'task_1', resultId: 'res_1' });
  await client.next();
  const pinged = new Promise((resolve) => client.socket.once('ping', resolve));
  client.socket.pong = () => undefined;
  // `autoPong` cannot be switched off on a living socket; pausing it has the same effect.
  client.socket.pause();
  api.clock.advance(15_000);
  await new Promise((resolve) => setImmediate(resolve));
  api.clock.advance(15_000);
  client.socket.resume();
  t.equal(await client.closed, 1006);
  await pinged;
});

t.test('a client that does not read is closed', async (t) => {
  const api = await startApi(t);
  const client = await connect(t, api, '/v1/events?cursor=0', await api.key('events:read'));
  await client.open;
  client.socket.pause();
  const text = 'x'.repeat(500_000);
  for (let index = 0; index < 100; index++) {
    void api.deps.events.append('call.transcript', { callId: 'call_1', line: { speaker: 'caller', text, atMs: index } });
  }
  await api.deps.events.append('task.cancelled', { taskId: 'task_1', resultId: 'res_1' });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  api.clock.advance(10_000);
  client.socket.resume();
  t.equal(await client.closed, 4408);
  const last = client.messages.at(-1);
  t.match(last, { error: { code: 'TRK_SLOW_CONSUMER' } }, 'and is told why');
});

t.test('a cursor that cannot be served', async (t) => {
  const api = await startApi(t);
  const client = await connect(t, api, '/v1/events?cursor=99', await api.key('events:read'));
  t.match(await client.next(), { error: { code: 'TRK_CURSOR_INVALID' } });
  t.equal(await client.closed, 4400);
  const wrong = await connect(t, api, '/v1/events?cursor=-1', await api.key('events:read'));
  t.equal(await wrong.refused, 400);
});

t.test('events are what the catalogue says', async (t) => {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  const validate = ajv.compile(EventMessage);
  const call = { id: 'call_1', direction: 'inbound', flow: 'a', state: 'in_call', startedAt: '2026-01-01T00:00:00.000Z' };
  const message = { cursor: 1, id: 'evt_1', type: 'call.started', at: '2026-01-01T00:00:00.000Z', data: { call } };
  t.ok(validate(message), ajv.errorsText(validate.errors));
  t.notOk(validate({ ...message, data: { call: { ...call, number: 'x' } } }));
  t.equal(Object.keys(eventSchemas).length, 41);
});
