import { spawn } from 'node:child_process';
import { systemClock } from '../../src/kernel/clock.js';
import { trunklineProgram } from './server-process.js';

/** A command that takes longer hangs. */
const LIMIT_MS = 60_000;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON; throws if it is not. */
  json<T = Record<string, unknown>>(): T;
  /** The error that `--json` printed. */
  readonly error: { readonly code?: string; readonly field?: string; readonly message?: string };
}

/** Runs `trunkline ARGS` to its end. */
export function trunkline(args: readonly string[], options: { env?: Readonly<Record<string, string>>; input?: string; cwd?: string } = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, trunklineProgram(...args), { env: { ...process.env, ...options.env }, ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A command that has ended does not read what is still typed.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const timer = systemClock.after(LIMIT_MS, () => void child.kill('SIGKILL'));
    child.once('error', reject);
    child.once('close', (code) => {
      timer.cancel();
      const json = <T>(): T => JSON.parse(stdout) as T;
      resolve({ code, stdout, stderr, json, get error() { return json<{ error?: Ran['error'] }>().error ?? {}; } });
    });
  });
}
