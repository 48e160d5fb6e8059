import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { EventLog } from '../outbound/event-log.js';
import type { Store } from '../store/store.js';
import { asApiError } from './errors.js';
import { wireEvent } from './events.js';

/** Events read from the store, and held in memory for one client, at once. */
const PAGE = 100;
/** A client that does not take one page within this time is too slow, ms. */
const SLOW_MS = 10_000;
const HEARTBEAT_MS = 15_000;

export interface EventStreamParts {
  readonly store: Pick<Store, 'readEvents' | 'lastEventCursor'>;
  readonly events: Pick<EventLog, 'subscribe'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Rejects when the key may no longer read events. */
  readonly authorize: () => Promise<unknown>;
}

/**
 * Sends events after a cursor to one client, in order and without gaps. Old and new
 * ones take the same way, out of the store, so a client that reads slowly costs one
 * page of memory; one that does not read at all is closed with 4408.
 */
export class EventStream {
  readonly #socket: WebSocket;
  readonly #parts: EventStreamParts;
  #cursor = 0;
  #sending = false;
  #again = false;
  #alive = true;
  #closed = false;
  #heartbeat: Timer | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(socket: WebSocket, parts: EventStreamParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.on('close', () => this.#end());
    socket.on('pong', () => (this.#alive = true));
  }

  /** Begins after `cursor`, or with what happens from now on. */
  async start(cursor: number | undefined): Promise<void> {
    try {
      this.#cursor = cursor ?? (await this.#parts.store.lastEventCursor());
    } catch (error) {
      return this.fail(error);
    }
    if (this.#closed) return;
    this.#unsubscribe = this.#parts.events.subscribe(() => this.#wake());
    this.#heartbeat = this.#parts.clock.after(HEARTBEAT_MS, () => void this.#beat());
    this.#wake();
  }

  /** Tells the client why, then closes with 4000 + the HTTP status of the error. */
  fail(thrown: unknown): void {
    if (this.#closed) return;
    const error = asApiError(thrown);
    if (error.status >= 500) this.#parts.log.error({ code: error.code, err: thrown }, 'an event stream failed');
    this.#socket.send(JSON.stringify({ error: error.toJSON() }), () => undefined);
    this.#socket.close(4000 + error.status, error.code);
    this.#end();
  }

  #end(): void {
    this.#closed = true;
    this.#heartbeat?.cancel();
    this.#unsubscribe?.();
  }

  #wake(): void {
    this.#again = true;
    if (!this.#sending) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#sending = true;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const events = await this.#parts.store.readEvents(this.#cursor, PAGE);
        if (events.length === 0) continue;
        await this.#send(events.map((event) => JSON.stringify(wireEvent(event))));
        this.#cursor = events.at(-1)?.cursor ?? this.#cursor;
        this.#again = true;
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.#sending = false;
    }
  }

  /** Resolves when the system has taken the last one. TRK_SLOW_CONSUMER. */
  #send(messages: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#parts.clock.after(SLOW_MS, () => reject(new TrunklineError('TRK_SLOW_CONSUMER', { params: { ms: SLOW_MS } })));
      messages.forEach((message, index) =>
        this.#socket.send(message, () => {
          if (index < messages.length - 1) return;
          timer.cancel();
          resolve();
        }),
      );
    });
  }

  /** RFC 6455 section 5.5.2: a ping asks whether the far end still responds. */
  async #beat(): Promise<void> {
    if (!this.#alive) {
      this.#parts.log.debug({ code: 'TRK_SLOW_CONSUMER' }, 'an event client no longer answers');
      this.#socket.terminate();
      return;
    }
    try {
      // A revoked key ends what it began.
      await this.#parts.authorize();
    } catch (error) {
      this.fail(error);
    }
    if (this.#closed) return;
    this.#alive = false;
    this.#socket.ping(() => undefined);
    // Another program may have written to the store.
    this.#wake();
    this.#heartbeat = this.#parts.clock.after(HEARTBEAT_MS, () => void this.#beat());
  }
}
