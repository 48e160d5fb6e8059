import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { delay, systemClock } from '../../src/kernel/clock.js';
import type { PhoneEvent } from '../../src/demo/phone/phone-event.js';
import { summarize } from '../../src/demo/phone/summary.js';
import type { Summary } from '../../src/demo/phone/summary.js';
import { TURNS_PER_ROUND, callerScripts } from './caller.js';
import { JsonChild, program } from './child.js';
import { cpuMs, descendants, treeCpuMs } from './process-cpu.js';

const FLOW = fileURLToPath(new URL('./talk.en.yaml', import.meta.url));
/** Models load and fixed words are rendered before the server is ready. */
const START_LIMIT_MS = 300_000;
const ROUND_LIMIT_MS = 90_000;
const RESULT_TRIES = 50;

export interface TalkPlan {
  /** Calls altogether. */
  readonly calls: number;
  /** At the same time. */
  readonly concurrent: number;
  /** Rounds of the conversation in each call. */
  readonly rounds: number;
  /** Keeps the phone's recordings and events and the server's results here. */
  readonly keep: string | undefined;
}

export interface TalkOutcome {
  readonly summary: Summary;
  readonly turns: number;
  /** Rounds in which the bot came to its last sentence: where both sides stayed in step. */
  readonly roundsComplete: number;
  /** CPU of the server and its workers over wall time, while all concurrent calls stood; undefined if they never did. */
  readonly cpu: CpuUse | undefined;
}

export interface CpuUse {
  readonly cores: number;
  /** The part of the main process: signalling, media, dialogue. */
  readonly mainCores: number;
  readonly wallMs: number;
}

interface TalkResult {
  readonly transcript: readonly { readonly speaker: string; readonly text: string }[];
}

/** First words of the last node of the flow. */
const LAST_SENTENCE = 'These are the terms';

function completeRounds(results: readonly TalkResult[]): number {
  return results.flatMap(({ transcript }) => transcript).filter((line) => line.speaker === 'bot' && line.text.startsWith(LAST_SENTENCE)).length;
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
    if (descendants(server.pid).length === 0) throw new Error('the server has no worker processes whose CPU could be counted');
    const phone = new JsonChild('phone', [...program('demo/phone/main'), '--listen', '127.0.0.1:0', '--calls', String(plan.calls), ...scripts.flatMap((script) => ['--script', script]), ...(plan.keep === undefined ? [] : ['--record', plan.keep])]);
    children.push(phone);
    const { port } = (await phone.line((line) => line['event'] === 'listening', 20_000)) as { port: number };
    const cpu = measureCpu(phone, server.pid, plan.concurrent);
    await createTasks(api, port, plan.calls);
    const limit = (Math.ceil(plan.calls / plan.concurrent) * plan.rounds + 1) * ROUND_LIMIT_MS;
    await phone.line((line) => line['event'] === 'summary', limit);
    const events = phone.lines.filter((line) => line['event'] !== 'summary' && line['event'] !== 'listening') as unknown as PhoneEvent[];
    const results = await allResults(api, plan.calls);
    if (plan.keep !== undefined) keep(plan.keep, results, phone);
    return { summary: summarize(events), turns: plan.calls * plan.rounds * TURNS_PER_ROUND, roundsComplete: completeRounds(results), cpu: cpu() };
  } finally {
    for (const child of children.reverse()) await child.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function keep(directory: string, results: readonly TalkResult[], phone: JsonChild): void {
  writeFileSync(join(directory, 'events.ndjson'), phone.lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(join(directory, 'results.json'), JSON.stringify(results, undefined, 2));
}

/** Every task must end in exactly one result; they are saved just after the last BYE. */
async function allResults(api: string, calls: number): Promise<readonly TalkResult[]> {
  for (let tries = 0; ; tries++) {
    const { items } = (await (await fetch(`${api}/v1/results?limit=100`)).json()) as { items: TalkResult[] };
    if (items.length === Math.min(calls, 100)) return items;
    if (tries >= RESULT_TRIES) throw new Error(`${calls} calls left ${items.length} results`);
    await delay(systemClock, 100);
  }
}

/** Starts when the last of the concurrent calls is established and stops when the first of them ends. */
function measureCpu(phone: JsonChild, serverPid: number, concurrent: number): () => CpuUse | undefined {
  let established = 0;
  let start: { tree: number; main: number; atMs: number } | undefined;
  let use: CpuUse | undefined;
  phone.onLine((line) => {
    const event = line as unknown as PhoneEvent;
    // The phone's lines come late by next to nothing; the moments of both readings are our own.
    if (event.event !== 'established' && event.event !== 'ended') return;
    const now = { tree: treeCpuMs(serverPid), main: cpuMs(serverPid), atMs: systemClock.monotonic() };
    if (event.event === 'established' && ++established === concurrent) start = now;
    if (event.event !== 'ended' || start === undefined || use !== undefined) return;
    const wallMs = now.atMs - start.atMs;
    use = { cores: (now.tree - start.tree) / wallMs, mainCores: (now.main - start.main) / wallMs, wallMs };
  });
  return () => use;
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
