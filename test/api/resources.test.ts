import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import t from 'tap';
import type { Test } from 'tap';
import * as schemas from '../../src/api/schemas.js';
import type { LiveCall } from '../../src/call/call-service.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import { Counter } from '../../src/kernel/metrics.js';
import type { Attempt, CallResult, Task } from '../../src/store/store.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import { FOLDER, startApi } from './harness.js';
import type { Harness } from './harness.js';

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
(addFormats as unknown as (ajv: Ajv) => void)(ajv);
const isTask = ajv.compile(schemas.Task);
const isResult = ajv.compile(schemas.Result);
const isCall = ajv.compile(schemas.LiveCall);

t.test('flows', async (t) => {
  const saved: string[] = [];
  const api = await startApi(t);
  api.deps.flows.saved = (record, flow) => void saved.push(`${record.id}@${record.version} ${flow.language}`);
  const { app } = api;
  const headers = { ...(await api.key('flows:write', 'flows:read')), 'content-type': 'application/yaml' };
  const source = '# with a comment\nid: greeting\nneeds: name';
  const made = await app.inject({ method: 'POST', url: '/v1/flows', headers, payload: source });
  t.equal(made.statusCode, 201, made.body);
  t.match(made.json(), { id: 'greeting', version: 1, source, createdAt: '2026-01-01T00:00:00.000Z' });
  const put = (url: string, payload: string) => app.inject({ method: 'PUT', url, headers, payload });
  t.equal((await put('/v1/flows/greeting', source)).json<{ version: number }>().version, 1, 'the same source is the same version');
  t.equal((await put('/v1/flows/greeting', `${source}, amount`)).json<{ version: number }>().version, 2);
  t.same(saved, ['greeting@1 en-US', 'greeting@2 en-US'], 'the server is told of each new version once');
  t.match((await app.inject({ url: '/v1/flows/greeting', headers })).json(), { version: 2 });
  t.match((await app.inject({ url: '/v1/flows/greeting?version=1', headers })).json(), { version: 1, source });
  t.match((await app.inject({ url: '/v1/flows/greeting/versions/1', headers })).json(), { version: 1 });
  t.equal((await app.inject({ url: '/v1/flows/greeting/versions/3', headers })).statusCode, 404);
  t.same((await app.inject({ url: '/v1/flows', headers })).json<{ items: { id: string; version: number }[] }>().items.map((flow) => flow.version), [2]);

  for (const [method, url] of [['POST', '/v1/flows'], ['PUT', '/v1/flows/greeting'], ['POST', '/v1/flows:check']] as const) {
    const bad = await app.inject({ method, url, headers, payload: 'id: greeting\nbad' });
    t.same([bad.statusCode, bad.json<{ error: object }>().error], [422, { code: 'TRK_FLOW_INVALID', message: 'Flow is not valid: node greeting, line 3: bad.', field: 'nodes.greeting.say', docs: 'docs/errors.md#trk_flow_invalid' }]);
  }
  t.match((await put('/v1/flows/other', source)).json(), { error: { code: 'TRK_FLOW_INVALID', field: 'id' } });
  t.match((await app.inject({ method: 'POST', url: '/v1/flows:check', headers, payload: source })).json(), { id: 'greeting', requiredVariables: ['name'] });
  t.equal((await app.inject({ method: 'POST', url: '/v1/flows', headers })).statusCode, 400, 'no body');
  const asJson = await app.inject({ method: 'POST', url: '/v1/flows:check', headers: { ...headers, 'content-type': 'application/json' }, payload: '{"x":1}' });
  t.equal(asJson.statusCode, 422, 'JSON goes to the same check, as text');
  t.equal((await app.inject({ url: '/v1/flows/a%20b', headers })).statusCode, 400);
});

