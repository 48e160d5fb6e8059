import type { Clock } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import { Rounds } from '../kernel/rounds.js';
import type { OutboxStore } from '../store/outbox.js';

const EVERY_MS = 3_600_000;
/** Entries forgotten by one transaction. */
const BATCH = 1_000;
const DAY_MS = 24 * 3_600_000;

/** Forgets deliveries and mails that ended `keepDays` ago. */
export class OutboxSweeper {
  readonly #parts: { store: Pick<OutboxStore, 'sweepOutbox'>; clock: Clock; log: Logger };
  readonly #keepDays: number;
  readonly #rounds: Rounds;

  constructor(parts: { store: Pick<OutboxStore, 'sweepOutbox'>; clock: Clock; log: Logger }, keepDays: number) {
    this.#parts = parts;
    this.#keepDays = keepDays;
    this.#rounds = new Rounds(parts.clock, (signal) => this.#round(signal));
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  async #round(signal: AbortSignal): Promise<number> {
    const { store, clock, log } = this.#parts;
    try {
      while (!signal.aborted && (await store.sweepOutbox(clock.now() - this.#keepDays * DAY_MS, BATCH)) === BATCH);
    } catch (error) {
      log.error({ code: asTrunklineError(error).code }, 'old deliveries could not be forgotten');
    }
    return EVERY_MS;
  }
}
