import type { CallResult, Disposition } from '../../store/store.js';

/** From the answer to the first sound, ms; longer is a call that nobody served (Ofcom, FTC: two seconds). */
const SERVED_WITHIN_MS = 2_000;

/** Nobody was there to be abandoned. */
const NOBODY: ReadonlySet<Disposition> = new Set<Disposition>(['answered_machine', 'answered_screening']);

/**
 * Whether the callee answered and heard nothing for two seconds, or until we hung up,
 * whatever the result calls that. One who hung up within the two seconds was not
 * abandoned; neither was one whom the bot was told to let wait, as a transfer does,
 * because it spoke before.
 */
export function wasAbandoned(result: Pick<CallResult, 'answeredAt' | 'endedAt' | 'endedBy' | 'turns' | 'disposition'>): boolean {
  if (result.answeredAt === undefined || NOBODY.has(result.disposition)) return false;
  const heardMs = Math.min(...result.turns.map((turn) => turn.firstPacketMs ?? Infinity));
  if (heardMs <= SERVED_WITHIN_MS) return false;
  return result.endedBy !== 'caller' || result.endedAt - result.answeredAt > SERVED_WITHIN_MS;
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

/**
 * Counts by party, in buckets of a minute. The design makes it 0: nothing is dialled
 * without a reservation of all that serves a call. This is the stop for the day on which
 * the design is wrong. Times are ms since the epoch: laws count days.
 */
export class AbandonLedger {
  readonly #settings: AbandonSettings;
  /** Of each party, by the minute of the answer. */
  readonly #parties = new Map<string, Map<number, AbandonFigures>>();

  constructor(settings: AbandonSettings) {
    this.#settings = settings;
  }

  /** Calls of `party` that were answered around `at`. */
  note(at: number, party: string, figures: AbandonFigures): void {
    this.#change(at, party, (known) => ({ answered: known.answered + figures.answered, abandoned: known.abandoned + figures.abandoned }));
  }

  /** What all servers together know of that minute; ours may be part of it already. */
  learn(at: number, party: string, figures: AbandonFigures): void {
    this.#change(at, party, (known) => ({ answered: Math.max(known.answered, figures.answered), abandoned: Math.max(known.abandoned, figures.abandoned) }));
  }

  #change(at: number, party: string, change: (known: AbandonFigures) => AbandonFigures): void {
    const buckets = this.#parties.get(party) ?? new Map<number, AbandonFigures>();
    this.#parties.set(party, buckets);
    const minute = Math.floor(at / BUCKET_MS);
    buckets.set(minute, change(buckets.get(minute) ?? { answered: 0, abandoned: 0 }));
  }

  /** Of one party, or of all. */
  figures(now: number, party?: string): AbandonFigures {
    const oldest = Math.floor((now - this.#settings.windowMs) / BUCKET_MS);
    let answered = 0;
    let abandoned = 0;
    for (const [name, buckets] of this.#parties) {
      if (party !== undefined && name !== party) continue;
      for (const [minute, bucket] of buckets) {
        if (minute <= oldest) {
          buckets.delete(minute);
          continue;
        }
        answered += bucket.answered;
        abandoned += bucket.abandoned;
      }
      if (buckets.size === 0) this.#parties.delete(name);
    }
    return { answered, abandoned };
  }

  /** The party may not dial until its share is within the limit again. */
  stopped(now: number, party: string): boolean {
    const { answered, abandoned } = this.figures(now, party);
    return abandoned > 0 && abandoned / Math.max(answered, SMALLEST_BASE) > this.#settings.limitPercent / 100;
  }
}
