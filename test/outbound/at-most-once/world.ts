import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrunklineError } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { createRegistry } from '../../../src/kernel/metrics.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { Dialer } from '../../../src/outbound/dialer.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import type { RetryPolicy } from '../../../src/store/campaigns.js';
import type { CallResult, Store, Task } from '../../../src/store/store.js';
import { newTask } from '../../contract/store.js';
import { HANGS_MS, eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { FakeCallService } from '../fake-calls.js';
import type { FakeCall } from '../fake-calls.js';

/**
 * What can go wrong with one call of the store: the process dies before it or after it
 * was committed, the answer is lost although it was committed, or nothing was done.
 */
export const faults = ['dies_before', 'dies_after', 'answer_lost', 'refused'] as const;
export type Fault = (typeof faults)[number];

/** Every method by which the dialer changes the store. */
const WRITES = new Set(['beginAttempts', 'markInCall', 'finishAttempt', 'expireTasks', 'recoverAttempts', 'releaseAttempts', 'dueParties', 'screenTasks']);

const FINAL = new Set(['done', 'cancelled', 'expired', 'unknown']);

interface Invite {
  readonly taskId: string;
  readonly attemptId: string;
}

/** One process: a real dialer on the real store, whose calls the test plays, and which can die at any of its steps. */
export class Process {
  readonly calls: FakeCallService;
  readonly nodeId: string;
  dead = false;
  /** Store calls so far, and what goes wrong with which of those to come. */
  #count = 0;
  #armed: { readonly at: number; readonly fault: Fault } | undefined;
  readonly dialer: Dialer;

  constructor(world: World, spillDir: string) {
    const { clock } = world;
    this.nodeId = newId('node', clock, systemRandom);
    this.calls = new FakeCallService(clock);
    this.calls.onDial = (call) => world.dialled(this, call);
    const store = this.#faulty(world);
    this.dialer = new Dialer(
      { store, calls: this.calls, events: { append: () => Promise.resolve(), subscribe: () => () => undefined }, clock, random: systemRandom, log: silentLogger, registry: createRegistry() },
      {
        mode: 'ai', maxCalls: 4, callsPerSecond: 1_000, pollMs: 500, nodeId: this.nodeId, callIdHost: 'trunkline.invalid', spillDir, stopLimitMs: 1_000, timeZone: 'UTC',
        brakes: { replyP95Ms: 0, workersBusyPercent: 0, trunkFailuresPercent: 0, storeP95Ms: 0, windowMs: 60_000 }, abandon: { limitPercent: 100, windowMs: 60_000 },
      },
    );
  }

  /** Store calls so far. */
  get storeCalls(): number {
    return this.#count;
  }

  /** `fault` befalls the store call after `more` others. */
  arm(more: number, fault: Fault): void {
    this.#armed = { at: this.#count + more, fault };
  }

  disarm(): void {
    this.#armed = undefined;
  }

  #faulty(world: World): Store {
    return new Proxy(world.store, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as unknown;
        if (typeof method !== 'function' || typeof name !== 'string' || !WRITES.has(name)) return method;
        return (...given: unknown[]) => this.#run(world, name, () => (method as (...all: unknown[]) => Promise<unknown>)(...given));
      },
    });
  }

  async #run(world: World, name: string, work: () => Promise<unknown>): Promise<unknown> {
    if (this.dead) return await never();
    // Whether another node lives is known by its lease; here by looking.
    if (name === 'recoverAttempts' && world.othersAlive(this)) return [];
    const fault = this.#armed?.at === this.#count++ ? this.#armed.fault : undefined;
    if (fault === 'dies_before') return await this.die();
    if (fault === 'refused') throw new TrunklineError('TRK_STORE', { params: { reason: 'refused' } });
    const answer = await work();
    if (fault === 'dies_after') return await this.die();
    if (fault === 'answer_lost') throw new TrunklineError('TRK_STORE', { params: { reason: 'answer lost' } });
    return answer;
  }

  die(): Promise<never> {
    this.dead = true;
    return never();
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Two places for processes, one store, and a ledger of every INVITE. */
export class World {
  readonly clock = new ManualClock();
  readonly store: Store;
  readonly ledger: Invite[] = [];
  readonly #directory: string;
  readonly #places: (Process | undefined)[] = [undefined, undefined];
  /** Tasks of this run, with how often an operator let each be dialled again. */
  readonly #tasks = new Map<string, { readonly budget: number; redials: number }>();
  readonly #problems: string[] = [];
  #closed = false;

  constructor() {
    // Nothing is asked of the disk here: a crash is that of a process.
    this.#directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'trunkline-model-'));
    this.store = openSqliteStore({ path: join(this.#directory, 'trunkline.db'), clock: this.clock, random: systemRandom, log: silentLogger, exclusive: false });
  }

  async open(): Promise<void> {
    await this.store.migrate();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.store.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  process(place: number): Process | undefined {
    return this.#places[place];
  }

  othersAlive(one: Process): boolean {
    return this.#places.some((process) => process !== undefined && process !== one && !process.dead);
  }

  dialled(process: Process, call: FakeCall): void {
    if (process.dead) return;
    this.ledger.push({ taskId: call.task.id, attemptId: call.attempt.id });
  }

  /** Starts the process of a place; one that was there is dead from then on. */
  async start(place: number): Promise<Process> {
    const before = this.#places[place];
    if (before !== undefined) before.dead = true;
    const process = new Process(this, join(this.#directory, `unsaved-${place}`));
    this.#places[place] = process;
    let started = false;
    void process.dialer.start().then(() => (started = true), () => (process.dead = true));
    // It reads files first, for which the clock does not wait.
    await eventually('the start of a dialer', HANGS_MS, async () => {
      await this.clock.run(0);
      return started || process.dead ? true : undefined;
    }, 1);
    return process;
  }

  async create(retry: RetryPolicy | undefined): Promise<Task> {
    const { tasks } = await this.store.createTasks([newTask({ retry })]);
    const task = tasks[0]!;
    this.#tasks.set(task.id, { budget: retry?.maxAttempts ?? 1, redials: 0 });
    for (const process of this.#places) if (process?.dead === false) process.dialer.wake();
    return task;
  }

  get taskIds(): readonly string[] {
    return [...this.#tasks.keys()];
  }

  async resolve(taskId: string, as: 'called' | 'redial'): Promise<void> {
    const task = this.#tasks.get(taskId);
    if (task === undefined || !(await this.store.resolveTask(taskId, as))) return;
    if (as === 'redial') task.redials += 1;
  }

  /** Ends the oldest call that is up in this place, if there is one. */
  end(place: number, changes: Partial<CallResult>): void {
    const process = this.#places[place];
    if (process === undefined || process.dead) return;
    process.calls.dialled.find((call) => !this.#ended.has(call) && this.#endNow(call, changes));
  }

  readonly #ended = new WeakSet<FakeCall>();

  #endNow(call: FakeCall, changes: Partial<CallResult>): boolean {
    this.#ended.add(call);
    call.end(changes);
    return true;
  }

  /** What must hold at every moment. Throws at the first thing that does not. */
  async check(): Promise<void> {
    const byAttempt = new Map<string, number>();
    const byTask = new Map<string, number>();
    for (const { attemptId, taskId } of this.ledger) {
      byAttempt.set(attemptId, (byAttempt.get(attemptId) ?? 0) + 1);
      byTask.set(taskId, (byTask.get(taskId) ?? 0) + 1);
    }
    for (const [attemptId, count] of byAttempt) if (count > 1) throw new Error(`${attemptId} was dialled ${count} times`);
    for (const [taskId, { budget, redials }] of this.#tasks) {
      const attempts = await this.store.listAttempts(taskId);
      const known = new Set(attempts.map(({ id }) => id));
      for (const invite of this.ledger) if (invite.taskId === taskId && !known.has(invite.attemptId)) throw new Error(`an INVITE of ${taskId} has no attempt in the store`);
      if (attempts.length > budget + redials) throw new Error(`${taskId} had ${attempts.length} attempts of ${budget} and ${redials} more`);
      if (attempts.filter(({ endedAt }) => endedAt === undefined).length > 1) throw new Error(`${taskId} has two open attempts`);
      const task = await this.store.getTask(taskId);
      const result = await this.store.getResult(taskId);
      const final = FINAL.has(task?.state ?? '');
      if (final !== (result !== undefined)) throw new Error(`${taskId} is ${task?.state} and has ${result === undefined ? 'no' : 'a'} result`);
      if (final && attempts.some(({ endedAt }) => endedAt === undefined)) throw new Error(`${taskId} is ${task?.state} with an open attempt`);
      this.#unknownStays(taskId, task?.state, byTask.get(taskId) ?? 0);
    }
    if (this.#problems.length > 0) throw new Error(this.#problems.join('; '));
  }

  readonly #unknown = new Map<string, number>();

  /** Nothing that is `unknown` is dialled again unless an operator says so. */
  #unknownStays(taskId: string, state: string | undefined, invites: number): void {
    const before = this.#unknown.get(taskId);
    if (state !== 'unknown') return void this.#unknown.delete(taskId);
    if (before !== undefined && invites > before) this.#problems.push(`${taskId} was dialled while unknown`);
    this.#unknown.set(taskId, invites);
  }

  /** Nothing goes wrong any more: every task must come to its end. */
  async drain(): Promise<void> {
    for (const place of [0, 1]) {
      this.#places[place]?.disarm();
      if (this.#places[place]?.dead !== false) await this.start(place);
    }
    // Whoever started while the other was alive could not settle what a dead one left.
    await this.start(1).then((process) => (process.dead = true));
    await this.start(0);
    for (let round = 0; round < 60; round += 1) {
      await this.clock.run(60_000);
      const process = this.#places[0]!;
      for (const call of process.calls.dialled) if (!this.#ended.has(call)) this.#endNow(call, { disposition: 'answered_human' });
      await this.clock.run(1_000);
      if (await this.#allEnded()) break;
    }
    await this.check();
    if (!(await this.#allEnded())) throw new Error('a task never ends');
    for (const place of this.#places) if (place !== undefined) place.dead = true;
    this.#tasks.clear();
    this.ledger.length = 0;
    this.#unknown.clear();
  }

  async #allEnded(): Promise<boolean> {
    for (const id of this.#tasks.keys()) if (!FINAL.has((await this.store.getTask(id))?.state ?? '')) return false;
    return true;
  }
}
