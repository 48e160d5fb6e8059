import type { Config } from './config/schema.js';
import type { PaceOptions } from './outbound/dialing/pace.js';

const HOUR_MS = 3_600_000;

/** The limits of the configuration, in the dialer's words. */
export function brakesOf({ brakes, abandon }: Config['dialer']): Pick<PaceOptions, 'brakes' | 'abandon'> {
  return {
    brakes: {
      replyP95Ms: brakes.reply_p95_ms,
      workersBusyPercent: brakes.workers_busy_percent,
      trunkFailuresPercent: brakes.trunk_failures_percent,
      storeP95Ms: brakes.store_p95_ms,
      windowMs: brakes.window_ms,
    },
    abandon: { limitPercent: abandon.limit_percent, windowMs: abandon.window_hours * HOUR_MS },
  };
}
