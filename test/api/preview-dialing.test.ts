import t from 'tap';
import type { Test } from 'tap';
import type { DialNow } from '../../src/outbound/dialer.js';
import { startWorld } from '../outbound/campaigns/world.js';
import { startApi } from './harness.js';

async function start(t: Test) {
  const world = await startWorld(t);
  const wishes: [string, string][] = [];
  const outcome: { next: DialNow } = { next: { kind: 'begun' } };
  const { app, key } = await startApi(t, {
    store: world.store, clock: world.clock, campaigns: { service: world.service, timeZone: 'UTC' },
    dialNow: (task, claimedBy) => (wishes.push([task.id, claimedBy]), Promise.resolve(outcome.next)),
  });
  const keys = { mine: await key('admin'), read: await key('tasks:read') };
  const ask = async (url: string, payload?: object, headers: { authorization: string } = keys.mine) => {
    const answer = await app.inject({ method: 'POST', url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, body: (answer.body === '' ? undefined : answer.json()) as Record<string, unknown> & { id: string } };
  };
  world.audiences.add('aud_1', 'frozen', 2);
  const begin = async (mode: string): Promise<string> => {
    const { body } = await ask('/v1/campaigns', { name: 'Spring', audiences: ['aud_1'], flow: 'greeting', pacing: { mode } });
    await ask(`/v1/campaigns/${body.id}:start`);
    await world.pass(2_000);
    return body.id;
  };
  return { ...world, ask, begin, keys, wishes, outcome };
}

t.test('a person looks at a task, and starts its call or leaves it', async (t) => {
  const { ask, begin, keys, wishes } = await start(t);
  const id = await begin('preview');
  const first = await ask(`/v1/campaigns/${id}:next`);
  t.match(first, { status: 200, body: { campaignId: id, state: 'queued' } });
  t.equal((await ask(`/v1/campaigns/${id}:next`, {})).body.id, first.body.id, 'the same one again');
  const other = await ask(`/v1/campaigns/${id}:next`, { person: 'mary' });
  t.match(other, { status: 200 });
  t.not(other.body.id, first.body.id);
  t.match(await ask(`/v1/campaigns/${id}:next`, { person: 'tom' }), { status: 204, body: undefined });
  t.match(await ask(`/v1/tasks/${other.body.id}:skip`), { status: 409, body: { error: { code: 'TRK_CONFLICT' } } }, 'it is not hers without her name');
  t.match(await ask(`/v1/tasks/${other.body.id}:skip`, { person: 'mary' }), { status: 200, body: { id: other.body.id } });
  t.equal((await ask(`/v1/campaigns/${id}:next`, { person: 'tom' })).body.id, other.body.id);
  t.match(await ask(`/v1/tasks/${other.body.id}:dial`, { person: 'tom' }), { status: 202, body: { id: other.body.id } });
  t.match(wishes, [[other.body.id, /:tom$/]]);
  t.match(await ask(`/v1/campaigns/${id}:next`, undefined, keys.read), { status: 403 });
});

t.test('why it is not dialled', async (t) => {
  const { ask, begin, outcome } = await start(t);
  const id = await begin('preview');
  const task = (await ask(`/v1/campaigns/${id}:next`)).body.id;
  const cases: readonly (readonly [DialNow, number, string])[] = [
    [{ kind: 'gone' }, 409, 'TRK_CONFLICT'],
    [{ kind: 'blocked', rule: 'calling_hours', until: 5 }, 409, 'TRK_DIAL_REFUSED'],
    [{ kind: 'full' }, 503, 'TRK_DIAL_FULL'],
    [{ kind: 'stopped' }, 409, 'TRK_CONFLICT'],
  ];
  for (const [became, status, code] of cases) {
    outcome.next = became;
    t.match(await ask(`/v1/tasks/${task}:dial`), { status, body: { error: { code } } }, became.kind);
  }
  for (const verb of ['dial', 'skip']) t.match(await ask(`/v1/tasks/task_none:${verb}`), { status: 404 });
  t.match(await ask(`/v1/campaigns/camp_none:next`), { status: 404 });
  t.match(await ask(`/v1/tasks/${task}:dial`, { persn: 'x' }), { status: 400, body: { error: { field: 'persn' } } });
  const automatic = await begin('ai');
  t.match(await ask(`/v1/campaigns/${automatic}:next`), { status: 409, body: { error: { code: 'TRK_CONFLICT', field: 'pacing.mode' } } });
});
