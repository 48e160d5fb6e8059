import type { Playout } from '../media-session.js';

type Ended = { playedMs: number; flushed: boolean };

/**
 * One queued clip. Its promises are made only if somebody asks for them: an echo
 * queues fifty clips a second on each call.
 */
export class ClipPlayout implements Playout {
  /** undefined: not yet; null: it never will. */
  #startedAt: number | null | undefined;
  #ended: Ended | undefined;
  #startedPromise: Promise<number | undefined> | undefined;
  #endedPromise: Promise<Ended> | undefined;
  #resolveStarted: ((at: number | undefined) => void) | undefined;
  #resolveEnded: ((ended: Ended) => void) | undefined;

  get started(): Promise<number | undefined> {
    this.#startedPromise ??=
      this.#startedAt === undefined
        ? new Promise((resolve) => (this.#resolveStarted = resolve))
        : Promise.resolve(this.#startedAt ?? undefined);
    return this.#startedPromise;
  }

  get ended(): Promise<Ended> {
    this.#endedPromise ??= this.#ended === undefined ? new Promise((resolve) => (this.#resolveEnded = resolve)) : Promise.resolve(this.#ended);
    return this.#endedPromise;
  }

  /** Its first packet left at `atMs` (CLOCK_MONOTONIC). */
  markStarted(atMs: number): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = atMs;
    this.#resolveStarted?.(atMs);
  }

  markEnded(playedMs: number, flushed: boolean): void {
    if (this.#ended !== undefined) return;
    if (this.#startedAt === undefined) {
      this.#startedAt = null;
      this.#resolveStarted?.(undefined);
    }
    this.#ended = { playedMs, flushed };
    this.#resolveEnded?.(this.#ended);
  }
}
