/**
 * The only door to time. Everything above the kernel takes a `Clock`, so that a
 * test can be the clock itself and no test sleeps.
 *
 * All times are milliseconds.
 */
export interface Timer {
  /** Cancels the timer; doing so twice, or after it fired, is harmless. */
  cancel(): void;
}

export interface Clock {
  /** Wall clock, ms since the Unix epoch. May jump; for records, never for durations. */
  now(): number;
  /** Monotonic ms with a fraction, same origin as CLOCK_MONOTONIC (and so as the native core). */
  monotonic(): number;
  /** Runs `fn` once after `ms`. `keepAlive: false` lets the process end before it fires. */
  after(ms: number, fn: () => void, options?: { keepAlive?: boolean }): Timer;
}

/** IANA name of the zone that this machine lives in. */
export function systemTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The longest delay that Node's timers take; longer ones would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  after(ms, fn, options) {
    const handle = setTimeout(fn, Math.min(Math.max(0, ms), MAX_TIMER_MS));
    if (options?.keepAlive === false) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `ms` on `clock`; rejects with the signal's reason if it is aborted first. */
export function delay(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Resolves with `promise`, or after `ms`, whichever is first. */
export async function within(clock: Clock, promise: Promise<void>, ms: number): Promise<void> {
  const stop = new AbortController();
  await Promise.race([promise, delay(clock, ms, stop.signal).catch(() => undefined)]);
  stop.abort(new Error('over'));
}
