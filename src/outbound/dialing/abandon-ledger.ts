import type { CallResult } from '../../store/store.js';

/** From the answer to the first sound, ms; longer is a call that nobody served (Ofcom, FTC: two seconds). */
export const SERVED_WITHIN_MS = 2_000;

/**
 * Whether the callee answered and heard nothing for two seconds. One who hung up
 * within them was not abandoned; neither was one whom the bot was told to let wait,
 * as a transfer does, because it spoke before.
 */
export function wasAbandoned(result: Pick<CallResult, 'answeredAt' | 'endedAt' | 'turns' | 'disposition'>): boolean {
  if (result.answeredAt === undefined || result.disposition !== 'answered_human') return false;
  const heardMs = Math.min(...result.turns.map((turn) => turn.firstPacketMs ?? Infinity));
  if (heardMs <= SERVED_WITHIN_MS) return false;
  return result.endedAt - result.answeredAt > SERVED_WITHIN_MS;
}

export interface AbandonFigures {
  readonly answered: number;
  readonly abandoned: number;
}

export interface AbandonSettings {
  /** Abandoned calls of those that were answered, percent, above which nothing is dialled any more. */
  readonly limitPercent: number;
  /** What is counted, ms back from now. */
  readonly windowMs: number;
}

const BUCKET_MS = 60_000;
/** Below this many answers a percentage means little: counted as this many. */
const SMALLEST_BASE = 20;

interface Bucket extends AbandonFigures {
  readonly minute: number;
}

/**
 * Counts by party, in buckets of a minute. The design makes it 0: nothing is dialled
 * without a reservation of all that serves a call. This is the stop for the day on which
 * the design is wrong. Times are ms since the epoch: laws count days.
 */
export class AbandonLedger {
  readonly #settings: AbandonSettings;
  readonly #parties = new Map<string, Bucket[]>();

  constructor(settings: AbandonSettings) {
    this.#settings = settings;
  }

  /** Calls of `party` that were answered around `at`. */
  note(at: number, party: string, figures: AbandonFigures): void {
    const buckets = this.#parties.get(party) ?? [];
    this.#parties.set(party, buckets);
    const minute = Math.floor(at / BUCKET_MS);
    const last = buckets.at(-1);
    if (last?.minute !== minute) buckets.push({ minute, ...figures });
    else buckets[buckets.length - 1] = { minute, answered: last.answered + figures.answered, abandoned: last.abandoned + figures.abandoned };
  }

  /** Of one party, or of all. */
  figures(now: number, party?: string): AbandonFigures {
    const oldest = Math.floor((now - this.#settings.windowMs) / BUCKET_MS);
    let answered = 0;
    let abandoned = 0;
    for (const [name, buckets] of this.#parties) {
      if (party !== undefined && name !== party) continue;
      const kept = buckets.filter(({ minute }) => minute > oldest);
      if (kept.length === 0) this.#parties.delete(name);
      else if (kept.length < buckets.length) this.#parties.set(name, kept);
      for (const bucket of kept) {
        answered += bucket.answered;
        abandoned += bucket.abandoned;
      }
    }
    return { answered, abandoned };
  }

  /** The party may not dial until its share is within the limit again. */
  stopped(now: number, party: string): boolean {
    const { answered, abandoned } = this.figures(now, party);
    return abandoned > 0 && abandoned / Math.max(answered, SMALLEST_BASE) > this.#settings.limitPercent / 100;
  }
}
