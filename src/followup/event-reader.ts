import type { Clock } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import { Rounds } from '../kernel/rounds.js';
import type { NewOutboxEntry, OutboxStore } from '../store/outbox.js';
import type { Store, StoredEvent } from '../store/store.js';

/** Events turned at once. */
const BATCH = 500;
/** How often events are looked for that other nodes appended, ms. */
const POLL_MS = 2_000;

export interface EventReaderParts {
  readonly store: Pick<Store, 'readEvents' | 'lastEventCursor'> & Pick<OutboxStore, 'beginFanOut' | 'fanOut' | 'fanOutCursor'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface EventReaderOptions {
  /** Its place in the list of events is kept under this name. */
  readonly name: string;
  /** The first time of all it begins behind the newest event: what happened before is no news. */
  readonly newsOnly?: boolean;
  /** What these events ask to be sent. Rejects only if the store fails; then they are asked about again. */
  entriesOf(events: readonly StoredEvent[]): Promise<readonly NewOutboxEntry[]>;
  /** Entries were made. */
  made(): void;
}

/**
 * Reads the list of events on, and leaves an entry in the outbox for each that somebody wants
 * to be told of. Its place and the entries are saved together, so none is left out or made
 * twice, whenever the process dies and whichever node reads.
 */
export class EventReader {
  readonly #parts: EventReaderParts;
  readonly #options: EventReaderOptions;
  readonly #rounds: Rounds;
  #begun = false;

  constructor(parts: EventReaderParts, options: EventReaderOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#rounds = new Rounds(parts.clock, (signal) => this.#round(signal));
  }

  start(): void {
    this.#rounds.start();
  }

  /** There is a new event. */
  wake(): void {
    this.#rounds.wake();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  async #round(signal: AbortSignal): Promise<number> {
    try {
      while (!signal.aborted && (await this.#readOn()));
    } catch (error) {
      const { code } = asTrunklineError(error);
      this.#parts.log.error({ code, reader: this.#options.name }, 'events could not be read on');
      if (code === 'TRK_CURSOR_INVALID') await this.#skip().catch(() => undefined);
    }
    return POLL_MS;
  }

  /** True if there may be more. */
  async #readOn(): Promise<boolean> {
    const { store } = this.#parts;
    const { name, newsOnly = false } = this.#options;
    if (newsOnly && !this.#begun) await store.beginFanOut(name);
    this.#begun = true;
    const from = await store.fanOutCursor(name);
    const events = await store.readEvents(from, BATCH);
    const last = events.at(-1);
    if (last === undefined) return false;
    const entries = await this.#options.entriesOf(events);
    if ((await store.fanOut(name, from, last.cursor, entries)) && entries.length > 0) this.#options.made();
    return true;
  }

  /** It was so far behind that events were dropped; what is lost cannot be told any more. */
  async #skip(): Promise<void> {
    const { store } = this.#parts;
    const { name } = this.#options;
    await store.fanOut(name, await store.fanOutCursor(name), await store.lastEventCursor(), []);
  }
}
