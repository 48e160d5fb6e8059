import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { freePort } from './server-process.js';

const SIPP = '/usr/bin/sipp';
const SCENARIO = fileURLToPath(new URL('../sipp/scenarios/phone-network.xml', import.meta.url));
const LISTEN_MS = 10_000;
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
  readonly #child: ChildProcess;
  readonly #directory: string;
  #over = false;

  private constructor(child: ChildProcess, port: number, directory: string) {
    this.#child = child;
    this.port = port;
    this.#directory = directory;
    child.once('close', () => (this.#over = true));
  }

  static async start(): Promise<PhoneNetwork> {
    if (!existsSync(SIPP)) throw new Error(`${SIPP} is missing: install sip-tester`);
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-network-'));
    const args = [
      '-sf', SCENARIO, '-i', '127.0.0.1', '-p', String(port), '-l', '5000', '-nostdin', '-mi', '127.0.0.1', '-mp', String((await freePort()) & ~1),
      '-recv_timeout', String(CALL_LIMIT_MS), '-trace_logs', '-log_file', join(directory, 'ledger'), '-default_behaviors', 'all,-abortunexp',
    ];
    const child = spawn(SIPP, args, { stdio: ['ignore', openSync(join(directory, 'screen'), 'w'), openSync(join(directory, 'complaints'), 'w')], cwd: directory });
    const network = new PhoneNetwork(child, port, directory);
    await network.#listening();
    return network;
  }

  /** The line is cut: what is sent is not answered, and comes late or not at all. */
  cut(): void {
    this.#child.kill('SIGSTOP');
  }

  mend(): void {
    this.#child.kill('SIGCONT');
  }

  get ledger(): readonly LedgerEntry[] {
    const path = join(this.#directory, 'ledger');
    if (this.#over) throw new Error(`the network is gone: ${readFileSync(join(this.#directory, 'complaints'), 'utf8').slice(-2_000)}`);
    return existsSync(path) ? readLedger(readFileSync(path, 'utf8')) : [];
  }

  async stop(): Promise<void> {
    const ended = this.#over ? Promise.resolve() : new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.#child.kill('SIGKILL');
    await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #listening(): Promise<void> {
    const entry = new RegExp(`: 0100007F:${this.port.toString(16).toUpperCase().padStart(4, '0')} `);
    const until = systemClock.monotonic() + LISTEN_MS;
    while (!entry.test(readFileSync('/proc/net/udp', 'utf8'))) {
      if (this.#over || systemClock.monotonic() > until) throw new Error(`the network does not listen: ${readFileSync(join(this.#directory, 'complaints'), 'utf8').slice(-2_000)}`);
      await delay(systemClock, 10);
    }
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
