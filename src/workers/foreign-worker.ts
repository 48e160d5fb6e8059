import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ForeignProgram } from './worker-program.js';

/**
 * A worker in another language, run by hand instead of by a supervisor: it gets our
 * signals, says by one line `{"address": ...}` that it listens, and its exit code is the answer.
 */
export function runForeignWorker(program: ForeignProgram, options: Readonly<Record<string, unknown>>, onReady: (address: string) => void): Promise<number> {
  const child = spawn(program.command, [...program.args, JSON.stringify({ ...options, tiedToStdin: true })], { stdio: ['pipe', 'pipe', 'inherit'] });
  // It dies with us: nothing is ever written, the pipe only ties the lives together.
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => onReady((JSON.parse(line) as { address: string }).address));
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', forward);
  process.on('SIGINT', forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGTERM', forward);
      process.off('SIGINT', forward);
      resolve(code ?? 1);
    });
  });
}
