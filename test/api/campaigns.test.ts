import t from 'tap';
import type { Test } from 'tap';
import type { Scope } from '../../src/api/keys.js';
import { startWorld } from '../outbound/campaigns/world.js';
import { startApi } from './harness.js';

const body = { name: 'Spring', audiences: ['aud_1'], flow: 'greeting' };

async function start(t: Test) {
  const world = await startWorld(t);
  const { app, key, store } = await startApi(t, { store: world.store, clock: world.clock, campaigns: { service: world.service, timeZone: 'Asia/Shanghai' } });
  const all = await key('admin');
  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object, headers: object = {}) => {
    const answer = await app.inject({ method, url, headers: { ...all, ...headers }, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, body: (answer.body === '' ? undefined : answer.json()) as { id: string; revision: number; error?: { code: string; field?: string; message: string }; items: unknown[] } & Record<string, unknown> };
  };
  return { ...world, app, key, ask, apiStore: store };
}

t.test('a campaign over the API', async (t) => {
  const { ask, audiences, pass, dial, clock } = await start(t);
  audiences.add('aud_1', 'frozen', 4);
  const made = await ask('POST', '/v1/campaigns', body);
  t.equal(made.status, 201, JSON.stringify(made.body));
  t.match(made.body, { id: /^camp_/, state: 'draft', revision: 1, timeZone: 'Asia/Shanghai', purpose: 'marketing', hoursIn: 'callee', priority: 50, hours: { mon: [{ from: '09:00', to: '20:00' }] }, retry: { maxAttempts: 3 }, pacing: { mode: 'ai', weight: 10 }, holidays: ['callee'] });
  const { id } = made.body;
  const changed = await ask('PUT', `/v1/campaigns/${id}`, { ...body, priority: 80, endsAt: new Date(clock.now() + 1e9).toISOString() }, { 'if-match': '"1"' });
  t.match(changed, { status: 200, body: { priority: 80, revision: 2 } });
  t.match(await ask('PUT', `/v1/campaigns/${id}`, body, { 'if-match': '"1"' }), { status: 409, body: { error: { code: 'TRK_CONFLICT', field: 'revision', message: /draft.*revision 2/ } } });
  t.match(await ask('POST', `/v1/campaigns/${id}:preview`), { status: 200, body: { members: 4, callable: 4, blocked: {}, basis: { assumed: true } } });
  t.match(await ask('POST', `/v1/campaigns/${id}:start`), { status: 200, body: { state: 'running', revision: 3, flowVersions: { greeting: 1 } } });
  await pass(2_000);
  await dial(1);
  t.match(await ask('GET', `/v1/campaigns/${id}`), { status: 200, body: { round: 1, progress: { tasks: { done: 1, queued: 3 }, dispositions: { answered_human: 1 }, attempts: 1, filling: false } } });
  t.match((await ask('GET', `/v1/campaigns/${id}/tasks?state=queued&limit=2`)).body, { items: [{ campaignId: id, round: 1, contactId: 'con_aud_1_1', purpose: 'marketing', attempts: 0 }, {}], next: String });
  t.same((await ask('GET', `/v1/campaigns/${id}/skipped`)).body.items, []);

  t.match(await ask('POST', `/v1/campaigns/${id}:pause`, { revision: 3 }), { status: 200, body: { state: 'paused', revision: 4 } });
  t.match(await ask('POST', `/v1/campaigns/${id}:stop`, { revision: 3 }), { status: 409, body: { error: { code: 'TRK_CONFLICT', message: /paused now, at revision 4/ } } });
  t.match(await ask('POST', `/v1/campaigns/${id}:pause`), { status: 409, body: { error: { code: 'TRK_CONFLICT', message: /paused/ } } });
  t.match(await ask('PUT', `/v1/campaigns/${id}`, { ...body, audiences: ['aud_1'], flow: 'other' }), { status: 409, body: { error: { code: 'TRK_CONFLICT', field: 'flow' } } });
  t.match(await ask('POST', `/v1/campaigns/${id}:resume`, undefined, { 'if-match': '4' }), { status: 200, body: { state: 'running' } });
  t.match(await ask('POST', `/v1/campaigns/${id}:resume`, undefined, { 'if-match': '"x"' }), { status: 400, body: { error: { field: 'If-Match' } } });
  t.match(await ask('POST', `/v1/campaigns/${id}:stop`), { status: 200, body: { state: 'stopped' } });
  t.match(await ask('DELETE', `/v1/campaigns/${id}`), { status: 409, body: { error: { code: 'TRK_CONFLICT' } } });

  const draft = await ask('POST', '/v1/campaigns', body);
  t.match((await ask('GET', '/v1/campaigns?state=draft')).body.items, [{ id: draft.body.id }]);
  t.equal((await ask('DELETE', `/v1/campaigns/${draft.body.id}`)).status, 204);
  for (const [method, path] of [['GET', ''], ['DELETE', ''], ['PUT', ''], ['POST', ':start'], ['POST', ':preview'], ['GET', '/tasks'], ['GET', '/skipped']] as const) {
    t.match(await ask(method, `/v1/campaigns/${draft.body.id}${path}`, method === 'PUT' ? body : undefined), { status: 404, body: { error: { code: 'TRK_NOT_FOUND' } } }, `${method} ${path}`);
  }
});

