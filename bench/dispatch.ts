/**
 * Decisions of the dialer a second: due tasks found, every rule asked, the intent made
 * durable or the refusal written down, by the store that a server works on. The tasks are
 * a campaign's, with hours, holidays, purpose, caller numbers, spend cap and retries; their
 * contacts have consents, zones and addresses, and the store is full of suppressions and
 * dials of other days. First with few tasks, then with all; `p99` is of one batch of 64,
 * from looking to durable. Which campaign is next, the reservation and the call are not in it.
 *
 *     npm run bench -- dispatch [--tasks 1000000] [--store sqlite|postgres] [--seconds 20] --json
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/kernel/clock.js';
import type { Clock } from '../src/kernel/clock.js';
import { newId } from '../src/kernel/ids.js';
import { silentLogger } from '../src/kernel/log.js';
import { systemRandom } from '../src/kernel/random.js';
import { Holidays } from '../src/outbound/rules/holidays.js';
import { createDialRules } from '../src/outbound/rules/judge-dial.js';
import { openStore } from '../src/store-wiring.js';
import type { Store } from '../src/store/store.js';
import { percentile } from '../src/demo/phone/summary.js';
import { startPostgres } from '../test/support/postgres-server.js';
import { CALENDARS, DispatchCampaign, dispatchConfig, populate, resultOf } from './support/dispatch-campaign.js';

const BATCH = 64;
const FEW = 10_000;
const HOUR_MS = 3_600_000;

/** Afternoon in New York, where all callees live, whatever the hour here (on Sundays some states allow nothing before 13:00): time goes on from then, or from what it is set to. */
class AfternoonInNewYork implements Clock {
  readonly #offset = (19 * HOUR_MS - (systemClock.now() % (24 * HOUR_MS)) + 24 * HOUR_MS) % (24 * HOUR_MS);
  byMs = 0;
  readonly now = (): number => systemClock.now() + this.#offset + this.byMs;
  readonly monotonic = (): number => systemClock.monotonic();
  readonly after: Clock['after'] = (ms, fn, options) => systemClock.after(ms, fn, options);
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
async function decide(store: Store, campaignId: string, nodeId: string, ms: number, most: number): Promise<Pass> {
  const batches: number[] = [];
  let decisions = 0;
  let refused = 0;
  const began = systemClock.monotonic();
  const cpu = process.cpuUsage();
  while (decisions < most && systemClock.monotonic() - began < ms) {
    const at = systemClock.monotonic();
    const due = await store.dueTasksOf(campaignId, BATCH);
    if (due.length === 0) break;
    const outcomes = await store.beginAttempts(due.map(({ id }) => id), { nodeId, sipCallIdOf: (id) => `${id}@bench` });
    batches.push(systemClock.monotonic() - at);
    decisions += outcomes.filter(({ kind }) => kind !== 'gone').length;
    refused += outcomes.filter(({ kind }) => kind === 'blocked').length;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { decisions, refused, ms: systemClock.monotonic() - began, cpuMs: (user + system) / 1_000, batches };
}

/** The spend cap is worked out from what was talked. */
async function spendSomething(store: Store, campaignId: string, nodeId: string, clock: Clock): Promise<void> {
  const due = new Map((await store.dueTasksOf(campaignId, BATCH)).map((task) => [task.id, task]));
  for (const outcome of await store.beginAttempts([...due.keys()], { nodeId, sipCallIdOf: (id) => `${id}@bench` })) {
    const task = due.get(outcome.taskId);
    if (outcome.kind === 'begun' && task !== undefined) await store.finishAttempt(outcome.attempt.id, resultOf(task, outcome.attempt, clock.now()));
  }
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
    const clock = new AfternoonInNewYork();
    const url = kind === 'postgres' ? await (await startPostgres({ teardown: (end) => void ends.push(end) })).database() : undefined;
    const config = dispatchConfig(directory, url);
    const parts = { clock, random: systemRandom, log: silentLogger };
    const before = openStore(config, parts);
    try {
      await before.migrate();
      await populate(before, tasks, clock, (byMs) => void (clock.byMs = byMs));
    } finally {
      await before.close();
    }
    const holidays = new Holidays(parts);
    await holidays.load(CALENDARS);
    const store = openStore(config, { ...parts, rules: createDialRules({ rules: config.rules, timeZone: 'America/New_York' }, holidays) });
    ends.push(() => store.close());
    const nodeId = newId('node', clock, systemRandom);
    await store.beat(nodeId);
    const campaign = await DispatchCampaign.start(store, clock);
    await campaign.fill(FEW);
    await spendSomething(store, campaign.id, nodeId, clock);
    const few = await decide(store, campaign.id, nodeId, seconds * 1_000, FEW / 2);
    await campaign.fill(tasks);
    const many = await decide(store, campaign.id, nodeId, seconds * 1_000, tasks / 2);
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
