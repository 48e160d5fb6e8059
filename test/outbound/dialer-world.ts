import { join } from 'node:path';
import type { Test } from 'tap';
import { newId } from '../../src/kernel/ids.js';
import { silentLogger } from '../../src/kernel/log.js';
import { createRegistry } from '../../src/kernel/metrics.js';
import { systemRandom } from '../../src/kernel/random.js';
import { Dialer } from '../../src/outbound/dialer.js';
import type { DialerOptions } from '../../src/outbound/dialer.js';
import { createEventLog } from '../../src/outbound/event-log.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { DialRules } from '../../src/store/rules.js';
import type { NewTask, Store } from '../../src/store/store.js';
import { newTask } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { FakeCallService } from './fake-calls.js';

/** A dialer on a real store, with calls that the test plays; `again` is the next process on the same data. */
export async function setUp(t: Test, changes: Partial<DialerOptions> = {}, rules?: DialRules) {
  const dir = t.testdir();
  const clock = new ManualClock();
  const store = openSqliteStore({ path: join(dir, 'trunkline.db'), clock, random: systemRandom, log: silentLogger, rules });
  t.teardown(() => store.close());
  await store.migrate();
  const spillDir = join(dir, 'unsaved');
  const again = (on: Store = store) => {
    const calls = new FakeCallService(clock);
    const registry = createRegistry();
    const dialer = new Dialer(
      { store: on, calls, events: createEventLog(on, silentLogger), clock, random: systemRandom, log: silentLogger, registry, needsOf: (task) => Promise.resolve({ language: task.flow.endsWith('zh') ? 'zh-CN' : undefined }) },
      { mode: 'ai', maxCalls: 8, callsPerSecond: 1000, brakes: { replyP95Ms: 0, workersBusyPercent: 0, trunkFailuresPercent: 0, storeP95Ms: 0, windowMs: 60_000 }, abandon: { limitPercent: 100, windowMs: 60_000 }, timeZone: 'UTC', pollMs: 500, nodeId: newId('node', clock, systemRandom), callIdHost: 'trunkline.invalid', spillDir, stopLimitMs: 30_000, ...changes },
    );
    return { dialer, calls, registry };
  };
  const add = async (...tasks: Partial<NewTask>[]) => (await store.createTasks(tasks.map(newTask))).tasks;
  const stateOf = async (id: string | undefined) => (await store.getTask(id ?? ''))?.state;
  return { clock, store, spillDir, add, stateOf, again, ...again() };
}
