import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { JsonChild } from '../../bench/support/child.js';
import { delay, systemClock } from '../../src/kernel/clock.js';
import type { CallResult } from '../../src/store/store.js';

/** A result as the API tells it; times are RFC 3339 there. */
export type WireResult = Omit<CallResult, 'startedAt' | 'answeredAt' | 'endedAt'> & { readonly startedAt: string; readonly answeredAt?: string; readonly endedAt: string };

export interface ServerEvent {
  readonly type: string;
  readonly data: { readonly taskId?: string; readonly call?: { readonly id?: string; readonly taskId?: string; readonly direction?: string }; readonly [key: string]: unknown };
}

/** Models are loaded from disk and prompts are rendered, on a machine that may be busy. */
const START_MS = 60_000;
const REQUEST_MS = 30_000;

/** Arguments that run a program of this project from its source. */
export function sourceProgram(...args: string[]): string[] {
  return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('../../src/main.ts', import.meta.url)), ...args];
}

/** A UDP port of the loopback that is free now. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** First port of a range of RTP pairs of which the first is free; apart from the ports that the system hands out. */
export async function freeMediaRange(pairs: number): Promise<{ port_min: number; port_max: number }> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = 10_000 + 2 * randomInt((32_000 - 10_000) / 2 - pairs);
    const socket = createSocket('udp4');
    const free = await new Promise<boolean>((resolve) => socket.once('error', () => resolve(false)).bind(first, '127.0.0.1', () => resolve(true)));
    await new Promise<void>((resolve) => (free ? socket.close(() => resolve()) : resolve()));
    if (free) return { port_min: first, port_max: first + 2 * pairs - 1 };
  }
  throw new Error('no free RTP ports');
}

/** The real server as its own process, with everything real behind it. */
export class ServerProcess {
  readonly api: string;
  /** Port of its SIP listener for UDP and TCP. */
  readonly sipPort: number;
  readonly directory: string;
  readonly events: ServerEvent[] = [];
  readonly #child: JsonChild;
  readonly #socket: WebSocket;
  readonly #watchers = new Set<() => void>();

  private constructor(child: JsonChild, directory: string, api: string, sipPort: number, socket: WebSocket) {
    this.#child = child;
    this.directory = directory;
    this.api = api;
    this.sipPort = sipPort;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.events.push(JSON.parse(data.toString()) as ServerEvent);
      for (const look of this.#watchers) look();
    });
  }

  /** `settings` go over the defaults of tests, key by key at the top level. */
  static async start(settings: Record<string, unknown> = {}): Promise<ServerProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-test-'));
    const config = {
      data_dir: join(directory, 'data'),
      log: { level: 'warn' },
      sip: { address: '127.0.0.1', port: 0 },
      media: { address: '127.0.0.1', ...(await freeMediaRange(100)) },
      api: { port: 0, auth: false },
      dialer: { max_calls: 16, calls_per_second: 50, poll_ms: 50, stop_limit_ms: 1_000 },
      ...settings,
    };
    const path = join(directory, 'trunkline.yaml');
    // JSON is YAML.
    writeFileSync(path, JSON.stringify(config, null, 2));
    const child = new JsonChild('server', sourceProgram('serve', '--json', '--config', path));
    try {
      const ready = (await child.line((line) => 'api' in line, START_MS)) as { api: string; sip: string[] };
      const address = ready.sip.find((one) => one.startsWith('udp/'));
      const socket = new WebSocket(`${ready.api.replace('http', 'ws')}/v1/events?cursor=0`);
      const server = new ServerProcess(child, directory, ready.api, Number(address?.split(':').at(-1)), socket);
      await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
      return server;
    } catch (error) {
      await child.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  async publish(flow: string): Promise<void> {
    await this.request('POST', '/v1/flows', flow, 'application/yaml');
  }

  async createTask(task: { to: string; flow: string; variables?: Record<string, string | number | boolean> }): Promise<string> {
    const made = (await this.request('POST', '/v1/tasks', JSON.stringify(task))) as { id: string };
    return made.id;
  }

  /** The one result of a task, when the task is done. */
  async result(taskId: string, limitMs = 45_000): Promise<WireResult> {
    await this.event((event) => event.type === 'task.done' && event.data.taskId === taskId, limitMs, `task.done of ${taskId}`);
    return (await this.request('GET', `/v1/results/${taskId}`)) as WireResult;
  }

  async results(flow: string): Promise<WireResult[]> {
    const page = (await this.request('GET', `/v1/results?flow=${flow}&limit=100`)) as { items: WireResult[] };
    return page.items;
  }

  /** Results of a flow, when there are this many. An inbound result is saved a moment after the event that names it. */
  async resultsWhen(flow: string, count: number, limitMs = 45_000): Promise<WireResult[]> {
    const until = systemClock.monotonic() + limitMs;
    for (;;) {
      const items = await this.results(flow);
      if (items.length >= count) return items;
      if (systemClock.monotonic() > until) throw new Error(`${items.length} results of ${flow} after ${limitMs} ms, not ${count}`);
      await delay(systemClock, 50);
    }
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

  async request(method: string, path: string, body?: string, type = 'application/json'): Promise<unknown> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      signal: AbortSignal.timeout(REQUEST_MS),
      ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#child.stop(15_000);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Its end as by a power cut; the folder stays, for a second life. */
  async kill9(): Promise<void> {
    this.#socket.terminate();
    const ended = this.#child.end(10_000).catch(() => undefined);
    process.kill(this.pid, 'SIGKILL');
    await ended;
  }
}
