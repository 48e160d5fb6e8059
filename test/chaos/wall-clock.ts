import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClockSetting } from './judge-rules.js';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const STEADY_SLEEP = fileURLToPath(new URL('steady-sleep.cpp', import.meta.url));

/**
 * The wall clock of processes, which the test sets: libfaketime stands between them and
 * the system. Their monotonic clock is left alone, as that of a real machine whose time
 * is corrected.
 */
export class WallClock {
  readonly #file: string;
  readonly #steadySleep: string;
  readonly #settings: ClockSetting[] = [];
  #offsetMs = 0;

  constructor(directory: string) {
    if (!existsSync(LIBRARY)) throw new Error(`${LIBRARY} is missing: install faketime`);
    this.#file = join(directory, 'wall-clock');
    this.#steadySleep = join(directory, 'steady-sleep.so');
    execFileSync(process.env['CXX'] ?? 'g++', ['-shared', '-fPIC', '-O1', '-o', this.#steadySleep, STEADY_SLEEP], { stdio: 'pipe' });
    this.jump(0);
  }

  /** To stand before the program. */
  get before(): readonly string[] {
    return ['env', `LD_PRELOAD=${this.#steadySleep}:${LIBRARY}`, `FAKETIME_TIMESTAMP_FILE=${this.#file}`, 'FAKETIME_CACHE_DURATION=1', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'FAKETIME_DONT_RESET=1'];
  }

  /** What is now for the processes, ms. */
  get now(): number {
    return Date.now() + this.#offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** How it was set, in order. */
  get settings(): readonly ClockSetting[] {
    return this.#settings;
  }

  /** Moves it by `ms`, forwards or back; seen within a second. */
  jump(ms: number): void {
    this.#offsetMs += ms;
    const seconds = Math.round(this.#offsetMs / 1_000);
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    this.#settings.push({ atMs: Date.now(), offsetMs: this.#offsetMs });
  }
}
