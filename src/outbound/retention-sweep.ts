import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Config } from '../config/schema.js';
import type { Clock, Timer } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { Store } from '../store/store.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Rows, or files, of one piece: few enough that no call waits for it. */
const PIECE = 200;

export interface RetentionParts {
  readonly store: Pick<Store, 'takeDuty' | 'retireRecordings' | 'forgetWords' | 'forgetNumbers' | 'forgetEvents'>;
  /** Deletes the files that lie here of what was retired; never rejects. */
  readonly removeRecordings: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Forgets what is older than `retention` says, at the start and every hour, piece by
 * piece, on one server at a time; a sweep that breaks off is gone on with by the next.
 * Files of recordings are removed by the server that has them (`RecordingSweep`).
 */
export class RetentionSweep {
  readonly #parts: RetentionParts;
  readonly #days: Config['retention'];
  #timer: Timer | undefined;
  #sweeping: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: RetentionParts, days: Config['retention']) {
    this.#parts = parts;
    this.#days = days;
  }

  start(): void {
    if (Object.values(this.#days).every((days) => days === undefined)) return;
    this.#sweeping = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#sweeping;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    try {
      const done = await this.sweep();
      if (done !== undefined && Object.values(done).some((count) => count > 0)) log.info(done, 'what was kept long enough is forgotten');
    } catch (error) {
      log.error({ code: asTrunklineError(error).code }, 'the sweep of retention broke off; the next one goes on');
    }
    if (!this.#stopped) this.#timer = clock.after(HOUR_MS, () => void (this.#sweeping = this.#run()), { keepAlive: false });
  }

  /** One sweep to its end; undefined if another server is at it. */
  async sweep(): Promise<{ recordings: number; words: number; numbers: number; events: number } | undefined> {
    const { store } = this.#parts;
    const duty = await store.takeDuty('retention');
    if (duty === undefined) return undefined;
    try {
      const { recordings_days, transcripts_days, numbers_days, events_days } = this.#days;
      return {
        recordings: await this.#each(recordings_days, (before) => store.retireRecordings(before, PIECE)),
        words: await this.#each(transcripts_days, (before) => store.forgetWords(before, PIECE)),
        numbers: await this.#each(numbers_days, (before) => store.forgetNumbers(before, PIECE)),
        events: await this.#each(events_days, (before) => store.forgetEvents(before, PIECE)),
      };
    } finally {
      await duty.release();
      await this.#parts.removeRecordings();
    }
  }

  async #each(days: number | undefined, piece: (before: number) => Promise<number>): Promise<number> {
    if (days === undefined) return 0;
    const before = this.#parts.clock.now() - days * DAY_MS;
    let sum = 0;
    while (!this.#stopped) {
      const done = await piece(before);
      if (done === 0) break;
      sum += done;
      // Audio and signalling come first.
      await nextTurn();
    }
    return sum;
  }
}
