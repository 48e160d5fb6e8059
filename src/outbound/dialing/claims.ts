import type { CallNeeds, CallService, Reservation } from '../../call/call-service.js';
import type { DialStore } from '../../store/dialing.js';
import type { Task } from '../../store/store.js';

/** Due tasks that are looked at when the first ones of a party cannot be served. */
const LOOK_AHEAD = 64;

export interface ClaimParts {
  readonly store: Pick<DialStore, 'dueTasksOf'>;
  readonly calls: Pick<CallService, 'reserve' | 'serves'>;
  /** What a call of a task needs by its flow; the server's own language and nobody by default. */
  readonly needsOf?: (task: Pick<Task, 'flow' | 'flowVersion'>) => Promise<CallNeeds>;
}

/** A due task with all that serves its call. */
export interface Claim {
  readonly task: Task;
  readonly reservation: Reservation;
}

/** How a party's turn went: `dry` has fewer due tasks than it might dial, `unserved` has due tasks for whose calls nothing is free. */
export type TurnOutcome = 'taken' | 'dry' | 'unserved';

/** What is reserved in one go for tasks that are due. Whatever is still held at the end is given back. */
export class Claims {
  readonly #parts: ClaimParts;
  readonly #held = new Map<string, Claim>();
  /** Needs that cannot be served now: nobody else who has them is asked for. */
  readonly #full = new Set<string>();

  constructor(parts: ClaimParts) {
    this.#parts = parts;
  }

  get held(): ReadonlyMap<string, Claim> {
    return this.#held;
  }

  /** Reserves for up to `calls` due tasks of a party, in their order; a later one goes before those whose language, persons or trunk are taken. */
  async take(campaignId: string, calls: number): Promise<TurnOutcome> {
    const { store } = this.#parts;
    const due = await store.dueTasksOf(campaignId, calls);
    let left = calls - (await this.reserve(due, calls));
    if (left > 0 && due.length === calls) left -= await this.reserve(await store.dueTasksOf(campaignId, LOOK_AHEAD), left);
    if (left === 0) return 'taken';
    return due.length < calls && calls - left === due.length ? 'dry' : 'unserved';
  }

  /** How many of them, at most `most`, can be served now. */
  async reserve(due: readonly Task[], most: number): Promise<number> {
    const { calls } = this.#parts;
    let reserved = 0;
    for (const task of due) {
      if (reserved >= most) break;
      if (this.#held.has(task.id)) continue;
      const needs = (await this.#parts.needsOf?.(task)) ?? {};
      const key = JSON.stringify([needs.language, needs.people]);
      if (this.#full.has(key)) continue;
      const reservation = calls.reserve(task, needs);
      if (reservation !== undefined) {
        this.#held.set(task.id, { task, reservation });
        reserved += 1;
      } else if (!calls.serves(needs)) this.#full.add(key);
    }
    return reserved;
  }

  /** It is a call now, which gives its reservation back itself. */
  began(taskId: string): void {
    this.#held.delete(taskId);
  }

  release(): void {
    for (const { reservation } of this.#held.values()) reservation.release();
    this.#held.clear();
  }
}
