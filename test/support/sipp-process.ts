import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { endWithTest } from './end-with-test.js';
import { IN_USE, freeMediaRange, freePort, startOnFreePorts } from './ports.js';

const SIPP = '/usr/bin/sipp';
const LISTEN_MS = 10_000;

export interface SippProcess {
  readonly child: ChildProcess;
  /** Of SIP. */
  readonly port: number;
  readonly ended: Promise<number | null>;
}

/** Starts sipp in `directory` and waits until its ports of SIP, audio and video are open, or it has ended. What it complains of is in the file `complaints`. */
export async function startSipp(directory: string, args: readonly string[], limitMs = LISTEN_MS): Promise<SippProcess> {
  if (!existsSync(SIPP)) throw new Error(`${SIPP} is missing: install sip-tester`);
  return await startOnFreePorts(() => startOnce(directory, args, limitMs));
}

async function startOnce(directory: string, args: readonly string[], limitMs: number): Promise<SippProcess> {
  const port = await freePort();
  // Besides audio it opens the video port, two above.
  const { port_min: rtpPort } = await freeMediaRange(2);
  const child = spawnSipp(directory, [...args, '-i', '127.0.0.1', '-p', String(port), '-mi', '127.0.0.1', '-mp', String(rtpPort), '-nostdin']);
  let over = false;
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      over = true;
      resolve(code);
    }),
  );
  const until = systemClock.monotonic() + limitMs;
  while (!over && !(isOpen(port) && isOpen(rtpPort) && isOpen(rtpPort + 2))) {
    if (systemClock.monotonic() > until) {
      child.kill('SIGKILL');
      await ended;
      throw new Error(`sipp does not listen: ${complaints(directory)}`);
    }
    await delay(systemClock, 10);
  }
  if (over && IN_USE.test(complaints(directory))) throw new Error(complaints(directory));
  return { child, port, ended };
}

function spawnSipp(directory: string, args: readonly string[]): ChildProcess {
  const [screen, errors] = [openSync(join(directory, 'screen'), 'w'), openSync(join(directory, 'complaints'), 'w')];
  try {
    const child = spawn(SIPP, args, { stdio: ['ignore', screen, errors], cwd: directory });
    child.once('close', endWithTest(() => void child.kill('SIGKILL')));
    return child;
  } finally {
    // It has its own.
    closeSync(screen);
    closeSync(errors);
  }
}

/** sipp says nothing when it is ready; the system's table of sockets does. */
function isOpen(port: number): boolean {
  return readFileSync('/proc/net/udp', 'utf8').includes(`: 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} `);
}

/** What sipp wrote as errors. */
export function complaints(directory: string): string {
  const path = join(directory, 'complaints');
  return existsSync(path) ? readFileSync(path, 'utf8').slice(-2_000) : '';
}
