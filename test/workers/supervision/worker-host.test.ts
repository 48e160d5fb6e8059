import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import type { EarHandlers } from '../../../src/proto/ear-messages.js';
import { earService } from '../../../src/proto/load.js';
import { fixedEndpoints } from '../../../src/speech/endpoint.js';
import type { EndpointSource } from '../../../src/speech/endpoint.js';
import { WorkerPool } from '../../../src/speech/worker-pool.js';
import { startWorker } from '../../../src/workers/worker-host.js';
import type { RunningWorker } from '../../../src/workers/worker-host.js';
import { checkWorkerOptions } from '../../../src/workers/worker-options.js';
import type { WorkerOptions } from '../../../src/workers/worker-options.js';

const log = { level: 'silent', pii: false } as const;

function scratch(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-test-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A worker that echoes; `onClose` is told when its parts are freed. */
async function start(options: WorkerOptions, onClose: () => void = () => undefined): Promise<RunningWorker> {
  const handlers: EarHandlers = {
    listen: (call) => {
      call.on('data', () => call.write({ speech: { atMs: 1 } }));
      call.on('end', () => call.end());
    },
    describe: (_call, done) => done(null, { engines: [], capacity: 7, openStreams: 0 }),
  };
  return startWorker('ear', earService(), options, async () => ({ handlers, close: async () => onClose() }));
}

function poolOf(t: Test, source: EndpointSource, capacityPerWorker = 2): WorkerPool<ReturnType<ReturnType<typeof earService>['client']>> {
  const pool = new WorkerPool({ worker: 'ear', service: earService(), source, capacityPerWorker, clock: systemClock, log: silentLogger });
  t.teardown(() => pool.close());
  return pool;
}

/** A list of endpoints that the test changes. */
class Endpoints implements EndpointSource {
  #list: { id: string; address: string }[] = [];
  #listener: () => void = () => undefined;
  list(): { id: string; address: string }[] {
    return this.#list;
  }
  set(...addresses: string[]): void {
    this.#list = addresses.map((address) => ({ id: address, address }));
    this.#listener();
  }
  onChange(listener: () => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }
}

const readyChange = (pool: WorkerPool<never>, wanted: boolean): Promise<void> =>
  new Promise((resolve) => pool.onReadyChange((ready) => ready === wanted && resolve()));

t.test('the least loaded worker is chosen, full pools are busy, empty ones lost', async (t) => {
  const directory = scratch(t);
  const workers = await Promise.all(['a', 'b'].map((name) => start({ listen: `unix:${directory}/${name}.sock`, log, drainMs: 50 })));
  t.teardown(() => Promise.all(workers.map((worker) => worker.close())));
  const endpoints = new Endpoints();
  const pool = poolOf(t, endpoints);
  t.throws(() => pool.acquire(), { code: 'TRK_WORKER_LOST' });
  t.same(pool.capacity, { total: 0, used: 0 });
  const [a = '', b = ''] = workers.map((worker) => worker.address);
  endpoints.set(a);
  await pool.untilReady(5000);
  const first = pool.acquire();
  endpoints.set(a, b);
  while (pool.capacity.total < 4) await new Promise((resolve) => setImmediate(resolve));
  const second = pool.acquire();
  t.equal(first.endpointId, a);
  t.equal(second.endpointId, b, 'the one with less work');
  pool.acquire();
  pool.acquire();
  t.throws(() => pool.acquire(), { code: 'TRK_WORKER_BUSY', retryable: true });
  second.release();
  second.release();
  t.same(pool.capacity, { total: 4, used: 3 }, 'twice is harmless');
  t.equal(pool.acquire().endpointId, b);
  endpoints.set(b);
  t.same(pool.capacity, { total: 2, used: 2 }, 'who left the source is not counted');
});

t.test('a draining worker takes no new work, ends what is open, and then frees its models', async (t) => {
  const directory = scratch(t);
  let freed = false;
  const worker = await start({ listen: `unix:${directory}/w.sock`, log, drainMs: 10_000 }, () => (freed = true));
  const endpoints = new Endpoints();
  endpoints.set(worker.address);
  const pool = poolOf(t, endpoints);
  await pool.untilReady(5000);
  const call = pool.acquire().client.listen();
  const answers: unknown[] = [];
  call.on('data', (event) => answers.push(event));
  call.on('error', () => undefined);
  call.write({ reset: {} });
  await new Promise((resolve) => call.once('data', resolve));
  const gone = readyChange(pool as WorkerPool<never>, false);
  const closing = worker.close();
  await gone;
  t.throws(() => pool.acquire(), { code: 'TRK_WORKER_LOST' });
  call.write({ reset: {} });
  await new Promise((resolve) => call.once('data', resolve));
  t.equal(answers.length, 2, 'the open stream is still served');
  t.notOk(freed);
  call.end();
  await closing;
  t.ok(freed);
});

t.test('TCP: mutual TLS serves those with a certificate and nobody else', async (t) => {
  const directory = scratch(t);
  const openssl = (...args: string[]): void => {
    const { status, error, stderr } = spawnSync('openssl', args, { cwd: directory });
    if (status !== 0) throw new Error(`openssl is needed for this test: ${error?.message ?? stderr.toString()}`);
  };
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test authority');
  for (const name of ['server', 'client']) {
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=localhost`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', `${name}.pem`, '-days', '2', '-copy_extensions', 'copy');
  }
  const file = (name: string): string => join(directory, name);
  const worker = await start({ listen: '127.0.0.1:0', tls: { certFile: file('server.pem'), keyFile: file('server.key'), caFile: file('ca.pem') }, log, drainMs: 50 });
  t.teardown(() => worker.close());
  t.match(worker.address, /^127\.0\.0\.1:[1-9]\d+$/);
  const pool = poolOf(t, fixedEndpoints([{ address: worker.address, ca_file: file('ca.pem'), cert_file: file('client.pem'), key_file: file('client.key') }]));
  await pool.untilReady(10_000);
  const reply = await new Promise<number | undefined>((resolve, reject) => pool.acquire().client.describe({}, {}, (error, answer) => (error ? reject(error) : resolve(answer?.capacity))));
  t.equal(reply, 7);
  const stranger = poolOf(t, fixedEndpoints([{ address: worker.address, ca_file: file('ca.pem') }]));
  await t.rejects(stranger.untilReady(1500), { code: 'TRK_WORKER_START' }, 'no certificate, no service');
});

t.test('options: a network address without TLS is refused, and so is what is no socket', async (t) => {
  const check = (listen: string): unknown => checkWorkerOptions({ listen, log });
  t.throws(() => check('0.0.0.0:7000'), { code: 'TRK_CONFIG_INVALID', message: /needs "tls"/ });
  t.throws(() => check(''), { code: 'TRK_CONFIG_INVALID' });
  for (const fine of ['127.0.0.1:0', 'unix:/tmp/x.sock', 'localhost:1']) t.doesNotThrow(() => check(fine), fine);
  let freed = false;
  await t.rejects(start({ listen: 'unix:/nowhere/at/all.sock', log }, () => (freed = true)), { code: 'TRK_WORKER_START' });
  t.ok(freed, 'models are freed when the socket cannot be bound');
});
