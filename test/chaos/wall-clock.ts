import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

/**
 * The wall clock of a process, which the test sets: libfaketime stands between it and
 * the system. Its monotonic clock is left alone, as that of a real machine whose time
 * is corrected.
 */
export class WallClock {
  readonly #file: string;
  #offsetMs = 0;

  constructor(directory: string) {
    if (!existsSync(LIBRARY)) throw new Error(`${LIBRARY} is missing: install faketime`);
    this.#file = join(directory, 'wall-clock');
    this.jump(0);
  }

  /** To stand before the program. */
  get before(): readonly string[] {
    return ['env', `LD_PRELOAD=${LIBRARY}`, `FAKETIME_TIMESTAMP_FILE=${this.#file}`, 'FAKETIME_CACHE_DURATION=1', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'FAKETIME_DONT_RESET=1'];
  }

  /** What is now for the process, ms. */
  get now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Moves it by `ms`, forwards or back; seen within a second. */
  jump(ms: number): void {
    this.#offsetMs += ms;
    const seconds = Math.round(this.#offsetMs / 1_000);
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  }
}
