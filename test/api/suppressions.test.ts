import { Readable } from 'node:stream';
import t from 'tap';
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

  // More than one batch, cut anywhere, and no line end after the last.
  const numbers = Array.from({ length: 1_300 }, (_, index) => `+1415556${String(index).padStart(4, '0')}`).join('\n');
  const pieces = numbers.match(/[\s\S]{1,777}/g) ?? [];
  t.match((await send(Readable.from(pieces.map((piece) => Buffer.from(piece))), 'text/plain')).json(), { read: 1_300, saved: 1_300, refused: 0 });
  t.match((await send(Readable.from(pieces.map((piece) => Buffer.from(piece))), 'text/plain')).json(), { saved: 1_300 }, 'again does no harm');
  t.equal((await store.listSuppressions({ limit: 5_000 })).items.length, 1_303);

  t.match((await send(Buffer.alloc(100_000, 0x61), 'text/plain')).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'body' } }, 'a file that is no list');
  t.match((await send('+14155552671', 'application/json')).json(), { error: { code: 'TRK_INVALID_REQUEST' } });
});
