import { delay, systemClock } from '../../src/kernel/clock.js';

const LOOK_EVERY_MS = 40;

/** For real processes, files and sockets, on a machine that may be busy: ends what would never come, and says what it was, before tap ends the file without a word. */
export const HANGS_MS = 600_000;

/** What `look` gives as soon as it gives something; rejects with `what` after the limit. */
export async function eventually<T>(what: string, limitMs: number, look: () => T | undefined | Promise<T | undefined>, everyMs = LOOK_EVERY_MS): Promise<T> {
  const until = systemClock.monotonic() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (systemClock.monotonic() >= until) throw new Error(`${what}: not within ${limitMs} ms`);
    await delay(systemClock, everyMs);
  }
}
