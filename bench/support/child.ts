import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sourceFingerprint } from '../../scripts/built.mjs';
import { systemClock } from '../../src/kernel/clock.js';

const STDERR_CHARACTERS = 4000;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let current: boolean | undefined;

/** dist/ was built from src/ as it is now. */
function isBuilt(): boolean {
  const stamp = join(ROOT, 'build/tsc.stamp');
  current ??= existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceFingerprint(ROOT);
  return current;
}

/** Arguments that run a program of this project: what is built if that is up to date, as it starts faster, else its source. */
export function program(path: string): string[] {
  if (isBuilt()) return [join(ROOT, 'dist', `${path}.js`)];
  return ['--import', import.meta.resolve('tsx'), join(ROOT, 'src', `${path}.ts`)];
}

/** A child that prints JSON lines. */
export class JsonChild {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: Record<string, unknown>[] = [];
  #errors = '';
  readonly #watchers = new Set<() => void>();
  readonly #listeners: ((line: Record<string, unknown>) => void)[] = [];
  #exit: number | undefined;

  /** `before` stands before Node on the command line and must become it, as `ip netns exec NAME` does. */
  constructor(name: string, args: readonly string[], before: readonly string[] = []) {
    this.#name = name;
    const [program = process.execPath, ...rest] = [...before, process.execPath, ...args];
    this.#child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface({ input: this.#child.stdout! }).on('line', (text) => this.#onLine(text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#errors = (this.#errors + text).slice(-STDERR_CHARACTERS)));
    this.#child.on('close', (code, signal) => {
      this.#exit = code ?? (signal === null ? 0 : 1);
      for (const watcher of this.#watchers) watcher();
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** False once it has ended. */
  get running(): boolean {
    return this.#exit === undefined;
  }

  get lines(): readonly Record<string, unknown>[] {
    return this.#lines;
  }

  onLine(listener: (line: Record<string, unknown>) => void): void {
    this.#listeners.push(listener);
  }

  /** First line for which `test` holds; rejects if the child ends first or after `limitMs`. */
  line(test: (line: Record<string, unknown>) => boolean, limitMs: number): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.#lines.find(test);
        if (found === undefined && this.#exit === undefined) return;
        settle();
        if (found !== undefined) resolve(found);
        else reject(this.#failure(`ended with ${this.#exit}`));
      };
      const timer = systemClock.after(limitMs, () => {
        settle();
        reject(this.#failure(`said nothing that was waited for within ${limitMs} ms`));
      });
      const settle = (): void => {
        timer.cancel();
        this.#watchers.delete(look);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Asks it to end and waits; it is killed after `limitMs`. */
  async stop(limitMs = 10_000): Promise<void> {
    if (this.#exit !== undefined) return;
    const ended = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.#child.kill('SIGTERM');
    const timer = systemClock.after(limitMs, () => void this.#child.kill('SIGKILL'));
    await ended;
    timer.cancel();
  }

  /** Resolves when it has ended; rejects unless with 0. */
  async end(limitMs: number): Promise<void> {
    await this.line(() => false, limitMs).catch((error: unknown) => {
      if (this.#exit !== 0) throw error;
    });
  }

  #onLine(text: string): void {
    let line: Record<string, unknown>;
    try {
      line = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return;
    }
    this.#lines.push(line);
    for (const listener of this.#listeners) listener(line);
    for (const watcher of this.#watchers) watcher();
  }

  #failure(what: string): Error {
    return new Error(`${this.#name} ${what}\n${this.#errors}`);
  }
}
