import type { CallService, Reservation } from '../call/call-service.js';
import { delay } from '../kernel/clock.js';
import type { Clock, Timer } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Logger } from '../kernel/log.js';
import type { Registry } from '../kernel/metrics.js';
import type { Random } from '../kernel/random.js';
import type { Attempt, CallResult, Store, Task } from '../store/store.js';
import { createDialerMetrics } from './dialer-metrics.js';
import type { DialerMetrics } from './dialer-metrics.js';
import type { EventLog } from './event-log.js';
import { Pacer } from './pacer.js';
import { ResultKeeper } from './result-keeper.js';
import { Spill } from './spill.js';

/** Due tasks looked at in one go. */
const LOOK_AHEAD = 16;
const EXPIRE_EVERY_MS = 1_000;
const LONGEST_BACK_OFF_MS = 30_000;
/** After being told to hang up, calls have this long to end, ms. */
const HANG_UP_MS = 5_000;

export interface DialerParts {
  readonly store: Store;
  readonly calls: CallService;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly registry: Registry;
}

export interface DialerOptions {
  /** Outbound calls at once; 0 dials nothing. */
  readonly maxCalls: number;
  readonly callsPerSecond: number;
  /** How often due tasks are looked for, ms; `wake` looks at once. */
  readonly pollMs: number;
  /** New for every process: open attempts of another id belong to one that died. */
  readonly nodeId: string;
  /** Host part of Call-IDs; the same for ever. */
  readonly callIdHost: string;
  /** Folder for results that the store did not take. */
  readonly spillDir: string;
  /** How long `stop` lets running calls go on, ms. */
  readonly stopLimitMs: number;
}

/**
 * Takes due tasks, highest priority first, and dials each at most once: capacity,
 * then the durable intent, then the INVITE; after the call its one result, kept
 * until the store has it.
 */
export class Dialer {
  readonly #parts: DialerParts;
  readonly #options: DialerOptions;
  readonly #pacer: Pacer;
  readonly #keeper: ResultKeeper;
  readonly #metrics: DialerMetrics;
  readonly #running = new Map<string, Promise<void>>();
  readonly #hangUp = new AbortController();
  #timer: Timer | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #stopping: Promise<void> | undefined;
  #failures = 0;
  #expiredAt = -Infinity;

  constructor(parts: DialerParts, options: DialerOptions) {
    const { store, clock, log } = parts;
    this.#parts = parts;
    this.#options = options;
    this.#pacer = new Pacer(options.callsPerSecond);
    this.#keeper = new ResultKeeper({ store, clock, log, spill: new Spill(options.spillDir, log) });
    this.#metrics = createDialerMetrics(parts.registry, { running: () => this.#running.size, unsaved: () => this.#keeper.unsaved });
  }

  /** Calls from their intent to their saved result. */
  get running(): number {
    return this.#running.size;
  }

  /** Settles what an earlier process left open, then begins to dial. Rejects if the store fails. */
  async start(): Promise<void> {
    const replayed = await this.#keeper.replay();
    const lost = await this.#parts.store.recoverAttempts(this.#options.nodeId);
    if (replayed + lost.length > 0) this.#parts.log.warn({ replayed, unknown: lost.length }, 'an earlier process left calls behind');
    for (const taskId of lost) void this.#parts.events.append('task.unknown', { taskId });
    this.wake();
  }

