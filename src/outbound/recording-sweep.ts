import type { Clock, Timer } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { RecordingRemoval, RecordingStore } from '../store/recordings.js';

const LOOK_EVERY_MS = 60_000;
const WARN_EVERY_MS = 3_600_000;
/** A server that was away for longer than this, ms, may never come back: an operator should know. */
const LATE_MS = 24 * 3_600_000;
const PIECE = 200;

export interface RecordingSweepParts {
  readonly store: Pick<RecordingStore, 'recordingsToRemove' | 'recordingsRemoved' | 'countRemovals'>;
  /** Deletes the file of a recording; false if there was none. */
  readonly remove: (name: string) => Promise<boolean>;
  /** Ids of the folder that `remove` deletes from. */
  readonly folders: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Deletes what the store wants to be removed from the folder of this server: at the start
 * and every minute, so that a server which was away catches up. An order is forgotten when
 * its file is gone, and not before.
 */
export class RecordingSweep {
  readonly #parts: RecordingSweepParts;
  #last: Promise<unknown> = Promise.resolve();
  #timer: Timer | undefined;
  #warnedAt = -Infinity;
  #stopped = false;

  constructor(parts: RecordingSweepParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.sweep().then(() => {
      if (!this.#stopped) this.#timer = this.#parts.clock.after(LOOK_EVERY_MS, () => this.start(), { keepAlive: false });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#last;
  }

  /** Everything that waits for this folder, once; after a sweep that is under way. How many files were deleted; never rejects. */
  sweep(): Promise<number> {
    const sweep = this.#last.then(() => this.#sweep());
    this.#last = sweep;
    return sweep;
  }

  async #sweep(): Promise<number> {
    const { store, folders, log } = this.#parts;
    let removed = 0;
    try {
      for (let after = 0; !this.#stopped; ) {
        const waiting = await store.recordingsToRemove(folders, after, PIECE);
        const done = await this.#remove(waiting);
        await store.recordingsRemoved(folders, done);
        removed += done.filter(({ found }) => found).length;
        const last = waiting.at(-1);
        if (last === undefined || waiting.length < PIECE) break;
        after = last.seq;
      }
      await this.#warn();
    } catch (error) {
      log.error({ code: asTrunklineError(error).code }, 'the removal of recordings broke off; the next one goes on');
    }
    return removed;
  }

  async #remove(waiting: readonly RecordingRemoval[]): Promise<readonly (RecordingRemoval & { readonly found: boolean })[]> {
    const done: (RecordingRemoval & { readonly found: boolean })[] = [];
    for (const { seq, name } of waiting) {
      try {
        done.push({ seq, name, found: await this.#parts.remove(name) });
      } catch (error) {
        this.#parts.log.error({ code: 'TRK_MEDIA_RECORDING', file: name, err: error }, 'a recording could not be removed; it is tried again');
      }
    }
    return done;
  }

  async #warn(): Promise<void> {
    const { store, clock, log } = this.#parts;
    if (clock.monotonic() - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = clock.monotonic();
    const recordings = await store.countRemovals({ before: clock.now() - LATE_MS });
    if (recordings > 0) log.warn({ recordings }, 'recordings have been waiting for a day to be removed by the server that has them');
  }
}
