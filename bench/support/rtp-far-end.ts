import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../build/Release/trunkline_far_end', import.meta.url));

export interface RtpFarEnd {
  readonly pid: number;
  /** The JSON line that it prints when its time is over. Rejects if it ends without one. */
  readonly result: Promise<string>;
  readonly exited: Promise<unknown>;
}

/**
 * Starts the native far end: it speaks and listens on `ports.length` ports from
 * `firstPort` on (every second one) for `ms`. Resolves when its sockets stand.
 */
export async function startRtpFarEnd(options: { address: string; firstPort: number; ports: readonly (number | string)[]; ms: number; codec?: string }): Promise<RtpFarEnd> {
  const { address, firstPort, ports, ms, codec = 'PCMU' } = options;
  const child = spawn(PROGRAM, [address, String(firstPort), String(ports.length), String(ms), codec], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  // One that ends at once must not be written to, nor waited for.
  child.stdin.on('error', () => undefined);
  child.stdin.end(ports.join('\n'));
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done !== true) return line.value;
    throw new Error(`trunkline_far_end ended with ${String(((await exited) as unknown[])[0])}`);
  };
  await next();
  return { pid: child.pid ?? 0, result: next(), exited };
}
