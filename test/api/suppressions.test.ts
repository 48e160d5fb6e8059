import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import t from 'tap';
import { eventually } from '../support/eventually.js';
import { startApi } from './harness.js';

t.test('suppressions over the API', async (t) => {
  const { app, key, store, clock } = await startApi(t);
  const headers = await key('suppressions:write', 'suppressions:read');
  const post = (payload: object) => app.inject({ method: 'POST', url: '/v1/suppressions', headers, payload });

  const made = await post({ number: '+1 415 555 2671', reason: 'asked by mail', evidence: 'mail 7', expiresAt: '2030-01-01T00:00:00Z' });
  t.equal(made.statusCode, 201);
  const { id } = made.json<{ id: string }>();
  t.match(made.json(), { number: '+14155552671', scope: 'all', source: 'api', reason: 'asked by mail', evidence: 'mail 7', expiresAt: '2030-01-01T00:00:00.000Z' });
  t.match((await post({ number: 'nonsense' })).json(), { error: { code: 'TRK_NUMBER_INVALID', field: 'number' } });
  t.match((await post({})).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'number' } });
  t.match((await post({ number: '+14155552671', contactId: 'con_01HZX3V8Q0B2M5K7R9T1W4Y6AC' })).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'number' } });
  t.match((await post({ number: '+14155552671', scope: 'some' })).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'scope' } });
  t.equal((await post({ contactId: 'con_01HZX3V8Q0B2M5K7R9T1W4Y6AC', scope: 'camp_01HZX3V8Q0B2M5K7R9T1W4Y6AC' })).statusCode, 201);

  const get = (url: string) => app.inject({ method: 'GET', url, headers });
  t.match((await get('/v1/suppressions?limit=10')).json<{ items: unknown[] }>().items.length, 2);
  t.match((await get(`/v1/suppressions/${id}`)).json(), { id });
  t.match((await get('/v1/suppressions:check?number=%2B14155552671')).json(), { suppressed: true, items: [{ id }] });
  t.match((await app.inject({ method: 'POST', url: '/v1/suppressions:check', headers, payload: { number: '+1 415 555 2671' } })).json(), { suppressed: true, items: [{ id }] }, 'without the number in the address');
  t.match((await get('/v1/suppressions:check?number=%2B14155552672')).json(), { suppressed: false, items: [] });
  clock.advance(Date.UTC(2030, 0, 2) - clock.now());
  t.match((await get('/v1/suppressions:check?number=%2B14155552671')).json(), { suppressed: false, items: [] }, 'it has ended');
  t.equal((await app.inject({ method: 'DELETE', url: `/v1/suppressions/${id}`, headers })).statusCode, 204);
  t.match((await app.inject({ method: 'DELETE', url: `/v1/suppressions/${id}`, headers })).json(), { error: { code: 'TRK_NOT_FOUND' } });
  t.match(await store.readCompliance({ after: 0, limit: 10 }), [{ kind: 'unsuppressed' }]);
  t.equal((await app.inject({ method: 'GET', url: '/v1/suppressions', headers: await key('tasks:read') })).statusCode, 403);
});

