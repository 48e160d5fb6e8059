import { closeSync, openSync, writeSync } from 'node:fs';

/**
 * One JSON line for each INVITE when it came or left, and one for what became of it.
 * Written before the phone goes on, so that a test which kills the other side can
 * count here what was really dialled.
 */
export interface LedgerLine {
  readonly at: string;
  readonly kind: 'invite' | 'repetition' | 'result';
  readonly call: string;
  readonly direction: 'in' | 'out';
  readonly to?: string;
  /** SIP status of the final answer; 0 if there was none. */
  readonly status?: number;
  readonly by?: 'bot' | 'caller' | 'system';
  readonly durationMs?: number;
}

export class Ledger {
  #file: number | undefined;

  /** Appends to `path`; undefined keeps no ledger. */
  constructor(path: string | undefined) {
    this.#file = path === undefined ? undefined : openSync(path, 'a');
  }

  write(line: LedgerLine): void {
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