  /** Looks for due tasks now. */
  wake(): void {
    if (this.#stopping !== undefined) return;
    this.#timer?.cancel();
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    this.#round = this.#rounds().finally(() => (this.#round = undefined));
  }

  /** No new calls; running ones go on up to the limit and are then hung up. Later calls join the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#round;
    const over = new AbortController();
    const { clock, log } = this.#parts;
    const limit = (ms: number): Promise<void> => delay(clock, ms, over.signal).catch(() => undefined);
    const ended = Promise.allSettled(this.#running.values()).then(() => over.abort(new Error('ended')));
    await Promise.race([ended, limit(this.#options.stopLimitMs)]);
    if (this.#running.size > 0) {
      log.warn({ calls: this.#running.size }, 'hanging up calls that outlast the stop');
      this.#hangUp.abort(new Error('the server stops'));
      await Promise.race([ended, limit(HANG_UP_MS)]);
    }
    this.#keeper.stop();
    // What is left now has its result in a file, or is found open by the next start.
    if (this.#keeper.unsaved > 0) await Promise.race([ended, limit(HANG_UP_MS)]);
    over.abort(new Error('stopped'));
  }

  async #rounds(): Promise<void> {
    let pauseMs: number;
    do {
      this.#again = false;
      try {
        await this.#expire();
        pauseMs = await this.#dialDue();
        this.#failures = 0;
      } catch (error) {
        pauseMs = this.#backOff(error);
        this.#again = false;
      }
    } while (this.#again && this.#stopping === undefined);
    if (this.#stopping !== undefined) return;
    this.#timer = this.#parts.clock.after(pauseMs, () => this.wake());
  }

  #backOff(error: unknown): number {
    const { code, message } = asTrunklineError(error);
    this.#metrics.storeErrors.inc({ code });
    this.#parts.log.error({ code, reason: message }, 'looking for due tasks failed');
    return Math.min(this.#options.pollMs * 2 ** Math.min(this.#failures++, 10), LONGEST_BACK_OFF_MS);
  }

  async #expire(): Promise<void> {
    const now = this.#parts.clock.monotonic();
    if (now - this.#expiredAt < EXPIRE_EVERY_MS) return;
    this.#expiredAt = now;
    for (const taskId of await this.#parts.store.expireTasks()) void this.#parts.events.append('task.expired', { taskId });
  }

  /** Dials what may be dialled now; the answer is the pause until the next look, ms. */
  async #dialDue(): Promise<number> {
    const { clock, store, calls } = this.#parts;
    const { pollMs, maxCalls } = this.#options;
    for (;;) {
      const free = maxCalls - this.#running.size;
      if (free <= 0 || this.#stopping !== undefined) return pollMs;
      const waitMs = this.#pacer.waitMs(clock.monotonic());
      if (waitMs > 0) return waitMs;
      const due = await store.dueTasks(Math.min(free, LOOK_AHEAD));
      let begun = 0;
      for (const task of due) {
        if (this.#pacer.waitMs(clock.monotonic()) > 0 || this.#running.size >= maxCalls || this.#stopping !== undefined) break;
        const reservation = calls.reserve(task);
        if (reservation === undefined) {
          this.#metrics.noCapacity.inc();
          return pollMs;
        }
        if (await this.#begin(task, reservation)) begun++;
      }
      if (begun === 0) return pollMs;
    }
  }

  /** False if the task is no longer free to be dialled. */
  async #begin(task: Task, reservation: Reservation): Promise<boolean> {
    let attempt: Attempt | undefined;
    try {
      attempt = await this.#parts.store.beginAttempt(task.id, this.#options.nodeId, (id) => `${id}@${this.#options.callIdHost}`);
    } finally {
      if (attempt === undefined) reservation.release();
    }
    if (attempt === undefined) return false;
    this.#pacer.take(this.#parts.clock.monotonic());
    const call = this.#call(task, attempt, reservation).finally(() => {
      this.#running.delete(attempt.id);
      this.wake();
    });
    this.#running.set(attempt.id, call);
    return true;
  }

  /** Never rejects. */
  async #call(task: Task, attempt: Attempt, reservation: Reservation): Promise<void> {
    const { events, calls } = this.#parts;
    const taskId = task.id;
    void events.append('task.dialing', { taskId, attemptId: attempt.id, number: attempt.number });
    let answered: Promise<void> | undefined;
    let result: CallResult;
    try {
      result = await calls.dial({
        task,
        attempt,
        reservation,
        signal: this.#hangUp.signal,
        onAnswered: () => {
          answered ??= this.#answered(attempt);
        },
      });
    } catch (error) {
      // The port promises not to; if it does, the task still gets its one result.
      reservation.release();
      result = this.#failed(task, attempt, error);
    }
    await answered;
    const kept = await this.#keeper.keep(attempt.id, { ...result, taskId, attemptId: attempt.id });
    this.#metrics.attempts.inc({ disposition: result.disposition });
    if (kept === 'saved') void events.append('task.done', { taskId, attemptId: attempt.id, resultId: result.id, disposition: result.disposition, verdict: result.verdict });
  }

  async #answered(attempt: Attempt): Promise<void> {
    try {
      await this.#parts.store.markInCall(attempt.id);
      void this.#parts.events.append('task.in_call', { taskId: attempt.taskId, attemptId: attempt.id });
    } catch (error) {
      // Only the task's state lags; the result says when it was answered.
      this.#parts.log.warn({ code: asTrunklineError(error).code, attemptId: attempt.id }, 'the answer was not noted');
    }
  }

  #failed(task: Task, attempt: Attempt, error: unknown): CallResult {
    const { clock, random, log } = this.#parts;
    const failure = asTrunklineError(error);
    log.error({ code: failure.code, attemptId: attempt.id, err: error }, 'a call broke down');
    return {
      id: newId('res', clock, random),
      taskId: task.id,
      callId: attempt.callId,
      attemptId: attempt.id,
      direction: 'outbound',
      flow: task.flow,
      flowVersion: task.flowVersion,
      disposition: 'failed',
      sipStatus: undefined,
      reason: failure.code,
      endedBy: 'system',
      verdict: { kind: 'end', reason: 'failed' },
      slots: {},
      transcript: [],
      turns: [],
      recording: undefined,
      media: undefined,
      models: {},
      startedAt: attempt.startedAt,
      answeredAt: undefined,
      endedAt: clock.now(),
    };
  }
}
