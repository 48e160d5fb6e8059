import { setMaxListeners } from 'node:events';
import type { CallNeeds, CallService, Reservation } from '../call/call-service.js';
import { delay } from '../kernel/clock.js';
import type { Clock } from '../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { Registry } from '../kernel/metrics.js';
import type { Random } from '../kernel/random.js';
import { Rounds } from '../kernel/rounds.js';
import type { BeginOutcome } from '../store/dialing.js';
import type { Attempt, CallResult, Store, Task } from '../store/store.js';
import { brokenCallResult } from './broken-call.js';
import { Claims, Walks } from './dialing/claims.js';
import { ALONE, Pace } from './dialing/pace.js';
import type { PaceOptions } from './dialing/pace.js';
import { Parties } from './dialing/parties.js';
import { STEP_EVERY_MS } from './dialing/queue-walk.js';
import { Refusals } from './dialing/refusals.js';
import { RetryDesk } from './dialing/retry-desk.js';
import { Wishes } from './dialing/wishes.js';
import type { DialNow, Wish } from './dialing/wishes.js';
import { createDialerMetrics } from './dialer-metrics.js';
import type { DialerMetrics } from './dialer-metrics.js';
import type { EventLog } from './event-log.js';
import { Pacer } from './pacer.js';
import { ResultKeeper } from './result-keeper.js';
import { Spill } from './spill.js';

export type { DialNow } from './dialing/wishes.js';

