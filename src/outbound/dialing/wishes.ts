import type { Task } from '../../store/store.js';

/** A person waits no longer than this until the pace lets a call go, ms. */
const PATIENCE_MS = 2_000;

/** What became of a person's wish to dial a task now. */
export type DialNow =
  | { readonly kind: 'begun' | 'gone' }
  | { readonly kind: 'blocked'; readonly rule: string; readonly until: number | undefined }
  /** Nothing is free that could serve the call, or there are as many calls as may be; or too many of the party's callees heard nothing. */
  | { readonly kind: 'full' | 'stopped' };

/** A task that a person has on the screen and wants to be dialled. */
export interface Wish {
  readonly task: Task;
  readonly claimedBy: string;
  readonly resolve: (became: DialNow) => void;
  readonly reject: (error: unknown) => void;
}

/** Wishes that are not granted yet, the first one first. Times are monotonic ms, given by the caller. */
export class Wishes {
  #waiting: { readonly wish: Wish; readonly until: number }[] = [];

  add(task: Task, claimedBy: string, now: number): Promise<DialNow> {
    return new Promise((resolve, reject) => this.#waiting.push({ wish: { task, claimedBy, resolve, reject }, until: now + PATIENCE_MS }));
  }

  /** Those that are to be settled now; `waitMs` says how long the pace keeps one, which is waited for if that is not too long. */
  *due(now: () => number, waitMs: (wish: Wish) => number): Iterable<Wish> {
    for (const one of this.#waiting.splice(0)) {
      const ms = waitMs(one.wish);
      if (ms > 0 && now() + ms <= one.until) this.#waiting.push(one);
      else yield one.wish;
    }
  }

  /** Ms until the first of those that are left may be granted. */
  nextMs(waitMs: (wish: Wish) => number): number {
    return Math.min(...this.#waiting.map(({ wish }) => waitMs(wish)));
  }

  rejectAll(error: unknown): void {
    for (const { wish } of this.#waiting.splice(0)) wish.reject(error);
  }
}
