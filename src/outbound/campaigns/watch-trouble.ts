import type { CampaignPulse } from '../../store/campaigns.js';
import type { Disposition } from '../../store/store.js';

/** What goes wrong with a campaign. `stalled` dials nothing though it could; the others say why, as far as is known. */
export type Trouble = 'failure_burst' | 'no_trunk' | 'no_capacity' | 'stalled';

/** How the server is, as far as the next call of a campaign cares. */
export interface ServerHealth {
  /** A trunk that may carry it is up, or it needs none. */
  readonly trunks: boolean;
  /** All that serves it is free: a port, workers for its language, persons. */
  readonly capacity: boolean;
}

export const healthy: ServerHealth = { trunks: true, capacity: true };

/** Nothing dialled for so long, though something is due: ms. */
export const STALL_MS = 10 * 60_000;
/** A burst is looked for in the ended dials of this time, ms. */
export const BURST_WINDOW_MS = 10 * 60_000;
const BURST_LEAST = 10;
/** Of those dials: this share failed is a burst, and it is over below the other. */
const BURST_BEGINS = 0.5;
const BURST_ENDS = 0.25;
/** How long a want of trunks or capacity has to last before somebody is mailed, ms. */
export const WANT_MS = 60_000;

/** Failures of the network or of ours; somebody who does not answer is none. */
const failures: ReadonlySet<Disposition> = new Set<Disposition>(['failed', 'congestion', 'unreachable', 'unknown']);

/** What is known of one campaign between two looks. */
export interface TroubleMemory {
  /** Told, and not over yet. */
  readonly told: ReadonlySet<Trouble>;
  /** Since when something was due and nothing was dialled. */
  readonly idleSince: number | undefined;
  readonly noTrunkSince: number | undefined;
  readonly noCapacitySince: number | undefined;
}

export const noTrouble: TroubleMemory = { told: new Set(), idleSince: undefined, noTrunkSince: undefined, noCapacitySince: undefined };

/**
 * One look: what is new, and what to remember. Each trouble is told once, and again only
 * after it was over. Nothing is due outside calling hours, so a night is no stall.
 */
export function lookForTrouble(memory: TroubleMemory, pulse: CampaignPulse, health: ServerHealth, now: number): { readonly memory: TroubleMemory; readonly news: readonly Trouble[] } {
  const waits = pulse.due > 0;
  const idle = waits && pulse.live === 0 && (pulse.lastAttemptAt ?? 0) <= (memory.idleSince ?? now);
  const since = (before: number | undefined, holds: boolean): number | undefined => (holds ? (before ?? now) : undefined);
  const idleSince = since(memory.idleSince, idle);
  const noTrunkSince = since(memory.noTrunkSince, waits && !health.trunks);
  // With calls of its own on the line it is what it uses itself that is not free.
  const noCapacitySince = since(memory.noCapacitySince, waits && pulse.live === 0 && !health.capacity);
  const lasts = (from: number | undefined, ms: number): boolean => from !== undefined && now - from >= ms;

  const failed = pulse.lately.filter(({ disposition }) => disposition !== undefined && failures.has(disposition)).length;
  const share = pulse.lately.length < BURST_LEAST ? 0 : failed / pulse.lately.length;
  const present: Record<Trouble, boolean> = {
    failure_burst: share >= (memory.told.has('failure_burst') ? BURST_ENDS : BURST_BEGINS),
    no_trunk: lasts(noTrunkSince, WANT_MS),
    no_capacity: lasts(noCapacitySince, WANT_MS),
    stalled: lasts(idleSince, STALL_MS),
  };
  const told = new Set((Object.keys(present) as Trouble[]).filter((trouble) => present[trouble]));
  return { memory: { told, idleSince, noTrunkSince, noCapacitySince }, news: [...told].filter((trouble) => !memory.told.has(trouble)) };
}
