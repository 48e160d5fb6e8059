/**
 * CPU that a call costs in the process that holds the embedded SIP server and srf.
 * sipp, in a process of its own, places calls (INVITE, 180, 200, ACK, BYE), or takes them.
 *
 *     npm run bench -- sip --calls 500 --cps 50 [--direction in|out] --json
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock, delay } from '../src/kernel/clock.js';
import { silentLogger } from '../src/kernel/log.js';
import { hex, systemRandom } from '../src/kernel/random.js';
import { createDrachtioSignalling } from '../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../src/sip/embedded/server.js';
import type { Signalling } from '../src/sip/signalling.js';
import { complaints, startSipp } from '../test/support/sipp-process.js';

const SDP = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 40000 RTP/AVP 0 8 101', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:101 telephone-event/8000', 'a=sendrecv', ''].join('\r\n');
/** Calls before the measurement, so that compiled code is measured. */
const WARM_UP = 100;

interface Run {
  readonly calls: number;
  readonly cps: number;
}

export async function run(args: string[]): Promise<Record<string, number | string>> {
  const { values } = parseArgs({
    args,
    options: { calls: { type: 'string', default: '500' }, cps: { type: 'string', default: '50' }, direction: { type: 'string', default: 'in' }, json: { type: 'boolean', default: false } },
  });
  const calls = Number(values.calls);
  const cps = Number(values.cps);
  if (!(calls > 0) || !(cps > 0)) throw new Error('--calls and --cps take numbers above 0');
  const secret = hex(systemRandom, 16);
  const server = await startEmbeddedSipServer({ address: '127.0.0.1', port: 0, maxTransactions: 20_000, clock: systemClock, random: systemRandom, log: silentLogger, secret });
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: server.adminPort, secret, clock: systemClock, log: silentLogger, userAgent: 'trunkline/bench' });
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-bench-'));
  try {
    await signalling.start();
    const measure = values.direction === 'out' ? outgoing(signalling, folder) : incoming(signalling, server.listeners[0]?.port ?? 0, folder);
    await measure({ calls: WARM_UP, cps });
    const before = process.cpuUsage();
    const start = systemClock.monotonic();
    const completed = await measure({ calls, cps });
    const used = process.cpuUsage(before);
    const wallMs = systemClock.monotonic() - start;
    if (completed !== calls) throw new Error(`only ${completed} of ${calls} calls were completed`);
    return {
      cpu_ms_per_call: Number(((used.user + used.system) / 1_000 / calls).toFixed(2)),
      user_ms_per_call: Number((used.user / 1_000 / calls).toFixed(2)),
      system_ms_per_call: Number((used.system / 1_000 / calls).toFixed(2)),
      calls,
      completed,
      direction: values.direction,
      wall_ms: Math.round(wallMs),
      rss_mb: Math.round(process.memoryUsage().rss / 1_048_576),
      dialogs_left: server.metrics().dialogs,
    };
  } finally {
    await signalling.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** sipp calls, we answer with 180 and 200, sipp hangs up. */
function incoming(signalling: Signalling, sipPort: number, folder: string): (run: Run) => Promise<number> {
  return async ({ calls, cps }) => {
    let ended = 0;
    const all = new Promise<void>((resolve) => {
      signalling.onInvite((call) => {
        call
          .progress()
          .then(() => call.answer(SDP))
          .then((dialog) =>
            dialog.onEnd(() => {
              ended += 1;
              if (ended === calls) resolve();
            }),
          )
          .catch(() => undefined);
      });
    });
    const sipp = await startSipp(folder, ['-sn', 'uac', `127.0.0.1:${sipPort}`, '-r', String(cps), '-m', String(calls), '-d', '100']);
    const code = await sipp.ended;
    if (code !== 0) throw new Error(`sipp ended with ${code}: ${complaints(folder)}`);
    await all;
    return ended;
  };
}

/** We call, sipp answers with 180 and 200, we hang up. */
function outgoing(signalling: Signalling, folder: string): (run: Run) => Promise<number> {
  return async ({ calls, cps }) => {
    const { child, port, ended } = await startSipp(folder, ['-sn', 'uas', '-m', String(calls)]);
    let completed = 0;
    const running: Promise<void>[] = [];
    for (let number = 0; number < calls; number += 1) {
      const call = signalling.place({ to: `sip:service@127.0.0.1:${port}`, from: '1000', sdp: SDP, callId: `${hex(systemRandom, 8)}@bench` });
      running.push(
        call.then(async (dialog) => {
          await delay(systemClock, 100);
          await dialog.hangup();
          completed += 1;
        }),
      );
      await delay(systemClock, 1_000 / cps);
    }
    await Promise.all(running);
    child.kill('SIGTERM');
    await ended;
    return completed;
  };
}
