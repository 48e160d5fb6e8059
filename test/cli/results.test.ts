import { createServer } from 'node:http';
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { startApi } from '../api/harness.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import { trunkline } from '../support/command-line.js';

t.test('results export: CSV or NDJSON, to a file or to standard output, of what is asked for', async (t) => {
  const { app, key, store, clock } = await startApi(t);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const secret = (await key('results:read')).authorization.slice('Bearer '.length);
  const run = (...args: readonly string[]) => trunkline(['results', 'export', '--url', url, ...args], { env: { TRUNKLINE_API_KEY: secret } });
  const { tasks } = await store.createTasks([newTask(), newTask({ to: '+14155550101' })]);
  for (const [index, task] of tasks.entries()) {
    const attempt = (await store.beginAttempt(task.id, 'node_a', callIdOf))!;
    await store.finishAttempt(attempt.id, resultOf(clock, task, attempt, index === 0 ? {} : { disposition: 'busy' }));
  }

  const all = await run();
  t.equal(all.code, 0, all.stderr);
  t.match(all.stdout, /^\uFEFF?result_id,task_id,[^]*\n.*answered_human[^]*\n.*busy/, 'CSV by default');
  const busy = await run('--format', 'ndjson', '--disposition', 'busy');
  t.match(busy.stdout.trim().split('\n').map((line) => JSON.parse(line) as object), [{ taskId: tasks[1]?.id, disposition: 'busy' }]);

  const file = join(t.testdir(), 'results.ndjson');
  t.match(await run('--out', file, '--flow', 'greeting', '--verdict', 'end'), { code: 0, stdout: `Results are in ${file}.\n` });
  t.equal(readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('{')).length, 2, 'the name says the format');
  t.equal(statSync(file).mode & 0o077, 0, 'for nobody else');
  t.same((await run('--json', '--out', file, '--campaign', 'camp_none')).json(), { file, format: 'ndjson' });
  t.equal(readFileSync(file, 'utf8'), '');

  t.match(await run('--disposition', 'bored'), { code: 1, stderr: /TRK_SERVER_REFUSED.*disposition/ });
  t.match(await run('--format', 'xls'), { code: 2, stderr: /csv or ndjson.*\(--format\)/ });
  t.match(await run('--out', join(file, 'below')), { code: 2, stderr: /cannot be written.*\(--out\)/ });
  const full = join(t.testdir(), 'full.csv');
  symlinkSync('/dev/full', `${full}.part`);
  t.match(await run('--out', full), { code: 2, stderr: /full\.csv cannot be written: ENOSPC\..*\(--out\)/ }, 'a full disk');
  t.equal(existsSync(full), false);
});

t.test('a server that goes away in the middle leaves no half file', async (t) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' });
    response.write('result_id\n');
    setImmediate(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const file = join(t.testdir(), 'results.csv');
  const ran = await trunkline(['results', 'export', '--url', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--out', file]);
  t.match(ran, { code: 1, stderr: /TRK_SERVER_UNREACHABLE/ });
  t.equal(existsSync(file) || existsSync(`${file}.part`), false);
});
