import { delay } from '../kernel/clock.js';
import type { Clock } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { AttemptEnding } from '../store/dialing.js';
import type { CallResult, Store } from '../store/store.js';
import type { Spill } from './spill.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 10_000;

/** What the keeper needs of the store. */
export type ResultStore = Pick<Store, 'finishAttempt' | 'saveInboundResult'>;

/** `refused`: the task has another result, and the store keeps of this one what is said beside it. `spilled`: it lies in its file until the next start. */
export type Kept = 'saved' | 'refused' | 'spilled';

/**
 * Sees to it that a finished call's result reaches the store, whatever the store is
 * going through: it is tried again with growing pauses, and meanwhile lies in a file.
 * Calls that came in and calls that went out are treated alike.
 */
export class ResultKeeper {
  readonly #store: ResultStore;
  readonly #spill: Spill;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  #unsaved = 0;

  constructor(parts: { store: ResultStore; spill: Spill; clock: Clock; log: Logger }) {
    this.#store = parts.store;
    this.#spill = parts.spill;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Results whose first try failed and that are not saved yet. */
  get unsaved(): number {
    return this.#unsaved;
  }

  /**
   * Saves what an earlier process could not. Must run before `recoverAttempts`, which
   * would call these attempts unknown. Rejects if the store still fails.
   */
  async replay(): Promise<number> {
    const left = await this.#spill.read();
    for (const { result, ending } of left) {
      const failed = await this.#try(result, ending);
      if (failed !== undefined && failed.retryable) throw failed;
      await this.#spill.remove(result);
    }
    return left.length;
  }

  /** Resolves when the result is safe; never rejects. */
  async keep(result: CallResult, ending: AttemptEnding = {}): Promise<Kept> {
    let failed = await this.#try(result, ending);
    if (failed === undefined) return 'saved';
    if (!failed.retryable && failed.code !== 'TRK_CLOSED') return 'refused';
    this.#unsaved++;
    try {
      let spilled = await this.#spilled(result, ending);
      for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
        if (!(await this.#pause(pause))) return 'spilled';
        spilled ||= await this.#spilled(result, ending);
        failed = await this.#try(result, ending);
        if (failed !== undefined && failed.retryable) continue;
        if (spilled) await this.#spill.remove(result).catch((error: unknown) => this.#log.warn({ err: error, resultId: result.id }, 'file of a saved result could not be removed'));
        return failed === undefined ? 'saved' : 'refused';
      }
    } finally {
      this.#unsaved--;
    }
  }

  /** No more tries; what is not saved lies in its file. */
  stop(): void {
    this.#stopped.abort(new Error('stopped'));
  }

  async #pause(ms: number): Promise<boolean> {
    return await delay(this.#clock, ms, this.#stopped.signal).then(() => true, () => false);
  }

  async #try(result: CallResult, ending: AttemptEnding) {
    const { attemptId } = result;
    try {
      if (attemptId === undefined) await this.#store.saveInboundResult(result);
      else await this.#store.finishAttempt(attemptId, result, ending);
      return undefined;
    } catch (error) {
      const failed = asTrunklineError(error);
      this.#log.error({ code: failed.code, callId: result.callId, taskId: result.taskId, attemptId, resultId: result.id, reason: failed.message }, 'a result was not saved');
      return failed;
    }
  }

  /** The disk may be full: then memory is all there is, and each retry tries the file again. */
  async #spilled(result: CallResult, ending: AttemptEnding): Promise<boolean> {
    try {
      await this.#spill.write(result, ending);
      return true;
    } catch (error) {
      this.#log.error({ code: 'TRK_STORE_FULL', err: error, resultId: result.id }, 'an unsaved result has no file either');
      return false;
    }
  }
}
