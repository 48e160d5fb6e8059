import type { Duty, StoreChange } from '../nodes.js';
import type { Db } from './db.js';

/** What needs a connection of its own, for as long as the process lives. */
export interface Session {
  takeDuty(name: string): Promise<Duty | undefined>;
  watch(listener: (change: StoreChange) => void): () => void;
  /** Tells the other nodes when the transaction commits. */
  notify(trx: Db, change: StoreChange): Promise<void>;
  close(): Promise<void>;
}

/** Where one server works on the database at a time: nobody to hear from, and duties are only taken within the process. */
export class LocalSession implements Session {
  readonly #taken = new Set<string>();

  takeDuty(name: string): Promise<Duty | undefined> {
    if (this.#taken.has(name)) return Promise.resolve(undefined);
    this.#taken.add(name);
    let held = true;
    return Promise.resolve({
      held: () => Promise.resolve(held),
      release: () => {
        if (held) this.#taken.delete(name);
        held = false;
        return Promise.resolve();
      },
    });
  }

  watch(): () => void {
    return () => undefined;
  }

  notify(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
