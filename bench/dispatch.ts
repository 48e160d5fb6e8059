/**
 * Decisions of the dialer a second: due tasks found, every rule asked, the intent made
 * durable or the refusal written down, by the store that a server works on. First with
 * few tasks, then with all; `p99` is of one batch of 64, from looking to durable.
 *
 *     npm run bench -- dispatch [--tasks 1000000] [--store sqlite|postgres] [--seconds 20] --json
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseConfig } from '../src/config/load.js';
import { systemClock } from '../src/kernel/clock.js';
import type { Clock } from '../src/kernel/clock.js';
import { newId } from '../src/kernel/ids.js';
import { silentLogger } from '../src/kernel/log.js';
import { systemRandom } from '../src/kernel/random.js';
import { Holidays } from '../src/outbound/rules/holidays.js';
import { createDialRules } from '../src/outbound/rules/judge-dial.js';
import { openStore } from '../src/store-wiring.js';
import type { NewTask, Store } from '../src/store/store.js';
import { percentile } from '../src/demo/phone/summary.js';
import { startPostgres } from '../test/support/postgres-server.js';

const BATCH = 64;
const FEW = 10_000;
const INSERTED_AT_ONCE = 10_000;
const HOUR_MS = 3_600_000;

/** Afternoon in New York, where all callees live, whatever the hour here (on Sundays some states allow nothing before 13:00): time goes on from then. */
function afternoonInNewYork(): Clock {
  const offset = (19 * HOUR_MS - (systemClock.now() % (24 * HOUR_MS)) + 24 * HOUR_MS) % (24 * HOUR_MS);
  return { ...systemClock, now: () => systemClock.now() + offset };
}

function taskOf(index: number, clock: Clock): NewTask {
  // Seven digits of one area code hold no million of valid numbers: two codes do.
  const to = `+1${index < 500_000 ? 212 : 646}${2_000_000 + (index % 500_000)}`;
  return { to, from: undefined, flow: 'bench', flowVersion: 1, priority: index % 101, variables: {}, notBefore: clock.now(), expiresAt: undefined, metadata: {} };
}

async function fill(store: Store, clock: Clock, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += INSERTED_AT_ONCE) {
    const count = Math.min(INSERTED_AT_ONCE, to - index);
    await store.createTasks(Array.from({ length: count }, (_, more) => taskOf(index + more, clock)));
  }
}

interface Pass {
  readonly decisions: number;
  readonly refused: number;
  readonly ms: number;
  /** CPU of this process. */
  readonly cpuMs: number;
  readonly batches: readonly number[];
}

/** Decides as fast as it can, for at most `ms` and at most `most` tasks. */
async function decide(store: Store, nodeId: string, ms: number, most: number): Promise<Pass> {
  const batches: number[] = [];
  let decisions = 0;
  let refused = 0;
  const began = systemClock.monotonic();
  const cpu = process.cpuUsage();
  while (decisions < most && systemClock.monotonic() - began < ms) {
    const at = systemClock.monotonic();
    const due = await store.dueTasksOf('', BATCH);
    if (due.length === 0) break;
    const outcomes = await store.beginAttempts(due.map(({ id }) => id), { nodeId, sipCallIdOf: (id) => `${id}@bench` });
    batches.push(systemClock.monotonic() - at);
    decisions += outcomes.filter(({ kind }) => kind !== 'gone').length;
    refused += outcomes.filter(({ kind }) => kind === 'blocked').length;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { decisions, refused, ms: systemClock.monotonic() - began, cpuMs: (user + system) / 1_000, batches };
}

export async function run(args: string[]): Promise<Record<string, number | string>> {
  const { values } = parseArgs({ args, options: { tasks: { type: 'string', default: '1000000' }, store: { type: 'string', default: 'sqlite' }, seconds: { type: 'string', default: '20' } } });
  const [tasks, seconds, kind] = [Number(values.tasks), Number(values.seconds), values.store];
  if (!Number.isInteger(tasks) || tasks <= FEW || tasks > 1_000_000 || !(seconds > 0) || (kind !== 'sqlite' && kind !== 'postgres')) {
    throw new Error(`--tasks takes ${FEW + 1} to 1000000, --store sqlite or postgres, --seconds a number above 0`);
  }
  const ends: (() => unknown)[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-dispatch-'));
  ends.push(() => rmSync(directory, { recursive: true, force: true }));
  try {
    const clock = afternoonInNewYork();
    const url = kind === 'postgres' ? await (await startPostgres({ teardown: (end) => void ends.push(end) })).database() : undefined;
    const config = parseConfig(JSON.stringify({ data_dir: directory, time_zone: 'America/New_York', ...(url === undefined ? {} : { store: { kind, url } }) }));
    const holidays = new Holidays({ clock, log: silentLogger });
    const store = openStore(config, { clock, random: systemRandom, log: silentLogger, rules: createDialRules({ rules: config.rules, timeZone: 'America/New_York' }, holidays) });
    ends.push(() => store.close());
    await store.migrate();
    const nodeId = newId('node', clock, systemRandom);
    await store.beat(nodeId);
    await fill(store, clock, 0, FEW);
    const few = await decide(store, nodeId, seconds * 1_000, FEW / 2);
    await fill(store, clock, FEW, tasks);
    const many = await decide(store, nodeId, seconds * 1_000, tasks / 2);
    const p99 = (pass: Pass): number => Math.round(percentile([...pass.batches], 99) * 10) / 10;
    return {
      per_second: Math.round((many.decisions / many.ms) * 1_000),
      p99_ms_1e4: p99(few),
      p99_ms_1e6: p99(many),
      /** On a machine that others use, too: what one core of our own would do, the database's share left out on PostgreSQL. */
      per_cpu_second: Math.round((many.decisions / many.cpuMs) * 1_000),
      per_second_1e4: Math.round((few.decisions / few.ms) * 1_000),
      decisions: few.decisions + many.decisions,
      refused: few.refused + many.refused,
      tasks,
      batch: BATCH,
      store: kind,
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
