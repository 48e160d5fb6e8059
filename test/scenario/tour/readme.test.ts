import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { endWithTest, killGroup } from '../../support/end-with-test.js';
import { trunklineProgram } from '../../support/server-process.js';

const ROOT = join(import.meta.dirname, '../../..');
/** For one list of commands that hangs: nine calls are made, on a machine that may be busy. */
const SHELL_LIMIT_MS = 500_000;

/** The commands of the README's tour, as they stand there: by command line, and by curl. */
function commands(): readonly [cli: string, curl: string] {
  const section = /^## A tour[^]*?(?=^## )/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[0] ?? '';
  const [cli, curl, ...more] = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text]) => text ?? '');
  if (cli === undefined || curl === undefined || more.length > 0) throw new Error('the tour has two lists of commands');
  return [cli, curl];
}

/** `trunkline demo --keep` on ports of its own; resolves with its API when it says that it goes on. */
async function startDemo(t: Test, directory: string): Promise<string> {
  const child = spawn(process.execPath, trunklineProgram('demo', '--keep', '--out', directory, '--sip-port', '0', '--api-port', '0'), { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(async () => {
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  });
  child.once('exit', endWithTest(() => void child.kill('SIGTERM')));
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  return await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const api = /^The server goes on: .*API (http:\S+)\.$/.exec(line)?.[1];
      if (api !== undefined) resolve(api);
    });
    child.once('exit', () => reject(new Error(`the demo ended:\n${lines.join('\n')}`)));
  });
}

/** In a folder with what the tour needs of the repository; whatever fails ends it. */
function shell(directory: string, script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-e', '-u', '-o', 'pipefail', '-c', script], { cwd: directory, env: { ...process.env, PATH: `${directory}/bin:${process.env['PATH'] ?? ''}` }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('close', endWithTest(() => killGroup(child)));
    const timer = systemClock.after(SHELL_LIMIT_MS, () => killGroup(child));
    child.once('error', reject);
    child.once('close', (code) => {
      timer.cancel();
      resolve({ code, stdout, stderr });
    });
  });
}

t.test('the tour of the README, command by command', async (t) => {
  const [cli, curl] = commands();
  const directory = t.testdir();
  const api = await startDemo(t, join(directory, 'demo-output'));
  const port = new URL(api).port;
  symlinkSync(join(ROOT, 'examples'), join(directory, 'examples'));
  // `npx trunkline` as in the repository, from the sources; the server is where it is by default, but for the port.
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin/npx'), `#!/bin/sh\nshift\nexec ${[process.execPath, ...trunklineProgram()].map((word) => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
  writeFileSync(join(directory, 'trunkline.yaml'), JSON.stringify({ api: { port: Number(port) } }));

  const byCommand = await shell(directory, cli);
  t.equal(byCommand.code, 0, byCommand.stderr);
  t.match(byCommand.stdout, /Dry run, nothing saved: 60 rows: 60 created[^]*60 rows: 60 created[^]*3 contacts in the audience\n3 would be called now \(100%\)/);
  t.match(byCommand.stdout, /tasks +3 of 3 over; done 3[^]*Results are in results\.csv\.\n[1-9]\d* entries, and each follows the one before\./);
  const csv = readFileSync(join(directory, 'results.csv'), 'utf8');
  t.same([...csv.matchAll(/,outbound,(\+\d+),.*,card-offer,1,answered_human,/g)].map(([, to]) => to).sort(), ['+13105550117', '+13105550141', '+17135550103']);

  const byCurl = await shell(directory, curl.replaceAll(':8080', `:${port}`));
  t.equal(byCurl.code, 0, byCurl.stderr);
  t.match(byCurl.stdout, /"dryRun":true[^]*"updated":60[^]*"callable":3[^]*"state":"running"[^]*"state":"finished"[^]*"answered_human"/);
  const results = readFileSync(join(directory, 'results.ndjson'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as object);
  t.match(results, [{ disposition: 'answered_human' }, { disposition: 'answered_human' }, { disposition: 'answered_human' }]);
});
