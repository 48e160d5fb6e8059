import t from 'tap';
import type { Test } from 'tap';
import type { TrunkDesk } from '../../src/api/deps.js';
import { TrunkHour } from '../../src/call/trunk-figures.js';
import { parseTrunk } from '../../src/config/trunks.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { TrunkBook } from '../../src/sip/trunk/trunk-book.js';
import { ManualClock } from '../support/manual-clock.js';
import { startApi } from './harness.js';

const body = { name: 'carrier', addresses: [{ host: '192.0.2.1' }], username: 'u', password: 'very secret' };

async function setUp(t: Test) {
  const none = () => Promise.resolve([]);
  const book = new TrunkBook({ signalling: { request: () => Promise.resolve({ status: 200, headers: {}, body: '' }) }, dns: { resolveSrv: none, resolve4: none, resolve6: none }, clock: new ManualClock(), random: systemRandom, log: silentLogger, caller: 'x', unknownSources: undefined });
  const configured = [parseTrunk({ name: 'from-file', addresses: [{ host: 'h' }], username: 'u', password: 'other secret' })];
  for (const trunk of configured) book.put(trunk);
  const hour = new TrunkHour(new ManualClock());
  hour.tried('carrier', 200, 1_234);
  hour.tried('carrier', 503, undefined);
  const tested: string[] = [];
  const desk: TrunkDesk = {
    configured,
    status: () => book.list(),
    lastHour: (name) => hour.of(name),
    changed: (settings) => book.put(settings),
    removed: (name) => book.remove(name),
    test: (settings) => {
      tested.push(settings.password ?? '');
      return Promise.resolve({ trunk: settings.name, ok: true, steps: [] });
    },
  };
  const api = await startApi(t, { trunks: desk });
  const headers = await api.key('admin');
  const call = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, payload?: object) => {
    const answer = await api.app.inject({ method, url: `/v1/trunks${path}`, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, text: answer.body, body: answer.body === '' ? undefined : answer.json<Record<string, unknown>>() };
  };
  return { ...api, book, call, tested };
}

t.test('a trunk is made, shown without its password, changed, tried and removed', async (t) => {
  const { call, book, store, tested } = await setUp(t);
  const made = await call('PUT', '/carrier', body);
  t.equal(made.status, 200, made.text);
  t.match(made.body, { name: 'carrier', username: 'u', has_password: true, source: 'api', keepalive_s: 30, status: { state: 'unchecked', channels: 0, lastHour: { attempts: 2, answered: 1, asr: 0.5, ner: 0.5, pddMs: 1_234 }, registration: { state: 'off' } } });
  t.same(book.routes({ to: '+14155550100', from: undefined }).length, 2, 'it is in use at once');
  await call('PUT', '/carrier', { ...body, password: undefined, priority: 9 });
  t.match((await store.getTrunk('carrier'))?.settings, { priority: 9, password: 'very secret' }, 'the password stays');
  await call('POST', '/carrier:test');
  t.same(tested, ['very secret']);
  const list = await call('GET', '');
  t.same((list.body?.['items'] as { name: string; source: string }[]).map(({ name, source }) => `${name} ${source}`), ['carrier api', 'from-file config']);
  for (const { text } of [made, list, await call('GET', '/carrier')]) t.notMatch(text, /secret/);
  const inbound = { username: 'their user', password: 'their long secret' };
  const guarded = await call('PUT', '/carrier', { ...body, password: undefined, inbound_auth: { ...inbound, username: 'theirs' } });
  t.same((guarded.body as { inbound_auth: unknown }).inbound_auth, { username: 'theirs', realm: 'trunkline', algorithms: ['SHA-256', 'MD5'] });
  await call('PUT', '/carrier', { ...body, password: undefined, inbound_auth: { username: 'theirs', algorithms: ['SHA-256'] } });
  t.match((await store.getTrunk('carrier'))?.settings, { inbound_auth: { password: 'their long secret', algorithms: ['SHA-256'] } }, 'so does theirs');
  t.equal((await call('PUT', '/carrier', { ...body, inbound_auth: { username: 'another' } })).status, 400, 'another user has another password');
  for (const path of ['', '/carrier']) t.notMatch(JSON.stringify((await call('GET', path)).body), /secret/);
  await call('PUT', '/carrier', { ...body, username: 'v', password: undefined });
  t.match((await call('GET', '/carrier')).body, { has_password: false }, 'another user has another password');
  t.equal((await call('DELETE', '/carrier')).status, 204);
  t.equal((await call('GET', '/carrier')).status, 404);
  t.equal((await call('DELETE', '/carrier')).status, 404);
  t.same(book.list().map(({ name }) => name), ['from-file']);
});

t.test('refused, and nothing is saved', async (t) => {
  const { call, store, app, key } = await setUp(t);
  for (const [path, payload, status, code, field] of [
    ['/other', body, 400, 'TRK_INVALID_REQUEST', 'name'],
    ['/carrier', { ...body, addresses: [] }, 400, 'TRK_INVALID_REQUEST', 'addresses'],
    ['/carrier', { ...body, acl: ['10.0.0.0/40'] }, 400, 'TRK_INVALID_REQUEST', 'acl[0]'],
    ['/carrier', { ...body, headers: { 'X-A': 'a\r\nVia: x' } }, 400, 'TRK_INVALID_REQUEST', 'headers.X-A'],
    ['/carrier', { ...body, prot: 1 }, 400, 'TRK_INVALID_REQUEST', 'prot'],
    ['/carrier', { ...body, max_channels: '5' }, 400, 'TRK_INVALID_REQUEST', 'max_channels'],
    ['/from-file', { ...body, name: 'from-file' }, 409, 'TRK_CONFLICT', 'name'],
  ] as const) {
    const answer = await call('PUT', path, payload);
    t.same([answer.status, (answer.body?.['error'] as { code: string; field: string }).code, (answer.body?.['error'] as { field: string }).field], [status, code, field], answer.text);
  }
  t.equal((await call('DELETE', '/from-file')).status, 409);
  t.equal((await call('POST', '/none:test')).status, 404);
  t.same(await store.listTrunks(), []);
  t.equal((await app.inject({ url: '/v1/trunks', headers: await key('calls:read') })).statusCode, 403);
  t.equal((await app.inject({ url: '/v1/trunks' })).statusCode, 401);
});
