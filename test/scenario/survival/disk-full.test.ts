import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { delay, systemClock } from '../../../src/kernel/clock.js';
import { PhoneProcess } from '../../support/phone-process.js';
import { eventually } from '../../support/eventually.js';
import { ServerProcess } from '../../support/server-process.js';

const LIMIT_MS = 30_000;
const DISK = '8m';
/** Far more tasks than the free space of a disk that is full. */
const MOST_TASKS = 3000;

/** About ten seconds: long enough to fill a disk meanwhile. */
const FLOW = `
trunkline: 1
id: notice
language: en-US
start: notice
fallback: notice
nodes:
  notice:
    end: end
    reason: told
    say: >-
      Good morning. This is a notice from Harbor Bank. Our branch in the main street is closed on Monday and on Tuesday,
      because the old doors are taken out and new ones are put in. From Wednesday on you are welcome again at the usual times.
`;

/** A disk of its own, so that it can be full without harm to others. */
function mount(path: string): void {
  mkdirSync(path);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`this test needs the right to mount a tmpfs: ${stderr}`);
}

function fill(path: string): void {
  for (let bytes = 65_536; bytes >= 64; bytes /= 4) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

t.test('the disk fills up during a call, and the server dies before it has space again', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-disk-'));
  const disk = join(directory, 'disk');
  const running: { stop(): Promise<void> }[] = [];
  t.teardown(async () => {
    for (const one of running.reverse()) await one.stop();
    spawnSync('umount', [disk]);
    rmSync(directory, { recursive: true, force: true });
  });
  mount(disk);
  // What the store does not take is put into files; these lie on another disk here.
  const spill = join(directory, 'spill');
  mkdirSync(spill);
  symlinkSync(spill, join(disk, 'unsaved'));
  const phone = await PhoneProcess.start(join(directory, 'phone'), { callee: { steps: [], answerAfterMs: 50, hangupAfter: 'never', maxCallMs: 60_000 } });
  running.push(phone);
  const start = async (): Promise<ServerProcess> => {
    const started = await ServerProcess.start({ data_dir: disk, dialer: { stop_limit_ms: 15_000 } }, { directory, flows: { notice: FLOW } });
    running.push(started);
    return started;
  };
  let server = await start();
  const id = await server.createTask({ to: phone.uri('callee'), flow: 'notice' });
  await phone.event((event) => event.event === 'bot_speech_start', LIMIT_MS);
  await delay(systemClock, 1000);
  fill(join(disk, 'filler'));

  // The store may have some room left in its own files.
  const later = { to: phone.uri('callee'), flow: 'notice', notBefore: '2099-01-01T00:00:00Z' };
  let kept = 0;
  let answer = await server.answer('POST', '/v1/tasks', later);
  for (; answer.status === 201 && kept < MOST_TASKS; kept++) answer = await server.answer('POST', '/v1/tasks', later);
  t.equal(answer.status, 507, `the API says so (${kept} tasks had room)`);
  t.match(answer.body['error'], { code: 'TRK_STORE_FULL' });

  const ended = await phone.event((event) => event.event === 'ended', LIMIT_MS);
  t.match(ended, { by: 'bot', status: 200 }, 'the call goes on to its end');
  t.ok((ended.durationMs ?? 0) > 6000, 'and is as long as its words');
  await eventually('file of the result', LIMIT_MS, () => (readdirSync(spill).some((name) => name.endsWith('.json')) ? true : undefined));
  t.pass('the result that the store does not take lies in a file');

  await server.kill();
  rmSync(join(disk, 'filler'));
  server = await start();
  const result = await server.result(id, LIMIT_MS);
  t.match(result, { disposition: 'answered_human', endedBy: 'bot', reason: 'flow_end', verdict: { kind: 'end', reason: 'told' } }, 'the next server saves it: it is not unknown');
  t.equal(result.recording, undefined, 'it claims no recording, because that could not be written');
  t.equal((await server.answer('GET', `/v1/calls/${result.callId}/recording`)).status, 404, 'nor has the API one');
  t.equal((await server.results()).filter((one) => one.taskId === id).length, 1, 'exactly one result');
  t.same(readdirSync(spill), [], 'and the file is gone');
  t.equal(((await server.answer('GET', '/v1/tasks?limit=1000&state=scheduled')).body['items'] as unknown[]).length, Math.min(kept, 1000), 'the store has exactly the tasks that it confirmed');
  t.equal((await server.answer('POST', '/v1/tasks', later)).status, 201, 'and takes new ones');
});
