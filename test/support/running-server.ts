import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JsonChild } from '../../bench/support/child.js';
import { delay, systemClock } from '../../src/kernel/clock.js';
import type { CallResult } from '../../src/store/store.js';

/** Models load before a server is ready, on a machine where other tests run. */
const START_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 40;
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Node's arguments that run the command line from its sources. */
export function commandLine(...args: readonly string[]): string[] {
  return ['--import', import.meta.resolve('tsx'), MAIN, ...args];
}

/** Settings of a section go over those below; other sections stay. */
export type Settings = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/**
 * `trunkline serve` as a process of its own with real models, known only through its
 * public doors. Its `data_dir` is `directory/data`, so that a second one in the same
 * directory carries on where the first was killed.
 */
export class RunningServer {
  readonly api: string;
  readonly child: JsonChild;

  private constructor(child: JsonChild, api: string) {
    this.child = child;
    this.api = api;
  }

  /** Resolves when it takes calls; rejects with what it said if it ends before. */
  static async start(directory: string, flows: Readonly<Record<string, string>>, settings: Settings = {}): Promise<RunningServer> {
    const child = new JsonChild('server', commandLine('--json', 'serve', '--config', writeSettings(directory, flows, settings)));
    // Not even a test that is broken off leaves a server behind.
    process.once('exit', () => void child.stop());
    try {
      const { api } = (await child.line((line) => typeof line['api'] === 'string', START_LIMIT_MS)) as { api: string };
      return new RunningServer(child, api);
    } catch (error) {
      await child.stop();
      throw error;
    }
  }

  async request(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json().catch(() => ({}))) as Record<string, unknown> };
  }

  /** Its id. */
  async createTask(to: string, flow: string, variables: Readonly<Record<string, string>> = {}): Promise<string> {
    const { status, body } = await this.request('POST', '/v1/tasks', { to, flow, variables });
    if (status !== 201) throw new Error(`the task was answered ${status}: ${JSON.stringify(body)}`);
    return String(body['id']);
  }

  async taskState(id: string): Promise<string> {
    return String((await this.request('GET', `/v1/tasks/${id}`)).body['state']);
  }

  /** The task's result as soon as it has one. */
  result(taskId: string, limitMs: number): Promise<CallResult> {
    return eventually(`result of ${taskId}`, limitMs, async () => {
      const { status, body } = await this.request('GET', `/v1/results/${taskId}`);
      return status === 200 ? (body as unknown as CallResult) : undefined;
    });
  }

  async results(): Promise<CallResult[]> {
    return (await this.request('GET', '/v1/results?limit=1000')).body['items'] as CallResult[];
  }

  /** Pids of its workers of one kind, oldest first. */
  workers(kind: 'ear' | 'mouth'): number[] {
    return childrenOf(this.child.pid).filter((pid) => commandOf(pid).some((argument) => argument.includes(`workers/${kind}/main`)));
  }

  /** SIGKILL; resolves when it and its workers are gone. */
  async kill(): Promise<void> {
    process.kill(this.child.pid, 'SIGKILL');
    await this.child.end(10_000).catch(() => undefined);
  }

  /** SIGTERM and its end; SIGKILL after the limit. */
  stop(limitMs = 20_000): Promise<void> {
    return this.child.stop(limitMs);
  }
}

/** Writes flows and configuration and returns its path. Ports are the system's choice unless `settings` name them. */
export function writeSettings(directory: string, flows: Readonly<Record<string, string>>, settings: Settings = {}): string {
  const base: Record<string, object> = {
    log: { level: 'warn' },
    sip: { address: '127.0.0.1', port: 0 },
    media: { address: '127.0.0.1' },
    api: { port: 0, auth: false },
    dialer: { calls_per_second: 20, poll_ms: 50, stop_limit_ms: 15_000 },
  };
  const config: Record<string, unknown> = { data_dir: join(directory, 'data'), flows_dir: join(directory, 'flows'), ...base };
  for (const [section, value] of Object.entries(settings)) {
    config[section] = typeof value === 'object' && value !== null && section in base ? { ...base[section], ...value } : value;
  }
  mkdirSync(join(directory, 'flows'), { recursive: true });
  for (const [name, source] of Object.entries(flows)) writeFileSync(join(directory, 'flows', `${name}.yaml`), source);
  const path = join(directory, 'trunkline.yaml');
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config, null, 2));
  return path;
}

/** What `look` gives as soon as it gives something; rejects with `what` after the limit. */
export async function eventually<T>(what: string, limitMs: number, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const until = systemClock.monotonic() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (systemClock.monotonic() >= until) throw new Error(`${what}: not within ${limitMs} ms`);
    await delay(systemClock, LOOK_EVERY_MS);
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc').map(Number).filter((child) => child > 0 && parentOf(child) === pid).sort((left, right) => left - right);
}

/** Processes come and go while they are looked at. */
function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
