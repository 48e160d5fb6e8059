import './no-telemetry.js';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { credentials } from '@grpc/grpc-js';
import type { Clock, Timer } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import { healthClient } from '../proto/load.js';
import type { HealthGrpcClient } from '../proto/health-messages.js';
import { describeExit } from './exit-codes.js';
import { commandOf } from './worker-program.js';
import type { WorkerProgram } from './worker-program.js';

/** Limits of supervision; all times ms. */
export interface SupervisionLimits {
  /** From spawn to the first answered health check; models are loaded in this time. Default 60,000. */
  readonly startMs: number;
  /** Between health checks. Default 200: with the deadlines below, whoever talks to a hung worker hears about it well within 2 s. */
  readonly pingEveryMs: number;
  /** For the answer of one check. Default 700: a worker's main thread never works that long at a stretch. */
  readonly pingDeadlineMs: number;
  /** Checks in a row without an answer that mean a hung worker. Default 2. */
  readonly pingMisses: number;
  /** Resident memory above which the child is replaced, bytes. Default 2 GiB. */
  readonly memoryBytes: number;
  /** From SIGTERM to SIGKILL in `close`. Default 6,000: longer than the worker's own drain. */
  readonly closeMs: number;
  /** First delay before a restart; doubles to `backoffMaxMs`. Defaults 200 and 10,000. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** Up for so long, and the next restart waits `backoffMs` again. Default 60,000. */
  readonly backoffResetMs: number;
}

const defaultLimits: SupervisionLimits = {
  startMs: 60_000,
  pingEveryMs: 200,
  pingDeadlineMs: 700,
  pingMisses: 2,
  memoryBytes: 2 * 1024 ** 3,
  closeMs: 6_000,
  backoffMs: 200,
  backoffMaxMs: 10_000,
  backoffResetMs: 60_000,
};

export interface SupervisedChildOptions {
  /** For logs and errors: `ear`, `mouth` or `mind`. */
  readonly worker: string;
  /** Unique among the children that share `socketDir`, e.g. `ear-0`. */
  readonly id: string;
  readonly entry: WorkerProgram;
  /** The worker's own options; `listen` and `tiedToStdin` are added. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Private directory of the sockets (see `socket-directory.ts`). */
  readonly socketDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<SupervisionLimits>;
}

export type ChildEvent =
  /** Answers its health check at `address` (`unix:/path`, another one for each incarnation). */
  | { readonly type: 'up'; readonly address: string; readonly pid: number; readonly incarnation: number }
  /** Ended, hung or too large; was up before. A replacement follows by itself. */
  | { readonly type: 'lost'; readonly reason: string; readonly incarnation: number }
  /** A replacement will be spawned after `delayMs`. */
  | { readonly type: 'restarting'; readonly delayMs: number };

interface Incarnation {
  readonly number: number;
  readonly process: ChildProcess;
  readonly socket: string;
  readonly health: HealthGrpcClient;
  readonly spawnedAt: number;
  timer: Timer | undefined;
  misses: number;
  up: boolean;
  /** Said by the supervisor before it kills; otherwise the exit code speaks. */
  verdict: string | undefined;
}

/**
 * One worker process that is always there: spawned, watched by health checks and
 * by its memory, killed when it hangs, replaced with back-off.
 */
export class SupervisedChild {
  readonly #options: SupervisedChildOptions;
  readonly #limits: SupervisionLimits;
  readonly #listeners = new Set<(event: ChildEvent) => void>();
  #current: Incarnation | undefined;
  #count = 0;
  #backoffMs: number;
  #restart: Timer | undefined;
  #closing: Promise<void> | undefined;
  #onFirst: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #ended: (() => void) | undefined;

  constructor(options: SupervisedChildOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#backoffMs = this.#limits.backoffMs;
  }

  get id(): string {
    return this.#options.id;
  }

  /** Of the running process; undefined between two incarnations. */
  get pid(): number | undefined {
    return this.#current?.process.pid;
  }

  /** Where the worker answers now; undefined while it does not. */
  get address(): string | undefined {
    return this.#current?.up === true ? `unix:${this.#current.socket}` : undefined;
  }

  onEvent(listener: (event: ChildEvent) => void): void {
    this.#listeners.add(listener);
  }

