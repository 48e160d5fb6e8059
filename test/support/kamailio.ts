import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { endWithTest, killGroup } from './end-with-test.js';

const KAMAILIO = '/usr/sbin/kamailio';
const MODULES = '/usr/lib/x86_64-linux-gnu/kamailio/modules';
const CONFIGURATION = fileURLToPath(new URL('../scenario/carrier-network/kamailio.cfg', import.meta.url));
const START_MS = 15_000;

export interface KamailioOptions {
  /** Side of the telephones, UDP. */
  readonly phonePort: number;
  /** Side of trunkline. */
  readonly trunkPort: number;
  readonly trunkTransport: 'udp' | 'tls';
  /** `sip:HOST:PORT`: where calls of trunkline go. */
  readonly phone: string;
  /** `sip:HOST:PORT[;transport=tls]`: where calls of telephones go. */
  readonly trunkline: string;
  /** What trunkline gets; telephones get plain RTP. */
  readonly audio: 'RTP/SAVP' | 'RTP/AVP';
  /** Control port of rtpengine. */
  readonly rtpenginePort: number;
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile: string };
  /** With it trunkline must answer challenges. */
  readonly password?: string;
}

/** A Kamailio that routes between telephones and trunkline, as kamailio.cfg says. */
export class Kamailio {
  readonly #child: ChildProcess;
  readonly #directory: string;
  #log = '';
  #over = false;

  private constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
    child.stderr?.on('data', (data: Buffer) => (this.#log = (this.#log + data.toString()).slice(-100_000)));
    child.once('close', () => (this.#over = true));
  }

  static async start(options: KamailioOptions): Promise<Kamailio> {
    if (!existsSync(KAMAILIO)) throw new Error(`${KAMAILIO} is missing: install kamailio`);
    if (!existsSync(join(MODULES, 'tls.so'))) throw new Error(`${MODULES}/tls.so is missing: install kamailio-tls-modules`);
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-kamailio-'));
    const text: Record<string, string> = {
      RTPENGINE: `udp:127.0.0.1:${options.rtpenginePort}`,
      PHONE_URI: options.phone,
      TRUNKLINE_URI: options.trunkline,
      TRUNKLINE_AUDIO: options.audio,
      ...(options.password === undefined ? {} : { PASSWORD: options.password }),
      ...(options.tls === undefined ? {} : { CERTIFICATE: options.tls.certFile, KEY: options.tls.keyFile, ROOT: options.tls.caFile }),
    };
    const sockets = { PHONE_SOCKET: `udp:127.0.0.1:${options.phonePort}`, TRUNK_SOCKET: `${options.trunkTransport}:127.0.0.1:${options.trunkPort}` };
    const defines = [
      ...Object.entries({ ...text, ...sockets }).map(([name, value]) => `${name}="${value}"`),
      `TRUNK_PORT=${options.trunkPort}`,
      ...(options.tls === undefined ? [] : ['WITH_TLS']),
      ...(options.password === undefined ? [] : ['WITH_DIGEST']),
    ];
    const child = spawn(
      KAMAILIO,
      ['-DD', '-E', '-f', CONFIGURATION, '-Y', directory, '-w', directory, '-m', '64', '-M', '8', ...Object.values(sockets).flatMap((socket) => ['-l', socket]), ...defines.flatMap((define) => ['-A', define])],
      // A group of its own, so that all of its processes can be ended.
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    );
    // No time is left to ask them: the main process would be gone, and the others wait for each other.
    child.once(
      'close',
      endWithTest(() => {
        killGroup(child);
        rmSync(directory, { recursive: true, force: true });
      }),
    );
    const kamailio = new Kamailio(child, directory);
    const until = systemClock.monotonic() + START_MS;
    while (!(await answers(options.phonePort)) || (options.trunkTransport === 'tls' && !(await accepts(options.trunkPort)))) {
      if (kamailio.#over || systemClock.monotonic() > until) {
        await kamailio.stop();
        throw new Error(`kamailio does not answer:\n${kamailio.#log.slice(-4_000)}`);
      }
      await delay(systemClock, 50);
    }
    return kamailio;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get log(): string {
    return this.#log;
  }

  async stop(): Promise<void> {
    if (!this.#over) {
      const ended = once(this.#child, 'close');
      this.#child.kill('SIGTERM');
      // Its processes may wait for each other for ever when they are told to end, and each keeps the pipe of the log open.
      const timer = systemClock.after(10_000, () => killGroup(this.#child));
      await ended;
      timer.cancel();
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** True if OPTIONS to the port is answered. */
async function answers(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const own = socket.address().port;
    const answer = new Promise<boolean>((resolve) => {
      const timer = systemClock.after(200, () => resolve(false));
      socket.once('message', () => {
        timer.cancel();
        resolve(true);
      });
    });
    const lines = [
      `OPTIONS sip:127.0.0.1:${port} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK-${own}`, 'Max-Forwards: 5',
      `From: <sip:test@127.0.0.1:${own}>;tag=${own}`, `To: <sip:127.0.0.1:${port}>`, `Call-ID: ready-${own}`, 'CSeq: 1 OPTIONS', 'Content-Length: 0', '', '',
    ];
    socket.send(lines.join('\r\n'), port, '127.0.0.1');
    return await answer;
  } finally {
    socket.close();
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
