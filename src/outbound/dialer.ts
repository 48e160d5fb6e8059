import { setMaxListeners } from 'node:events';
import type { CallService, Reservation } from '../call/call-service.js';
import { delay } from '../kernel/clock.js';
import type { Clock, Timer } from '../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { Registry } from '../kernel/metrics.js';
import type { Random } from '../kernel/random.js';
import type { BeginOutcome } from '../store/dialing.js';
import type { Attempt, CallResult, Store, Task } from '../store/store.js';
import { brokenCallResult } from './broken-call.js';
import { ALONE, Pace } from './dialing/pace.js';
import type { PaceOptions } from './dialing/pace.js';
import { Parties } from './dialing/parties.js';
import { RetryDesk } from './dialing/retry-desk.js';
import { createDialerMetrics } from './dialer-metrics.js';
import type { DialerMetrics } from './dialer-metrics.js';
import type { EventLog } from './event-log.js';
import { Pacer } from './pacer.js';
import { ResultKeeper } from './result-keeper.js';
import { Spill } from './spill.js';

/** Due tasks looked at, and intents made durable, in one go. */
const LOOK_AHEAD = 64;
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
  /** Language of the flow of a task, so that it waits for workers of this language alone; undefined is the server's own. */
  readonly languageOf?: (task: Pick<Task, 'flow' | 'flowVersion'>) => Promise<string | undefined>;
}

export interface DialerOptions extends PaceOptions {
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
  /** In which parts of the day are told for callees of whom none is known. */
  readonly timeZone: string;
}

/** What became of a person's wish to dial a task now. */
export type DialNow =
  | { readonly kind: 'begun' | 'gone' }
  | { readonly kind: 'blocked'; readonly rule: string; readonly until: number | undefined }
  /** Nothing is free that could serve the call; or too many of the party's callees heard nothing. */
  | { readonly kind: 'full' | 'stopped' };

/** A task that a person has on the screen and wants to be dialled. */
interface Wish {
  readonly task: Task;
  readonly claimedBy: string;
  readonly resolve: (became: DialNow) => void;
  readonly reject: (error: unknown) => void;
}

/** A due task with all that serves its call. */
interface Claim {
  readonly task: Task;
  readonly reservation: Reservation;
}

/**
 * Takes due tasks, fairly between campaigns and by rank within one, and makes each
 * attempt at most once: capacity, then the durable intent, then the INVITE; after the
 * call its record, and the task's one result or its next try, kept until the store has it.
 */
export class Dialer {
  readonly #parts: DialerParts;
  readonly #options: DialerOptions;
  readonly #pacer: Pacer;
  readonly #pace: Pace;
  readonly #parties = new Parties();
  readonly #keeper: ResultKeeper;
  readonly #metrics: DialerMetrics;
  readonly #retries: RetryDesk;
  readonly #running = new Map<string, Promise<void>>();
  readonly #wishes: Wish[] = [];
  /** Every running call listens to it. */
  readonly #hangUp = new AbortController();
  #timer: Timer | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #stopping: Promise<void> | undefined;
  #failures = 0;
  /** The store may have saved intents that it could not tell of. */
  #unsure = false;
  #expiredAt = -Infinity;

