import type { Clock } from '../../kernel/clock.js';
import { SlidingWindow } from './sliding-window.js';

/** What can make the dialer go slower. */
export const brakeNames = ['reply_slow', 'workers_busy', 'trunk_failures', 'store_slow'] as const;
export type BrakeName = (typeof brakeNames)[number];

export interface BrakeSettings {
  /** Scripted replies: p95 from the caller's last sound to our first packet, ms; 0 is no limit. */
  readonly replyP95Ms: number;
  /** Share of the speech workers' places in use, percent; 0 is no limit. */
  readonly workersBusyPercent: number;
  /** Attempts that the network failed (`congestion`, `unreachable`, `failed`), percent; 0 is no limit. */
  readonly trunkFailuresPercent: number;
  /** p95 of making an intent durable, ms; 0 is no limit. */
  readonly storeP95Ms: number;
  /** What is looked back on, ms. */
  readonly windowMs: number;
}

export interface BrakeChange {
  readonly brake: BrakeName;
  readonly on: boolean;
  /** What was measured, and the limit, in the unit of the setting. */
  readonly measured: number;
  readonly limit: number;
}

/** Fewer samples prove nothing. */
const MIN_SAMPLES = 8;
/** A brake is let go below this part of its limit, so that it does not flutter around it. */
const RELEASE = 0.8;

/**
 * Measures how well calls are served, and says when that is worse than promised. A
 * brake that was put on comes off when the measure is well below its limit again, or
 * when nothing bad was seen for a whole window: with no calls there is nothing to measure.
 */
export class Brakes {
  readonly #clock: Clock;
  readonly #settings: BrakeSettings;
  readonly #replies: SlidingWindow;
  readonly #attempts: SlidingWindow;
  readonly #saves: SlidingWindow;
  readonly #on = new Set<BrakeName>();
  #busyPercent = 0;

  constructor(clock: Clock, settings: BrakeSettings) {
    this.#clock = clock;
    this.#settings = settings;
    this.#replies = new SlidingWindow(settings.windowMs);
    this.#attempts = new SlidingWindow(settings.windowMs);
    this.#saves = new SlidingWindow(settings.windowMs);
  }

  /** Those that are on now, in the order of their names. */
  get on(): readonly BrakeName[] {
    return brakeNames.filter((name) => this.#on.has(name));
  }

  replied(ms: number): void {
    this.#replies.add(this.#clock.monotonic(), ms);
  }

  /** An attempt ended; `failed`: by a fault of the network, not of the callee. */
  attempted(failed: boolean): void {
    this.#attempts.add(this.#clock.monotonic(), failed ? 100 : 0);
  }

  saved(ms: number): void {
    this.#saves.add(this.#clock.monotonic(), ms);
  }

  /** Places of the busiest kind of worker in use now, 0 to 100. */
  busy(percent: number): void {
    this.#busyPercent = percent;
  }

  /** Looks at the measures; what changed since the last look. */
  look(): readonly BrakeChange[] {
    const now = this.#clock.monotonic();
    const { replyP95Ms, workersBusyPercent, trunkFailuresPercent, storeP95Ms } = this.#settings;
    return [
      this.#judge('reply_slow', measured(this.#replies, now, (window) => window.percentile(now, 0.95)), replyP95Ms),
      this.#judge('workers_busy', this.#busyPercent, workersBusyPercent),
      this.#judge('trunk_failures', measured(this.#attempts, now, (window) => window.mean(now)), trunkFailuresPercent),
      this.#judge('store_slow', measured(this.#saves, now, (window) => window.percentile(now, 0.95)), storeP95Ms),
    ].flatMap((change) => (change === undefined ? [] : [change]));
  }

  #judge(brake: BrakeName, value: number, limit: number): BrakeChange | undefined {
    const was = this.#on.has(brake);
    const is = limit > 0 && (was ? value > limit * RELEASE : value > limit);
    if (is === was) return undefined;
    if (is) this.#on.add(brake);
    else this.#on.delete(brake);
    return { brake, on: is, measured: Math.round(value), limit };
  }
}

/** Too few samples count as nothing bad. */
function measured(window: SlidingWindow, now: number, value: (window: SlidingWindow) => number): number {
  return window.count(now) < MIN_SAMPLES ? 0 : value(window);
}
