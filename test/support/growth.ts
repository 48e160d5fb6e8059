import { performance } from 'node:perf_hooks';

/** Growth with the input gives a factor of 2, growth with its square one of 4. */
const BETWEEN = 3;
/** A machine that is busy makes single runs longer, never shorter: the quickest of so many tells. */
const ROUNDS = 50;

/**
 * How many times as long `whole` takes as `half`, which is the same work on half of the input. Nothing depends
 * on how fast the machine is: it looks again until the factor is that of linear work or will not become it.
 */
export function growth(half: () => void, whole: () => void): number {
  // Compiled before it is measured: what is slow only the first time would hide how the rest grows.
  for (const work of [half, half, whole, whole]) work();
  let quickestHalf = Infinity;
  let quickestWhole = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    quickestHalf = Math.min(quickestHalf, timeOf(half));
    quickestWhole = Math.min(quickestWhole, timeOf(whole));
    if (round > 0 && quickestWhole / quickestHalf < BETWEEN) break;
  }
  return quickestWhole / quickestHalf;
}

export const isLinear = (factor: number): boolean => factor < BETWEEN;

function timeOf(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}
