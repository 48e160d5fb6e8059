import type { Clock, Timer } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Logger } from '../kernel/log.js';
import type { Random } from '../kernel/random.js';
import type { Store } from '../store/store.js';

/** A quarter of the lease (`store/nodes.ts`): a beat or two may be lost. */
const BEAT_EVERY_MS = 5_000;

export interface NodeHeartParts {
  readonly store: Pick<Store, 'beat' | 'leave' | 'recoverAttempts'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * Shows the other servers on the same database that this one lives, and settles what
 * those that died left open. A server that was taken for dead, as it was frozen or cut
 * off for too long, goes on under a new id: its open calls were given up by the others,
 * and what it saves of them is refused.
 */
export class NodeHeart {
  readonly #parts: NodeHeartParts;
  #id: string;
  #timer: Timer | undefined;
  #beating: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: NodeHeartParts) {
    this.#parts = parts;
    this.#id = newId('node', parts.clock, parts.random);
  }

  get nodeId(): string {
    return this.#id;
  }

  /** Makes the node known; before anything is begun in its name. Rejects if the store fails. */
  async start(): Promise<void> {
    await this.#parts.store.beat(this.#id);
    this.#set();
  }

  /** After the last call has its result. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#beating;
    const { store, log } = this.#parts;
    await store.leave(this.#id).catch((error: unknown) => log.warn({ code: asTrunklineError(error).code }, 'the node could not say goodbye'));
  }

  #set(): void {
    if (this.#stopped) return;
    this.#timer = this.#parts.clock.after(BEAT_EVERY_MS, () => {
      this.#beating = this.#beat().finally(() => this.#set());
    });
  }

  async #beat(): Promise<void> {
    const { store, clock, random, log } = this.#parts;
    try {
      while (!(await store.beat(this.#id))) {
        log.error({ code: 'TRK_CONFLICT', nodeId: this.#id }, 'the other servers took this one for dead; it goes on under a new id');
        this.#id = newId('node', clock, random);
      }
      const lost = await store.recoverAttempts(this.#id);
      if (lost.length > 0) log.warn({ unknown: lost.length }, 'a server died and left calls behind');
    } catch (error) {
      log.warn({ code: asTrunklineError(error).code }, 'the node could not show that it lives');
    }
  }
}
