import type { Clock } from '../../../kernel/clock.js';

export interface Ban {
  /** An IPv4 address, or an IPv6 /64. */
  readonly source: string;
  /** What it did last: `garbage`, `credentials`, `403` or `404`. */
  readonly reason: string;
  /** Its how manyth ban in a row this is. */
  readonly times: number;
  /** Unix times, ms. */
  readonly since: number;
  readonly until: number;
}

/** No ban is longer, ms. */
const LONGEST_MS = 24 * 3_600_000;

interface BanState {
  readonly ban: Ban;
  /** By the monotonic clock, ms. */
  readonly endsAt: number;
  /** Until then a further ban is longer than this one. */
  readonly forgottenAt: number;
}

/** Who is not heard for a while. Each further ban of a source is twice as long; as much time without one is forgiveness. */
export class BanList {
  readonly #clock: Clock;
  readonly #firstMs: number;
  readonly #max: number;
  /** The oldest first. */
  readonly #bans = new Map<string, BanState>();

  constructor(options: { readonly clock: Clock; readonly firstMs: number; readonly max: number }) {
    this.#clock = options.clock;
    this.#firstMs = options.firstMs;
    this.#max = options.max;
  }

  holds(source: string): boolean {
    const ban = this.#bans.get(source);
    if (ban === undefined) return false;
    const now = this.#clock.monotonic();
    if (now < ban.endsAt) return true;
    if (now >= ban.forgottenAt) this.#bans.delete(source);
    return false;
  }

  add(source: string, reason: string): Ban {
    const now = this.#clock.monotonic();
    const before = this.#bans.get(source);
    const times = before !== undefined && now < before.forgottenAt ? before.ban.times + 1 : 1;
    const lengthMs = Math.min(this.#firstMs * 2 ** Math.min(times - 1, 30), LONGEST_MS);
    const since = this.#clock.now();
    const ban: Ban = { source, reason, times, since, until: since + lengthMs };
    this.#bans.delete(source);
    if (this.#bans.size >= this.#max) {
      const oldest = this.#bans.keys().next();
      if (!oldest.done) this.#bans.delete(oldest.value);
    }
    this.#bans.set(source, { ban, endsAt: now + lengthMs, forgottenAt: now + 2 * lengthMs });
    return ban;
  }

  /** Forgets the ban and those before it. False if there was none. */
  lift(source: string): boolean {
    const held = this.holds(source);
    this.#bans.delete(source);
    return held;
  }

  /** Those in force, the newest first. */
  list(): Ban[] {
    const now = this.#clock.monotonic();
    return [...this.#bans.values()]
      .filter(({ endsAt }) => now < endsAt)
      .map(({ ban }) => ban)
      .reverse();
  }
}
