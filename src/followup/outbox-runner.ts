import type { Clock } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { Random } from '../kernel/random.js';
import { Rounds } from '../kernel/rounds.js';
import type { OutboxChannel, OutboxEnd, OutboxEntry, OutboxStore } from '../store/outbox.js';
import { retryPauseMs } from './retry-times.js';
import type { SendOutcome } from './webhook-sender.js';

/**
 * A sender that dies keeps its entries for this long, ms. Longer than any try takes, as
 * whoever else claims an entry sends it again: `webhooks.timeout_ms` and `mail.timeout_ms`,
 * which end a try whatever the receiver does, go up to less.
 */
export const LEASE_MS = 120_000;
/** How long nothing may be looked for, ms: what other nodes made is found by then. */
const LONGEST_NAP_MS = 5_000;
const STORE_FAILED_NAP_MS = 2_000;

export interface OutboxRunnerParts {
  readonly store: Pick<OutboxStore, 'claimOutbox' | 'finishOutbox' | 'nextOutboxAt'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface OutboxRunnerOptions {
  readonly channel: OutboxChannel;
  /**
   * Targets that are served apart, so that one that is slow holds up no other; undefined:
   * all targets together (mail, where one server takes everything).
   */
  targets?(): Promise<readonly string[]>;
  /** Entries on their way at once, for one target, or in all where there are none. */
  readonly perTarget: number;
  /** Sends one; never rejects. */
  send(entry: OutboxEntry, signal: AbortSignal): Promise<SendOutcome>;
  /** An entry ended, or will be tried again. */
  ended?(entry: OutboxEntry, end: OutboxEnd, outcome: SendOutcome): void;
}

/** Takes what is due and sends it, again and again until it is delivered or dead. */
export class OutboxRunner {
  readonly #parts: OutboxRunnerParts;
  readonly #options: OutboxRunnerOptions;
  /** Entries on their way, by target; `''` where targets are not served apart. */
  readonly #busy = new Map<string, number>();
  readonly #sending = new Set<Promise<void>>();
  readonly #rounds: Rounds;

  constructor(parts: OutboxRunnerParts, options: OutboxRunnerOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#rounds = new Rounds(parts.clock, (signal) => this.#round(signal));
  }

  start(): void {
    this.#rounds.start();
  }

  /** There may be something new. */
  wake(): void {
    this.#rounds.wake();
  }

  /** What is on its way is cut off and tried again by the next process. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await Promise.allSettled(this.#sending);
  }

  async #round(signal: AbortSignal): Promise<number> {
    try {
      await this.#sendDue(signal);
      return await this.#untilNext();
    } catch (error) {
      this.#parts.log.error({ code: asTrunklineError(error).code, channel: this.#options.channel }, 'the outbox could not be read');
      return STORE_FAILED_NAP_MS;
    }
  }

  async #sendDue(signal: AbortSignal): Promise<void> {
    const { channel, perTarget } = this.#options;
    const targets = this.#options.targets === undefined ? [undefined] : await this.#options.targets();
    for (const target of targets) {
      const free = perTarget - (this.#busy.get(target ?? '') ?? 0);
      if (free <= 0 || signal.aborted) continue;
      const claimed = await this.#parts.store.claimOutbox({ channel, ...(target === undefined ? {} : { target }), limit: free, leaseMs: LEASE_MS });
      for (const entry of claimed) this.#begin(entry, target ?? '');
    }
  }

  #begin(entry: OutboxEntry, lane: string): void {
    this.#busy.set(lane, (this.#busy.get(lane) ?? 0) + 1);
    const sending = this.#deliver(entry).finally(() => {
      const left = (this.#busy.get(lane) ?? 1) - 1;
      if (left === 0) this.#busy.delete(lane);
      else this.#busy.set(lane, left);
      this.#sending.delete(sending);
      this.wake();
    });
    this.#sending.add(sending);
  }

  /** Never rejects: an end that the store did not take is found again when the lease is over. */
  async #deliver(entry: OutboxEntry): Promise<void> {
    const { store, clock, random, log } = this.#parts;
    const outcome = await this.#options.send(entry, this.#rounds.signal);
    const end = endOf(outcome, entry.tries, clock.now(), random);
    const about = { channel: entry.channel, entry: entry.id, type: entry.type, tries: entry.tries };
    if (end.state !== 'succeeded') log.warn({ ...about, state: end.state, reason: end.error }, 'not delivered');
    try {
      if (await store.finishOutbox(entry, end)) this.#options.ended?.(entry, end, outcome);
    } catch (error) {
      log.error({ ...about, code: asTrunklineError(error).code }, 'what became of an entry was not saved; it may be sent twice');
    }
  }

  async #untilNext(): Promise<number> {
    const next = await this.#parts.store.nextOutboxAt(this.#options.channel);
    if (next === undefined) return LONGEST_NAP_MS;
    // What is due but not free (its target is busy) comes when that one has ended, which wakes.
    const wait = next - this.#parts.clock.now();
    return wait <= 0 ? LONGEST_NAP_MS : Math.min(wait, LONGEST_NAP_MS);
  }
}

function endOf(outcome: SendOutcome, tries: number, now: number, random: Random): OutboxEnd {
  if (outcome.kind === 'delivered') return { state: 'succeeded' };
  if (outcome.kind === 'refused') return { state: 'dead', error: outcome.reason };
  const pause = retryPauseMs(tries, random, outcome.retryAfterMs);
  return pause === undefined ? { state: 'dead', error: outcome.reason } : { state: 'retry_wait', nextAt: now + pause, error: outcome.reason };
}
