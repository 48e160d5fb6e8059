import { BlockList } from 'node:net';
import t from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { Doors } from '../../src/sip/embedded/doors/doors.js';
import { ManualClock } from '../support/manual-clock.js';
import { startApi } from './harness.js';

t.test('bans are listed and lifted by those who may', async (t) => {
  const clock = new ManualClock();
  const doors = new Doors({ clock, log: silentLogger, policy: 'accept', settings: { requestsPerSecond: 0, burst: 1, totalPerSecond: 0, banAfter: 1, banMs: 60_000, maxSources: 16, connectionsPerSource: 1, allow: new BlockList() } });
  doors.failed('198.51.100.7', 'garbage');
  doors.failed('2001:db8::1', '404');
  const { app, key } = await startApi(t, { bans: doors });
  const headers = await key('admin');
  const ask = async (method: 'GET' | 'DELETE', path = '') => {
    const { statusCode, body } = await app.inject({ method, url: `/v1/sip/bans${path}`, headers });
    return { status: statusCode, body: (body === '' ? {} : JSON.parse(body)) as { items?: unknown[]; error?: { code: string } } };
  };
  t.same((await ask('GET')).body.items, [
    { source: '2001:db8:0:0::/64', reason: '404', times: 1, since: '2026-01-01T00:00:00.000Z', until: '2026-01-01T00:01:00.000Z' },
    { source: '198.51.100.7', reason: 'garbage', times: 1, since: '2026-01-01T00:00:00.000Z', until: '2026-01-01T00:01:00.000Z' },
  ]);
  t.equal((await ask('DELETE', '/198.51.100.7')).status, 204);
  t.match(await ask('DELETE', '/198.51.100.7'), { status: 404, body: { error: { code: 'TRK_NOT_FOUND' } } });
  t.equal((await ask('DELETE', `/${encodeURIComponent('2001:db8:0:0::/64')}`)).status, 204);
  t.match(await ask('DELETE', '/nonsense'), { status: 400, body: { error: { code: 'TRK_INVALID_REQUEST' } } });
  t.same((await ask('GET')).body.items, []);
  const reader = await key('tasks:read');
  t.equal((await app.inject({ method: 'GET', url: '/v1/sip/bans', headers: reader })).statusCode, 403);
});
