import { fraction } from '../kernel/random.js';
import type { Random } from '../kernel/random.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Pauses after the first, second, ... try that failed, ms: quick at first, then for about three days. */
const RETRY_PAUSES_MS: readonly number[] = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 20 * HOUR];

/** A pause is made up to this share longer, so that what failed together does not come back together. */
const JITTER = 0.2;

/**
 * Ms until the next try after `tries` of them; undefined when it has been tried enough.
 * `wanted`: what the receiver asked for (Retry-After), kept if it is longer, up to a day.
 */
export function retryPauseMs(tries: number, random: Random, wanted?: number): number | undefined {
  const pause = RETRY_PAUSES_MS[tries - 1];
  if (pause === undefined) return undefined;
  return Math.round(Math.max(pause * (1 + JITTER * fraction(random)), Math.min(wanted ?? 0, 24 * HOUR)));
}

/** RFC 9110 section 10.2.3: seconds or a date; ms from `nowMs`, undefined if it is neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * SECOND;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
