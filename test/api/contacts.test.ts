import { connect } from 'node:net';
import t from 'tap';
import { eventually } from '../support/eventually.js';
import { startApi } from './harness.js';

const csv = 'id,name,phone,city,score\nc1,Li,13812345678,上海,720\nc2,Wang,13912345678,北京,650\nc3,Zhao,8.61391E+12,上海,700\n';

t.test('an import, from its beginning to its report', async (t) => {
  const { app, key, store } = await startApi(t);
  const headers = await key('contacts:write', 'contacts:read');
  const made = await app.inject({ method: 'POST', url: '/v1/contacts/imports', headers, payload: { format: 'csv', defaultCountry: 'CN', tags: ['june'] } });
  t.equal(made.statusCode, 201, made.body);
  const { id } = made.json<{ id: string }>();
  const done = await app.inject({ method: 'PUT', url: `/v1/contacts/imports/${id}/content`, headers: { ...headers, 'content-type': 'text/csv' }, payload: csv });
  t.match(done.json(), { state: 'done', rows: 3, created: 2, updated: 0, refused: 1, bytes: Buffer.byteLength(csv), found: { encoding: 'utf-8', delimiter: ',' } });
  const report = await app.inject({ url: `/v1/contacts/imports/${id}/report`, headers });
  t.equal(report.headers['content-type'], 'text/csv; charset=utf-8');
  t.equal(report.body, '\ufeffrow,column,code,reason\r\n4,phone,number_mangled,a spreadsheet has rounded this number (like 8.61391E+12): its last digits are lost; export the column as text\r\n');
  t.match((await app.inject({ method: 'PUT', url: `/v1/contacts/imports/${id}/content`, headers, payload: csv })).json(), { error: { code: 'TRK_CONFLICT' } });
  t.equal(await store.countContacts({}), 2);
  t.match((await app.inject({ url: '/v1/contacts/imports', headers })).json(), { items: [{ id, state: 'done' }] });

  const again = await app.inject({ method: 'POST', url: '/v1/contacts:import?format=csv&defaultCountry=CN&dryRun=true&map=city%3Dignore', headers: { ...headers, 'content-type': 'application/octet-stream' }, payload: csv });
  t.match(again.json(), { state: 'done', created: 0, updated: 2, refused: 1, settings: { dryRun: true, map: { city: 'ignore' } } });
  t.match((await app.inject({ method: 'POST', url: '/v1/contacts:import?format=csv', headers, payload: 'name\nLi\n' })).json(), { error: { code: 'TRK_IMPORT_INVALID', field: 'header' } });
  t.match((await app.inject({ method: 'POST', url: '/v1/contacts:import?format=csv&encoding=klingon', headers, payload: csv })).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'encoding' } });
  t.equal((await app.inject({ method: 'POST', url: '/v1/contacts:import?format=csv', headers: await key('contacts:read'), payload: csv })).statusCode, 403);
  t.same((await store.readEvents(0, 50)).map(({ type }) => type).filter((type) => type.startsWith('import')).slice(0, 2), ['import.started', 'import.ended']);
});

t.test('a sender that goes away leaves an import that says so, and can be repeated', async (t) => {
  const { app, key, store } = await startApi(t);
  const { authorization } = await key('contacts:write');
  const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const rows = Array.from({ length: 25_000 }, (_, index) => `c${index},138${String(index).padStart(8, '0')}`).join('\n');
  const socket = connect(Number(address.port), address.hostname);
  socket.write(`POST /v1/contacts:import?format=csv&defaultCountry=CN HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: text/csv\r\nContent-Length: 90000000\r\n\r\nid,phone\n${rows}\nc`);
  const one = async () => (await store.listImports({ limit: 1 })).items[0];
  await eventually('first contacts', 60_000, async () => ((await store.countContacts({})) > 0 ? true : undefined));
  socket.destroy();
  await eventually('the end of the import', 60_000, async () => ((await one())?.state === 'running' ? undefined : true));
  const left = await one();
  t.equal(left?.state, 'interrupted');
  t.equal(await store.countContacts({}), left?.created, 'it says what it did');
  const again = await app.inject({ method: 'POST', url: '/v1/contacts:import?format=csv&defaultCountry=CN', headers: { authorization, 'content-type': 'text/csv' }, payload: `id,phone\n${rows}\n` });
  const { created, updated } = again.json<{ created: number; updated: number }>();
  t.equal(created + updated, 25_000);
});

