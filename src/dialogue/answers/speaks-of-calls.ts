/**
 * How a clause speaks of not being called: as the caller's wish for good ("stop calling
 * me"); in words that may be one ("he told me to stop calling", "don't call me, text me");
 * for a while ("don't call me before nine"); or surely as no wish ("you never call me
 * back"). Undefined: not in words that are known here.
 */
export type SpeaksOfCalls = 'wish' | 'doubt' | 'bounded' | 'mention' | undefined;

/** What stands around a clause: what leads up to it in its sentence, and all that is said after it. */
export interface Around {
  readonly before: string;
  readonly after: string;
}

/** Of several the one that is most of a wish. */
export function strongest(found: readonly SpeaksOfCalls[]): SpeaksOfCalls {
  return (['wish', 'doubt', 'bounded', 'mention'] as const).find((one) => found.includes(one));
}
