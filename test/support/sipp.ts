import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeG711 } from '../../src/audio/g711.js';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { freePort } from './server-process.js';

const SIPP = '/usr/bin/sipp';

export interface SippOptions {
  /** Name of a file in test/sipp/scenarios, without its end. */
  readonly scenario: string;
  /** As caller: where the INVITE goes. Without it sipp waits for a call. */
  readonly target?: { readonly port: number; readonly user: string };
  /** sipp sends back each RTP packet. */
  readonly echo?: boolean;
  /** Length of a `<pause/>` in the scenario. */
  readonly pauseMs?: number;
  /** What the scenario plays as `speech.pcma`, 8 kHz. */
  readonly speech?: Int16Array;
  /** Values of `[name]` in the scenario. */
  readonly keys?: Readonly<Record<string, string | number>>;
  /** What `[authentication]` in the scenario proves. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** sipp neither repeats what it sent nor swallows what is repeated to it. */
  readonly countRepeats?: boolean;
  /** The scenario sends twice without a wait: an answer that comes between the two is not a mistake. */
  readonly sendsInARow?: boolean;
  /** All of it must be over by then. */
  readonly limitMs?: number;
}

/** One sipp process that plays one call. It fails when the call was not exactly as in the scenario. */
export class Sipp {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #scenario: string;
  readonly #ended: Promise<number | null>;
  #over = false;

  private constructor(child: ChildProcess, port: number, directory: string, scenario: string) {
    this.#child = child;
    this.port = port;
    this.#directory = directory;
    this.#scenario = scenario;
    this.#ended = new Promise((resolve) =>
      child.once('close', (code) => {
        this.#over = true;
        resolve(code);
      }),
    );
  }

  static async start(options: SippOptions): Promise<Sipp> {
    if (!existsSync(SIPP)) throw new Error(`${SIPP} is missing: install sip-tester`);
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-sipp-'));
    const scenario = fileURLToPath(new URL(`../sipp/scenarios/${options.scenario}.xml`, import.meta.url));
    const limitMs = options.limitMs ?? 40_000;
    const args = [
      ...(options.target ? [`127.0.0.1:${options.target.port}`, '-s', options.target.user] : []),
      '-sf', scenario, '-i', '127.0.0.1', '-p', String(port), '-m', '1', '-l', '1', '-r', '1', '-nostdin',
      '-mi', '127.0.0.1', '-mp', String((await freePort()) & ~1),
      '-timeout', `${Math.ceil(limitMs / 1000)}s`, '-timeout_error', '-recv_timeout', String(limitMs),
      '-trace_msg', '-message_file', join(directory, 'messages'), '-trace_err', '-error_file', join(directory, 'errors'),
      '-d', String(options.pauseMs ?? 0),
      ...(options.echo ? ['-rtp_echo'] : []),
      ...(options.sendsInARow ? ['-default_behaviors', 'all,-abortunexp'] : []),
      ...(options.countRepeats ? ['-nr'] : []),
      ...(options.credentials ? ['-au', options.credentials.username, '-ap', options.credentials.password] : []),
      ...Object.entries(options.keys ?? {}).flatMap(([key, value]) => ['-key', key, String(value)]),
    ];
    // sipp reads files that it plays when it reads the scenario, by a fixed name.
    if (options.speech) writeFileSync(join(directory, 'speech.pcma'), encodeG711('PCMA', options.speech));
    const child = spawn(SIPP, args, { stdio: ['ignore', openSync(join(directory, 'screen'), 'w'), openSync(join(directory, 'complaints'), 'w')], cwd: directory });
    const sipp = new Sipp(child, port, directory, options.scenario);
    await sipp.#listening();
    return sipp;
  }

  /** What sipp sent and received so far. */
  get messages(): string {
    return read(join(this.#directory, 'messages'));
  }

  /** Resolves when the call went as the scenario says; else rejects with what sipp saw. */
  async done(): Promise<void> {
    const code = await this.#ended;
    const seen = `${read(join(this.#directory, 'complaints'))}\n${read(join(this.#directory, 'errors'))}\n${this.messages}`;
    rmSync(this.#directory, { recursive: true, force: true });
    if (code !== 0) throw new Error(`sipp ${this.#scenario} ended with ${code}\n${seen.slice(-6_000)}`);
  }

  /** Without waiting for the call to end. */
  async kill(): Promise<void> {
    if (!this.#over) this.#child.kill('SIGKILL');
    await this.#ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** sipp says nothing when it is ready; the system's table of sockets does. */
  async #listening(): Promise<void> {
    const entry = new RegExp(`: 0100007F:${this.port.toString(16).toUpperCase().padStart(4, '0')} `);
    const until = systemClock.monotonic() + 10_000;
    while (!entry.test(readFileSync('/proc/net/udp', 'utf8'))) {
      if (this.#over) return this.done();
      if (systemClock.monotonic() > until) throw new Error(`sipp ${this.#scenario} does not listen`);
      await delay(systemClock, 10);
    }
  }
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