t.test('contacts by the API', async (t) => {
  const { app, key } = await startApi(t);
  const headers = await key('contacts:write', 'contacts:read');
  const post = (payload: object, query = '') => app.inject({ method: 'POST', url: `/v1/contacts${query}`, headers, payload });
  const made = await post({ externalId: 'c1', numbers: ['+8613812345678'], attributes: { score: 720 }, consents: [{ purpose: 'marketing', granted: true }] });
  t.equal(made.statusCode, 201, made.body);
  t.match(made.json(), { numbers: [{ number: '+8613812345678', kind: 'mobile', country: 'CN' }], timeZones: ['Asia/Shanghai'], consents: [{ source: 'api' }], history: { calls: 0 } });
  const changed = await post({ externalId: 'c1', numbers: [{ number: '13912345678', label: 'work' }], name: 'Li' }, '?defaultCountry=CN');
  t.equal(changed.statusCode, 200);
  t.match(changed.json(), { name: 'Li', attributes: { score: 720 } });
  const american = await post({ externalId: 'us1', numbers: ['+12125550100'], address: { country: 'US', region: 'California' } });
  t.match(american.json(), { timeZones: ['America/Los_Angeles', 'America/New_York'] });
  t.match((await post({ externalId: 'us1', numbers: ['+12125550100'], attributes: { score: 5 } })).json(), { address: { region: 'CA' }, timeZones: ['America/Los_Angeles', 'America/New_York'] }, 'the address counts though it is not said again');
  t.match((await post({ externalId: 'us1', numbers: ['+12125550100'], timeZones: ['Europe/Paris'] })).json(), { timeZones: ['Europe/Paris', 'America/Los_Angeles', 'America/New_York'] }, 'beside what is told');
  t.match((await post({ externalId: 'c2', numbers: ['+8613812345678'] })).json(), { error: { code: 'TRK_CONFLICT', field: 'externalId' } });
  t.match((await post({ numbers: ['+86138'] })).json(), { error: { code: 'TRK_NUMBER_INVALID', field: 'numbers[0]' } });
  t.match((await post({ numbers: ['+8613812345670'], attributes: { score: 'x' } })).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'attributes.score' } });
  for (const [body, field] of [[{ name: 'a\0' }, 'name'], [{ attributes: { town: '\ud83c' } }, 'attributes.town'], [{ tags: ['a', '\udf89'] }, 'tags[1]']] as const) {
    t.match((await post({ numbers: ['+8613812345670'], ...body })).json(), { error: { code: 'TRK_INVALID_REQUEST', field } }, 'a text that not every database takes');
  }
  t.match((await app.inject({ url: '/v1/contacts?externalId=a%00b', headers })).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'externalId' } });
  t.match((await post({ numbers: ['+8613812345670'], nmae: 'x' })).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'nmae' } });
  t.match((await post({ contacts: [{ numbers: ['+8613812345670'] }, { numbers: ['+8613812345671'] }, { externalId: 'x', numbers: ['+8613812345678'] }] })).json(), { items: [{ outcome: 'created' }, { outcome: 'created' }, { outcome: 'refused', code: 'number_taken' }] });
  t.match((await post({ contacts: [{ numbers: ['+8613812345672'] }, { numbers: ['1'] }] })).json(), { error: { code: 'TRK_NUMBER_INVALID', field: 'contacts[1].numbers[0]' } });

  const list = async (query: string) => (await app.inject({ url: `/v1/contacts?${query}`, headers })).json<{ items: { externalId?: string }[]; error?: unknown }>();
  t.equal((await list('')).items.length, 4);
  t.equal((await list(`filter=${encodeURIComponent('score > 700')}`)).items.length, 1);
  t.equal((await list(`number=${encodeURIComponent('+8613912345678')}`)).items[0]?.externalId, 'c1');
  t.match(await list(`filter=${encodeURIComponent('scroe > 700')}`), { error: { code: 'TRK_FILTER_INVALID', field: 'filter', message: /character 1.*did you mean "score"/ } });
  t.match((await app.inject({ url: '/v1/contacts/attributes', headers })).json(), { items: [{ name: 'score', type: 'number', indexed: true }] });
  t.equal((await app.inject({ url: '/v1/contacts/con_none', headers })).statusCode, 404);
});