  constructor(parts: DialerParts, options: DialerOptions) {
    setMaxListeners(0, this.#hangUp.signal);
    const { store, clock, log } = parts;
    this.#parts = parts;
    this.#options = options;
    this.#retries = new RetryDesk(parts, options.timeZone);
    this.#pacer = new Pacer(options.callsPerSecond);
    this.#keeper = new ResultKeeper({ store, clock, log, spill: new Spill(options.spillDir, log) });
    this.#pace = new Pace(parts, options);
    this.#metrics = createDialerMetrics(parts.registry, {
      running: () => this.#running.size,
      unsaved: () => this.#keeper.unsaved,
      allowed: () => this.#pace.allowed(),
      brakes: () => this.#pace.brakes,
      abandoned: () => this.#pace.abandoned,
    });
  }

  /** Calls from their intent to their saved result. */
  get running(): number {
    return this.#running.size;
  }

  /** What keeps it from dialling as it could, in plain words; undefined if nothing does. */
  get detail(): string | undefined {
    return this.#pace.detail;
  }

  /** Settles what an earlier process left open, then begins to dial. Rejects if the store fails. */
  async start(): Promise<void> {
    const replayed = await this.#keeper.replay();
    const lost = await this.#parts.store.recoverAttempts(this.#options.nodeId);
    if (replayed + lost.length > 0) this.#parts.log.warn({ replayed, unknown: lost.length }, 'an earlier process left calls behind');
    const answered = await this.#parts.store.answeredSince(this.#parts.clock.now() - this.#options.abandon.windowMs);
    for (const { campaignId, minute, ...figures } of answered) this.#pace.remember(minute, campaignId, figures);
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

  /**
   * Dials a task of a campaign in preview mode, which `claimedBy` has claimed. In the rounds, as
   * all intents are: of one whose answer was lost, no other one may be under way. TRK_CLOSED.
   */
  async dialNow(task: Task, claimedBy: string): Promise<DialNow> {
    if (this.#stopping !== undefined) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The dialer' } });
    return await new Promise((resolve, reject) => {
      this.#wishes.push({ task, claimedBy, resolve, reject });
      this.wake();
    });
  }

  /** No new calls; running ones go on up to the limit and are then hung up. Later calls join the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#round;
    for (const { reject } of this.#wishes.splice(0)) reject(new TrunklineError('TRK_CLOSED', { params: { what: 'The dialer' } }));
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
        // Whoever waits at a screen is told now; a machine is patient.
        for (const { reject } of this.#wishes.splice(0)) reject(error);
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
    await this.#parts.store.expireTasks();
  }

  /** Dials what may be dialled now; the answer is the pause until the next look, ms. */
  async #dialDue(): Promise<number> {
    const { clock, store } = this.#parts;
    const { pollMs } = this.#options;
    if (this.#unsure) {
      const released = await store.releaseAttempts(this.#options.nodeId, [...this.#running.keys()]);
      if (released > 0) this.#parts.log.warn({ released }, 'intents whose answer was lost were taken back; nothing was dialled');
      this.#unsure = false;
    }
    for (let wish = this.#wishes.shift(); wish !== undefined; wish = this.#wishes.shift()) await this.#grant(wish);
    this.#parties.refresh(await store.dueParties());
    for (let fresh = true; ; fresh = false) {
      if (this.#stopping !== undefined) return pollMs;
      const now = clock.monotonic();
      const waitMs = this.#pacer.waitMs(now);
      if (waitMs > 0) return waitMs;
      const slots = Math.min(this.#pace.allowed() - this.#running.size, this.#pacer.ready(now), LOOK_AHEAD);
      if (slots <= 0) {
        // Only what was just read is known to wait.
        if (fresh && this.#parties.waiting && this.#pace.full(this.#running.size)) this.#metrics.noCapacity.inc();
        return pollMs;
      }
      const turns = this.#parties.allot(now, slots, (party) => this.#pace.stopped(party));
      if (turns.length === 0) return Math.min(pollMs, this.#parties.waitMs(now) ?? pollMs);
      const { begun, blocked } = await this.#dial(turns);
      if (begun + blocked === 0) return pollMs;
    }
  }

  /** Reservation, durable intent, INVITE: for what each party was allotted. */
  async #dial(turns: readonly { readonly campaignId: string; readonly calls: number }[]): Promise<{ begun: number; blocked: number }> {
    const held = new Map<string, Claim>();
    const full = new Set<string | undefined>();
    let outcomes: readonly BeginOutcome[] = [];
    try {
      for (const { campaignId, calls } of turns) await this.#claim(campaignId, calls, held, full);
      if (held.size > 0 && this.#stopping === undefined) outcomes = await this.#commit(held);
    } finally {
      for (const { reservation } of held.values()) reservation.release();
    }
    const count = (kind: BeginOutcome['kind']): number => outcomes.filter((outcome) => outcome.kind === kind).length;
    return { begun: count('begun'), blocked: count('blocked') };
  }

  /** What a person wants, within the same limits. Never rejects. */
  async #grant({ task, claimedBy, resolve, reject }: Wish): Promise<void> {
    const party = task.campaignId ?? ALONE;
    const held = new Map<string, Claim>();
    try {
      if (this.#pace.stopped(party)) return resolve({ kind: 'stopped' });
      const free = this.#pace.allowed() - this.#running.size > 0;
      if (!free || (await this.#reserve([task], 1, held, new Set())) === 0) return resolve({ kind: 'full' });
      const [outcome] = await this.#commit(held, claimedBy);
      resolve(outcome ?? { kind: 'gone' });
    } catch (error) {
      reject(error);
    } finally {
      for (const { reservation } of held.values()) reservation.release();
    }
  }

  /** Durable intents for all that is held; those that were begun are dialled and held no more. */
  async #commit(held: Map<string, Claim>, claimedBy?: string): Promise<readonly BeginOutcome[]> {
    const { clock, store } = this.#parts;
    const { nodeId, callIdHost } = this.#options;
    const asked = clock.monotonic();
    this.#unsure = true;
    const outcomes = await store.beginAttempts([...held.keys()], { nodeId, sipCallIdOf: (id) => `${id}@${callIdHost}`, claimedBy });
    this.#unsure = false;
    this.#pace.saved(clock.monotonic() - asked);
    for (const outcome of outcomes) {
      const claim = held.get(outcome.taskId);
      if (claim === undefined || outcome.kind === 'gone') continue;
      if (outcome.kind === 'blocked') this.#metrics.refused.inc({ rule: outcome.rule });
      else {
        held.delete(outcome.taskId);
        this.#begin(claim.task, outcome.attempt, claim.reservation);
      }
    }
    return outcomes;
  }

  /** Reserves what the next `calls` tasks of a party need. */
  async #claim(campaignId: string, calls: number, held: Map<string, Claim>, full: Set<string | undefined>): Promise<void> {
    const { store } = this.#parts;
    const due = await store.dueTasksOf(campaignId, calls);
    if (due.length < calls) this.#parties.dry(campaignId);
    const left = calls - (await this.#reserve(due, calls, held, full));
    // A later task may be in another language, whose workers are free.
    if (left > 0 && due.length === calls && this.#parts.languageOf !== undefined) await this.#reserve(await store.dueTasksOf(campaignId, LOOK_AHEAD), left, held, full);
  }

  /** How many can be served now. `full`: languages without a free place. */
  async #reserve(due: readonly Task[], most: number, held: Map<string, Claim>, full: Set<string | undefined>): Promise<number> {
    let reserved = 0;
    for (const task of due) {
      if (reserved >= most) break;
      const language = await this.#parts.languageOf?.(task);
      if (held.has(task.id) || full.has(language)) continue;
      const reservation = this.#parts.calls.reserve(task, language);
      if (reservation === undefined) {
        if (full.size === 0) this.#metrics.noCapacity.inc();
        full.add(language);
        continue;
      }
      held.set(task.id, { task, reservation });
      reserved += 1;
    }
    return reserved;
  }

  #begin(task: Task, attempt: Attempt, reservation: Reservation): void {
    const party = task.campaignId ?? ALONE;
    const now = this.#parts.clock.monotonic();
    this.#pacer.take(now);
    this.#parties.began(party, now);
    const call = this.#call(task, attempt, reservation).finally(() => {
      this.#running.delete(attempt.id);
      this.#parties.ended(party);
      this.wake();
    });
    this.#running.set(attempt.id, call);
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
        attemptsLeft: await this.#retries.left(task, attempt),
        reservation,
        signal: this.#hangUp.signal,
        onAnswered: () => {
          answered ??= this.#answered(attempt);
        },
      });
    } catch (error) {
      // The port promises not to; if it does, the task still gets its one result.
      reservation.release();
      const { code } = asTrunklineError(error);
      this.#parts.log.error({ code, callId: attempt.callId, taskId, attemptId: attempt.id, err: error }, 'a call broke down');
      result = brokenCallResult(this.#parts, task, attempt, code);
    }
    await answered;
    const abandoned = this.#pace.ended(task.campaignId ?? ALONE, result);
    // Calls that the server's stop ended are not the callee's doing, but somebody may have been on the line.
    const retryAt = this.#hangUp.signal.aborted ? undefined : await this.#retries.at(task, attempt, result);
    await this.#keeper.keep({ ...result, taskId, attemptId: attempt.id }, { retryAt, abandoned });
    this.#metrics.attempts.inc({ disposition: result.disposition });
  }

  async #answered(attempt: Attempt): Promise<void> {
    try {
      await this.#parts.store.markInCall(attempt.id);
      void this.#parts.events.append('task.in_call', { taskId: attempt.taskId, attemptId: attempt.id });
    } catch (error) {
      // Only the task's state lags; the result says when it was answered.
      this.#parts.log.warn({ code: asTrunklineError(error).code, callId: attempt.callId, taskId: attempt.taskId, attemptId: attempt.id }, 'the answer was not noted');
    }
  }
}
