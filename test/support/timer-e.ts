import { delay, systemClock } from '../../src/kernel/clock.js';

const T1_MS = 500;
const T2_MS = 4_000;

/**
 * RFC 3261 17.1.2.2: timer E, doubling up to T2, has a request over UDP sent again until it is answered, and timer F
 * ends that. UDP loses what has no room behind much else. Gives what was answered, or undefined.
 */
export async function askAgain<T>(answer: Promise<T>, send: () => unknown): Promise<T | undefined> {
  let answered: { readonly is: T } | undefined;
  const settled = answer.then((is) => (answered = { is }));
  for (let sentMs = 0, waitMs = T1_MS; answered === undefined && sentMs < 64 * T1_MS; sentMs += waitMs, waitMs = Math.min(2 * waitMs, T2_MS)) {
    await send();
    await Promise.race([settled, delay(systemClock, waitMs)]);
  }
  return answered?.is;
}
