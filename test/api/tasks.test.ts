import t from 'tap';
import { startApi } from './harness.js';

interface WireTask {
  id: string;
  state: string;
}

t.test('creating one task', async (t) => {
  let woken = 0;
  const { app, store, clock, key } = await startApi(t, { tasksCreated: () => void woken++ });
  const headers = await key('tasks:write', 'tasks:read');
  await store.putFlow('greeting', 'id: greeting\nneeds: name');
  const body = { to: '+1 (415) 555-2671', flow: 'greeting', variables: { name: 'Ann', amount: 5 }, metadata: { order: '7' } };
  const made = await app.inject({ method: 'POST', url: '/v1/tasks', headers, payload: body });
  t.equal(made.statusCode, 201, made.body);
  const now = new Date(clock.now()).toISOString();
  t.match(made.json(), { to: '+14155552671', flow: 'greeting', flowVersion: 1, priority: 50, state: 'queued', variables: body.variables, metadata: body.metadata, notBefore: now, createdAt: now });
  t.equal(woken, 1, 'the dialer is told');
  const { id } = made.json<WireTask>();
  t.same((await app.inject({ url: `/v1/tasks/${id}`, headers })).json(), made.json());
  const events = await store.readEvents(0, 10);
  t.match(events, [{ type: 'task.created', data: { taskId: id, flow: 'greeting', flowVersion: 1, priority: 50, state: 'queued' } }]);
  t.equal((await app.inject({ url: '/v1/tasks/task_none', headers })).json<{ error: { code: string } }>().error.code, 'TRK_NOT_FOUND');
});

t.test('each mistake has its code and its field', async (t) => {
  const { app, store, clock, key } = await startApi(t);
  const headers = await key('tasks:write');
  await store.putFlow('greeting', 'id: greeting\nneeds: name');
  const good = { to: '+14155552671', flow: 'greeting', variables: { name: 'Ann' } };
  const past = new Date(clock.now() - 1).toISOString();
  const cases: [string, unknown, number, string, string | undefined][] = [
    ['no body', undefined, 400, 'TRK_INVALID_REQUEST', undefined],
    ['an array', [good], 400, 'TRK_INVALID_REQUEST', undefined],
    ['not a number', { ...good, to: '12345' }, 422, 'TRK_NUMBER_INVALID', 'to'],
    ['missing number', { flow: 'greeting' }, 400, 'TRK_INVALID_REQUEST', 'to'],
    ['unknown property', { ...good, prio: 1 }, 400, 'TRK_INVALID_REQUEST', 'prio'],
    ['text for a number', { ...good, priority: '5' }, 400, 'TRK_INVALID_REQUEST', 'priority'],
    ['priority too high', { ...good, priority: 101 }, 400, 'TRK_INVALID_REQUEST', 'priority'],
    ['unknown flow', { ...good, flow: 'other' }, 404, 'TRK_FLOW_UNKNOWN', 'flow'],
    ['unknown version', { ...good, flowVersion: 9 }, 404, 'TRK_FLOW_UNKNOWN', 'flow'],
    ['missing variable', { ...good, variables: {} }, 422, 'TRK_FLOW_VARIABLE', 'variables.name'],
    ['variable of a wrong type', { ...good, variables: { name: { first: 'Ann' } } }, 400, 'TRK_INVALID_REQUEST', 'variables.name'],
    ['not a time', { ...good, notBefore: 'tomorrow' }, 400, 'TRK_INVALID_REQUEST', 'notBefore'],
    ['already over', { ...good, expiresAt: past }, 400, 'TRK_INVALID_REQUEST', 'expiresAt'],
    ['header injection', { ...good, from: 'a\r\nX: y' }, 400, 'TRK_INVALID_REQUEST', 'from'],
    ['bad one in a batch', { tasks: [good, { ...good, to: 'sip:a@b c' }] }, 422, 'TRK_NUMBER_INVALID', 'tasks[1].to'],
    ['unknown property in a batch', { tasks: [good, { ...good, x: 1 }] }, 400, 'TRK_INVALID_REQUEST', 'tasks[1].x'],
    ['missing variable in a batch', { tasks: [good, { ...good, variables: {} }] }, 422, 'TRK_FLOW_VARIABLE', 'tasks[1].variables.name'],
    ['empty batch', { tasks: [] }, 400, 'TRK_INVALID_REQUEST', 'tasks'],
    ['too large a batch', { tasks: Array.from({ length: 10_001 }, () => ({ to: '+1', flow: 'a' })) }, 400, 'TRK_INVALID_REQUEST', 'tasks'],
  ];
  for (const [name, payload, status, code, field] of cases) {
    const answer = await app.inject({ method: 'POST', url: '/v1/tasks', headers, ...(payload === undefined ? {} : { payload: payload as object }) });
    const { error } = answer.json<{ error: Record<string, unknown> }>();
    t.same([answer.statusCode, error['code'], error['field']], [status, code, field], name);
    t.same(error['docs'], `docs/errors.md#${code.toLowerCase()}`);
  }
  t.same((await store.listTasks({ limit: 10 })).items, [], 'nothing was saved');
});