t.test('what is wrong is named', async (t) => {
  const { ask, audiences } = await start(t);
  audiences.add('aud_1', 'frozen', 1);
  const wrong: readonly (readonly [object, string, string?])[] = [
    [{ name: undefined }, 'name'],
    [{ colour: 'red' }, 'colour'],
    [{ audiences: [] }, 'audiences'],
    [{ audiences: ['aud_9'] }, 'audiences[0]'],
    [{ flow: 'nothing' }, 'flow', 'TRK_FLOW_UNKNOWN'],
    [{ hours: {} }, 'hours'],
    [{ hours: { someday: [] } }, 'hours.someday'],
    [{ startsAt: 'tomorrow' }, 'startsAt'],
    [{ priority: 101 }, 'priority'],
    [{ retry: { maxAttempts: 21, delays: {} } }, 'retry.maxAttempts'],
    [{ retry: { maxAttempts: 2, delays: { buzy: [1] } } }, 'retry.delays.buzy'],
    [{ variables: { who: { attribut: 'name' } } }, 'variables.who.attribut'],
    [{ variables: { who: { value: 1, attribute: 'name' } } }, 'variables.who.attribute'],
    [{ ownerTeam: 'nobody' }, 'ownerTeam'],
    [{ timeZone: 'Moon/Base' }, 'timeZone'],
  ];
  for (const [changes, field, code = 'TRK_INVALID_REQUEST'] of wrong) t.match((await ask('POST', '/v1/campaigns', { ...body, ...changes })).body, { error: { code, field } }, field);
});

t.test('teams', async (t) => {
  const { ask } = await start(t);
  const people = [{ email: 'li@example.com', name: '李', language: 'zh', about: ['campaign.finished', 'digest'] }];
  t.match(await ask('PUT', '/v1/teams/%E9%94%80%E5%94%AE', { people }), { status: 200, body: { name: '销售', people } });
  t.match((await ask('GET', '/v1/teams')).body.items, [{ name: '销售' }]);
  t.match((await ask('PUT', '/v1/teams/sales', { people: [...people, { email: 'LI@example.com', language: 'en' }] })).body, { error: { field: 'people[1].email' } });
  t.match((await ask('PUT', '/v1/teams/sales', { people: [{ email: 'nobody', language: 'en' }] })).body, { error: { field: 'people[0].email' } });
  for (const about of ['weather', 'started', 'campaign.round']) {
    t.match((await ask('PUT', '/v1/teams/sales', { people: [{ email: 'a@example.com', language: 'en', about: [about] }] })).body, { error: { field: 'people[0].about[0]' } }, `${about}: nobody is mailed about it`);
  }
  t.equal((await ask('GET', '/v1/teams/sales')).status, 404);
  t.equal((await ask('DELETE', '/v1/teams/%E9%94%80%E5%94%AE')).status, 204);
  t.equal((await ask('DELETE', '/v1/teams/%E9%94%80%E5%94%AE')).status, 404);
});

t.test('scopes', async (t) => {
  const { app, key } = await start(t);
  const may = async (scope: Scope, method: 'GET' | 'POST', url: string): Promise<number> => (await app.inject({ method, url, headers: await key(scope) })).statusCode;
  t.equal(await may('campaigns:read', 'GET', '/v1/campaigns'), 200);
  t.equal(await may('campaigns:read', 'POST', '/v1/campaigns/camp_1:start'), 403);
  t.equal(await may('campaigns:write', 'POST', '/v1/campaigns/camp_1:start'), 404);
  t.equal(await may('tasks:read', 'GET', '/v1/campaigns'), 403);
  t.equal(await may('campaigns:read', 'GET', '/v1/campaigns/camp_1/tasks'), 403, 'tasks have numbers and variables');
  t.equal(await may('tasks:read', 'GET', '/v1/campaigns/camp_1/tasks'), 404);
  t.equal(await may('campaigns:read', 'GET', '/v1/campaigns/camp_1/skipped'), 404);
  t.equal(await may('campaigns:read', 'GET', '/v1/teams'), 200);
});