/** Due tasks looked at, and intents made durable, in one go. */
const LOOK_AHEAD = 64;
const EXPIRE_EVERY_MS = 1_000;
/** Other servers come and go seldom, and what they hear of abandoned calls is for us, too. */
const MEET_SERVERS_MS = 5_000;
/** Longer than nearly every call, as it is counted at its answer and known at its end. */
const LEARN_BACK_MS = 20 * 60_000;
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
  /** What a call of a task needs by its flow, so that it waits for that alone. */
  readonly needsOf?: (task: Pick<Task, 'flow' | 'flowVersion'>) => Promise<CallNeeds>;
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
  readonly #refusals: Refusals;
  readonly #walks = new Walks();
  readonly #keeper: ResultKeeper;
  readonly #metrics: DialerMetrics;
  readonly #retries: RetryDesk;
  readonly #running = new Map<string, Promise<void>>();
  readonly #wishes = new Wishes();
  readonly #rounds: Rounds;
  /** Every running call listens to it. */
  readonly #hangUp = new AbortController();
  #stopping: Promise<void> | undefined;
  #failures = 0;
  /** The store may have saved intents that it could not tell of. */
  #unsure = false;
  #expiredAt = -Infinity;
  /** Servers that dial from this store, and when they were counted. */
  #servers = 1;
  #countedAt = -Infinity;

  constructor(parts: DialerParts, options: DialerOptions) {
    setMaxListeners(0, this.#hangUp.signal);
    const { store, clock, log } = parts;
    this.#parts = parts;
    this.#options = options;
    this.#rounds = new Rounds(clock, () => this.#round());
    this.#refusals = new Refusals(store);
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
    await this.#learn(this.#options.abandon.windowMs);
    if (this.#stopping === undefined) this.#rounds.start();
  }

  /** Whom all servers together have abandoned. */
  async #learn(backMs: number): Promise<void> {
    const { store, clock } = this.#parts;
    const answered = await store.answeredSince(clock.now() - backMs);
    for (const { campaignId, minute, ...figures } of answered) this.#pace.learn(minute, campaignId, figures);
  }

  /** Looks for due tasks now. */
  wake(): void {
    this.#rounds.wake();
  }

  /**
   * Dials a task of a campaign in preview mode, which `claimedBy` has claimed. In the rounds, as
   * all intents are: of one whose answer was lost, no other one may be under way. TRK_CLOSED.
   */
  async dialNow(task: Task, claimedBy: string): Promise<DialNow> {
    if (this.#stopping !== undefined) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The dialer' } });
    const became = this.#wishes.add(task, claimedBy, this.#parts.clock.monotonic());
    this.wake();
    return await became;
  }

  /** No new calls; running ones go on up to the limit and are then hung up. Later calls join the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#rounds.stop();
    this.#wishes.rejectAll(new TrunklineError('TRK_CLOSED', { params: { what: 'The dialer' } }));
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

  async #round(): Promise<number> {
    try {
      await this.#expire();
      const pauseMs = await this.#dialDue();
      this.#failures = 0;
      return pauseMs;
    } catch (error) {
      // Whoever waits at a screen is told now; a machine is patient.
      this.#wishes.rejectAll(error);
      return this.#backOff(error);
    }
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
    const { store } = this.#parts;
    if (this.#unsure) {
      const released = await store.releaseAttempts(this.#options.nodeId, [...this.#running.keys()]);
      if (released > 0) this.#parts.log.warn({ released }, 'intents whose answer was lost were taken back; nothing was dialled');
      this.#unsure = false;
    }
    await this.#meetParties();
    const wishMs = await this.#grantWishes();
    const dueMs = await this.#giveTurns();
    // However much is refused, it is a piece of it a round, and the event loop turns before the next one.
    const refusalMs = this.#refusals.any && this.#stopping === undefined ? await this.#screen() : Infinity;
    return Math.min(dueMs, wishMs, refusalMs, this.#walks.more ? STEP_EVERY_MS : Infinity);
  }

  /** Every party that may dial has its turn; whoever cannot be served, or is refused, leaves it to the others for this round. */
  async #giveTurns(): Promise<number> {
    const { clock } = this.#parts;
    const { pollMs } = this.#options;
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
      if ((await this.#dial(turns)) === 'nothing') return pollMs;
    }
  }

  /** Tasks around one that was refused. The answer is a pause as long as the work was: half of the time is left to calls. */
  async #screen(): Promise<number> {
    const { clock } = this.#parts;
    const began = clock.monotonic();
    for (const outcome of await this.#refusals.screen()) if (outcome.kind === 'blocked') this.#metrics.refused.inc({ rule: outcome.rule });
    return Math.max(1, clock.monotonic() - began);
  }

  async #meetParties(): Promise<void> {
    const { store, clock } = this.#parts;
    const due = await store.dueParties();
    const now = clock.monotonic();
    if (now - this.#countedAt >= MEET_SERVERS_MS) {
      this.#countedAt = now;
      this.#servers = await store.livingNodes();
      if (this.#servers > 1) await this.#learn(LEARN_BACK_MS);
    }
    this.#parties.refresh(due, this.#servers);
    this.#walks.keep(new Set(due.map(({ campaignId }) => campaignId)));
  }

  /** Reservation, durable intent, INVITE: for what each party was allotted. `nothing`: to ask again at once would change nothing. */
  async #dial(turns: readonly { readonly campaignId: string; readonly calls: number }[]): Promise<'something' | 'nothing'> {
    const claims = new Claims(this.#parts);
    let outcomes: readonly BeginOutcome[] = [];
    let aside = false;
    try {
      for (const { campaignId, calls } of turns) {
        const outcome = await claims.take(campaignId, calls, this.#walks, this.#parts.clock.monotonic());
        if (outcome === 'taken') continue;
        this.#parties.dry(campaignId);
        if (outcome === 'dry') continue;
        aside = true;
        this.#metrics.noCapacity.inc();
      }
      if (claims.held.size > 0 && this.#stopping === undefined) outcomes = await this.#commit(claims);
    } finally {
      claims.release();
    }
    return aside || outcomes.some(({ kind }) => kind !== 'gone') ? 'something' : 'nothing';
  }

  /** What persons want goes first. The answer is when somebody who waits for the pace is to be asked for again, ms. */
  async #grantWishes(): Promise<number> {
    const { clock } = this.#parts;
    const waitMs = ({ task }: Wish): number => Math.max(this.#pacer.waitMs(clock.monotonic()), this.#parties.waitOf(task.campaignId ?? ALONE, clock.monotonic()));
    for (const wish of this.#wishes.due(() => clock.monotonic(), waitMs)) await this.#grant(wish, waitMs(wish) === 0);
    return this.#wishes.nextMs(waitMs);
  }

  /** Within the same limits. Never rejects. */
  async #grant({ task, claimedBy, resolve, reject }: Wish, inPace: boolean): Promise<void> {
    const party = task.campaignId ?? ALONE;
    const claims = new Claims(this.#parts);
    try {
      if (this.#pace.stopped(party)) return resolve({ kind: 'stopped' });
      const free = inPace && !this.#parties.full(party) && this.#pace.allowed() - this.#running.size > 0;
      if (!free || (await claims.reserve(task)) !== undefined) return resolve({ kind: 'full' });
      const [outcome] = await this.#commit(claims, claimedBy);
      resolve(outcome ?? { kind: 'gone' });
    } catch (error) {
      reject(error);
    } finally {
      claims.release();
    }
  }

  /** Durable intents for all that is held; those that were begun are dialled and held no more. */
  async #commit(claims: Claims, claimedBy?: string): Promise<readonly BeginOutcome[]> {
    const { clock, store } = this.#parts;
    const { nodeId, callIdHost } = this.#options;
    const asked = clock.monotonic();
    this.#unsure = true;
    const outcomes = await store.beginAttempts([...claims.held.keys()], { nodeId, sipCallIdOf: (id) => `${id}@${callIdHost}`, claimedBy });
    this.#unsure = false;
    this.#pace.saved(clock.monotonic() - asked);
    for (const outcome of outcomes) {
      const claim = claims.held.get(outcome.taskId);
      if (outcome.kind === 'blocked') this.#metrics.refused.inc({ rule: outcome.rule });
      if (claim === undefined || outcome.kind === 'gone') continue;
      const { task, place, reservation } = claim;
      if (outcome.kind === 'begun') {
        claims.began(task.id);
        this.#begin(task, outcome.attempt, reservation);
        continue;
      }
      // What it cannot dial now others can.
      this.#parties.dry(task.campaignId ?? ALONE);
      if (outcome.kind === 'blocked' && place !== undefined) this.#refusals.add(task.campaignId ?? ALONE, place);
    }
    return outcomes;
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