t.test('live calls', async (t) => {
  const { app, calls, key } = await startApi(t);
  const headers = await key('calls:read', 'calls:write');
  const call: LiveCall = { id: 'call_1', direction: 'outbound', taskId: 'task_1', attemptId: 'att_1', flow: 'greeting', state: 'in_call', startedAt: 0, answeredAt: 1500, node: 'offer', transcript: [{ speaker: 'bot', text: 'Hello.', atMs: 3 }] };
  calls.calls.push(call, { ...call, id: 'call_2', taskId: undefined, attemptId: undefined, answeredAt: undefined, node: undefined });
  const list = (await app.inject({ url: '/v1/calls', headers })).json<{ items: unknown[] }>().items;
  t.equal(list.length, 2);
  for (const item of list) t.ok(isCall(item), ajv.errorsText(isCall.errors));
  t.match((await app.inject({ url: '/v1/calls/call_1', headers })).json(), { id: 'call_1', answeredAt: '1970-01-01T00:00:01.500Z', node: 'offer', transcript: call.transcript });
  t.equal((await app.inject({ url: '/v1/calls/call_3', headers })).statusCode, 404);
  t.equal((await app.inject({ method: 'POST', url: '/v1/calls/call_1:hangup', headers })).statusCode, 202);
  t.equal((await app.inject({ method: 'POST', url: '/v1/calls/call_3:hangup', headers })).statusCode, 404);
  t.same(calls.hungUp, ['call_1', 'call_3']);
});

/** A finished task with `changes` in its result. */
async function finished({ store, clock }: Harness, changes: Partial<CallResult> = {}): Promise<CallResult> {
  const [task] = (await store.createTasks([newTask()])).tasks as [Task];
  const attempt = (await store.beginAttempt(task.id, 'node_a', callIdOf)) as Attempt;
  const result = resultOf(clock, task, attempt, changes);
  await store.finishAttempt(attempt.id, result);
  return result;
}

