import type { ServiceLimits } from '../../call/call-service.js';

/** Slower at once, faster bit by bit. */
const CUT = 0.5;
/** Between two cuts, ms: a cut must be seen to work before the next one. */
const CUT_EVERY_MS = 5_000;
/** One more call at once after this time without a brake, ms. */
const GROW_EVERY_MS = 1_000;

/** The smallest of what each part can serve. */
export function ceilingOf(limits: ServiceLimits): number {
  const { media, ears, mouths, minds = Infinity } = limits;
  return Math.max(0, Math.floor(Math.min(media, ears, mouths, minds)));
}

/**
 * How many outbound calls may be up at once, so that all are served well: at most what
 * ports, workers and trunks could carry, and within that by what is measured: half as
 * many when a brake is on, one more a second when none is (additive increase,
 * multiplicative decrease: the rule by which senders share a network that none of them
 * can see). Never below one: with no call there would be nothing to measure.
 *
 * Times are monotonic ms, given by the caller.
 */
export class AiPacing {
  #allowed: number | undefined;
  #cutAt = -Infinity;
  #grewAt = -Infinity;

  /** Calls that may be up now. */
  allowed(now: number, ceiling: number, braked: boolean): number {
    if (ceiling <= 0) return 0;
    let allowed = this.#allowed;
    if (allowed === undefined) {
      // Nothing is dialled without a reservation, so that it may begin with all there is.
      allowed = ceiling;
      this.#grewAt = now;
    }
    if (braked) {
      if (now - this.#cutAt >= CUT_EVERY_MS) {
        allowed = Math.max(1, Math.floor(Math.min(allowed, ceiling) * CUT));
        this.#cutAt = now;
      }
      this.#grewAt = now;
    } else {
      const steps = Math.floor((now - this.#grewAt) / GROW_EVERY_MS);
      if (steps > 0) {
        allowed += steps;
        this.#grewAt += steps * GROW_EVERY_MS;
      }
    }
    // What is not there now is not saved up: capacity that comes back is tried bit by bit.
    this.#allowed = Math.min(allowed, ceiling);
    return this.#allowed;
  }
}
