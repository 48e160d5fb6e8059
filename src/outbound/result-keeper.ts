import { delay } from '../kernel/clock.js';
import type { Clock } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { CallResult, Store } from '../store/store.js';
import type { Spill } from './spill.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 10_000;

/** `refused`: the task has its one result already. `spilled`: it lies in its file until the next start. */
export type Kept = 'saved' | 'refused' | 'spilled';

/**
 * Sees to it that a finished call's result reaches the store, whatever the store is
 * going through: it is tried again with growing pauses, and meanwhile lies in a file.
 */
export class ResultKeeper {
  readonly #store: Pick<Store, 'finishAttempt'>;
  readonly #spill: Spill;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  #unsaved = 0;

  constructor(parts: { store: Pick<Store, 'finishAttempt'>; spill: Spill; clock: Clock; log: Logger }) {
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
    for (const { attemptId, result } of left) {
      const failed = await this.#try(attemptId, result);
      if (failed !== undefined && failed.retryable) throw failed;
      await this.#spill.remove(attemptId);
    }
    return left.length;
  }

  /** Resolves when the result is safe; never rejects. */
  async keep(attemptId: string, result: CallResult): Promise<Kept> {
    let failed = await this.#try(attemptId, result);
    if (failed === undefined) return 'saved';
    if (!failed.retryable && failed.code !== 'TRK_CLOSED') return 'refused';
    this.#unsaved++;
    try {
      let spilled = await this.#spilled(attemptId, result);
      for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
        if (!(await this.#pause(pause))) return 'spilled';
        spilled ||= await this.#spilled(attemptId, result);
        failed = await this.#try(attemptId, result);
        if (failed !== undefined && failed.retryable) continue;
        if (spilled) await this.#spill.remove(attemptId).catch((error: unknown) => this.#log.warn({ err: error, attemptId }, 'file of a saved result could not be removed'));
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

  async #try(attemptId: string, result: CallResult) {
    try {
      await this.#store.finishAttempt(attemptId, result);
      return undefined;
    } catch (error) {
      const failed = asTrunklineError(error);
      this.#log.error({ code: failed.code, attemptId, resultId: result.id, reason: failed.message }, 'a result was not saved');
      return failed;
    }
  }

  /** The disk may be full: then memory is all there is, and each retry tries the file again. */
  async #spilled(attemptId: string, result: CallResult): Promise<boolean> {
    try {
      await this.#spill.write(attemptId, result);
      return true;
    } catch (error) {
      this.#log.error({ code: 'TRK_STORE_FULL', err: error, attemptId }, 'an unsaved result has no file either');
      return false;
    }
  }
}
