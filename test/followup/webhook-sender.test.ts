import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import t from 'tap';
import type { Test } from 'tap';
import { AddressGuard } from '../../src/followup/address-guard.js';
import { WebhookSender } from '../../src/followup/webhook-sender.js';
import { ManualClock } from '../support/manual-clock.js';

async function listening(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function receiver(t: Test, answer: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => answer(request, response, body));
  });
  return `http://127.0.0.1:${await listening(t, server)}`;
}

function sender(options: { allow?: string[]; clock?: ManualClock; resolve?: (host: string) => Promise<{ address: string; family: number }[]> } = {}) {
  const clock = options.clock ?? new ManualClock();
  return new WebhookSender({ guard: new AddressGuard(options.allow ?? ['127.0.0.1']), clock, timeoutMs: 1_000, userAgent: 'trunkline/test', ...(options.resolve ? { resolve: options.resolve } : {}) });
}

t.test('a body arrives as it was signed', async (t) => {
  let got: { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string } | undefined;
  const url = await receiver(t, ({ method, url, headers }, response, body) => {
    got = { method, url, headers, body };
    response.writeHead(204).end();
  });
  const body = JSON.stringify({ type: 'task.done', data: { text: '好的' } });
  t.same(await sender().send(`${url}/hook?x=1`, { 'webhook-id': 'evt_1' }, body), { kind: 'delivered', status: 204 });
  t.match(got, { method: 'POST', url: '/hook?x=1', body, headers: { 'webhook-id': 'evt_1', 'content-type': 'application/json', 'user-agent': 'trunkline/test' } });
});

t.test('each answer has its meaning', async (t) => {
  let status = 200;
  let headers: Record<string, string> = {};
  const url = await receiver(t, (_request, response) => response.writeHead(status, headers).end('thank you'));
  const cases: [number, Record<string, string>, object][] = [
    [200, {}, { kind: 'delivered', status: 200 }],
    [500, {}, { kind: 'failed', reason: 'http_500' }],
    [404, {}, { kind: 'failed', reason: 'http_404' }],
    [429, { 'retry-after': '120' }, { kind: 'failed', reason: 'http_429', retryAfterMs: 120_000 }],
    [503, { 'retry-after': new Date(Date.UTC(2026, 0, 1, 0, 1)).toUTCString() }, { kind: 'failed', reason: 'http_503', retryAfterMs: 60_000 }],
    [410, {}, { kind: 'refused', reason: 'http_410', gone: true }],
    [302, { location: 'http://169.254.169.254/latest' }, { kind: 'failed', reason: 'redirect_302' }],
    [307, { location: '/elsewhere' }, { kind: 'failed', reason: 'redirect_307' }],
  ];
  for (const [wanted, head, outcome] of cases) {
    [status, headers] = [wanted, head];
    t.match(await sender().send(url, {}, '{}'), outcome, String(wanted));
  }
});

t.test('a redirect is not followed', async (t) => {
  let asked = 0;
  const second = await receiver(t, (_request, response) => {
    asked++;
    response.end();
  });
  const first = await receiver(t, (_request, response) => response.writeHead(302, { location: second }).end());
  t.match(await sender().send(first, {}, '{}'), { kind: 'failed' });
  t.equal(asked, 0);
});

t.test('private addresses are not reached, by whatever name', async (t) => {
  let asked = 0;
  const url = await receiver(t, (_request, response) => {
    asked++;
    response.end();
  });
  const { port } = new URL(url);
  const closed = sender({ allow: [] });
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '127.1']) {
    t.match(await closed.send(`http://${host}:${port}/`, {}, '{}'), { kind: 'refused', reason: 'private_address', gone: false }, host);
  }
  const mixed = sender({ allow: [], resolve: async () => [{ address: '8.8.8.8', family: 4 }, { address: '127.0.0.1', family: 4 }] });
  t.match(await mixed.send(`http://trap.example:${port}/`, {}, '{}'), { kind: 'refused', reason: 'private_address' }, 'one of several');
  t.equal(asked, 0);
});

t.test('the address that was judged is the one that is connected to', async (t) => {
  let host: string | undefined;
  const url = await receiver(t, (request, response) => {
    host = request.headers.host;
    response.end();
  });
  const { port } = new URL(url);
  let looked = 0;
  const pinned = sender({ resolve: async () => [{ address: looked++ === 0 ? '127.0.0.1' : '127.0.0.9', family: 4 }] });
  t.match(await pinned.send(`http://hooks.example:${port}/`, {}, '{}'), { kind: 'delivered' });
  t.equal(looked, 1);
  t.equal(host, `hooks.example:${port}`, 'and the name stays in the request');
});

t.test('a receiver that hangs, closes, or says nonsense', async (t) => {
  const clock = new ManualClock();
  const silent = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    setImmediate(() => clock.advance(1_001));
  });
  t.match(await sender({ clock }).send(`http://127.0.0.1:${await listening(t, silent)}/`, {}, '{}'), { kind: 'failed', reason: 'timeout' });
  const closing = createTcpServer((socket) => socket.destroy());
  t.match(await sender().send(`http://127.0.0.1:${await listening(t, closing)}/`, {}, '{}'), { kind: 'failed', reason: /ECONNRESET|connection_failed/ });
  const rude = createTcpServer((socket) => socket.end('SSH-2.0-x\r\n\r\n'));
  t.match(await sender().send(`http://127.0.0.1:${await listening(t, rude)}/`, {}, '{}'), { kind: 'failed', reason: /^HPE_/ });
  t.match(await sender().send(`http://127.0.0.1:1/`, {}, '{}'), { kind: 'failed', reason: 'ECONNREFUSED' });
  const nobody = sender({ resolve: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })) });
  t.match(await nobody.send('http://none.invalid/', {}, '{}'), { kind: 'failed', reason: 'ENOTFOUND' });
  const slow = sender({ clock, resolve: () => new Promise(() => setImmediate(() => clock.advance(1_001))) });
  t.match(await slow.send('http://slow.example/', {}, '{}'), { kind: 'failed', reason: 'timeout' }, 'a name server that says nothing');
});

t.test('an answer without end is cut, and counts by its status', async (t) => {
  const url = await receiver(t, (_request, response) => {
    response.on('error', () => undefined);
    const more = (): void => void (!response.destroyed && response.write(Buffer.alloc(32_768), more));
    more();
  });
  t.match(await sender().send(url, {}, '{}'), { kind: 'delivered', status: 200 });
});

t.test('closing cuts off what is on its way', async (t) => {
  const over = new AbortController();
  const silent = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    over.abort();
  });
  t.match(await sender().send(`http://127.0.0.1:${await listening(t, silent)}/`, {}, '{}', over.signal), { kind: 'failed', reason: 'closed' });
});
