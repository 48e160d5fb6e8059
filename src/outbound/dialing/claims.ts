import type { CallNeeds, CallService, Reservation } from '../../call/call-service.js';
import type { DialStore, DuePlace } from '../../store/dialing.js';
import type { Task } from '../../store/store.js';
import { QueueWalk } from './queue-walk.js';
import type { Reserver } from './queue-walk.js';

export interface ClaimParts {
  readonly store: Pick<DialStore, 'dueTasksOf'>;
  readonly calls: Pick<CallService, 'reserve' | 'serves' | 'routeOf'>;
  /** What a call of a task needs by its flow; the server's own language and nobody by default. */
  readonly needsOf?: (task: Pick<Task, 'flow' | 'flowVersion'>) => Promise<CallNeeds>;
}

/** A due task with all that serves its call. */
export interface Claim {
  readonly task: Task;
  /** Where it stands in its party's queue; undefined for one that a person has picked. */
  readonly place: DuePlace | undefined;
  readonly reservation: Reservation;
}

/** Tasks that wait for the same: for workers and persons, or for a channel of the same trunks. */
export interface Kind {
  readonly key: string;
  readonly needs: CallNeeds;
  /** One of them, for which a channel is missing; undefined where it is the needs that are not served. */
  readonly task: Pick<Task, 'to' | 'from'> | undefined;
}

/** How a party's turn went: `dry` has fewer due tasks than it might dial, `unserved` has due tasks for whose calls nothing is free. */
export type TurnOutcome = 'taken' | 'dry' | 'unserved';

/** How far each party's queue was looked through for tasks that can be served. */
export class Walks {
  readonly #byParty = new Map<string, QueueWalk>();

  /** Some of them are not at the end of their queue. */
  get more(): boolean {
    return [...this.#byParty.values()].some((walk) => walk.more);
  }

  get size(): number {
    return this.#byParty.size;
  }

  of(campaignId: string, store: ClaimParts['store']): QueueWalk {
    let walk = this.#byParty.get(campaignId);
    if (walk === undefined) this.#byParty.set(campaignId, (walk = new QueueWalk((limit, after) => store.dueTasksOf(campaignId, limit, after))));
    return walk;
  }

  /** Of those that have nothing due any more nothing is remembered. */
  keep(campaignIds: ReadonlySet<string>): void {
    for (const id of this.#byParty.keys()) if (!campaignIds.has(id)) this.#byParty.delete(id);
  }
}

/** What is reserved in one go for tasks that are due. Whatever is still held at the end is given back. */
export class Claims implements Reserver {
  readonly #parts: ClaimParts;
  readonly #held = new Map<string, Claim>();
  /** What cannot be served now: nobody else who waits for it is asked for. */
  readonly #lacking = new Map<string, Kind>();
  #routesLack = false;

  constructor(parts: ClaimParts) {
    this.#parts = parts;
  }

  get held(): ReadonlyMap<string, Claim> {
    return this.#held;
  }

  /** Reserves for up to `calls` due tasks of a party, in their order; a later one goes before those whose language, persons or trunk are taken. */
  async take(campaignId: string, calls: number, walks: Walks, now: number): Promise<TurnOutcome> {
    const { store } = this.#parts;
    const due = await store.dueTasksOf(campaignId, calls);
    let left = calls;
    for (const task of due) if ((await this.reserve(task)) === undefined) left -= 1;
    if (left === 0) return 'taken';
    if (due.length < calls) return calls - left === due.length ? 'dry' : 'unserved';
    const walk = walks.of(campaignId, store);
    left -= await walk.go(this, left, now, walks.size);
    return left === 0 ? 'taken' : 'unserved';
  }

  /** Undefined: all that its call needs is held now; else what is not free. */
  async reserve(task: Task & { readonly place?: DuePlace }): Promise<Kind | undefined> {
    const { calls } = this.#parts;
    const needs = await this.#needsOf(task);
    const byNeeds = needsKey(needs);
    const known = this.#lacking.get(byNeeds) ?? (this.#routesLack ? this.#lacking.get(this.#routeKey(task)) : undefined);
    if (known !== undefined) return known;
    const reservation = calls.reserve(task, needs);
    if (reservation !== undefined) {
      this.#held.set(task.id, { task, place: task.place, reservation });
      return undefined;
    }
    const byRoute = calls.serves(needs);
    const kind: Kind = byRoute ? { key: this.#routeKey(task), needs, task: { to: task.to, from: task.from } } : { key: byNeeds, needs, task: undefined };
    this.#lacking.set(kind.key, kind);
    this.#routesLack ||= byRoute;
    return kind;
  }

  async keysOf(task: Task): Promise<readonly string[]> {
    return [needsKey(await this.#needsOf(task)), this.#routeKey(task)];
  }

  frees({ key, needs, task }: Kind): boolean {
    const { calls } = this.#parts;
    if (this.#lacking.has(key) || !calls.serves(needs)) return false;
    if (task === undefined) return true;
    const reservation = calls.reserve(task, needs);
    reservation?.release();
    return reservation !== undefined;
  }

  holds(taskId: string): boolean {
    return this.#held.has(taskId);
  }

  /** It is a call now, which gives its reservation back itself. */
  began(taskId: string): void {
    this.#held.delete(taskId);
  }

  release(): void {
    for (const { reservation } of this.#held.values()) reservation.release();
    this.#held.clear();
  }

  async #needsOf(task: Task): Promise<CallNeeds> {
    return (await this.#parts.needsOf?.(task)) ?? {};
  }

  #routeKey(task: Pick<Task, 'to' | 'from'>): string {
    return `route ${this.#parts.calls.routeOf(task)}`;
  }
}

function needsKey({ language, people }: CallNeeds): string {
  return `needs ${JSON.stringify([language, people])}`;
}
