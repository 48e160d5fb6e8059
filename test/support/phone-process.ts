import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { JsonChild, program } from '../../bench/support/child.js';
import type { LedgerLine } from '../../src/demo/phone/ledger.js';
import type { PhoneEvent } from '../../src/demo/phone/phone-event.js';
import { endWithTest } from './end-with-test.js';
import { trunklineProgram } from './server-process.js';

const CLIPS = fileURLToPath(new URL('../../build/test-clips/', import.meta.url));

/** Renders sentences to WAV files, once for all runs; the paths in order. */
export async function clipsOf(sentences: readonly string[]): Promise<string[]> {
  mkdirSync(CLIPS, { recursive: true });
  const paths = sentences.map((text) => join(CLIPS, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.wav`));
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-clips-'));
  try {
    const missing = sentences.flatMap((text, index) => (existsSync(paths[index]!) ? [] : [{ text, out: join(CLIPS, `${index}-${process.pid}.part`), path: paths[index]! }]));
    if (missing.length > 0) {
      writeFileSync(join(directory, 'orders.json'), JSON.stringify(missing.map(({ text, out }) => ({ text, out }))));
      await promisify(execFile)(process.execPath, trunklineProgram('speak', join(directory, 'orders.json')), { maxBuffer: 16 * 1024 * 1024 });
      // Another test may render the same at the same time: a clip appears whole or not at all.
      for (const { out, path } of missing) renameSync(out, path);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return paths;
}

/** Where a telephone stands: its address, and what runs it there. */
export interface PhonePlace {
  readonly address?: string;
  readonly before?: readonly string[];
}

/** The telephone of the demo as a process of its own: it shares nothing with a server but the network, and keeps a ledger. */
export class PhoneProcess {
  readonly port: number;
  readonly child: JsonChild;
  readonly #address: string;
  readonly #ledger: string;

  private constructor(child: JsonChild, address: string, port: number, ledger: string) {
    this.child = child;
    this.#address = address;
    this.port = port;
    this.#ledger = ledger;
  }

  /** `more` are options of its command line. One script for each name; a call to `sip:NAME@...` follows it, calls to others take those without `user` in turn. */
  static async start(directory: string, scripts: Readonly<Record<string, object>>, more: readonly string[] = [], { address = '127.0.0.1', before = [] }: PhonePlace = {}): Promise<PhoneProcess> {
    mkdirSync(directory, { recursive: true });
    const paths = Object.entries(scripts).map(([name, script]) => {
      const path = join(directory, `${name}.json`);
      writeFileSync(path, JSON.stringify(script));
      return path;
    });
    const ledger = join(directory, 'ledger.jsonl');
    const child = new JsonChild('phone', [...program('demo/phone/main'), '--listen', `${address}:0`, '--ledger', ledger, ...paths.flatMap((path) => ['--script', path]), ...more], before);
    endWithTest(() => void child.stop());
    try {
      const { port } = (await child.line((line) => line['event'] === 'listening', 20_000)) as { port: number };
      return new PhoneProcess(child, address, port, ledger);
    } catch (error) {
      await child.stop();
      throw error;
    }
  }

  uri(user: string): string {
    return `sip:${user}@${this.#address}:${this.port}`;
  }

  get events(): readonly PhoneEvent[] {
    return this.child.lines as unknown as readonly PhoneEvent[];
  }

  /** The first event for which `test` holds; events of the past count. */
  async event(test: (event: PhoneEvent) => boolean, limitMs: number): Promise<PhoneEvent> {
    return (await this.child.line((line) => test(line as unknown as PhoneEvent), limitMs)) as unknown as PhoneEvent;
  }

  /** What really reached the far end. */
  ledger(): LedgerLine[] {
    return existsSync(this.#ledger) ? readFileSync(this.#ledger, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as LedgerLine) : [];
  }

  /** Dialled calls as the far end counts them: Call-IDs by the user that they were for. */
  dialled(): Map<string, Set<string>> {
    const calls = new Map<string, Set<string>>();
    for (const line of this.ledger()) {
      if (line.kind !== 'invite') continue;
      const user = line.to ?? '';
      calls.set(user, (calls.get(user) ?? new Set()).add(line.call));
    }
    return calls;
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
