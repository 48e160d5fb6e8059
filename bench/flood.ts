import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { delay, systemClock } from '../src/kernel/clock.js';
import { JsonChild, program } from './support/child.js';
import { KnownCaller } from './support/known-caller.js';
import { cpuMs, residentMb } from './support/process-cpu.js';

const FAR_END = fileURLToPath(new URL('../build/Release/trunkline_far_end', import.meta.url));
const SENDER = fileURLToPath(new URL('./support/flood-sender.ts', import.meta.url));
const START_LIMIT_MS = 300_000;
/** The call and the OPTIONS stand this long before the flood; then memory is read for the first time. */
const CALM_MS = 10_000;
const OPTIONS_EVERY_MS = 100;
const SENTENCE_MS = 3_000;

/**
 * Requests and garbage from sources that nobody knows, while one call runs and a known
 * source asks by OPTIONS. Server, sender and the end of the call are separate processes.
 * Options: `--seconds S` (60), `--valid N` (2000 a second), `--garbage N` (5000 a second),
 * `--sources N` (250 addresses), `--policy reject|drop|accept` (reject).
 */
export async function run(args: string[]): Promise<Record<string, number | string>> {
  const number = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({ args, options: { seconds: number('60'), valid: number('2000'), garbage: number('5000'), sources: number('250'), policy: number('reject') } });
  const seconds = Number(values.seconds);
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-bench-'));
  const server = new JsonChild('server', [...program('main'), '--json', 'serve', '--config', writeConfig(directory, seconds, values.policy)]);
  let caller: KnownCaller | undefined;
  try {
    const { api, sip } = (await server.line((line) => typeof line['api'] === 'string', START_LIMIT_MS)) as { api: string; sip: string[] };
    const port = Number(sip.find((one) => one.startsWith('udp/'))?.split(':').at(-1));
    caller = await KnownCaller.open(port);
    // Above the ports of calls and below those that the system hands out; other benches have theirs at 40000.
    const farPort = 30_000 + 2 * randomInt(1_000);
    const audio = hear(farPort, await caller.call('1000', farPort), CALM_MS + seconds * 1_000);
    audio.catch(() => undefined);
    const asking = ask(caller, CALM_MS + seconds * 1_000);
    await delay(systemClock, CALM_MS);
    const before = { rss: residentMb(server.pid), cpu: cpuMs(server.pid), at: systemClock.monotonic() };
    const sender = new JsonChild('flood', ['--import', import.meta.resolve('tsx'), SENDER, ...[port, seconds, values.sources, values.valid, values.garbage].map(String)]);
    const most = await highestRss(server.pid, seconds * 1_000);
    const cpu = (cpuMs(server.pid) - before.cpu) / (systemClock.monotonic() - before.at);
    const sent = (await sender.line((line) => 'valid' in line, 30_000)) as { valid: number; garbage: number; ms: number };
    const [heard, times] = await Promise.all([audio, asking]);
    const after = residentMb(server.pid);
    const away = await turnedAway(api);
    await caller.hangUp();
    return {
      rss_growth_mb: most - before.rss,
      pace_max_dev_ms: heard.max,
      options_p99_ms: round(percentile(times.answered, 0.99)),
      options_p50_ms: round(percentile(times.answered, 0.5)),
      options_max_ms: round(percentile(times.answered, 1)),
      options_unanswered: times.asked - times.answered.length,
      options_asked: times.asked,
      pace_p99_dev_ms: heard.p99,
      packets: heard.packets,
      packets_lost: heard.lost,
      sent_valid_per_second: Math.round(sent.valid / (sent.ms / 1_000)),
      sent_garbage_per_second: Math.round(sent.garbage / (sent.ms / 1_000)),
      seconds,
      sources: Number(values.sources),
      policy: values.policy,
      cpu_cores_main_process: round(cpu),
      rss_before_mb: before.rss,
      rss_after_mb: after,
      ...away,
    };
  } finally {
    caller?.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One trunk, whose address is that of the caller, and a flow that speaks all the time. */
function writeConfig(directory: string, seconds: number, policy: string): string {
  const flows = join(directory, 'flows');
  mkdirSync(flows);
  const parts = Math.ceil((seconds * 1_000 + 2 * CALM_MS) / SENTENCE_MS) + 5;
  const said = Array.from({ length: parts }, (_, index) => `  part${index}:\n    say: This is part ${index + 1} of a notice that is very long indeed, so that it can be heard all the time.\n    next: part${index + 1}`);
  const last = `  part${parts}:\n    end: end\n    reason: told\n    say: Goodbye.`;
  writeFileSync(join(flows, 'notice.yaml'), ['trunkline: 1', 'id: notice', 'language: en-US', 'start: part0', `fallback: part${parts}`, 'nodes:', ...said, last, ''].join('\n'));
  const path = join(directory, 'trunkline.yaml');
  const config = {
    data_dir: join(directory, 'data'),
    flows_dir: flows,
    log: { level: 'warn' },
    sip: { address: '127.0.0.1', port: 0, unknown_sources: policy, doors: { allow: [] } },
    trunks: [{ name: 'carrier', addresses: [{ host: '127.0.0.1', port: 5099 }], acl: ['127.0.0.1/32'], keepalive_s: 0 }],
    inbound: [{ number: '1000', flow: 'notice' }],
    media: { address: '127.0.0.1', record: false },
    dialer: { enabled: false },
    api: { port: 0, auth: false },
  };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  return path;
}

interface Heard {
  readonly packets: number;
  readonly lost: number;
  readonly p99: number;
  readonly max: number;
}

/** The end of the call that judges the pace of our packets by the kernel's stamps. */
async function hear(port: number, remotePort: number, ms: number): Promise<Heard> {
  const farEnd = spawn(FAR_END, ['127.0.0.1', String(port), '1', String(ms), 'PCMU'], { stdio: ['pipe', 'pipe', 'inherit'] });
  // How it ended says more than the pipe that broke with it.
  farEnd.stdin.on('error', () => undefined);
  farEnd.stdin.end(`${remotePort}\n`);
  const lines: string[] = [];
  createInterface(farEnd.stdout).on('line', (line) => lines.push(line));
  const [code] = (await once(farEnd, 'close')) as [number | null];
  if (code !== 0 || lines[1] === undefined) throw new Error(`the far end of the call ended with ${code}; is the native part built?`);
  return JSON.parse(lines[1]) as Heard;
}

async function ask(caller: KnownCaller, ms: number): Promise<{ asked: number; answered: number[] }> {
  const until = systemClock.monotonic() + ms;
  const running: Promise<number | undefined>[] = [];
  while (systemClock.monotonic() < until) {
    running.push(caller.options());
    await delay(systemClock, OPTIONS_EVERY_MS);
  }
  const times = await Promise.all(running);
  return { asked: times.length, answered: times.filter((time) => time !== undefined) };
}

async function highestRss(pid: number, ms: number): Promise<number> {
  const until = systemClock.monotonic() + ms;
  let most = 0;
  while (systemClock.monotonic() < until) {
    most = Math.max(most, residentMb(pid));
    await delay(systemClock, 500);
  }
  return most;
}

/** What the server says it turned away, by reason. */
async function turnedAway(api: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${api}/metrics`)).text();
  return Object.fromEntries([...text.matchAll(/^trunkline_sip_turned_away_total\{reason="(\w+)"\} (\d+)/gm)].map(([, reason, count]) => [`away_${reason}`, Number(count)]));
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Infinity;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
