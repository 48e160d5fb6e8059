import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { makeSocketDirectory } from '../../../src/workers/socket-directory.js';
import { SupervisedChild } from '../../../src/workers/supervised-child.js';
import type { ChildEvent, SupervisionLimits } from '../../../src/workers/supervised-child.js';
import { HANGS_MS, eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { pidOf } from '../../support/pid-of.js';

const entry = new URL('./fixture-worker.js', import.meta.url);

class Watch {
  readonly events: ChildEvent[] = [];
  #changed: () => void = () => undefined;
  constructor(child: SupervisedChild) {
    child.onEvent((event) => {
      this.events.push(event);
      this.#changed();
    });
  }
  async until(type: ChildEvent['type'], count = 1): Promise<ChildEvent> {
    for (;;) {
      const found = this.events.filter((event) => event.type === type)[count - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }
}

async function make(t: Test, mode: string, limits: Partial<SupervisionLimits> = {}, clock = systemClock): Promise<{ child: SupervisedChild; watch: Watch; directory: string }> {
  const directory = await makeSocketDirectory();
  const child = new SupervisedChild({ worker: 'fixture', id: 'fixture-0', entry, options: { mode, log: { level: 'silent', pii: false } }, socketDir: directory.path, clock, log: silentLogger, limits });
  t.teardown(async () => {
    await child.close();
    await directory.remove();
  });
  return { child, watch: new Watch(child), directory: directory.path };
}

/** As Linux names it: `T` is stopped. */
function stateOf(pid: number): string | undefined {
  return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

t.test('up after its first health answer, gone after close', async (t) => {
  const { child, watch, directory } = await make(t, 'serve');
  await child.start();
  const pid = pidOf(child);
  t.match(watch.events, [{ type: 'up', pid, incarnation: 1 }]);
  t.match(child.address, /^unix:/);
  t.equal(statSync(directory).mode & 0o777, 0o700, 'nobody else can reach the socket');
  await child.close();
  t.notOk(alive(pid));
  t.equal(watch.events.length, 1, 'a wanted end is no loss');
});

t.test('killed: lost, then replaced at another address, with growing delays', async (t) => {
  const { child, watch } = await make(t, 'serve', { backoffMs: 20 });
  await child.start();
  const first = child.address;
  process.kill(pidOf(child), 'SIGKILL');
  t.match(await watch.until('lost'), { reason: 'killed by SIGKILL', incarnation: 1 });
  t.equal(child.address, undefined);
  t.match(await watch.until('restarting'), { delayMs: 20 });
  t.match(await watch.until('up', 2), { incarnation: 2 });
  t.not(child.address, first);
  process.kill(pidOf(child), 'SIGKILL');
  t.match(await watch.until('restarting', 2), { delayMs: 40 });
  await watch.until('up', 3);
});

t.test('hung: two health checks without an answer, SIGKILL, replaced', async (t) => {
  const { child, watch } = await make(t, 'serve', { backoffMs: 1, pingEveryMs: 20, pingDeadlineMs: 150 });
  await child.start();
  const pid = pidOf(child);
  process.kill(pid, 'SIGSTOP');
  t.match(await watch.until('lost'), { reason: 'it hung' });
  t.notOk(alive(pid));
  await watch.until('up', 2);
});

t.test('hung: by the limits that hold when nobody sets any, it is killed 1.6 s later', async (t) => {
  const clock = new ManualClock();
  const { child, watch } = await make(t, 'serve', { startMs: Infinity }, clock);
  let up = false;
  const started = child.start().then(() => (up = true));
  // The process starts in real time; what looks for its first answer looks by this clock.
  await eventually('its first answer', HANGS_MS, () => {
    if (up) return true;
    clock.advance(20);
    return undefined;
  }, 5);
  await started;
  const pid = pidOf(child);
  process.kill(pid, 'SIGSTOP');
  await eventually('it has stopped', HANGS_MS, () => (stateOf(pid) === 'T' ? true : undefined), 5);
  const stoppedAt = clock.monotonic();
  clock.advance(1_599);
  t.equal(stateOf(pid), 'T', 'not while it may still answer');
  clock.advance(1);
  t.match(await watch.until('lost'), { reason: 'it hung' });
  t.equal(clock.monotonic() - stoppedAt, 1_600);
});

t.test('too large: replaced', async (t) => {
  const { child, watch } = await make(t, 'eat', { backoffMs: 10_000, pingEveryMs: 20, memoryBytes: 250e6 });
  await child.start();
  const lost = await watch.until('lost');
  t.match(lost, { reason: /^it used \d{3} MB of memory$/ });
});

t.test('a first start that fails says why and is not repeated', async (t) => {
  const { child, watch } = await make(t, 'refuse');
  await t.rejects(child.start(), { code: 'TRK_WORKER_START', message: /a model is missing or corrupt \(exit code 65\)/ });
  t.same(watch.events, []);
});

t.test('the start has a limit, on the injected clock', async (t) => {
  const clock = new ManualClock();
  const { child } = await make(t, 'serve', { startMs: 5_000 }, clock);
  const started = child.start();
  clock.advance(5_000);
  await t.rejects(started, { code: 'TRK_WORKER_START', message: /did not start in time/ });
});

t.test('a worker does not outlive a parent that was killed', async (t) => {
  // A program in between starts the worker and is then killed by SIGKILL: nothing of it can run to clean up.
  const program = `
    import { SupervisedChild } from ${JSON.stringify(new URL('../../../src/workers/supervised-child.ts', import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL('../../../src/kernel/clock.ts', import.meta.url).href)};
    import { silentLogger } from ${JSON.stringify(new URL('../../../src/kernel/log.ts', import.meta.url).href)};
    const child = new SupervisedChild({ worker: 'fixture', id: 'f', entry: new URL(${JSON.stringify(entry.href)}), options: { mode: 'serve' }, socketDir: process.argv[2] ?? '', clock: systemClock, log: silentLogger });
    await child.start();
    process.stdout.write(String(child.pid) + '\\n');`;
  const directory = await makeSocketDirectory();
  t.teardown(directory.remove);
  const file = `${directory.path}/parent.mts`;
  writeFileSync(file, program);
  const parent = spawn(process.execPath, ['--import=tsx', file, directory.path], { cwd: fileURLToPath(new URL('../../..', import.meta.url)), stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  t.ok(alive(pid));
  parent.kill('SIGKILL');
  // The worker is a stranger's child now, so its end can only be looked for.
  await eventually('the worker ends by itself', HANGS_MS, () => (alive(pid) && existsSync(`/proc/${pid}/exe`) ? undefined : true));
});
