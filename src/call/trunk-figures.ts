import type { Clock } from '../kernel/clock.js';

/** Outbound calls of one trunk in a stretch of time. */
export interface TrunkFigures {
  /** INVITEs that had their final response. */
  readonly attempts: number;
  readonly answered: number;
  /** Answered or refused by the callee, so the way there worked; see `isEffective`. */
  readonly effective: number;
  /** Answer-seizure ratio, 0 to 1; undefined without attempts. */
  readonly asr: number | undefined;
  /** Network effectiveness ratio, 0 to 1. */
  readonly ner: number | undefined;
  /** Average duration of the answered calls that ended, ms. */
  readonly acdMs: number | undefined;
  /** Average post-dial delay, ms. */
  readonly pddMs: number | undefined;
}

interface Bucket {
  minute: number;
  attempts: number;
  answered: number;
  effective: number;
  ended: number;
  talkedMs: number;
  delays: number;
  delayMs: number;
}

const MINUTE_MS = 60_000;
const MINUTES = 60;
/** Names come and go over the API; those not used for longest are forgotten. */
const MAX_TRUNKS = 1_000;

/**
 * RFC 6076 4.7 (Session Establishment Effectiveness Ratio): 200, 480, 486, 600 and 603
 * say that the callee was reached; so does a 487 that answers our own CANCEL.
 */
export function isEffective(status: number | undefined): boolean {
  return status !== undefined && ((status >= 200 && status < 300) || [480, 486, 487, 600, 603].includes(status));
}

/** Rolling figures of the last hour by trunk, in buckets of a minute. */
export class TrunkHour {
  readonly #clock: Clock;
  readonly #trunks = new Map<string, Bucket[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An INVITE had its final response, or none: then `status` is undefined. */
  tried(trunk: string, status: number | undefined, pddMs: number | undefined): void {
    const bucket = this.#bucket(trunk);
    bucket.attempts += 1;
    if (status !== undefined && status >= 200 && status < 300) bucket.answered += 1;
    if (isEffective(status)) bucket.effective += 1;
    if (pddMs === undefined) return;
    bucket.delays += 1;
    bucket.delayMs += pddMs;
  }

  /** An answered call is over. */
  talked(trunk: string, ms: number): void {
    const bucket = this.#bucket(trunk);
    bucket.ended += 1;
    bucket.talkedMs += ms;
  }

  of(trunk: string): TrunkFigures {
    const oldest = this.#minute - MINUTES;
    const sum: Bucket = empty(0);
    for (const bucket of this.#trunks.get(trunk) ?? []) {
      if (bucket.minute <= oldest) continue;
      sum.attempts += bucket.attempts;
      sum.answered += bucket.answered;
      sum.effective += bucket.effective;
      sum.ended += bucket.ended;
      sum.talkedMs += bucket.talkedMs;
      sum.delays += bucket.delays;
      sum.delayMs += bucket.delayMs;
    }
    return {
      attempts: sum.attempts,
      answered: sum.answered,
      effective: sum.effective,
      asr: sum.attempts === 0 ? undefined : sum.answered / sum.attempts,
      ner: sum.attempts === 0 ? undefined : sum.effective / sum.attempts,
      acdMs: sum.ended === 0 ? undefined : Math.round(sum.talkedMs / sum.ended),
      pddMs: sum.delays === 0 ? undefined : Math.round(sum.delayMs / sum.delays),
    };
  }

  get #minute(): number {
    return Math.floor(this.#clock.monotonic() / MINUTE_MS);
  }

  #bucket(trunk: string): Bucket {
    const buckets = this.#trunks.get(trunk) ?? [];
    this.#trunks.delete(trunk);
    this.#trunks.set(trunk, buckets);
    const [oldest] = this.#trunks.keys();
    if (this.#trunks.size > MAX_TRUNKS && oldest !== undefined) this.#trunks.delete(oldest);
    const minute = this.#minute;
    const last = buckets.at(-1);
    if (last?.minute === minute) return last;
    const bucket = empty(minute);
    buckets.push(bucket);
    if (buckets.length > MINUTES) buckets.shift();
    return bucket;
  }
}

function empty(minute: number): Bucket {
  return { minute, attempts: 0, answered: 0, effective: 0, ended: 0, talkedMs: 0, delays: 0, delayMs: 0 };
}