t.test('a list is imported as it streams in', async (t) => {
  const { app, key, store } = await startApi(t);
  const headers = await key('suppressions:write');
  const send = (payload: Readable | string | Buffer, type = 'text/csv', query = 'source=dnc%20list') =>
    app.inject({ method: 'POST', url: `/v1/suppressions:import?${query}`, headers: { ...headers, 'content-type': type }, payload });

  const csv = await send('\uFEFFname;号码;原因\r\nA;"+14155552671";mail\r\nB;+1 415 555 2672;\r\n;;\r\nC;8.61391E+12;\r\nD;+86 139 1234 5678;phone');
  t.equal(csv.statusCode, 200);
  t.match(csv.json(), { read: 4, saved: 3, refused: 1, refusals: [{ line: 5, code: 'TRK_NUMBER_INVALID' }] });
  t.match((await store.listSuppressions({ number: '+8613912345678', limit: 5 })).items, [{ source: 'dnc list', reason: 'phone', scope: 'all' }]);

  const odd = await send(`number,reason\n+14155559901,a\0b\n+14155559902,${'x'.repeat(299)}🎉\n`);
  t.match(odd.json(), { saved: 2 });
  for (const [number, reason] of [['+14155559901', 'a\ufffdb'], ['+14155559902', 'x'.repeat(299)]] as const) {
    const [saved] = (await store.listSuppressions({ number, limit: 5 })).items;
    t.equal(saved?.reason, reason, 'what not every database takes');
    await store.deleteSuppression(saved?.id ?? '');
  }

  // More than one batch, cut anywhere, and no line end after the last.
  const numbers = Array.from({ length: 1_300 }, (_, index) => `+1415556${String(index).padStart(4, '0')}`).join('\n');
  const pieces = numbers.match(/[\s\S]{1,777}/g) ?? [];
  t.match((await send(Readable.from(pieces.map((piece) => Buffer.from(piece))), 'text/plain')).json(), { read: 1_300, saved: 1_300, refused: 0 });
  t.match((await send(Readable.from(pieces.map((piece) => Buffer.from(piece))), 'text/plain')).json(), { saved: 1_300 }, 'again does no harm');
  t.equal((await store.listSuppressions({ limit: 5_000 })).items.length, 1_303);

  const nobody = await send('2125550100\n(415) 555-2671\n', 'text/plain');
  t.equal(nobody.statusCode, 422);
  t.match(nobody.json(), { error: { code: 'TRK_IMPORT_INVALID', field: 'body', message: /none of its 2 lines could be taken; line 1: it has no country code/ } }, 'a list that suppresses nobody is no success');
  t.match((await send('number,reason\n', 'text/csv')).json(), { error: { code: 'TRK_IMPORT_INVALID', message: /no line holds a number/ } });
  const national = await send('2125550100\n(415) 555-2671\n001 310 555 0199\n+44 20 7946 0018\ntel:+13105550101\nsip:+13105550102@carrier.example\n12\n', 'text/plain', 'source=national&defaultCountry=US');
  t.match(national.json(), { read: 7, saved: 6, refused: 1, refusals: [{ line: 7, code: 'TRK_NUMBER_INVALID', reason: 'no such phone number can exist' }] });
  for (const number of ['+12125550100', '+442079460018', '+13105550101', '+13105550102']) t.match((await store.listSuppressions({ number, limit: 5 })).items, [{ number, source: 'national' }], number);
  t.match((await send('2125550100', 'text/plain', 'defaultCountry=America')).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'defaultCountry' } });

  t.match((await send(Buffer.alloc(100_000, 0x61), 'text/plain')).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'body' } }, 'a file that is no list');
  t.match((await send('+14155552671', 'application/json')).json(), { error: { code: 'TRK_INVALID_REQUEST' } });
});

t.test('a sender that says nothing more is let go', async (t) => {
  const { app, key, store, clock } = await startApi(t);
  const { authorization } = await key('suppressions:write');
  const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = connect(Number(address.port), address.hostname).resume();
  t.teardown(() => socket.destroy());
  const numbers = Array.from({ length: 600 }, (_, index) => `+1415556${String(index).padStart(4, '0')}\n`).join('');
  socket.write(`POST /v1/suppressions:import HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: text/plain\r\nContent-Length: 90000\r\n\r\n${numbers}`);
  const closed = once(socket, 'close');
  await eventually('the first batch', 60_000, async () => ((await store.listSuppressions({ limit: 1 })).items.length > 0 ? true : undefined));
  await eventually('the wait for more', 60_000, async () => (clock.pending > 0 ? true : undefined));
  clock.advance(120_000);
  await closed;
  t.equal((await store.listSuppressions({ limit: 1_000 })).items.length, 500, 'what was saved stays');
});
