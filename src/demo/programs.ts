import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrunklineError } from '../kernel/errors.js';

/** A program of ours that runs beside the demo and prints JSON lines. */
export interface Program {
  readonly pid: number | undefined;
  /** The next line for which `wanted` is true; earlier ones count. Rejects if the program ends first. */
  line(wanted: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  readonly lines: readonly Record<string, unknown>[];
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
}

/** `module` is a program beside this file, without its extension; under tsx its .ts source runs. */
export function startProgram(module: string, args: readonly string[], log: (text: string) => void): Program {
  const suffix = extname(fileURLToPath(import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL(`${module}${suffix}`, import.meta.url)), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  return new RunningProgram(child, module, log);
}

class RunningProgram implements Program {
  readonly lines: Record<string, unknown>[] = [];
  readonly #child: ChildProcess;
  readonly ended: Promise<void>;
  readonly #waiting = new Set<{ wanted(line: Record<string, unknown>): boolean; resolve(line: Record<string, unknown>): void; reject(error: Error): void }>();
  #over: Error | undefined;

  constructor(child: ChildProcess, name: string, log: (text: string) => void) {
    this.#child = child;
    if (!child.stdout || !child.stderr) throw new TrunklineError('TRK_INTERNAL', { params: { reason: 'no pipes to a child process' } });
    createInterface({ input: child.stdout }).on('line', (text) => this.#onLine(text, log));
    createInterface({ input: child.stderr }).on('line', log);
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const told = this.lines.at(-1)?.['error'] as { code?: string; message?: string } | undefined;
        const why = told ? `: ${told.code ?? ''} ${told.message ?? ''}` : '';
        this.#over = new TrunklineError('TRK_INTERNAL', { params: { reason: `${name} ended (${signal ?? code ?? 'unknown'})${why}` } });
        for (const one of this.#waiting) one.reject(this.#over);
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  line(wanted: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    const known = this.lines.find(wanted);
    if (known) return Promise.resolve(known);
    if (this.#over) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => this.#waiting.add({ wanted, resolve, reject }));
  }

  async stop(): Promise<void> {
    if (this.#over === undefined) this.#child.kill('SIGTERM');
    await this.ended;
  }

  #onLine(text: string, log: (text: string) => void): void {
    let line: Record<string, unknown>;
    try {
      line = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return log(text);
    }
    this.lines.push(line);
    for (const one of [...this.#waiting]) {
      if (!one.wanted(line)) continue;
      this.#waiting.delete(one);
      one.resolve(line);
    }
  }
}
