import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { JsonChild, program } from '../../bench/support/child.js';
import { systemClock } from '../../src/kernel/clock.js';
import type { CallResult } from '../../src/store/store.js';
import { endWithTest } from './end-with-test.js';
import { eventually } from './eventually.js';
import { freeMediaRange } from './ports.js';

/** A result as the API tells it; times are RFC 3339 there. */
export type WireResult = Omit<CallResult, 'startedAt' | 'answeredAt' | 'endedAt'> & { readonly startedAt: string; readonly answeredAt?: string; readonly endedAt: string };

export interface ServerEvent {
  readonly type: string;
  readonly data: { readonly taskId?: string; readonly call?: { readonly id?: string; readonly taskId?: string; readonly direction?: string }; readonly [key: string]: unknown };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Settings of a section go over those of tests, key by key; other sections stay. */
export type Settings = Readonly<Record<string, unknown>>;

/** Where a server lives: one in the same directory carries on where the last one was killed. */
export interface Place {
  /** Its `data_dir` is `directory/data` unless the settings name another. */
  readonly directory: string;
  /** Name to YAML. */
  readonly flows?: Readonly<Record<string, string>>;
}

/** How the process is made. */
export interface Launch {
  /** Stands before Node on the command line and becomes it, as `env NAME=value` does. */
  readonly before?: readonly string[];
  /** How long it may take to be ready, ms. */
  readonly limitMs?: number;
}

/** Models are loaded from disk and prompts are rendered, on a machine that may be busy. */
const START_MS = 240_000;
const REQUEST_MS = 30_000;
/** A flow is trained and its prompts are rendered before it is answered. */
const PUBLISH_MS = 120_000;
const RESULT_MS = 45_000;

/** Arguments that run `trunkline ARGS`. */
export function trunklineProgram(...args: string[]): string[] {
  return [...program('main'), ...args];
}

/** Prompts that an earlier test had rendered, by this voice and version, and intents that it had trained. */
const PROMPTS = fileURLToPath(new URL('../../build/test-prompts', import.meta.url));
const INTENTS = fileURLToPath(new URL('../../build/test-intents', import.meta.url));

/** Writes flows and configuration and returns its path. Ports are the system's choice unless `settings` name them. */
export async function writeSettings(place: Place, settings: Settings = {}): Promise<string> {
  const { directory, flows = {} } = place;
  const base: Record<string, object> = {
    log: { level: 'warn' },
    sip: { address: '127.0.0.1', port: 0 },
    media: { address: '127.0.0.1', ...(await freeMediaRange(100)) },
    api: { port: 0, auth: false },
    speech: { prompt_dir: PROMPTS, intent_dir: INTENTS },
    dialer: { max_calls: 16, calls_per_second: 50, poll_ms: 50, stop_limit_ms: 1_000 },
    // Tests run at any hour, and call the same numbers again and again.
    rules: { legal_hours: false, per_number_a_day: 0, per_number_a_week: 0, quiet_after_refused_ms: 0 },
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

/** `trunkline serve` as its own process with everything real behind it, known only through its public doors. */
export class ServerProcess {
  readonly api: string;
  /** Port of its SIP listener for UDP and TCP. */
  readonly sipPort: number;
  readonly directory: string;
  readonly child: JsonChild;
  readonly events: ServerEvent[] = [];
  /** The directory was made for this server and goes with it. */
  readonly #ownDirectory: boolean;
  readonly #socket: WebSocket | undefined;
  readonly #watchers = new Set<() => void>();

  private constructor(parts: { child: JsonChild; directory: string; ownDirectory: boolean; api: string; sipPort: number; socket: WebSocket | undefined }) {
    this.child = parts.child;
    this.directory = parts.directory;
    this.api = parts.api;
    this.sipPort = parts.sipPort;
    this.#ownDirectory = parts.ownDirectory;
    this.#socket = parts.socket;
    parts.socket?.on('message', (data: Buffer) => {
      this.events.push(JSON.parse(data.toString()) as ServerEvent);
      for (const look of this.#watchers) look();
    });
  }

  /** Resolves when it takes calls; rejects with what it said if it ends before. Without a place it gets a directory that is removed with it. */
  static async start(settings: Settings = {}, place?: Place, launch: Launch = {}): Promise<ServerProcess> {
    const directory = place?.directory ?? mkdtempSync(join(tmpdir(), 'trunkline-test-'));
    const args = ['serve', '--json', '--config', await writeSettings({ ...place, directory }, settings)];
    const child = new JsonChild('server', trunklineProgram(...args), launch.before);
    // Not even a test that is broken off leaves a server behind.
    endWithTest(() => void child.stop());
    try {
      const { api, sip } = (await child.line((line) => 'api' in line, launch.limitMs ?? START_MS)) as { api: string; sip: string[] };
      const sipPort = Number(sip.find((one) => one.startsWith('udp/'))?.split(':').at(-1));
      // A server that wants a key tells its events only to those who have one.
      const { auth } = (settings['api'] ?? {}) as { auth?: boolean };
      const socket = auth === true ? undefined : await openEvents(api);
      return new ServerProcess({ child, directory, ownDirectory: place === undefined, api, sipPort, socket });
    } catch (error) {
      await child.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.child.pid;
  }

  /** False once it was killed or has ended by itself. */
  get alive(): boolean {
    return this.child.running;
  }

  async publish(flow: string): Promise<void> {
    await this.request('POST', '/v1/flows', flow, 'application/yaml', PUBLISH_MS);
  }

  /** Its id. */
  async createTask(task: { to: string; flow: string; variables?: Record<string, string | number | boolean> }): Promise<string> {
    const made = (await this.request('POST', '/v1/tasks', JSON.stringify(task))) as { id: string };
    return made.id;
  }

  async taskState(id: string): Promise<string> {
    return String((await this.answer('GET', `/v1/tasks/${id}`)).body['state']);
  }

  /** The one result of a task, as soon as it has one. */
  result(taskId: string, limitMs = RESULT_MS): Promise<WireResult> {
    return eventually(`result of ${taskId}`, limitMs, async () => {
      const { status, body } = await this.answer('GET', `/v1/results/${taskId}`);
      return status === 200 ? (body as unknown as WireResult) : undefined;
    });
  }

  /** Of one flow, or all. */
  async results(flow?: string): Promise<WireResult[]> {
    const page = (await this.request('GET', `/v1/results?limit=1000${flow === undefined ? '' : `&flow=${flow}`}`)) as { items: WireResult[] };
    return page.items;
  }

  /** Results of a flow, when there are this many. */
  resultsWhen(flow: string, count: number, limitMs = RESULT_MS): Promise<WireResult[]> {
    return eventually(`${count} results of ${flow}`, limitMs, async () => {
      const items = await this.results(flow);
      return items.length >= count ? items : undefined;
    });
  }

  async metrics(): Promise<string> {
    const response = await fetch(`${this.api}/metrics`, { signal: AbortSignal.timeout(REQUEST_MS) });
    return response.text();
  }

  liveCalls(): Promise<{ items: { id: string }[] }> {
    return this.request('GET', '/v1/calls') as Promise<{ items: { id: string }[] }>;
  }

  /** The first event for which `wanted` holds; earlier ones count. */
  event(wanted: (event: ServerEvent) => boolean, limitMs: number, what: string): Promise<ServerEvent> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        timer.cancel();
        this.#watchers.delete(look);
      };
      const timer = systemClock.after(limitMs, () => {
        settle();
        reject(new Error(`no ${what} within ${limitMs} ms; last events: ${this.events.slice(-8).map((event) => event.type).join(', ')}`));
      });
      const look = (): void => {
        const found = this.events.find(wanted);
        if (!found) return;
        settle();
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Body of an answer that is no error. */
  async request(method: string, path: string, body?: string, type = 'application/json', limitMs = REQUEST_MS): Promise<unknown> {
    const response = await this.#fetch(method, path, body, body === undefined ? {} : { 'content-type': type }, limitMs);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  /** Any answer, errors included. */
  async answer(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const typed = body === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const response = await this.#fetch(method, path, body === undefined ? undefined : JSON.stringify(body), { ...typed });
    return { status: response.status, headers: response.headers, body: (await response.json().catch(() => ({}))) as Record<string, unknown> };
  }

  async #fetch(method: string, path: string, body: string | undefined, headers: Record<string, string>, limitMs = REQUEST_MS): Promise<Response> {
    return await fetch(`${this.api}${path}`, { method, headers, signal: AbortSignal.timeout(limitMs), ...(body === undefined ? {} : { body }) });
  }

  /** Pids of its workers of one kind, oldest first. */
  workers(kind: 'ear' | 'mouth'): number[] {
    return childrenOf(this.pid).filter((pid) => commandOf(pid).some((argument) => argument.includes(`workers/${kind}/main`)));
  }

  /** SIGTERM and its end; SIGKILL after the limit. */
  async stop(limitMs = 20_000): Promise<void> {
    this.#socket?.close();
    await this.child.stop(limitMs);
    if (this.#ownDirectory) rmSync(this.directory, { recursive: true, force: true });
  }

  /** Its end as by a power cut, and that of its workers; the directory stays, for a second life. */
  async kill(): Promise<void> {
    this.#socket?.terminate();
    process.kill(this.pid, 'SIGKILL');
    await this.child.end(10_000).catch(() => undefined);
  }
}

/** Every event from the first one on. */
async function openEvents(api: string): Promise<WebSocket> {
  const socket = new WebSocket(`${api.replace('http', 'ws')}/v1/events?cursor=0`);
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  // A server that is killed breaks the connection; who waits for an event finds out by the time.
  socket.on('error', () => undefined);
  return socket;
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