  /** Resolves at the first answered health check. TRK_WORKER_START if the first incarnation ends before; nothing is restarted then. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onFirst = { resolve, reject };
      this.#spawn();
    });
  }

  /** SIGTERM, and SIGKILL after the limit; resolves when the process has ended. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#restart?.cancel();
    this.#failFirst('it was closed');
    const current = this.#current;
    if (current === undefined) return;
    const ended = new Promise<void>((resolve) => (this.#ended = resolve));
    current.timer?.cancel();
    current.process.kill('SIGTERM');
    const timer = this.#options.clock.after(this.#limits.closeMs, () => current.process.kill('SIGKILL'));
    await ended;
    timer.cancel();
  }

  #spawn(): void {
    const { entry, id, socketDir, options, clock } = this.#options;
    const number = ++this.#count;
    const socket = `${socketDir}/${id}-${number}.sock`;
    const argument = JSON.stringify({ ...options, listen: `unix:${socket}`, tiedToStdin: true });
    const program = commandOf(entry);
    const child = spawn(program.command, [...program.args, argument], { stdio: ['pipe', 'ignore', 'inherit'] });
    // Writing to a dead child's stdin is nobody's error: nothing is ever written, the pipe only ties the lives together.
    child.stdin?.on('error', () => undefined);
    const current: Incarnation = {
      number,
      process: child,
      socket,
      health: healthClient(`unix:${socket}`, credentials.createInsecure(), { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200, 'grpc.use_local_subchannel_pool': 1 }),
      spawnedAt: clock.monotonic(),
      timer: undefined,
      misses: 0,
      up: false,
      verdict: undefined,
    };
    this.#current = current;
    child.once('error', (error) => this.#onExit(current, `it could not be spawned: ${error.message}`));
    child.once('exit', (code, signal) => this.#onExit(current, current.verdict ?? describeExit(code, signal)));
    current.timer = clock.after(this.#limits.startMs, () => this.#condemn(current, 'it did not start in time'));
    this.#awaitUp(current);
  }

  /** The channel itself keeps trying to connect; each check waits for it. */
  #awaitUp(current: Incarnation): void {
    current.health.check({ service: '' }, { interceptors: [], deadline: Infinity }, (error, reply) => {
      if (this.#current !== current || current.verdict !== undefined || this.#closing !== undefined) return;
      if (error === null && reply?.status === 'SERVING') return this.#onUp(current);
      this.#options.clock.after(20, () => {
        if (this.#current === current && current.verdict === undefined && this.#closing === undefined) this.#awaitUp(current);
      });
    });
  }

  #onUp(current: Incarnation): void {
    current.timer?.cancel();
    current.up = true;
    const tookMs = Math.round(this.#options.clock.monotonic() - current.spawnedAt);
    this.#options.log.info({ worker: this.id, pid: current.process.pid, incarnation: current.number, tookMs }, 'worker is up');
    this.#emit({ type: 'up', address: `unix:${current.socket}`, pid: current.process.pid ?? 0, incarnation: current.number });
    this.#onFirst?.resolve();
    this.#onFirst = undefined;
    this.#schedulePing(current);
  }

  #schedulePing(current: Incarnation, afterMs = this.#limits.pingEveryMs): void {
    current.timer = this.#options.clock.after(afterMs, () => this.#ping(current), { keepAlive: false });
  }

  #ping(current: Incarnation): void {
    let settled = false;
    const settle = (alive: boolean): void => {
      if (settled) return;
      settled = true;
      deadline.cancel();
      if (this.#current !== current || this.#closing !== undefined || current.verdict !== undefined) return;
      current.misses = alive ? 0 : current.misses + 1;
      if (current.misses >= this.#limits.pingMisses) return this.#condemn(current, 'it hung');
      // A miss is asked again at once, so that a hung worker is gone within misses * deadline.
      if (alive) void this.#checkMemory(current).then(() => this.#schedulePing(current));
      else this.#ping(current);
    };
    // The deadline runs on the injected clock; the call itself is cancelled when it passes.
    const deadline = this.#options.clock.after(
      this.#limits.pingDeadlineMs,
      () => {
        settle(false);
        call.cancel();
      },
      { keepAlive: false },
    );
    const call = current.health.check({ service: '' }, {}, (error) => settle(error === null));
  }

  async #checkMemory(current: Incarnation): Promise<void> {
    const bytes = await residentBytes(current.process.pid ?? 0);
    if (bytes > this.#limits.memoryBytes) this.#condemn(current, `it used ${Math.round(bytes / 1e6)} MB of memory`);
  }

  /** SIGKILL, because whoever hangs does not listen to SIGTERM; `exit` does the rest. */
  #condemn(current: Incarnation, reason: string): void {
    if (this.#current !== current || current.verdict !== undefined) return;
    current.verdict = reason;
    current.timer?.cancel();
    current.process.kill('SIGKILL');
  }

  #onExit(current: Incarnation, reason: string): void {
    if (this.#current !== current) return;
    this.#current = undefined;
    current.timer?.cancel();
    current.health.close();
    current.process.stdin?.destroy();
    void rm(current.socket, { force: true });
    if (this.#closing !== undefined) {
      this.#ended?.();
      return;
    }
    this.#options.log.error({ worker: this.id, incarnation: current.number, reason }, 'worker ended');
    if (current.up) this.#emit({ type: 'lost', reason, incarnation: current.number });
    if (this.#onFirst !== undefined) return this.#failFirst(reason);
    this.#scheduleRestart(current);
  }

  #scheduleRestart(current: Incarnation): void {
    const { clock } = this.#options;
    if (current.up && clock.monotonic() - current.spawnedAt >= this.#limits.backoffResetMs) this.#backoffMs = this.#limits.backoffMs;
    const delayMs = this.#backoffMs;
    this.#backoffMs = Math.min(this.#backoffMs * 2, this.#limits.backoffMaxMs);
    this.#restart = clock.after(delayMs, () => this.#spawn());
    this.#emit({ type: 'restarting', delayMs });
  }

  #failFirst(reason: string): void {
    this.#onFirst?.reject(new TrunklineError('TRK_WORKER_START', { params: { worker: this.#options.worker, reason } }));
    this.#onFirst = undefined;
  }

  #emit(event: ChildEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** RSS from /proc, bytes; 0 where it cannot be read (the process is gone, or not Linux). */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
