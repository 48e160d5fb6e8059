import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { complaints, startSipp } from './sipp-process.js';
import type { SippProcess } from './sipp-process.js';

const SCENARIO = fileURLToPath(new URL('../sipp/scenarios/phone-network.xml', import.meta.url));
/** A call that lost its server is given up after this time, ms: longer than any call of the scenario. */
const CALL_LIMIT_MS = 20_000;

/** One INVITE that reached the network, repeats of it left out. */
export interface LedgerEntry {
  readonly callId: string;
  /** Digits of the called number. */
  readonly number: string;
  /** Of its Via: another branch is another INVITE, even with the same Call-ID (RFC 3261 17.2.3). */
  readonly branch: string;
  /** When it came for the first time, by the network's own clock, ms since the epoch. */
  readonly atMs: number;
}

/** One sipp that is a whole telephone network: it answers any number of calls and keeps a ledger of every INVITE. */
export class PhoneNetwork {
  readonly port: number;
  readonly #process: SippProcess;
  readonly #directory: string;
  #over = false;

  private constructor(process: SippProcess, directory: string) {
    this.port = process.port;
    this.#process = process;
    this.#directory = directory;
    void process.ended.then(() => (this.#over = true));
  }

  static async start(): Promise<PhoneNetwork> {
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-network-'));
    const args = [
      '-sf', SCENARIO, '-l', '5000', '-recv_timeout', String(CALL_LIMIT_MS), '-trace_logs', '-log_file', join(directory, 'ledger'),
      '-default_behaviors', 'all,-abortunexp',
    ];
    return new PhoneNetwork(await startSipp(directory, args), directory);
  }

  /** The line is cut: what is sent is not answered, and comes late or not at all. */
  cut(): void {
    this.#process.child.kill('SIGSTOP');
  }

  mend(): void {
    this.#process.child.kill('SIGCONT');
  }

  get ledger(): readonly LedgerEntry[] {
    const path = join(this.#directory, 'ledger');
    if (this.#over) throw new Error(`the network is gone: ${complaints(this.#directory)}`);
    return existsSync(path) ? readLedger(readFileSync(path, 'utf8')) : [];
  }

  async stop(): Promise<void> {
    this.#process.child.kill('SIGKILL');
    await this.#process.ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** An INVITE that was repeated by its sender has the same branch and counts once. */
export function readLedger(text: string): readonly LedgerEntry[] {
  const seen = new Map<string, LedgerEntry>();
  for (const line of text.split('\n')) {
    // Two forms of the time; the second is in seconds.
    const found = /INVITE (\S+) (\S+) (\d+) \S+\s+\S+\s+(\d+\.\d+)/.exec(line);
    if (found === null) continue;
    const [, callId = '', branch = '', number = '', seconds = ''] = found;
    const key = `${callId} ${branch}`;
    if (!seen.has(key)) seen.set(key, { callId, branch, number, atMs: Number(seconds) * 1_000 });
  }
  return [...seen.values()];
}
