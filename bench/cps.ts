/**
 * New calls a second against a telephone network (sipp): how evenly they leave as the
 * network sees them, and that each task has one INVITE and one result.
 *
 *     npm run bench -- cps [--cps 20] [--seconds 600] --json
 *
 * `pacing_error_percent` is of all INVITEs from the first to the last; `worst_10s_error_percent`
 * of the worst ten seconds in between, which began `worst_10s_at_s` after the first call. Four of ten callees are busy, four ring or answer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { delay, systemClock } from '../src/kernel/clock.js';
import { PhoneNetwork } from '../test/support/phone-network.js';
import { freeMediaRange } from '../test/support/ports.js';
import { ServerProcess } from '../test/support/server-process.js';
import { shortFlow } from '../test/sipp/flows.js';
import { treeCpuMs } from './support/process-cpu.js';

const FLOW = 'cps';
const POSTED_AT_ONCE = 1_000;
const WINDOW_MS = 10_000;
const START_MS = 180_000;
/** After the last call should have left, ms. */
const SETTLE_MS = 60_000;
const OPEN_STATES = ['scheduled', 'queued', 'dialing', 'in_call', 'retry_wait'] as const;

export async function run(args: string[]): Promise<Record<string, number | string>> {
  const { values } = parseArgs({ args, options: { cps: { type: 'string', default: '20' }, seconds: { type: 'string', default: '600' } } });
  const [cps, seconds] = [Number(values.cps), Number(values.seconds)];
  if (!(cps > 0) || cps > 200 || !(seconds >= 20) || seconds > 3_600) throw new Error('--cps takes up to 200, --seconds 20 to 3600');
  const calls = Math.round(cps * seconds);
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-cps-'));
  const ends: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })];
  try {
    const network = await PhoneNetwork.start();
    ends.push(() => network.stop());
    const capacity = { workers: 1, capacity: 400 };
    const server = await ServerProcess.start(
      {
        sip: { gateway: { address: `127.0.0.1:${network.port}` }, ring_timeout_ms: 8_000 },
        media: await freeMediaRange(400),
        dialer: { max_calls: 400, calls_per_second: cps },
        speech: { ear: capacity, mouth: capacity },
      },
      { directory, flows: { [FLOW]: shortFlow(FLOW) } },
      { limitMs: START_MS },
    );
    ends.push(() => server.stop());
    const cpuBefore = treeCpuMs(server.pid);
    for (let from = 0; from < calls; from += POSTED_AT_ONCE) {
      const tasks = Array.from({ length: Math.min(POSTED_AT_ONCE, calls - from) }, (_, index) => ({ to: `+1212${2_000_000 + from + index}`, flow: FLOW }));
      await server.request('POST', '/v1/tasks', JSON.stringify({ tasks }));
    }
    await settled(server, seconds * 1_000 + SETTLE_MS);
    const cpuMs = treeCpuMs(server.pid) - cpuBefore;
    const left = await openTasks(server);
    const results = await allResults(server);
    const { ledger } = network;
    const times = ledger.map(({ atMs }) => atMs).sort((a, b) => a - b);
    const numbers = ledger.map(({ number }) => number);
    return {
      ...pacing(times, cps),
      duplicates: numbers.length - new Set(numbers).size,
      without_result: calls - new Set(results).size,
      double_results: results.length - new Set(results).size,
      still_open: left,
      calls,
      invites: ledger.length,
      cpu_ms_per_call: Math.round((cpuMs / calls) * 10) / 10,
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function pacing(times: readonly number[], cps: number): Record<string, number> {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const error = (count: number, ms: number): number => Math.abs(count / (ms / 1_000) / cps - 1) * 100;
  const windows: number[] = [];
  for (let from = first; from + WINDOW_MS <= last; from += WINDOW_MS) windows.push(error(times.filter((at) => at >= from && at < from + WINDOW_MS).length, WINDOW_MS));
  const worst = Math.max(0, ...windows);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at)).sort((a, b) => a - b);
  const rounded = (value: number): number => Math.round(value * 100) / 100;
  return {
    pacing_error_percent: rounded(error(times.length - 1, last - first)),
    worst_10s_error_percent: rounded(worst),
    worst_10s_at_s: (windows.indexOf(worst) * WINDOW_MS) / 1_000,
    gap_p50_ms: rounded(gaps[Math.floor(gaps.length / 2)] ?? 0),
    gap_p99_ms: rounded(gaps[Math.floor(gaps.length * 0.99)] ?? 0),
  };
}

async function openTasks(server: ServerProcess): Promise<number> {
  let open = 0;
  for (const state of OPEN_STATES) open += ((await server.request('GET', `/v1/tasks?state=${state}&limit=1000`)) as { items: unknown[] }).items.length;
  return open;
}

async function settled(server: ServerProcess, limitMs: number): Promise<void> {
  const until = systemClock.monotonic() + limitMs;
  while (systemClock.monotonic() < until) {
    await delay(systemClock, 2_000);
    if ((await openTasks(server)) === 0) return;
  }
}

/** Task ids of all results. */
async function allResults(server: ServerProcess): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = (await server.request('GET', `/v1/results?limit=1000${cursor === undefined ? '' : `&cursor=${cursor}`}`)) as { items: { taskId?: string }[]; next?: string };
    ids.push(...page.items.flatMap(({ taskId }) => taskId ?? []));
    if (page.next === undefined) return ids;
    cursor = page.next;
  }
}