t.test('results', async (t) => {
  const api = await startApi(t);
  const { app } = api;
  const headers = await api.key('results:read', 'tasks:read');
  const all: CallResult[] = [];
  for (let index = 0; index < 450; index++) {
    all.push(await finished(api, index % 2 === 0 ? {} : { disposition: 'busy', answeredAt: undefined, sipStatus: undefined, media: undefined, flow: 'other', verdict: { kind: 'redial_at', at: '2026-01-02T10:00:00Z', reason: 'busy' } }));
  }
  const page = (await app.inject({ url: '/v1/results?limit=2', headers })).json<{ items: Record<string, unknown>[]; next: string }>();
  t.match(page.items[0], { id: all[0]?.id, answeredAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:00.005Z', slots: all[0]?.slots });
  for (const item of page.items) t.ok(isResult(item), ajv.errorsText(isResult.errors));
  t.equal((await app.inject({ url: `/v1/results?limit=1&cursor=${page.next}`, headers })).json<{ items: { id: string }[] }>().items[0]?.id, all[2]?.id);
  const busy = (await app.inject({ url: '/v1/results?disposition=busy&flow=other&limit=1000', headers })).json<{ items: unknown[] }>();
  t.equal(busy.items.length, 225);
  t.equal((await app.inject({ url: '/v1/results?disposition=bored', headers })).statusCode, 400);

  const lines = await app.inject({ url: '/v1/results?format=ndjson&flow=greeting', headers });
  t.match(lines.headers['content-type'], 'application/x-ndjson');
  t.same(lines.body.trimEnd().split('\n').map((line) => (JSON.parse(line) as { id: string }).id), all.filter((_, index) => index % 2 === 0).map((result) => result.id), 'every page, one result a line');
  t.equal((await app.inject({ url: '/v1/results?format=ndjson&cursor=x', headers })).statusCode, 400);
  for (const id of [all[7]?.id, all[7]?.taskId, all[7]?.attemptId, all[7]?.callId, encodeURIComponent(all[7]?.sipCallId ?? '')]) {
    t.equal((await app.inject({ url: `/v1/results/${id}`, headers })).json<{ id: string }>().id, all[7]?.id);
  }
  t.equal((await app.inject({ url: '/v1/results/res_none', headers })).statusCode, 404);
  const task = (await app.inject({ url: `/v1/tasks/${all[0]?.taskId}`, headers })).json<unknown>();
  t.ok(isTask(task), ajv.errorsText(isTask.errors));
});

t.test('attempts before the last one', async (t) => {
  const api = await startApi(t);
  const { app, store, clock } = api;
  const headers = await api.key('results:read', 'tasks:read');
  const get = async (url: string) => await app.inject({ url, headers });
  const task = (await store.createTasks([newTask()])).tasks[0]!;
  const call = async (changes: Partial<CallResult>, retryAt?: number): Promise<CallResult> => {
    await store.dueParties();
    const attempt = (await store.beginAttempt(task.id, 'node_a', callIdOf))!;
    const result = resultOf(clock, task, attempt, changes);
    writeFileSync(join(api.recordingsDir, `${attempt.callId}.wav`), 'RIFF');
    await store.finishAttempt(attempt.id, result, { retryAt });
    return result;
  };
  const first = await call({ verdict: { kind: 'redial_at', at: '2026-01-02T10:00:00Z', reason: 'later' }, recording: `${task.id}.wav`, cost: 3 }, clock.now());
  // What the event of its end named is there at once, the task has no result yet.
  const outcome = (await get(`/v1/results/${first.id}`)).json<Record<string, unknown>>();
  t.match(outcome, { id: first.id, verdict: { kind: 'redial_at' }, transcript: [{ text: 'Hello.' }], retryAt: /^2026-/ });
  t.ok(isResult(outcome), ajv.errorsText(isResult.errors));
  t.equal((await get(`/v1/results/${task.id}`)).statusCode, 404);
  writeFileSync(join(api.recordingsDir, `${task.id}.wav`), 'RIFF');
  t.equal((await get(`/v1/calls/${first.callId}/recording`)).body, 'RIFF');
  t.equal((await app.inject({ method: 'HEAD', url: `/v1/calls/${first.callId}/recording`, headers })).body, '');
  t.match((await store.readEvents(0, 100)).filter(({ type }) => type === 'recording.read'), [{ data: { callId: first.callId, keyId: /^key_/ } }], 'who heard it; a look at its size is no reading');
  const last = await call({ disposition: 'busy', answeredAt: undefined, slots: {}, transcript: [], cost: undefined });
  const result = (await get(`/v1/results/${task.id}`)).json<Record<string, unknown>>();
  t.match(result, { id: last.id, disposition: 'busy', earlier: [{ id: first.id, cost: 3 }] });
  t.ok(isResult(result), ajv.errorsText(isResult.errors));
  t.same((await get('/v1/results')).json<{ items: unknown[] }>().items, [result]);
  t.same(JSON.parse((await get('/v1/results?format=ndjson')).body), result);
  t.match((await get('/v1/results?format=csv')).body, /,\d+,3\n$/, 'talk and cost of all attempts');
  const { items } = (await get(`/v1/tasks/${task.id}/attempts`)).json<{ items: Record<string, unknown>[] }>();
  t.match(items, [{ id: first.attemptId, number: 1, callId: first.callId, disposition: 'answered_human', verdict: 'redial_at', abandoned: false }, { number: 2, disposition: 'busy' }]);
  t.equal((await get('/v1/tasks/task_none/attempts')).statusCode, 404);
});

t.test('a recording that another server has', async (t) => {
  const api = await startApi(t);
  const headers = await api.key('results:read');
  const get = async (recordedIn: string) => (await api.app.inject({ url: `/v1/calls/${(await finished(api, { recording: 'there.wav', recordedIn })).callId}/recording`, headers })).json<object>();
  await api.store.openFolders(['b'.repeat(16)], 'beta');
  t.match(await get('b'.repeat(16)), { error: { code: 'TRK_RECORDING_ELSEWHERE', message: /beta/ } });
  t.match(await get(FOLDER), { error: { code: 'TRK_NOT_FOUND' } });
  writeFileSync(join(api.recordingsDir, 'there.wav'), 'RIFF');
  t.equal((await api.app.inject({ url: `/v1/calls/${(await finished(api, { recording: 'there.wav', recordedIn: 'b'.repeat(16) })).callId}/recording`, headers })).body, 'RIFF', 'a folder that they share has it');
});

async function recordings(t: Test): Promise<{ get: (recording: string | undefined, range?: string) => Promise<{ statusCode: number; body: string; headers: Record<string, unknown> }>; dir: string }> {
  const api = await startApi(t);
  const headers = await api.key('results:read');
  const get = async (recording: string | undefined, range?: string) => {
    const { callId } = await finished(api, { recording });
    return await api.app.inject({ url: `/v1/calls/${encodeURIComponent(callId)}/recording`, headers: { ...headers, ...(range === undefined ? {} : { range }) } });
  };
  return { get, dir: api.recordingsDir };
}

t.test('recordings', async (t) => {
  const { get, dir } = await recordings(t);
  writeFileSync(join(dir, 'a.wav'), '0123456789');
  writeFileSync(join(dir, 'empty.wav'), '');
  const whole = await get('a.wav');
  t.same([whole.statusCode, whole.body, whole.headers['content-type'], whole.headers['content-length'], whole.headers['accept-ranges']], [200, '0123456789', 'audio/wav', '10', 'bytes']);
  t.equal((await get(join(dir, 'a.wav'))).body, '0123456789', 'an absolute path inside is as good');
  for (const [range, status, body, contentRange] of [
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=9-100', 206, '9', 'bytes 9-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=5-2', 200, '0123456789', undefined],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
    ['lines=0-1', 200, '0123456789', undefined],
  ] as const) {
    const part = await get('a.wav', range);
    t.same([part.statusCode, part.body, part.headers['content-range']], [status, body, contentRange], range);
  }
  t.same([(await get('empty.wav')).statusCode, (await get('empty.wav')).body], [200, '']);
});

t.test('recordings stay in their folder', async (t) => {
  const { get, dir } = await recordings(t);
  writeFileSync(join(dir, '..', 'secret.wav'), 'secret');
  mkdirSync(join(dir, 'folder'));
  mkdirSync(`${dir}-other`);
  writeFileSync(join(`${dir}-other`, 'x.wav'), 'secret');
  symlinkSync(join(dir, '..', 'secret.wav'), join(dir, 'link.wav'));
  for (const name of ['../secret.wav', join(dir, '..', 'secret.wav'), '/etc/passwd', 'link.wav', 'folder', '.', '', `${dir}-other/x.wav`, 'gone.wav', 'a\0.wav', undefined]) {
    const answer = await get(name);
    t.equal(answer.statusCode, 404, String(name));
    t.match(answer.body, 'TRK_NOT_FOUND');
  }
});

t.test('health, readiness, metrics', async (t) => {
  let ready = true;
  const { app, deps } = await startApi(t, { readiness: () => ({ store: { ready: true }, signalling: { ready, ...(ready ? {} : { detail: 'connecting' }) } }) });
  t.same((await app.inject('/healthz')).json(), { status: 'ok', version: '0.0.0-test' });
  t.same((await app.inject('/readyz')).json(), { ready: true, parts: { store: { ready: true }, signalling: { ready: true } } });
  ready = false;
  const not = await app.inject('/readyz');
  t.same([not.statusCode, not.json()], [503, { ready: false, parts: { store: { ready: true }, signalling: { ready: false, detail: 'connecting' } } }]);
  new Counter({ name: 'trunkline_test_total', help: 'x', registers: [deps.registry] }).inc(3);
  const metrics = await app.inject('/metrics');
  t.match(metrics.headers['content-type'], /^text\/plain/);
  t.match(metrics.body, 'trunkline_test_total 3');
});

t.test('a call is handed over, and keys are sent', async (t) => {
  const { app, calls, key } = await startApi(t);
  const headers = await key('calls:write');
  const post = async (id: string, action: string, payload: object) => (await app.inject({ method: 'POST', url: `/v1/calls/${id}:${action}`, headers, payload })).json<Record<string, unknown>>();
  calls.calls.push({ id: 'call_1', direction: 'inbound', taskId: undefined, attemptId: undefined, flow: 'f', state: 'in_call', startedAt: 0, answeredAt: 1, node: 'n', transcript: [] });
  t.same(await post('call_1', 'transfer', { to: '+1 415 555 2671', mode: 'attended', ringTimeoutMs: 20_000 }), { id: 'call_1' });
  t.same(calls.transfers, [{ to: '+14155552671', mode: 'attended', ringTimeoutMs: 20_000 }], 'the number is in the form in which it is dialled');
  t.match(await post('call_2', 'transfer', { to: 'sip:a@b.test', mode: 'blind' }), { error: { code: 'TRK_NOT_FOUND' } });
  t.match(await post('call_1', 'transfer', { to: 'sip:a@b.test?Subject=x', mode: 'blind' }), { error: { code: 'TRK_NUMBER_INVALID', field: 'to' } });
  t.match(await post('call_1', 'transfer', { to: 'sip:a@b.test', mode: 'warm' }), { error: { code: 'TRK_INVALID_REQUEST', field: 'mode' } });
  calls.refusal = new TrunklineError('TRK_CONFLICT', { params: { reason: 'A transfer of this call is on its way.' } });
  t.match(await post('call_1', 'transfer', { to: 'sip:a@b.test', mode: 'blind' }), { error: { code: 'TRK_CONFLICT' } });
  t.same(await post('call_1', 'dtmf', { digits: '12#' }), { id: 'call_1' });
  t.same(calls.digits, ['12#']);
  t.match(await post('call_1', 'dtmf', { digits: '1x' }), { error: { code: 'TRK_INVALID_REQUEST', field: 'digits' } });
  t.match(await post('call_2', 'dtmf', { digits: '1' }), { error: { code: 'TRK_NOT_FOUND' } });
});

t.test('the description lists every route', async (t) => {
  const { app } = await startApi(t);
  const openapi = (await app.inject('/openapi.json')).json<{ openapi: string; paths: Record<string, Record<string, { operationId?: string; requestBody?: unknown; responses: object }>> }>();
  t.equal(openapi.openapi, '3.1.0');
  const operations = Object.entries(openapi.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => `${operation.operationId} ${method} ${path}`));
  t.same(operations.sort(), [
    'addSuppression post /v1/suppressions',
    'askSuppression post /v1/suppressions:check',
    'cancelTask post /v1/tasks/{id}:cancel',
    'captureCall post /v1/calls/{id}:capture',
    'changeWebhook patch /v1/webhooks/{id}',
    'checkFlow post /v1/flows:check',
    'checkSuppression get /v1/suppressions:check',
    'createApiKey post /v1/api-keys',
    'createAudience post /v1/audiences',
    'createFlow post /v1/flows',
    'createImport post /v1/contacts/imports',
    'createTasks post /v1/tasks',
    'createWebhook post /v1/webhooks',
    'declareAttributes post /v1/contacts/attributes',
    'deleteAudience delete /v1/audiences/{id}',
    'deleteSuppression delete /v1/suppressions/{id}',
    'deleteTeam delete /v1/teams/{name}',
    'deleteWebhook delete /v1/webhooks/{id}',
    'erasePerson post /v1/people:erase',
    'events get /v1/events',
    'exportPerson post /v1/people:export',
    'freezeAudience post /v1/audiences/{id}:freeze',
    'getAudience get /v1/audiences/{id}',
    'getCall get /v1/calls/{id}',
    'getContact get /v1/contacts/{id}',
    'getFlow get /v1/flows/{id}',
    'getFlowVersion get /v1/flows/{id}/versions/{version}',
    'getImport get /v1/contacts/imports/{id}',
    'getImportReport get /v1/contacts/imports/{id}/report',
    'getRecording get /v1/calls/{id}/recording',
    'getResult get /v1/results/{id}',
    'getStatistics get /v1/statistics',
    'getSuppression get /v1/suppressions/{id}',
    'getTask get /v1/tasks/{id}',
    'getTeam get /v1/teams/{name}',
    'getTrace get /v1/calls/{id}/trace',
    'getWebhook get /v1/webhooks/{id}',
    'hangUpCall post /v1/calls/{id}:hangup',
    'health get /healthz',
    'importContacts post /v1/contacts:import',
    'importSuppressions post /v1/suppressions:import',
    'listApiKeys get /v1/api-keys',
    'listAttempts get /v1/tasks/{id}/attempts',
    'listAttributes get /v1/contacts/attributes',
    'listAudiences get /v1/audiences',
    'listCalls get /v1/calls',
    'listContacts get /v1/contacts',
    'listDeliveries get /v1/webhooks/{id}/deliveries',
    'listFlows get /v1/flows',
    'listImports get /v1/contacts/imports',
    'listResults get /v1/results',
    'listSuppressions get /v1/suppressions',
    'listTasks get /v1/tasks',
    'listTeams get /v1/teams',
    'listWebhooks get /v1/webhooks',
    'metrics get /metrics',
    'previewAudience post /v1/audiences/{id}:preview',
    'previewFilter post /v1/audiences:preview',
    'putFlow put /v1/flows/{id}',
    'putImportContent put /v1/contacts/imports/{id}/content',
    'putTeam put /v1/teams/{name}',
    'readiness get /readyz',
    'redeliver post /v1/deliveries/{id}:redeliver',
    'replayWebhook post /v1/webhooks/{id}:replay',
    'resolveTask post /v1/tasks/{id}:resolve',
    'revokeApiKey delete /v1/api-keys/{id}',
    'rotateWebhookSecret post /v1/webhooks/{id}:rotate',
    'saveContacts post /v1/contacts',
    'sendDigits post /v1/calls/{id}:dtmf',
    'testWebhook post /v1/webhooks/{id}:test',
    'thawAudience post /v1/audiences/{id}:thaw',
    'transferCall post /v1/calls/{id}:transfer',
    'updateAudience put /v1/audiences/{id}',
  ]);
  t.ok(openapi.paths['/v1/tasks']?.['post']?.requestBody);
});

t.test('results for a spreadsheet', async (t) => {
  const api = await startApi(t);
  const headers = await api.key('results:read');
  const { taskId } = await finished(api, { slots: { note: '=1+1' }, reason: '=HYPERLINK("http://x")', transcript: [{ speaker: 'caller', text: 'Yes, "please"\nnow', atMs: 1 }], verdict: { kind: 'handoff', queue: 'people', reason: '+49' } });
  const done = await finished(api, {});
  await api.store.saveInboundResult({ ...done, id: 'res_in', taskId: undefined, attemptId: undefined, callId: 'call_in', direction: 'inbound', caller: '=1+2' });
  await api.store.saveInboundResult({ ...done, id: 'res_in2', taskId: undefined, attemptId: undefined, callId: 'call_in2', direction: 'inbound', caller: '+14155550123' });
  const answer = await api.app.inject({ url: '/v1/results?format=csv', headers });
  t.match([answer.statusCode, answer.headers['content-type'], answer.headers['content-disposition']], [200, 'text/csv; charset=utf-8', /results\.csv/]);
  t.ok(answer.body.startsWith('\uFEFFresult_id,task_id,'));
  t.match(answer.body, `,${taskId},`.slice(1));
  t.match(answer.body, /,"'=HYPERLINK\(""http:\/\/x""\)",/, 'what looks like a formula is text');
  t.match(answer.body, /,handoff,'\+49,people,/);
  t.match(answer.body, /,outbound,\+\d+,/, 'a number stays as it is');
  t.match(answer.body, /,inbound,,'=1\+2,/, 'a caller who calls himself a formula is none');
  t.match(answer.body, /,inbound,,\+14155550123,/);
  t.match(answer.body, /"caller: Yes, ""please""\nnow"/);
  const rows = (await api.app.inject({ url: '/v1/results?format=csv&verdict=handoff', headers })).body.match(/^res_/gm);
  t.equal(rows?.length, 1);
  t.equal((await api.app.inject({ url: '/v1/results?format=csv&cursor=x', headers })).statusCode, 400);
});

t.test('statistics', async (t) => {
  const api = await startApi(t);
  const headers = await api.key('results:read');
  await finished(api, {});
  api.clock.advance(1);
  const ask = async (query: string) => (await api.app.inject({ url: `/v1/statistics?${query}`, headers })).json<{ items?: object[]; error?: object }>();
  t.match(await ask('by=disposition'), { items: [{ key: 'answered_human', attempts: 1, answerRate: 1 }] });
  t.match(await ask('by=hour&timeZone=Mars/Olympus'), { error: { code: 'TRK_INVALID_REQUEST', field: 'timeZone' } });
  t.match(await ask('by=flow&from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z'), { error: { code: 'TRK_INVALID_REQUEST', field: 'from' } });
  t.match(await ask('by=colour'), { error: { code: 'TRK_INVALID_REQUEST', field: 'by' } });
});
