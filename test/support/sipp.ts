import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeG711 } from '../../src/audio/g711.js';
import { startSipp } from './sipp-process.js';
import type { SippProcess } from './sipp-process.js';

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
  readonly #process: SippProcess;
  readonly #directory: string;
  readonly #scenario: string;

  private constructor(process: SippProcess, directory: string, scenario: string) {
    this.port = process.port;
    this.#process = process;
    this.#directory = directory;
    this.#scenario = scenario;
  }

  static async start(options: SippOptions): Promise<Sipp> {
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-sipp-'));
    const scenario = fileURLToPath(new URL(`../sipp/scenarios/${options.scenario}.xml`, import.meta.url));
    const limitMs = options.limitMs ?? 40_000;
    const args = [
      ...(options.target ? [`127.0.0.1:${options.target.port}`, '-s', options.target.user] : []),
      '-sf', scenario, '-m', '1', '-l', '1', '-r', '1',
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
    return new Sipp(await startSipp(directory, args), directory, options.scenario);
  }

  /** What sipp sent and received so far. */
  get messages(): string {
    return read(join(this.#directory, 'messages'));
  }

  /** Resolves when the call went as the scenario says; else rejects with what sipp saw. */
  async done(): Promise<void> {
    const code = await this.#process.ended;
    const seen = `${read(join(this.#directory, 'complaints'))}\n${read(join(this.#directory, 'errors'))}\n${this.messages}`;
    rmSync(this.#directory, { recursive: true, force: true });
    if (code !== 0) throw new Error(`sipp ${this.#scenario} ended with ${code}\n${seen.slice(-6_000)}`);
  }

  /** Without waiting for the call to end. */
  async kill(): Promise<void> {
    this.#process.child.kill('SIGKILL');
    await this.#process.ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