t.test('a batch, and the same request again', async (t) => {
  const { app, store, clock, key } = await startApi(t);
  const headers = { ...(await key('tasks:write', 'tasks:read')), 'idempotency-key': 'order-7' };
  await store.putFlow('greeting', 'id: greeting');
  const expiresAt = new Date(clock.now() + 1000).toISOString();
  const payload = { tasks: Array.from({ length: 300 }, (_, index) => ({ to: 'sip:someone@127.0.0.1:5070', flow: 'greeting', priority: index % 100, expiresAt })) };
  const first = await app.inject({ method: 'POST', url: '/v1/tasks', headers, payload });
  t.equal(first.statusCode, 201);
  const ids = first.json<{ items: WireTask[] }>().items.map((task) => task.id);
  t.equal(new Set(ids).size, 300);
  t.equal(first.headers['idempotency-replayed'], undefined);
  clock.advance(2000);
  const second = await app.inject({ method: 'POST', url: '/v1/tasks', headers, payload });
  t.same(second.json(), first.json(), 'the same answer, though it would be too late by now');
  t.equal(second.headers['idempotency-replayed'], 'true');
  t.equal(await store.lastEventCursor(), 300, 'told once');
  const other = await app.inject({ method: 'POST', url: '/v1/tasks', headers, payload: { to: '+14155552671', flow: 'greeting' } });
  t.match(other.json(), { error: { code: 'TRK_IDEMPOTENCY_MISMATCH' } });
  const stranger = await app.inject({ method: 'POST', url: '/v1/tasks', headers: { ...headers, ...(await key('tasks:write')) }, payload: { to: '+14155552671', flow: 'greeting' } });
  t.equal(stranger.statusCode, 201, "another client's keys are its own");

  const seen: string[] = [];
  let url: string | undefined = '/v1/tasks?limit=100';
  while (url !== undefined) {
    const page: { items: WireTask[]; next?: string } = (await app.inject({ url, headers })).json();
    seen.push(...page.items.map((task) => task.id));
    url = page.next === undefined ? undefined : `/v1/tasks?limit=100&cursor=${page.next}`;
  }
  t.same(seen.slice(0, 300), ids);
  t.equal(seen.length, 301);
  t.match((await app.inject({ url: '/v1/tasks?cursor=x', headers })).json(), { error: { code: 'TRK_CURSOR_INVALID', field: 'cursor' } });
  t.match((await app.inject({ url: '/v1/tasks?limit=0', headers })).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'limit' } });
  t.match((await app.inject({ url: '/v1/tasks?status=queued', headers })).json(), { error: { code: 'TRK_INVALID_REQUEST', field: 'status' } });
});

t.test('cancelling', async (t) => {
  const { app, store, key } = await startApi(t);
  const headers = await key('tasks:write');
  await store.putFlow('greeting', 'id: greeting');
  const { id } = (await app.inject({ method: 'POST', url: '/v1/tasks', headers, payload: { to: '+14155552671', flow: 'greeting' } })).json<WireTask>();
  const cancelled = await app.inject({ method: 'POST', url: `/v1/tasks/${id}:cancel`, headers });
  t.match([cancelled.statusCode, cancelled.json<WireTask>().state], [200, 'cancelled']);
  t.match((await app.inject({ method: 'POST', url: `/v1/tasks/${id}:cancel`, headers })).json(), { error: { code: 'TRK_CONFLICT' } });
  t.match((await app.inject({ method: 'POST', url: '/v1/tasks/task_none:cancel', headers })).json(), { error: { code: 'TRK_NOT_FOUND' } });
  t.same((await store.readEvents(0, 10)).map((event) => event.type), ['task.created', 'task.cancelled']);
  t.match(await store.getResult(id), { disposition: 'cancelled' });
});

t.test('what a task on its own may say of its callee', async (t) => {
  const { app, store, key } = await startApi(t);
  const headers = await key('tasks:write', 'tasks:read');
  await store.putFlow('greeting', 'id: greeting');
  const said = {
    contactId: 'con_01KDVDNA0027HMCAKGNSQ82QAY', purpose: 'service', category: 'gold', timeZones: ['America/New_York', 'America/Chicago'],
    hours: { mon: [{ from: '10:00', to: '12:00' }] }, hoursZone: 'Europe/London', retry: { maxAttempts: 2, delays: { busy: [60_000] }, varyDayPart: false },
  };
  const post = async (changes: object) => app.inject({ method: 'POST', url: '/v1/tasks', headers, payload: { to: '+14155552671', flow: 'greeting', ...changes } });
  const made = await post(said);
  t.equal(made.statusCode, 201, made.body);
  t.match(made.json(), { ...said, attempts: 0 });
  t.same((await app.inject({ url: `/v1/tasks/${made.json<WireTask>().id}`, headers })).json(), made.json());
  const wrong: readonly (readonly [object, string])[] = [
    [{ contactId: 'somebody' }, 'contactId'],
    [{ timeZones: ['Europe/London', 'Mars/North'] }, 'timeZones[1]'],
    [{ hoursZone: 'Mars/North' }, 'hoursZone'],
    [{ hours: {} }, 'hours'],
    [{ hours: { mon: [{ from: '12:00', to: '10:00' }] } }, 'hours.mon[0].to'],
    [{ retry: { maxAttempts: 0, delays: {} } }, 'retry.maxAttempts'],
  ];
  for (const [changes, field] of wrong) t.match((await post(changes)).json(), { error: { code: 'TRK_INVALID_REQUEST', field } }, field);
});
