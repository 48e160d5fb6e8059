import type { Clock } from '../kernel/clock.js';
import { Lifetime } from '../kernel/lifetime.js';
import type { Logger } from '../kernel/log.js';
import { makeSocketDirectory } from './socket-directory.js';
import { SupervisedChild } from './supervised-child.js';
import type { SupervisionLimits } from './supervised-child.js';
import type { WorkerProgram } from './worker-program.js';

export interface WorkerFleetOptions {
  readonly worker: 'ear' | 'mouth' | 'mind';
  /** Of the children, with a number behind it; default is `worker`. */
  readonly name?: string;
  readonly count: number;
  /** The worker program, see SupervisedChildOptions. */
  readonly entry: WorkerProgram;
  readonly options: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<SupervisionLimits>;
}

/**
 * `count` supervised children of one kind. It has the shape that the client pool
 * (`speech/worker-pool.ts`) asks of a source of endpoints, and neither imports the other.
 */
export class WorkerFleet {
  readonly children: readonly SupervisedChild[];
  readonly #lifetime: Lifetime;
  readonly #listeners = new Set<() => void>();

  private constructor(children: readonly SupervisedChild[], lifetime: Lifetime) {
    this.children = children;
    this.#lifetime = lifetime;
    for (const child of children) {
      child.onEvent(() => this.#listeners.forEach((listener) => listener()));
    }
  }

  /** Starts all children at once and waits until each is up. TRK_WORKER_START if one cannot start; the others are ended. */
  static async start(options: WorkerFleetOptions): Promise<WorkerFleet> {
    const lifetime = new Lifetime();
    const directory = await makeSocketDirectory();
    lifetime.onClose(() => directory.remove());
    const { worker, count, entry, clock, log, limits } = options;
    const children = Array.from(
      { length: count },
      (_, index) => new SupervisedChild({ worker, id: `${options.name ?? worker}-${index}`, entry, options: options.options, socketDir: directory.path, clock, log, ...(limits ? { limits } : {}) }),
    );
    lifetime.onClose(async () => void (await Promise.all(children.map((child) => child.close()))));
    const fleet = new WorkerFleet(children, lifetime);
    try {
      await Promise.all(children.map((child) => child.start()));
    } catch (error) {
      await lifetime.close();
      throw error;
    }
    return fleet;
  }

  /** Workers that answer now. */
  list(): readonly { readonly id: string; readonly address: string }[] {
    return this.children.flatMap((child) => (child.address === undefined ? [] : [{ id: child.id, address: child.address }]));
  }

  /** Called after every change of `list`; the returned function ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }
}
