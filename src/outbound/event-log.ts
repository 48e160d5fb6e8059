import type { Logger } from '../kernel/log.js';
import type { EventPayloads, EventType } from '../store/event-payloads.js';
import type { Store } from '../store/store.js';

export type { CallSummary, EventPayloads, EventType } from '../store/event-payloads.js';

/**
 * PORT: the list of everything that happened, which clients read by cursor.
 *
 * What becomes of tasks and campaigns the store tells by itself, in the transaction that
 * makes it true, so that no webhook or mail about it is ever lost. What is appended here
 * is passing news: an event that cannot be saved is logged and given up, and never holds
 * up a call.
 */
export interface EventLog {
  /** Never rejects; resolves when the event is durable or was given up. */
  append<T extends EventType>(type: T, data: EventPayloads[T]): Promise<void>;
  /** `listener` runs after new events, also of another server on the same database; the answer ends that. It reads the store by its own cursor. */
  subscribe(listener: () => void): () => void;
}

export function createEventLog(store: Pick<Store, 'appendEvent' | 'watch'>, log: Logger): EventLog {
  return {
    async append(type, data) {
      try {
        await store.appendEvent(type, data);
      } catch (error) {
        log.error({ err: error, type }, 'event could not be saved');
      }
    },
    subscribe(listener) {
      return store.watch((change) => {
        if (change === 'events') listener();
      });
    },
  };
}
