import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { Test } from 'tap';
import { createHttpLookups } from '../../src/call/http-lookups.js';
import type { Lookups, LookupValues } from '../../src/call/lookups.js';
import { ManualClock } from '../support/manual-clock.js';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

async function setUp(t: Test, answer: (response: ServerResponse, request: IncomingMessage) => void): Promise<{ lookups: Lookups; asked: Asked[]; clock: ManualClock; arrived: Promise<unknown> }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, authorization: request.headers.authorization, body });
      answer(response, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => (server.closeAllConnections(), server.close()));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = new ManualClock(0);
  const lookups = createHttpLookups({
    clock,
    fetch,
    lookups: {
      customer: { url: `${base}/customers/{id}?q={word}`, method: 'GET', headers: { Authorization: 'Bearer secret' } },
      slots: { url: `${base}/slots`, method: 'POST', headers: {} },
    },
  });
  return { lookups, asked, clock, arrived: once(server, 'request') };
}

const run = (lookups: Lookups, name: string, input: LookupValues): Promise<LookupValues> => lookups.run(name, input, { deadlineMs: 3000, signal: new AbortController().signal });

t.test('values by path; what callers say cannot leave its place in the address', async (t) => {
  const { lookups, asked } = await setUp(t, (response) => response.end(JSON.stringify({ customer: { balance: 12.5, vip: true }, slots: [{ at: '9:00' }, { at: '10:00' }], none: null })));
  t.same(await run(lookups, 'customer', { id: '../admin?x=1', word: 'a b&c' }), { 'customer.balance': 12.5, 'customer.vip': true, 'slots.0.at': '9:00', 'slots.1.at': '10:00' });
  t.same(asked, [{ method: 'GET', url: '/customers/..%2Fadmin%3Fx%3D1?q=a%20b%26c', authorization: 'Bearer secret', body: '' }]);
});

for (const id of ['..', '.', '']) {
  t.test(`"${id}" as a step of the path would lead elsewhere: nothing is asked`, async (t) => {
    const { lookups, asked } = await setUp(t, (response) => response.end('{}'));
    await t.rejects(run(lookups, 'customer', { id, word: 'a' }), { code: 'TRK_LOOKUP_FAILED' });
    t.same(asked, []);
  });
}

t.test('POST sends what the flow gives', async (t) => {
  const { lookups, asked } = await setUp(t, (response) => response.end('{"ok": true}'));
  t.same(await run(lookups, 'slots', { people: 2, at: '2026-11-24T20:00:00Z' }), { ok: true });
  t.equal(asked[0]?.body, '{"people":2,"at":"2026-11-24T20:00:00Z"}');
});

const answers: Record<string, (response: ServerResponse) => void> = {
  'an error': (response) => response.writeHead(500).end('{}'),
  'no JSON': (response) => response.end('<html>'),
  'a redirect': (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  'too much': (response) => response.end(`"${'x'.repeat(70_000)}"`),
  'a cut connection': (response) => response.destroy(),
};
for (const [name, answer] of Object.entries(answers)) {
  t.test(`${name} is a failure with a code`, async (t) => {
    const { lookups } = await setUp(t, answer);
    await t.rejects(run(lookups, 'customer', { id: 1, word: '' }), { code: 'TRK_LOOKUP_FAILED', retryable: true });
  });
}

t.test('a silent system is given up at the deadline, and by whoever hangs up', async (t) => {
  const { lookups, clock, arrived } = await setUp(t, () => undefined);
  const late = run(lookups, 'customer', { id: 1, word: '' });
  const failed = t.rejects(late, { code: 'TRK_LOOKUP_DEADLINE' });
  await arrived;
  clock.advance(3000);
  await failed;
  const stop = new AbortController();
  const dropped = lookups.run('customer', { id: 1, word: '' }, { deadlineMs: 3000, signal: stop.signal });
  stop.abort();
  await t.rejects(dropped, { code: 'TRK_LOOKUP_FAILED' });
});

t.test('only what is configured can be asked', async (t) => {
  const { lookups } = await setUp(t, () => undefined);
  await t.rejects(run(lookups, 'constructor', {}), { code: 'TRK_LOOKUP_UNKNOWN' });
});
