import type { Callee } from './judge.js';
import type { SeededRandom } from './random.js';

const REQUEST_MS = 20_000;
/** Part of the posts that are sent once more although they were answered, and of those that are broken off on their way. */
const REPEATED = 0.3;
const BROKEN_OFF = 0.15;
/** Part of the numbers that want no calls, said before their task is posted. */
const SUPPRESSED = 0.05;

/** An operator's program that never gives up: each post goes on until it was answered, and often once more. */
export class Poster {
  readonly #random: SeededRandom;
  readonly #api: () => string;
  /** Who is called by the tasks that were posted. */
  readonly wanted: Callee[] = [];
  /** Numbers in digits, and when their suppression was confirmed. */
  readonly suppressed: { readonly number: string; readonly atMs: number }[] = [];
  /** Ids of tasks whose cancelling was answered with 200. */
  readonly cancelled: string[] = [];
  #batches = 0;
  posts = 0;

  constructor(api: () => string, random: SeededRandom) {
    this.#api = api;
    this.#random = random;
  }

  /** Rejects only if `signal` says that it is over, or on an answer that no server should give. */
  async post(callees: readonly Callee[], flow: string, signal: AbortSignal): Promise<void> {
    const key = `batch-${(this.#batches += 1)}`;
    this.wanted.push(...callees);
    for (const { number } of callees) if (this.#random.next() < SUPPRESSED) await this.suppress(number, signal);
    const tasks = callees.map(({ number }) => ({ to: `+${number}`, flow }));
    const body = JSON.stringify({ tasks });
    const made = await this.send('/v1/tasks', body, { 'idempotency-key': key }, signal);
    if (this.#random.next() < REPEATED) {
      const again = await this.send('/v1/tasks', body, { 'idempotency-key': key }, signal);
      if (idsOf(again).join() !== idsOf(made).join()) throw new Error('a repeated post made other tasks');
    }
    for (const id of idsOf(made)) if (this.#random.next() < 0.03) await this.#cancel(id, signal);
  }

  async suppress(number: string, signal: AbortSignal): Promise<void> {
    await this.send('/v1/suppressions', JSON.stringify({ number: `+${number}` }), {}, signal);
    this.suppressed.push({ number, atMs: Date.now() });
  }

  /** Once only: what was not answered may have happened or not, and proves nothing. */
  async #cancel(id: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#once(`/v1/tasks/${id}:cancel`, undefined, {}, signal).catch(() => undefined);
    if (answer?.status === 200) this.cancelled.push(id);
  }

  /** The first answer that is none of a server in trouble. */
  async send(path: string, body: string, headers: Record<string, string>, signal: AbortSignal): Promise<unknown> {
    for (;;) {
      signal.throwIfAborted();
      const brokenOff = this.#random.next() < BROKEN_OFF ? this.#random.between(1, 60) : undefined;
      const answer = await this.#once(path, body, headers, signal, brokenOff).catch(() => undefined);
      if (answer !== undefined && answer.status < 300) return answer.body;
      if (answer !== undefined && answer.status < 500) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #once(path: string, body: string | undefined, headers: Record<string, string>, signal: AbortSignal, limitMs = REQUEST_MS): Promise<{ status: number; body: unknown }> {
    this.posts += 1;
    const response = await fetch(`${this.#api()}${path}`, {
      method: 'POST',
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, body: await response.json() };
  }
}

function idsOf(answer: unknown): string[] {
  return (answer as { items: { id: string }[] }).items.map(({ id }) => id);
}
