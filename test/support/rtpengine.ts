import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { decodeBencode, encodeBencode } from './bencode.js';
import type { Bencoded } from './bencode.js';
import { endWithTest } from './end-with-test.js';
import { freeMediaRange, freePort, startOnFreePorts } from './ports.js';

const RTPENGINE = '/usr/bin/rtpengine';
const START_MS = 15_000;
const ANSWER_MS = 2_000;

/** The media proxy of carriers, in user space: no kernel module is asked for. */
export class Rtpengine {
  /** Its control port (ng protocol, UDP). */
  readonly port: number;
  readonly #child: ChildProcess;
  #log = '';
  #over = false;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    child.stderr?.on('data', (data: Buffer) => (this.#log = (this.#log + data.toString()).slice(-50_000)));
    child.once('close', () => (this.#over = true));
  }

  /** `pairs` of ports; a call that goes through takes two of each kind. */
  static start(pairs = 200): Promise<Rtpengine> {
    return startOnFreePorts(() => Rtpengine.#startOnce(pairs));
  }

  static async #startOnce(pairs: number): Promise<Rtpengine> {
    if (!existsSync(RTPENGINE)) throw new Error(`${RTPENGINE} is missing: install rtpengine-daemon`);
    const range = await freeMediaRange(pairs);
    const port = await freePort();
    const child = spawn(
      RTPENGINE,
      [
        '--config-file=none', '--foreground', '--log-stderr', '--log-level=4', '--table=-1', '--num-threads=1',
        '--interface=127.0.0.1', `--listen-ng=127.0.0.1:${port}`, `--port-min=${range.port_min}`, `--port-max=${range.port_max}`,
        // A call whose BYE is lost must not keep the ports of the next test.
        '--delete-delay=0', '--timeout=60',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    child.once('close', endWithTest(() => void child.kill('SIGKILL')));
    const engine = new Rtpengine(child, port);
    const until = systemClock.monotonic() + START_MS;
    while ((await engine.#ask({ command: 'ping' }, 200).catch(() => undefined))?.['result'] !== 'pong') {
      if (engine.#over || systemClock.monotonic() > until) {
        await engine.stop();
        throw new Error(`rtpengine does not answer:\n${engine.#log.slice(-3_000)}`);
      }
      await delay(systemClock, 50);
    }
    return engine;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get log(): string {
    return this.#log;
  }

  /** Everything that it counts, as it names it. */
  statistics(): Promise<Record<string, Bencoded>> {
    return this.#ask({ command: 'statistics' }, ANSWER_MS);
  }

  /** What it knows of one call: its streams, packets and errors. */
  query(callId: string): Promise<Record<string, Bencoded>> {
    return this.#ask({ command: 'query', 'call-id': callId }, ANSWER_MS);
  }

  /** Call-IDs that it carries now. */
  async calls(): Promise<readonly string[]> {
    const { calls } = await this.#ask({ command: 'list', limit: 1_000 }, ANSWER_MS);
    return Array.isArray(calls) ? calls.map(String) : [];
  }

  async stop(): Promise<void> {
    if (this.#over) return;
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const timer = systemClock.after(5_000, () => void this.#child.kill('SIGKILL'));
    await ended;
    timer.cancel();
  }

  async #ask(command: { readonly command: string; readonly [key: string]: Bencoded }, limitMs: number): Promise<Record<string, Bencoded>> {
    const socket = createSocket('udp4');
    const cookie = `c${Math.trunc(systemClock.monotonic() * 1000)}`;
    try {
      const answer = new Promise<Buffer>((resolve, reject) => {
        const timer = systemClock.after(limitMs, () => reject(new Error(`rtpengine did not answer ${command.command} within ${limitMs} ms`)));
        socket.once('message', (data) => {
          timer.cancel();
          resolve(data);
        });
        socket.once('error', reject);
      });
      socket.send(Buffer.concat([Buffer.from(`${cookie} `), encodeBencode(command)]), this.port, '127.0.0.1');
      const data = await answer;
      return decodeBencode(data.subarray(data.indexOf(0x20) + 1)) as Record<string, Bencoded>;
    } finally {
      socket.close();
    }
  }
}
