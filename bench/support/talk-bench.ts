import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PhoneEvent } from '../../src/demo/phone/phone-event.js';
import { summarize } from '../../src/demo/phone/summary.js';
import type { Summary } from '../../src/demo/phone/summary.js';
import { TURNS_PER_ROUND, callerScripts } from './caller.js';
import { JsonChild, program } from './child.js';
import { treeCpuMs } from './process-cpu.js';

const FLOW = fileURLToPath(new URL('./talk.en.yaml', import.meta.url));
/** Models load and fixed words are rendered before the server is ready. */
const START_LIMIT_MS = 300_000;
const ROUND_LIMIT_MS = 90_000;

export interface TalkPlan {
  /** Calls altogether. */
  readonly calls: number;
  /** At the same time. */
  readonly concurrent: number;
  /** Rounds of the conversation in each call. */
  readonly rounds: number;
}

export interface TalkOutcome {
  readonly summary: Summary;
  readonly turns: number;
  /** CPU of the server and its workers over wall time, while all concurrent calls stood; undefined if they never did. */
  readonly cpuCores: number | undefined;
}

/** Server and phone as two processes, nothing shared but SIP and RTP; every figure is the phone's. */
export async function talk(plan: TalkPlan): Promise<TalkOutcome> {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-bench-'));
  const children: JsonChild[] = [];
  try {
    const scripts = await callerScripts(directory, plan.rounds);
    const server = new JsonChild('server', [...program('main'), '--json', 'serve', '--config', writeConfig(directory, plan.concurrent)]);
    children.push(server);
    const { api } = (await server.line((line) => typeof line['api'] === 'string', START_LIMIT_MS)) as { api: string };
    const phone = new JsonChild('phone', [...program('demo/phone/main'), '--listen', '127.0.0.1:0', '--calls', String(plan.calls), ...scripts.flatMap((script) => ['--script', script])]);
    children.push(phone);
    const { port } = (await phone.line((line) => line['event'] === 'listening', 20_000)) as { port: number };
    const cpu = measureCpu(phone, server.pid, plan.concurrent);
    await createTasks(api, port, plan.calls);
    const limit = (Math.ceil(plan.calls / plan.concurrent) * plan.rounds + 1) * ROUND_LIMIT_MS;
    await phone.line((line) => line['event'] === 'summary', limit);
    const events = phone.lines.filter((line) => line['event'] !== 'summary' && line['event'] !== 'listening') as unknown as PhoneEvent[];
    return { summary: summarize(events), turns: plan.calls * plan.rounds * TURNS_PER_ROUND, cpuCores: cpu() };
  } finally {
    for (const child of children.reverse()) await child.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Starts when the last of the concurrent calls is established and stops when the first of them ends. */
function measureCpu(phone: JsonChild, serverPid: number, concurrent: number): () => number | undefined {
  let established = 0;
  let start: { cpuMs: number; atMs: number } | undefined;
  let cores: number | undefined;
  phone.onLine((line) => {
    const event = line as unknown as PhoneEvent;
    if (event.event === 'established' && ++established === concurrent) start = { cpuMs: treeCpuMs(serverPid), atMs: event.atMs };
    if (event.event === 'ended' && start !== undefined) cores ??= (treeCpuMs(serverPid) - start.cpuMs) / (event.atMs - start.atMs);
  });
  return () => cores;
}

async function createTasks(api: string, port: number, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) {
    // Another amount in each call, so that no rendered sentence of an earlier one fits.
    const amount = `$${(1207.35 + call * 318.46).toFixed(2)}`;
    const body = { to: `sip:caller@127.0.0.1:${port}`, flow: 'bench-talk', variables: { amount } };
    const response = await fetch(`${api}/v1/tasks`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST /v1/tasks answered ${response.status}: ${await response.text()}`);
  }
}

function writeConfig(directory: string, concurrent: number): string {
  const flows = join(directory, 'flows');
  mkdirSync(flows);
  copyFileSync(FLOW, join(flows, 'talk.en.yaml'));
  const path = join(directory, 'trunkline.yaml');
  const config = {
    data_dir: join(directory, 'data'),
    flows_dir: flows,
    log: { level: 'warn' },
    sip: { address: '127.0.0.1', port: 0 },
    media: { address: '127.0.0.1' },
    dialer: { max_calls: concurrent, calls_per_second: 4, poll_ms: 50 },
    api: { port: 0, auth: false },
  };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  return path;
}