t.test('audiences by the API', async (t) => {
  const { app, key } = await startApi(t);
  const headers = await key('contacts:write', 'contacts:read', 'audiences:write', 'audiences:read');
  const call = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) => app.inject({ method, url: `/v1/${url}`, headers, ...(payload === undefined ? {} : { payload }) });
  await call('POST', 'contacts', { contacts: [{ numbers: ['+8613812345670'], attributes: { score: 720 } }, { numbers: ['+8613812345671'], attributes: { score: 100 } }] });
  const made = await call('POST', 'audiences', { name: 'good', filter: 'score >= 700' });
  t.equal(made.statusCode, 201, made.body);
  const { id } = made.json<{ id: string }>();
  t.match((await call('POST', `audiences/${id}:preview`)).json(), { count: 1, sample: [{ attributes: { score: 720 } }], ms: Number });
  t.match((await call('POST', 'audiences:preview', { filter: '' })).json(), { count: 2 });
  const counting = await key('audiences:read');
  for (const url of [`/v1/audiences/${id}:preview`, '/v1/audiences:preview']) {
    const counted = await app.inject({ method: 'POST', url, headers: counting, ...(url.includes(id) ? {} : { payload: { filter: 'score >= 700' } }) });
    t.match([counted.statusCode, counted.json()], [200, { count: 1, ms: Number }]);
    t.notOk('sample' in counted.json<object>(), 'people are shown to those only who may read contacts');
  }
  t.match((await call('POST', 'audiences:preview', { filter: 'score >= "x"' })).json(), { error: { code: 'TRK_FILTER_INVALID', message: /character 10: expected a number/ } });
  t.match((await call('POST', 'audiences', { name: 'x', filter: 'score >=' })).json(), { error: { code: 'TRK_FILTER_INVALID' } });
  t.match((await call('POST', `audiences/${id}:freeze`)).json(), { kind: 'frozen', frozenAt: String });
  await call('POST', 'contacts', { numbers: ['+8613812345672'], attributes: { score: 900 } });
  t.match((await call('POST', `audiences/${id}:preview`)).json(), { count: 1 });
  t.equal((await call('GET', `contacts?audience=${id}`)).json<{ items: unknown[] }>().items.length, 1);
  t.match((await call('POST', `audiences/${id}:thaw`)).json(), { kind: 'live' });
  t.equal((await call('GET', `contacts?audience=${id}`)).json<{ items: unknown[] }>().items.length, 2);
  t.match((await call('PUT', `audiences/${id}`, { name: 'best', filter: 'score > 800' })).json(), { name: 'best' });
  t.equal((await call('DELETE', `audiences/${id}`)).statusCode, 204);
  t.equal((await call('GET', `audiences/${id}`)).statusCode, 404);
});

t.test('so many files are read at once, and one more leaves nothing behind', async (t) => {
  const { app, key, store } = await startApi(t);
  const headers = await key('contacts:write');
  const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const open = Array.from({ length: 4 }, () => {
    const socket = connect(Number(address.port), address.hostname);
    t.teardown(() => socket.destroy());
    socket.write(`POST /v1/contacts:import?format=csv&defaultCountry=CN HTTP/1.1\r\nHost: x\r\nAuthorization: ${headers.authorization}\r\nContent-Type: text/csv\r\nContent-Length: 90000000\r\n\r\nid,phone\n`);
    return socket;
  });
  const running = async () => (await store.listImports({ limit: 10 })).items.filter(({ state }) => state === 'running').length;
  await eventually('four imports', 60_000, async () => ((await running()) === 4 ? true : undefined));
  const more = () => app.inject({ method: 'POST', url: '/v1/contacts:import?format=csv&defaultCountry=CN', headers: { ...headers, 'content-type': 'text/csv' }, payload: csv });
  const refused = await more();
  t.match(refused, { statusCode: 429, headers: { 'retry-after': '10' } });
  t.match(refused.json(), { error: { code: 'TRK_RATE_LIMITED' } });
  t.equal((await store.listImports({ limit: 10 })).items.length, 4);
  open[0]!.destroy();
  await eventually('a free place', 60_000, async () => ((await running()) === 3 ? true : undefined));
  t.match((await more()).json(), { state: 'done', created: 2 });
});
